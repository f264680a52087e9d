"""The answer to NEW_PASSWORD_REQUIRED."""

from __future__ import annotations

from collections.abc import Mapping

from fakes.faults import FaultSwitches
from fakes.pool.errors import InvalidParameter, NotAuthorized, missing_parameter
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sessions import Sessions
from fakes.pool.sign_in import Answer, Caller, FirstFactor, SignIn, attribute_answers
from fakes.pool.user_states import NOT_SET, WEAK_PASSWORD, demand_may_start, must_choose_new_password


class NewPassword:
    """Replaces a temporary password, after it has been proved."""

    def __init__(
        self,
        *,
        directory: MotoDirectory,
        faults: FaultSwitches,
        secret_hashes: SecretHashes,
        sessions: Sessions,
        sign_in: SignIn,
    ) -> None:
        self._faults = faults
        self._directory = directory
        self._secret_hashes = secret_hashes
        self._sessions = sessions
        self._sign_in = sign_in

    async def answer(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """Set NEW_PASSWORD and go on with the sign-in. Raises NotAuthorized, InvalidPassword, InvalidParameter.

        A password that the policy refuses leaves the Session open for another try.
        """
        for name in ("USERNAME", "NEW_PASSWORD"):
            if name not in responses:
                raise missing_parameter(name)
        waiting = self._sessions.look_up(session, "NEW_PASSWORD_REQUIRED", caller.client, responses["USERNAME"])
        self._secret_hashes.demand(
            caller.client,
            responses.get("SECRET_HASH"),
            username=waiting.username,
            alias=waiting.typed_username,
            step=Step.ANSWER,
        )
        user = self._directory.user(waiting.user_pool_id, waiting.username)
        if user is None or user.sub != waiting.sub or not must_choose_new_password(user):
            raise NotAuthorized("Invalid session for the user.")
        demand_may_start(user, self._faults)
        attributes = attribute_answers(responses)
        for required in caller.pool.required_attributes:
            if required not in attributes and required not in user.attributes:
                raise InvalidParameter(f"Invalid user attributes: {required} is required")
        if not self._faults.on(WEAK_PASSWORD):
            caller.pool.policy.demand(responses["NEW_PASSWORD"])
        self._sessions.close(session or "")
        kept = user.password is not None and self._faults.on(NOT_SET)
        self._directory.set_password(
            user, user.password or "" if kept else responses["NEW_PASSWORD"], status="CONFIRMED"
        )
        if attributes:
            self._directory.set_attributes(user, attributes)
        confirmed = self._directory.user(waiting.user_pool_id, waiting.username) or user
        return await self._sign_in.continue_after_first_factor(
            FirstFactor(
                caller=caller,
                user=confirmed,
                typed_username=waiting.typed_username,
                device_key=responses.get("DEVICE_KEY") or waiting.device_key,
                flow="NEW_PASSWORD_REQUIRED",
            )
        )
