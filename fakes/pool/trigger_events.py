"""What a trigger is told and what it may answer: the events of user pools (`aws-doc`).

Every event has the same envelope; `request` is the trigger's own, and `response` is there to be
filled in, its members null to begin with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.pool.errors import unrecognizable_lambda_output
from fakes.pool.moto_directory import User, UserPool
from fakes.pool.wire_format import JsonObject

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
"""`callerContext.clientId` where an administrator acts for no app client."""


def event_of(
    trigger_source: str,
    *,
    pool: UserPool,
    client_id: str,
    username: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    version: str = "1",
) -> JsonObject:
    """The event, complete."""
    return {
        "version": version,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "triggerSource": trigger_source,
        "request": dict(request),
        "response": dict(response),
    }


def attributes_of(user: User) -> dict[str, str]:
    """`request.userAttributes`: the user's attributes with `sub` and their state; nothing of nobody."""
    if not user.exists:
        return {}
    return {"sub": user.sub, "cognito:user_status": user.status} | dict(user.attributes)


def given(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A member that an event has only when there is something in it."""
    return {name: dict(values)} if values else {}


def response_in(returned: object) -> JsonObject:
    """The `response` of the event that a trigger returned. Raises InvalidLambdaResponse."""
    response = returned.get("response") if isinstance(returned, dict) else None
    if not isinstance(response, dict):
        raise unrecognizable_lambda_output()
    return response


def flag_in(response: Mapping[str, Any], name: str) -> bool:
    """A boolean; null and absent are false. Raises InvalidLambdaResponse for anything else."""
    value = response.get(name)
    if value is not None and not isinstance(value, bool):
        raise unrecognizable_lambda_output()
    return bool(value)


def text_in(response: Mapping[str, Any], name: str) -> str | None:
    """A text, or None. Raises InvalidLambdaResponse."""
    value = response.get(name)
    if value is not None and not isinstance(value, str):
        raise unrecognizable_lambda_output()
    return value


def texts_in(response: Mapping[str, Any], name: str) -> dict[str, str]:
    """A map of texts to texts, empty for null. Raises InvalidLambdaResponse."""
    value = object_in(response, name)
    if not all(isinstance(item, str) for item in value.values()):
        raise unrecognizable_lambda_output()
    return value


def object_in(response: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object, empty for null. Raises InvalidLambdaResponse."""
    value = response.get(name)
    if value is not None and not isinstance(value, dict):
        raise unrecognizable_lambda_output()
    return value or {}


def list_in(response: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of texts, or None. Raises InvalidLambdaResponse."""
    value = response.get(name)
    if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise unrecognizable_lambda_output()
    return value
