"""Whether the credentials may call an operation, by a request that can change nothing, whoever answers it.

What reads is called as a run calls it. What writes is called for a user, or at an app client, that cannot exist: such
a request is refused for that, once the caller's permission has been looked at. AdminCreateUser asks to send somebody's
invitation again (MessageAction RESEND), which makes nobody (reported: AWS SDK for JavaScript, issue 1357), and names an
attribute that no pool has.

What would make a pool or a client is asked for under a name that the service model itself forbids (a `/`): of AWS, and
of another endpoint once it has shown that it refuses what is against that model. Whether AWS looks at the permission
before the content is not documented: so only a refusal tells anything. What would change a pool's settings, or delete
one, is never sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.arrangement import NAME_PREFIX
from harness.live.arrangement import TAG
from harness.live.diagnosis import Status
from harness.service_model import service_model

if TYPE_CHECKING:
    from harness.wire import Answer, Wire

REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorizedException"})
"""What refuses a request that reads. To one that writes, NotAuthorizedException can also mean the user's state."""

_READS = ("Describe", "Get", "List", "AdminGet", "AdminList")
_SAYS_NOTHING = frozenset({"InternalErrorException", "NotAuthorizedException", "TooManyRequestsException"})
_NO_CLIENT = "cognitoConformanceDoctor_noSuchClient"
"""Client ids are 26 small letters and digits."""

_NO_NAME = f"{NAME_PREFIX}-doctor/not-a-name"
_AGAINST_THE_MODEL = "validation error"
_MALFORMED: Mapping[str, Mapping[str, Any]] = {
    "DescribeUserPoolClient": {"ClientId": "not/a/client"},
    "ListUserPoolClients": {"MaxResults": 61},
    "ListUsers": {"Limit": 61},
}
"""Requests that read, and that the service model forbids."""


@dataclass(frozen=True)
class Tried:
    """What a probe showed."""

    status: Status
    detail: str = ""


class PermissionProbes:
    """Probes in one user pool. Each run of the doctor has a name of its own for the user who does not exist.

    Args:
        wire: signed, to the endpoint.
        user_pool_id: the pool.
        at_aws: whether AWS itself answers, and no other endpoint.
    """

    def __init__(self, wire: Wire, user_pool_id: str, *, at_aws: bool) -> None:
        self._wire = wire
        self._nobody = f"{NAME_PREFIX}-doctor-does-not-exist-{secrets.token_hex(8)}"
        self._pool = {"UserPoolId": user_pool_id}
        self._holds_to_the_model = True if at_aws else None

    def try_out(self, operation: str) -> Tried:
        """Whether the operation may be called: ok, missing, or not tried, and then why. Raises TargetUnreachable."""
        if operation in creations(self._pool):
            return self._try_creation(operation)
        request = harmless_requests(self._pool, self._nobody).get(operation)
        if request is None:
            return Tried("not tried", "no request is known that would change nothing")
        return _judged(operation, self._wire.call(operation, request), made=operation == "AdminCreateUser")

    def _try_creation(self, operation: str) -> Tried:
        if not self._is_held_to_the_model():
            return Tried("not tried", "this endpoint has not shown that it refuses malformed requests")
        answer = self._wire.call(operation, creations(self._pool)[operation])
        return _judged(operation, answer, made=True)

    def _is_held_to_the_model(self) -> bool:
        if self._holds_to_the_model is None:
            answers = (self._wire.call(operation, {**self._pool, **wrong}) for operation, wrong in _MALFORMED.items())
            self._holds_to_the_model = any(_is_against_the_model(answer) for answer in answers)
        return self._holds_to_the_model


def harmless_requests(pool: Mapping[str, Any], nobody: str) -> dict[str, dict[str, Any]]:
    """A request that can change nothing, for each operation that there is one for.

    Args:
        pool: UserPoolId.
        nobody: the name of a user who cannot exist.
    """
    user = {**pool, "Username": nobody}
    device = {**user, "DeviceKey": "us-east-1_00000000-0000-0000-0000-000000000000"}
    client = {**pool, "ClientId": _NO_CLIENT}
    no_attribute = [{"Name": f"custom:{NAME_PREFIX}", "Value": "nobody"}]
    password = f"Aa1!{secrets.token_hex(8)}"
    return {
        "DescribeRiskConfiguration": {**pool},
        "DescribeUserPool": {**pool},
        "DescribeUserPoolClient": client,
        "GetUserPoolMfaConfig": {**pool},
        "ListUserPoolClients": {**pool, "MaxResults": 1},
        "ListUserPools": {"MaxResults": 1},
        "ListUsers": {**pool, "Limit": 1, "Filter": f'username = "{nobody}"'},
        "AdminConfirmSignUp": user,
        "AdminCreateUser": {**user, "MessageAction": "RESEND", "UserAttributes": no_attribute},
        "AdminDeleteUser": user,
        "AdminDisableUser": user,
        "AdminEnableUser": user,
        "AdminForgetDevice": device,
        "AdminGetDevice": device,
        "AdminGetUser": user,
        "AdminInitiateAuth": {**client, "AuthFlow": "USER_SRP_AUTH"},
        "AdminListDevices": user,
        "AdminListGroupsForUser": user,
        "AdminListUserAuthEvents": user,
        "AdminResetUserPassword": user,
        "AdminRespondToAuthChallenge": {**client, "ChallengeName": "PASSWORD_VERIFIER"},
        "AdminSetUserMFAPreference": user,
        "AdminSetUserPassword": {**user, "Password": password, "Permanent": True},
        "AdminUpdateDeviceStatus": device,
        "AdminUpdateUserAttributes": {**user, "UserAttributes": [{"Name": "nickname", "Value": "nobody"}]},
        "AdminUserGlobalSignOut": user,
        "DeleteUserPoolClient": client,
        "UpdateUserPoolClient": client,
    }


def creations(pool: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Requests that would make something, were their names not against the service model.

    The pool has the tag that the policy of a run demands.
    """
    return {
        "CreateUserPool": {"PoolName": _NO_NAME, "UserPoolTags": {TAG: "doctor"}},
        "CreateUserPoolClient": {**pool, "ClientName": _NO_NAME},
    }


def _judged(operation: str, answer: Answer, *, made: bool) -> Tried:
    """What an answer tells of the permission.

    Args:
        operation: what was called.
        answer: what came back.
        made: whether success means that something was made.
    """
    unclear = Tried("not tried", f"it was answered by {answer.described()}")
    if answer.error is None:
        if made and answer.succeeded:
            return Tried("not tried", f"this endpoint made what AWS would refuse; look for {NAME_PREFIX}-doctor there")
        return Tried("ok") if answer.succeeded else unclear
    if answer.error.type in (REFUSED if operation.startswith(_READS) else REFUSED - {"NotAuthorizedException"}):
        return Tried("missing")
    if _is_against_the_model(answer):
        return Tried("not tried", "refused for its content; whether AWS looks at the permission first is not known")
    model = service_model().operation_model(operation)
    told_by_the_service = {shape.name for shape in model.error_shapes} - _SAYS_NOTHING
    return Tried("ok") if answer.error.type in told_by_the_service else unclear


def _is_against_the_model(answer: Answer) -> bool:
    error = answer.error
    return error is not None and error.type == "InvalidParameterException" and _AGAINST_THE_MODEL in error.message
