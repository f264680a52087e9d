"""What a new password must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakes.pool.errors import InvalidPassword

_SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-")
_LONGEST = 256


@dataclass(frozen=True)
class PasswordPolicy:
    """A pool's password policy; the defaults are the service's own (`aws-doc`)."""

    minimum_length: int = 8
    upper_case: bool = True
    lower_case: bool = True
    digits: bool = True
    symbols: bool = True

    @classmethod
    def from_configuration(cls, configuration: Mapping[str, Any]) -> PasswordPolicy:
        """The policy out of a pool's Policies.PasswordPolicy."""
        return cls(
            minimum_length=configuration.get("MinimumLength") or 8,
            upper_case=configuration.get("RequireUppercase", not configuration),
            lower_case=configuration.get("RequireLowercase", not configuration),
            digits=configuration.get("RequireNumbers", not configuration),
            symbols=configuration.get("RequireSymbols", not configuration),
        )

    def demand(self, password: str) -> None:
        """Raise InvalidPassword for the first thing that a password lacks, in AWS's words (`reported`).

        Letters and digits are those of ASCII; a space counts as a symbol unless it stands first
        or last (`aws-doc`).
        """
        wants = (
            (len(password) >= self.minimum_length, "Password not long enough"),
            (len(password) <= _LONGEST, "Password too long"),
            (not self.upper_case or re.search("[A-Z]", password), "Password must have uppercase characters"),
            (not self.lower_case or re.search("[a-z]", password), "Password must have lowercase characters"),
            (not self.digits or re.search("[0-9]", password), "Password must have numeric characters"),
            (not self.symbols or _has_symbol(password), "Password must have symbol characters"),
        )
        for met, complaint in wants:
            if not met:
                raise InvalidPassword(f"Password did not conform with policy: {complaint}")


def _has_symbol(password: str) -> bool:
    return any(char in _SYMBOLS for char in password) or " " in password[1:-1]
