"""TOTP secrets of users: made, verified once, then asked for codes, each of which counts once (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.entropy import Entropy
from fakes.pool.errors import CodeMismatch, EnableSoftwareTokenMfa, ExpiredCode
from fakes.pool.moto_directory import User
from protocol.totp import STEP_SECONDS, totp

ACCEPTS_ZEROS = declare_fault("pool.mfa.accepts-000000", "the TOTP code 000000 is always right")
USED_AGAIN = declare_fault("pool.mfa.used-code-again", "a TOTP code that has been used is taken again")
ANY_SECRET = declare_fault("pool.mfa.any-users-secret", "a TOTP code of any user's secret is right")
WIDE_WINDOW = declare_fault("pool.mfa.wide-window", "TOTP codes of the last ten steps are right")
NO_WINDOW = declare_fault("pool.mfa.no-window", "only the TOTP code of the present step is right")
VERIFIES_ANYTHING = declare_fault("pool.mfa.verifies-any-software-token", "VerifySoftwareToken takes every code")

SECRET_BYTES = 20
"""RFC 4226 section 4 recommends 160 bits."""

_Owner = tuple[str, str]


class SoftwareTokens:
    """Every user's secret. A user who is made anew under the same name has none."""

    def __init__(self, *, clock: Clock, entropy: Entropy, faults: FaultSwitches) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._pending: dict[_Owner, bytes] = {}
        self._secrets: dict[_Owner, bytes] = {}
        self._used: defaultdict[_Owner, set[int]] = defaultdict(set)

    def associate(self, user: User) -> str:
        """A new secret in base32; it counts once it is verified, and the old one counts until then."""
        secret = self._pending[_owner(user)] = self._entropy.octets(SECRET_BYTES)
        return base64.b32encode(secret).decode("ascii")

    def is_verified(self, user: User) -> bool:
        """Whether the user has a secret that counts."""
        return _owner(user) in self._secrets

    def verify(self, user: User, code: str) -> None:
        """Let the associated secret count. Raises EnableSoftwareTokenMfa for a wrong code (`reported`)."""
        owner = _owner(user)
        secret = self._pending.get(owner)
        if secret is None:
            raise EnableSoftwareTokenMfa("No software token has been associated with this user.")
        step = self._step_of(secret, code)
        if step is None and not self._faults.on(VERIFIES_ANYTHING):
            raise EnableSoftwareTokenMfa("Code mismatch")
        self._secrets[owner] = self._pending.pop(owner)
        self._used[owner] = set() if step is None else {step}

    def judge(self, user: User, code: str) -> None:
        """Use up a code. Raises CodeMismatch for a wrong one and ExpiredCode for a used one (`reported`)."""
        faults, owner = self._faults, _owner(user)
        if faults.on(ACCEPTS_ZEROS) and code == "000000":
            return
        others = (secret for other, secret in self._secrets.items() if other != owner)
        if faults.on(ANY_SECRET) and any(self._step_of(secret, code) is not None for secret in others):
            return
        step = self._step_of(self._secrets.get(owner, b""), code)
        if step is None:
            raise CodeMismatch("Invalid code received for user")
        if step in self._used[owner] and not faults.on(USED_AGAIN):
            raise ExpiredCode("Your software token has already been used once.")
        self._used[owner].add(step)

    def _step_of(self, secret: bytes, code: str) -> int | None:
        """The time step within the window that a code belongs to."""
        now = self._clock.now()
        present = int(now.timestamp()) // STEP_SECONDS
        given = code.encode("utf-8", "surrogatepass")
        matching = None
        for offset in self._window() if secret else ():
            if present + offset < 0:
                continue
            expected = totp(secret, now + timedelta(seconds=STEP_SECONDS * offset))
            if hmac.compare_digest(expected.encode("ascii"), given):
                matching = present + offset
        return matching

    def _window(self) -> Iterator[int]:
        if self._faults.on(NO_WINDOW):
            return iter((0,))
        return iter(range(-10 if self._faults.on(WIDE_WINDOW) else -1, 2))


def _owner(user: User) -> _Owner:
    return user.user_pool_id, user.sub
