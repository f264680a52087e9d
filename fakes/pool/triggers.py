"""User pools' triggers: which function a pool has for what, and what its failures become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import UnexpectedLambda, UserLambdaValidation
from fakes.pool.functions import FunctionFailed, FunctionNotReached, Functions, FunctionTimedOut
from fakes.pool.moto_directory import AppClient, User, UserPool
from fakes.pool.trigger_events import NO_CLIENT, attributes_of, event_of, given, response_in
from fakes.pool.wire_format import JsonObject

NOT_TOLD = declare_fault(
    "pool.custom-auth.user-not-found-not-told", "triggers are told userNotFound=false of names that nobody has"
)
FAILURE_PASSED_OVER = declare_fault(
    "pool.functions.refusal-passed-over", "a pre- or post-authentication trigger that raises stops nobody"
)


class Triggers:
    """Calls them."""

    def __init__(self, functions: Functions, faults: FaultSwitches) -> None:
        self._functions = functions
        self._faults = faults

    async def call(
        self,
        trigger: str,
        source: str,
        *,
        pool: UserPool,
        client: AppClient | None,
        username: str,
        request: Mapping[str, Any],
        response: Mapping[str, Any],
        version: str = "1",
    ) -> JsonObject | None:
        """The `response` of a pool's trigger, or None when the pool has no such trigger.

        `trigger` is its name in LambdaConfig, `source` what follows that in triggerSource, or the
        whole of it where it begins otherwise. Raises UserLambdaValidation when the function raised,
        UnexpectedLambda when it was not reached or too slow, InvalidLambdaResponse for no response.
        """
        arn = pool.triggers.get(trigger)
        if arn is None:
            return None
        event = event_of(
            source if "_" in source else f"{trigger}_{source}",
            pool=pool,
            client_id=NO_CLIENT if client is None else client.id,
            username=username,
            request=request,
            response=response,
            version=version,
        )
        try:
            returned = await self._functions.call(arn, event)
        except FunctionFailed as failure:
            raise UserLambdaValidation(f"{trigger} failed with error {failure.error_message}.") from failure
        except FunctionTimedOut as failure:
            raise UnexpectedLambda(
                f"{trigger} invocation failed due to error Socket timeout while invoking Lambda function."
            ) from failure
        except FunctionNotReached as failure:
            raise UnexpectedLambda(f"{trigger} invocation failed due to error {failure}.") from failure
        return response_in(returned)

    def about(self, client: AppClient, user: User) -> JsonObject:
        """What a request about a sign-in says of the user; `userNotFound` only to clients on ENABLED (`aws-doc`)."""
        about: JsonObject = {"userAttributes": attributes_of(user)}
        if client.prevents_user_existence_errors:
            about["userNotFound"] = not user.exists and not self._faults.on(NOT_TOLD)
        return about

    async def pre_authentication(
        self, pool: UserPool, client: AppClient, user: User, validation_data: Mapping[str, str]
    ) -> None:
        """Let the pool's own function refuse a sign-in before it begins. Raises as `call` does."""
        await self._let_refuse(
            "PreAuthentication", pool, client, user, self.about(client, user) | given("validationData", validation_data)
        )

    async def post_authentication(
        self, pool: UserPool, client: AppClient, user: User, *, new_device: bool, client_metadata: Mapping[str, str]
    ) -> None:
        """Let it refuse a sign-in that has been proved, before there are tokens. Raises as `call` does."""
        request = {"userAttributes": attributes_of(user), "newDeviceUsed": new_device}
        await self._let_refuse(
            "PostAuthentication", pool, client, user, request | given("clientMetadata", client_metadata)
        )

    async def _let_refuse(
        self, trigger: str, pool: UserPool, client: AppClient, user: User, request: Mapping[str, Any]
    ) -> None:
        try:
            await self.call(
                trigger,
                "Authentication",
                pool=pool,
                client=client,
                username=user.username,
                request=request,
                response={},
            )
        except UserLambdaValidation:
            if not self._faults.on(FAILURE_PASSED_OVER):
                raise
