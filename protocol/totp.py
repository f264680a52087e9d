"""Time-based one-time passwords (RFC 6238), computed by the `cryptography` package.

Cognito's are of 6 digits, SHA-1 and steps of 30 seconds.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from protocol.errors import SecondFactorError

STEP_SECONDS = 30
DIGITS = 6

_HASHES: dict[str, type[SHA1 | SHA256 | SHA512]] = {"sha1": SHA1, "sha256": SHA256, "sha512": SHA512}


def totp(
    secret: bytes, moment: datetime, *, digits: int = DIGITS, step_seconds: int = STEP_SECONDS, hash_name: str = "sha1"
) -> str:
    """The one-time password of a moment, with its leading zeros.

    Args:
        secret: the shared secret's bytes (decoded from base32, where it was sent so).
        moment: an aware datetime, not before 1970.
        digits: 6, 7 or 8.
        step_seconds: X of RFC 6238, in seconds.
        hash_name: `sha1`, `sha256` or `sha512`.

    Raises:
        SecondFactorError: an argument outside these bounds.
    """
    if moment.tzinfo is None or moment.timestamp() < 0:
        raise SecondFactorError("a one-time password needs a moment with a zone, not before 1970")
    if hash_name not in _HASHES:
        raise SecondFactorError(f"RFC 6238 knows no hash {hash_name!r}; choose one of {', '.join(_HASHES)}")
    try:
        generator = TOTP(secret, digits, _HASHES[hash_name](), step_seconds, enforce_key_length=False)
        return generator.generate(int(moment.timestamp())).decode("ascii")
    except (TypeError, ValueError) as error:
        raise SecondFactorError(f"no one-time password: {error}") from error


def verify_totp(
    secret: bytes,
    code: str,
    moment: datetime,
    *,
    window: int = 1,
    digits: int = DIGITS,
    step_seconds: int = STEP_SECONDS,
    hash_name: str = "sha1",
) -> bool:
    """Whether a code is the one of this moment, or of at most `window` steps before or after it.

    RFC 6238 section 5.2 allows for one step of delay. Any text may be asked about; only ASCII digits can match.
    Raises SecondFactorError as `totp` does.
    """
    given = code.encode("utf-8", "surrogatepass")
    steps = [moment + timedelta(seconds=step_seconds * offset) for offset in range(-window, window + 1)]
    codes = [
        totp(secret, step, digits=digits, step_seconds=step_seconds, hash_name=hash_name)
        for step in steps
        if step.timestamp() >= 0
    ]
    return any(hmac.compare_digest(given, expected.encode("ascii")) for expected in codes)
