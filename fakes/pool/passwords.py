"""How a password becomes bytes: UTF-8, and nothing else done to it."""

from __future__ import annotations

import hmac
import unicodedata

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.moto_directory import User

LATIN_1 = declare_fault("pool.passwords.latin-1", "passwords are taken in Latin-1, with ? for what it lacks")
TRIMMED = declare_fault("pool.passwords.trimmed", "white space around a password is cut off")
TRUNCATED = declare_fault("pool.passwords.truncated-at-72-bytes", "only the first 72 bytes of a password count")
IGNORE_CASE = declare_fault("pool.passwords.ignore-case", "passwords are taken in lower case")
NORMALISED = declare_fault("pool.passwords.normalised", "passwords are brought to Unicode form NFC")


def password_octets(password: str, faults: FaultSwitches) -> bytes:
    """The bytes that stand for a password in every flow."""
    if faults.on(TRIMMED):
        password = password.strip()
    if faults.on(IGNORE_CASE):
        password = password.lower()
    if faults.on(NORMALISED):
        password = unicodedata.normalize("NFC", password)
    octets = password.encode("latin-1", "replace") if faults.on(LATIN_1) else password.encode("utf-8")
    return octets[:72] if faults.on(TRUNCATED) else octets


def is_password_of(user: User, candidate: str, faults: FaultSwitches) -> bool:
    """Whether this is the user's password; compared in constant time."""
    expected = password_octets(user.password or "", faults)
    matches = hmac.compare_digest(expected, password_octets(candidate, faults))
    return matches and user.exists and user.password is not None
