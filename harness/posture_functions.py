"""What is known of the functions behind a user pool: how long they may take, what they run on, what they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.findings import NotApplicable

COGNITO_WAITS_SECONDS = 5
"""How long Cognito waits for a trigger, before it calls it again (Cognito developer guide, Lambda triggers)."""

DEPRECATED_RUNTIMES = frozenset(
    {
        "dotnet5.0", "dotnet6", "dotnet7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x",
        "java8", "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x",
        "nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs20.x", "provided", "python2.7", "python3.6", "python3.7",
        "python3.8", "python3.9", "ruby2.5", "ruby2.7", "ruby3.2",
    }
)  # fmt: skip
"""Runtimes past their deprecation date when this list was made (Lambda developer guide, runtimes; November 2026)."""

_SECRET_WORDS = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH_?TOKEN|BEARER|"
    r"(?:^|_)(?:TOKEN|PWD|SALT|PEPPER)$"
)
_REFERENCES = re.compile(
    r"_(?:ARN|ID|NAME|PATH|PARAMETER|PARAM|TABLE|URL|URI|ENDPOINT|REGION|ALIAS|VERSION|STAGE|TTL|SECONDS|MINUTES|HOURS|"
    r"LENGTH|POLICY|ENABLED)$"
)


@dataclass(frozen=True)
class FunctionPosture:
    """One trigger's function: members of GetFunctionConfiguration, and `VariableNames` in place of its environment."""

    trigger: str
    arn: str
    settings: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.trigger} ({self.arn})"

    @property
    def exists(self) -> bool:
        """Whether Lambda knows it."""
        return bool(self.settings)

    @property
    def timeout_seconds(self) -> int | None:
        """How long it may run; None where it is not told."""
        return self.settings.get("Timeout")

    @property
    def deprecated_runtime(self) -> str | None:
        """Its runtime, when nobody mends that any more. A container image has none."""
        runtime = self.settings.get("Runtime")
        return runtime if runtime in DEPRECATED_RUNTIMES else None

    @property
    def secret_variables(self) -> tuple[str, ...]:
        """Environment variables whose names say that a secret stands in them, and not where one is kept.

        Raises NotApplicable when Lambda does not show the variables to these credentials.
        """
        names = self.settings.get("VariableNames", ())
        if names is None:
            raise NotApplicable("posture.functions", f"the credentials lack the permission kms:Decrypt, for {self}")
        return tuple(name for name in names if names_a_secret(name))


def names_a_secret(variable: str) -> bool:
    """Whether a variable's name says that its value is a secret: `DB_PASSWORD` does, `DB_PASSWORD_ARN` does not."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", variable).upper().replace("-", "_")
    return _SECRET_WORDS.search(name) is not None and _REFERENCES.search(name) is None
