"""Cognito's way of doing SRP-6a, and what it makes of the premaster secret.

Device SRP is the same with DeviceGroupKey for the pool's name and DeviceKey for the user.
"""

from __future__ import annotations

import hashlib

from protocol.claims import hkdf_sha256
from protocol.errors import MalformedUserPoolId
from protocol.groups import COGNITO_GROUP
from protocol.numbers import minimal_bytes
from protocol.srp6a import Profile
from protocol.text import utf8

COGNITO = Profile("Cognito", COGNITO_GROUP, "sha256", encode_multiplier=minimal_bytes, encode_scrambler=minimal_bytes)
"""SRP-6a in Cognito's group with SHA-256, every number hashed as P(n)."""

PASSWORD_KEY_INFO = b"Caldera Derived Key"
"""The HKDF info under which the password key is derived."""

PASSWORD_KEY_BYTES = 16
"""Length of the password key."""


def pool_name(user_pool_id: str) -> str:
    """What follows the first `_` of a user pool id: `us-east-1_AbCdEf123` gives `AbCdEf123`.

    Raises MalformedUserPoolId when nothing does.
    """
    _, _, name = user_pool_id.partition("_")
    if not name:
        raise MalformedUserPoolId(f"{user_pool_id!r} is not a user pool id; it has the form region_name")
    return name


def private_key(*, salt: int, pool_name: str, user_id: str, password: str) -> int:
    """The private key x = H(P(salt) ‖ H(poolName ‖ USER_ID_FOR_SRP ‖ ":" ‖ password)).

    Args:
        salt: SALT as a number.
        pool_name: the pool's name, not its id.
        user_id: USER_ID_FOR_SRP, not an alias.
        password: as it was typed, not normalised.

    Raises:
        MalformedNumber: a negative salt.
        MalformedText: a text that has no UTF-8 form.
    """
    identity = hashlib.sha256(utf8(f"{pool_name}{user_id}:{password}")).digest()
    return int.from_bytes(hashlib.sha256(minimal_bytes(salt) + identity).digest(), "big")


def verifier(x: int) -> int:
    """The verifier v = g^x, which the pool stores for a user."""
    return COGNITO_GROUP.power_of_generator(x)


def password_key(*, premaster_secret: int, scrambler: int) -> bytes:
    """K: HKDF with salt P(u) over P(S), 16 bytes. Raises MalformedNumber for a negative number."""
    return hkdf_sha256(
        salt=minimal_bytes(scrambler),
        input_key=minimal_bytes(premaster_secret),
        info=PASSWORD_KEY_INFO,
        length=PASSWORD_KEY_BYTES,
    )
