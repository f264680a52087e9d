"""What must never be written down: redaction where exchanges are recorded, and canaries that prove it worked."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

SECRET_MEMBERS = frozenset(
    {
        "ACCESSTOKEN", "ANSWER", "AUTHORIZATION", "CLIENTSECRET", "CODE", "CONFIRMATIONCODE", "DEVICE_KEY_PASSWORD",
        "EMAIL_OTP_CODE", "IDTOKEN", "NEW_PASSWORD", "PASSWORD", "PASSWORD_CLAIM_SECRET_BLOCK",
        "PASSWORD_CLAIM_SIGNATURE", "PREVIOUSPASSWORD", "PROPOSEDPASSWORD", "REFRESH_TOKEN", "REFRESHTOKEN",
        "SECRETCODE", "SECRET_BLOCK", "SECRET_HASH", "SECRETHASH", "SESSION", "SMS_MFA_CODE", "SMS_OTP_CODE",
        "SOFTWARE_TOKEN_MFA_CODE", "TEMPORARYPASSWORD", "TOKEN", "USERCODE",
    }
)  # fmt: skip
"""Members of requests and answers, in upper case, whose values are replaced whatever they hold."""

LONGEST_TEXT = 2_000
"""Characters of one recorded string; more is cut and its length said."""

_TOKEN = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){2,4}")
_SHORTEST_SECRET = 6


@lru_cache(maxsize=1024)
def encodings_of(secret: str) -> tuple[str, ...]:
    """The forms in which a secret could stand in a file: as it is, hex, base64 at each alignment, percent-encoded."""
    raw = secret.encode("utf-8", "surrogatepass")
    return (secret, raw.hex(), raw.hex().upper(), *_base64_cores(raw), urllib.parse.quote(raw, safe=""))


def _base64_cores(raw: bytes) -> Iterator[str]:
    """What base64 makes of the bytes at each alignment, without the characters that depend on the neighbours."""
    for shift, depending in ((0, 0), (1, 2), (2, 3)):
        yield base64.b64encode(bytes(shift) + raw).decode().rstrip("=")[depending:-1]


class Redactor:
    """Takes secrets out of what is recorded: by the name of the member, and by value wherever it stands."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: list[str] | None = []

    def learn(self, *secrets: str | None) -> None:
        """Remember values that must not be written. Short ones are left to the names of their members."""
        new = {secret for secret in secrets if secret and len(secret) >= _SHORTEST_SECRET} - self._secrets
        if new:
            self._secrets |= new
            self._forms = None

    def forget(self) -> None:
        """Forget what was learnt, between checks."""
        self._secrets.clear()
        self._forms = []

    def text(self, text: str) -> str:
        """The text without known secrets and without anything that looks like a token."""
        length = len(text)
        if length < _SHORTEST_SECRET:
            return text
        forms = self._every_form()
        # What lies beyond the cut is not written; a secret across the cut has to be seen whole.
        if length > LONGEST_TEXT:
            text = text[: LONGEST_TEXT + max(map(len, forms), default=0)]
        for form in forms:
            if form in text:
                text = text.replace(form, "‹redacted›")
        text = _TOKEN.sub("‹redacted token›", text)
        return f"{text[:LONGEST_TEXT]}… ({length} characters)" if length > LONGEST_TEXT else text

    def _every_form(self) -> list[str]:
        """Every form of every secret, the longest first, so that no part of one is left beside another."""
        if self._forms is None:
            forms = {form for secret in self._secrets for form in encodings_of(secret)}
            self._forms = sorted((form for form in forms if len(form) >= _SHORTEST_SECRET), key=len, reverse=True)
        return self._forms

    def value(self, value: Any) -> Any:
        """A JSON value redacted, member by member."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._member(str(name), member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def _member(self, name: str, value: Any) -> Any:
        if name.upper() in SECRET_MEMBERS and isinstance(value, str):
            return f"‹redacted {name}, {len(value)} characters›" if value else ""
        return self.value(value)


def files_holding(canary: str, folder: Path) -> list[Path]:
    """The files under `folder` in which the canary stands in any encoding."""
    forms = {form.encode("utf-8", "surrogatepass") for form in encodings_of(canary)}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _holds(path.read_bytes(), forms)]


def _holds(content: bytes, forms: Iterable[bytes]) -> bool:
    return any(form in content for form in forms)
