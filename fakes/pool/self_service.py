"""What a signed-in user may ask about and do to themself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches
from fakes.pool.access_tokens import AccessTokens
from fakes.pool.errors import NotAuthorized, UserNotFound, incorrect_username_or_password
from fakes.pool.moto_directory import STANDARD_ATTRIBUTES, MotoDirectory
from fakes.pool.passwords import is_password_of
from fakes.pool.sign_in import Answer
from fakes.pool.sign_outs import SignOuts

Request = Mapping[str, Any]


class SelfService:
    """GetUser, ChangePassword and GlobalSignOut."""

    def __init__(
        self, *, access_tokens: AccessTokens, directory: MotoDirectory, sign_outs: SignOuts, faults: FaultSwitches
    ) -> None:
        self._sign_outs = sign_outs
        self._access_tokens = access_tokens
        self._directory = directory
        self._faults = faults

    async def get_user(self, request: Request) -> Answer:
        """GetUser: the attributes that the token's client may read, and `sub`."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        readable = bearer.client.read_attributes or STANDARD_ATTRIBUTES
        answer = self._directory.described_user(bearer.user)
        answer["UserAttributes"] = [
            attribute
            for attribute in answer["UserAttributes"]
            if attribute["Name"] == "sub" or attribute["Name"] in readable
        ]
        return answer

    async def change_password(self, request: Request) -> Answer:
        """ChangePassword: the previous password is checked before the policy of the new one (`measured`)."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        if not is_password_of(bearer.user, request.get("PreviousPassword") or "", self._faults):
            raise incorrect_username_or_password()
        bearer.pool.policy.demand(request["ProposedPassword"])
        self._directory.set_password(bearer.user, request["ProposedPassword"], status="CONFIRMED")
        return {}

    async def global_sign_out(self, request: Request) -> Answer:
        """GlobalSignOut: the user's tokens are no longer taken here. Raises NotAuthorized for a deleted user too."""
        try:
            bearer = self._access_tokens.bearer(request["AccessToken"])
        except UserNotFound as gone:
            raise NotAuthorized(gone.message) from None  # the service model has no UserNotFoundException here
        self._sign_outs.sign_out_everywhere(bearer.user)
        return {}
