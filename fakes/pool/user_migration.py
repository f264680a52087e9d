"""UserMigration: a pool's own function knows somebody whom the pool does not, by name and password.

Only where the password itself was sent (`aws-doc`). UserMigration_ForgotPassword is not done here.
"""

from __future__ import annotations

from fakes.pool.errors import UserLambdaValidation, UserNotFound, unrecognizable_lambda_output
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.sign_in import Caller
from fakes.pool.trigger_events import given, text_in, texts_in
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup

_STATUSES = {None: "RESET_REQUIRED", "CONFIRMED": "CONFIRMED", "RESET_REQUIRED": "RESET_REQUIRED"}


class UserMigration:
    """Takes users over."""

    def __init__(self, *, directory: MotoDirectory, lookup: UserLookup, triggers: Triggers) -> None:
        self._directory = directory
        self._lookup = lookup
        self._triggers = triggers

    async def take_over(self, caller: Caller, typed: str, password: str) -> None:
        """Make the user of an unknown name, if the pool's function knows them; else do nothing.

        A function that raises has refused: LEGACY clients are told so with UserNotFound (`reported`).
        """
        pool, client = caller.pool, caller.client
        if "UserMigration" not in pool.triggers or self._lookup.by_name_or_alias(pool, typed) is not None:
            return
        try:
            response = await self._triggers.call(
                "UserMigration",
                "Authentication",
                pool=pool,
                client=client,
                username=typed,
                request={"password": password} | given("validationData", caller.validation_data),
                response={
                    "userAttributes": None,
                    "forceAliasCreation": None,
                    "enableSMSMFA": None,
                    "finalUserStatus": None,
                    "messageAction": None,
                    "desiredDeliveryMediums": None,
                },
            )
        except UserLambdaValidation:
            if client.prevents_user_existence_errors:
                return
            raise UserNotFound(f"Exception migrating user in app client {client.id}") from None
        response = response or {}
        attributes = texts_in(response, "userAttributes")
        status = text_in(response, "finalUserStatus")
        if not attributes or status not in _STATUSES:
            raise unrecognizable_lambda_output()
        if self._lookup.by_name_or_alias(pool, typed) is not None:
            return  # made by a parallel sign-in meanwhile
        attributes.pop("username", None)
        self._directory.make_user(pool, typed, attributes, password, status=_STATUSES[status])
