"""Sign-ins that are over before their tokens have expired: revoked, or signed out everywhere."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.moto_directory import User

KEEPS_REFRESH_TOKENS = declare_fault("pool.sign-out.keeps-refresh-tokens", "signing out leaves refresh tokens alive")
KEEPS_ACCESS_TOKENS = declare_fault("pool.sign-out.keeps-access-tokens", "signing out leaves access tokens alive")
OF_EVERY_USER = declare_fault("pool.sign-out.of-every-user", "signing one user out signs everybody out")

Kind = Literal["access", "refresh"]


class SignOuts:
    """Remembers each user's sign-ins by their event id, which every token of a sign-in carries."""

    def __init__(self, faults: FaultSwitches) -> None:
        self._faults = faults
        self._sign_ins: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._ended: dict[Kind, set[str]] = {"access": set(), "refresh": set()}

    def signed_in(self, user: User, event_id: str) -> None:
        """A sign-in has given tokens."""
        self._sign_ins[user.user_pool_id, user.sub].add(event_id)

    def sign_out_everywhere(self, user: User) -> None:
        """Every sign-in of the user so far is over (`aws-doc`: GlobalSignOut)."""
        users = list(self._sign_ins) if self._faults.on(OF_EVERY_USER) else [(user.user_pool_id, user.sub)]
        for one in users:
            for event_id in self._sign_ins.pop(one, set()):
                self.end(
                    event_id,
                    access=not self._faults.on(KEEPS_ACCESS_TOKENS),
                    refresh=not self._faults.on(KEEPS_REFRESH_TOKENS),
                )

    def end(self, event_id: str, *, access: bool = True, refresh: bool = True) -> None:
        """One sign-in is over: none of its tokens counts any longer. An honest pool ends both kinds."""
        if access:
            self._ended["access"].add(event_id)
        if refresh:
            self._ended["refresh"].add(event_id)

    def has_ended(self, event_id: str, kind: Kind) -> bool:
        """Whether the sign-in's tokens of this kind are no longer taken."""
        return event_id in self._ended[kind]
