"""User handles: stable, unique, at most 64 bytes, and nothing about the person in them (WebAuthn L3 section 14.6.1).

A name that is a random number itself may stand in a handle: a client that has nothing but the handle can then sign in
with it. Any other name is the person's business, and the handle holds their sub instead, by which nobody signs in.
"""

from __future__ import annotations

import hashlib
import re

from fakes.faults import FaultSwitches, declare_fault

NAMES = declare_fault("triggers.passkeys.names-in-user-handles", "the user handle is the user's name, whatever it is")
HASHED_NAMES = declare_fault(
    "triggers.passkeys.hashed-addresses-in-user-handles", "the user handle is the SHA-256 of the user's e-mail address"
)
ONE_FOR_ALL = declare_fault("triggers.passkeys.one-user-handle", "all users have the same user handle")
EVERY_TIME = declare_fault(
    "triggers.passkeys.a-user-handle-each-time", "each registration of a user has a user handle of its own"
)
_RANDOM_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def user_handle(sub: str, name: str, faults: FaultSwitches, *, email: str = "", nonce: str = "") -> bytes:
    """The handle of an account."""
    if faults.on(NAMES):
        return f"u|{name}".encode()
    if faults.on(HASHED_NAMES) and email:
        return hashlib.sha256(email.encode()).digest()
    if faults.on(ONE_FOR_ALL):
        return b"u|everybody"
    if faults.on(EVERY_TIME) and nonce:
        return f"s|{nonce[:40]}".encode()
    if name == sub:
        return sub.encode()
    return f"u|{name}".encode() if _RANDOM_NAME.fullmatch(name) else f"s|{sub}".encode()
