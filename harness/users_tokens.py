"""The tokens that a user shows to an API over HTTP: the user pool's own, from a sign-in with the password."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.findings import Inconclusive, NotApplicable
from harness.flows import initiate
from harness.sign_in import HonestTwin
from protocol.claims import secret_hash

if TYPE_CHECKING:
    from harness.fido2_flow import Holder
    from harness.sign_in import Outcome, Tokens
    from harness.targets import Target
    from harness.triggers import TriggersUnderTest

GOOD_FOR = timedelta(minutes=50)
"""Of the hour that a token is valid for, unless its app client says otherwise."""


@dataclass(frozen=True)
class HeldTokens:
    """Tokens, and when the user signed in for them, by the target's clock."""

    tokens: Tokens = field(repr=False)
    since: datetime


class UsersTokens:
    """Signs users in when their tokens are first asked for, and again when those are about to expire."""

    def __init__(self, triggers: TriggersUnderTest, target: Target) -> None:
        self._triggers, self._target = triggers, target

    def for_claims(self, holder: Holder | None, claims: Mapping[str, Any] | None) -> str | None:
        """The token by which an API would learn these claims; None for no token.

        Args:
            holder: who asks; None for nobody.
            claims: None for those of the holder's ID token; empty for none; those of an access token.

        Raises:
            Inconclusive: the holder does not sign in with their password, or no token of the pool has such claims.
        """
        if claims is not None and not claims:
            return None
        if claims is None:
            return self._of(holder).id if holder is not None else None
        if claims.get("token_use") == "access" and holder is not None:
            return self._of(holder).access
        raise Inconclusive("no token has claims of the run's choosing; a check that makes them up needs `api-events`")

    def _of(self, holder: Holder) -> Tokens:
        now = self._target.now()
        if holder.tokens is None or now - holder.tokens.since > GOOD_FOR:
            holder.tokens = HeldTokens(self._signed_in(holder), now)
        return holder.tokens.tokens

    def _signed_in(self, holder: Holder) -> Tokens:
        outcome = self._with_the_password(holder)
        if not outcome.has_tokens:
            raise Inconclusive(f"set-up failed: no ID token to show to the API: {outcome.answer.described()}")
        return outcome.tokens

    def _with_the_password(self, holder: Holder) -> Outcome:
        """A sign-in with the password, by SRP where the app client has nothing else."""
        is_at_home = holder.pool is self._triggers.pool()
        client = self._triggers.client() if is_at_home else holder.pool.client(reveals_unknown_users=False)
        parameters = {"USERNAME": holder.user.username, "PASSWORD": holder.user.password}
        if client.secret is not None:
            parameters["SECRET_HASH"] = secret_hash(
                client_secret=client.secret, username=holder.user.username, client_id=client.client_id
            )
        try:
            return initiate(holder.pool, client, "USER_PASSWORD_AUTH", parameters)
        except NotApplicable:
            randomness = random.Random(holder.user.username)  # noqa: S311 - the ephemeral value of a test user
            return HonestTwin(holder.pool, client, holder.user, randomness=randomness, now=self._target.now).but()
