"""Salts and verifiers: what the pool knows of a password for SRP, made from the directory when first needed.

moto keeps the password itself, so a verifier can be made for whatever password a user has now,
however it was set. A salt stays a user's until the password changes. A user who does not exist
has a salt that follows from the pool's secret and the name: the same for as long as the pool runs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.entropy import Edge, Entropy
from fakes.pool.moto_directory import User
from fakes.pool.passwords import password_octets
from protocol.cognito_srp import COGNITO, pool_name
from protocol.numbers import minimal_bytes
from protocol.shapes import WIDTHS
from protocol.text import utf8

SALT_CHANGES = declare_fault("pool.srp.salt-changes-each-time", "every challenge has a fresh salt and its own verifier")
SALT_OUTLIVES = declare_fault("pool.srp.salt-outlives-the-password", "a new password keeps the old one's salt")
UNKNOWN_SALT_CHANGES = declare_fault(
    "pool.enumeration.salt-changes", "the simulated salt of an unknown name is another one each time"
)
UNKNOWN_SALT_SHORTER = declare_fault(
    "pool.enumeration.salt-shorter", "the simulated salt of an unknown name has half the length of a real one"
)
TRUNCATED_NAMES = declare_fault(
    "pool.users.truncated-to-a-byte-a-character", "the user id enters x and the claim with one byte a character"
)

_VERIFIERS_KEPT = 8192
_MOST_LEADING_ZEROS = 24


@dataclass(frozen=True)
class _Salted:
    password: str | None
    salt: int


class Credentials:
    """The salts and verifiers of every user."""

    def __init__(self, entropy: Entropy, faults: FaultSwitches) -> None:
        self._entropy = entropy
        self._faults = faults
        self._secret = entropy.octets(32)
        self._salts: dict[tuple[str, str, tuple[Edge, ...]], _Salted] = {}
        self._verifiers: OrderedDict[tuple[str, str, int, bytes], int] = OrderedDict()

    def salt_of(self, user: User) -> int:
        """The user's salt, a number of at most 128 bits.

        While an edge of the salt is forced the user has another salt, which has it.
        """
        if self._entropy.salt is not None:
            return self._entropy.salt
        edges = self._entropy.forced_on("salt")
        if self._faults.on(SALT_CHANGES):
            return self._fresh_salt(edges)
        if not user.exists and self._faults.on(UNKNOWN_SALT_CHANGES):
            return self._fresh_salt(edges)
        if not user.exists and self._faults.on(UNKNOWN_SALT_SHORTER):
            return int.from_bytes(self.simulated(user.user_pool_id, user.sub, "salt")[:8], "big")
        if not user.exists:
            return int.from_bytes(self.simulated(user.user_pool_id, user.sub, "salt")[:16], "big")
        key = (user.user_pool_id, user.sub, edges)
        known = self._salts.get(key)
        if known is None or (known.password != user.password and not self._faults.on(SALT_OUTLIVES)):
            known = self._salts[key] = _Salted(user.password, self._fresh_salt(edges))
        return known.salt

    def verifier_of(self, user: User, *, user_id_for_srp: str, salt: int) -> int:
        """The verifier of the user's present password under a salt, kept once it has been made."""
        octets = self._password_of(user)
        key = (user.user_pool_id, user_id_for_srp, salt, octets)
        known = self._verifiers.get(key)
        if known is None:
            identity = (
                utf8(pool_name(user.user_pool_id)) + user_id_octets(user_id_for_srp, self._faults) + b":" + octets
            )
            x = hashlib.sha256(minimal_bytes(salt) + hashlib.sha256(identity).digest()).digest()
            known = self._verifiers[key] = COGNITO.verifier(int.from_bytes(x, "big"))
            if len(self._verifiers) > _VERIFIERS_KEPT:
                self._verifiers.popitem(last=False)
        return known

    def simulated(self, user_pool_id: str, name: str, purpose: str) -> bytes:
        """32 bytes that are the same for the same pool and name, and that nobody else can tell."""
        return hmac.digest(self._secret, "\0".join((user_pool_id, name, purpose)).encode(), "sha256")

    def _password_of(self, user: User) -> bytes:
        if user.exists and user.password is not None:
            return password_octets(user.password, self._faults)
        return self.simulated(user.user_pool_id, user.sub, "password")

    def _fresh_salt(self, edges: tuple[Edge, ...]) -> int:
        while True:
            drawn = self._entropy.bits(8 * WIDTHS["salt"])
            for shift in range(_MOST_LEADING_ZEROS if edges else 1):  # leading zeros made, for waiting takes long
                if all(edge.holds(drawn >> shift) for edge in edges):
                    return drawn >> shift


def user_id_octets(user_id_for_srp: str, faults: FaultSwitches) -> bytes:
    """USER_ID_FOR_SRP as it is hashed: UTF-8."""
    if faults.on(TRUNCATED_NAMES):
        return bytes(ord(char) & 0xFF for char in user_id_for_srp)
    return utf8(user_id_for_srp)
