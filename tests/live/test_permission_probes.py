"""Probes of permissions: requests that can change nothing, and what their answers tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes.pool.errors import InvalidParameter
from fakes.pool.input_validation import ServiceModelOfCognito
from harness.live.permission_probes import PermissionProbes, creations, harmless_requests
from harness.live.policy import make_policy
from harness.settings import Settings
from harness.wire import Answer

POOL = "us-east-1_AbCdEfGhI"


def test_no_probe_holds_a_password_of_a_sign_in_and_each_is_refused_for_what_it_names() -> None:
    pool, model = {"UserPoolId": POOL}, ServiceModelOfCognito.load()
    for operation, request in harmless_requests(pool, "nobody").items():
        model.validate(operation, request)  # else nobody could tell what it is refused for
        assert not {"AuthParameters", "ChallengeResponses"} & request.keys()
        if not operation.startswith(("Describe", "Get", "List")):
            assert request.get("Username") == "nobody" or "noSuchClient" in request["ClientId"]
    for operation, request in creations(pool).items():
        with pytest.raises(InvalidParameter, match="validation error"):
            model.validate(operation, request)


def test_every_action_of_the_widest_policy_has_a_probe_or_is_known_to_have_none() -> None:
    live = {"user_pool_id": POOL, "make_clients": True, "make_pools": True}
    settings = Settings.model_validate({"target": {"kind": "live"}, "live": live})
    statements = {each["Sid"]: each["Action"] for each in make_policy(settings)["Statement"]}
    tried = harmless_requests({}, "").keys() | creations({}).keys()
    for name in ("ConfiguredPool", "FindPools", "MakePools"):
        assert {action.partition(":")[2] for action in statements[name]} <= tried, name


@pytest.mark.parametrize(
    ("operation", "error", "status"),
    [
        ("AdminGetUser", "NotAuthorizedException", "missing"),
        ("AdminEnableUser", "NotAuthorizedException", "not tried"),
        ("AdminEnableUser", "AccessDeniedException", "missing"),
        ("AdminEnableUser", "UserNotFoundException", "ok"),
        ("AdminEnableUser", "InvalidParameterException", "ok"),
        ("AdminEnableUser", "TooManyRequestsException", "not tried"),
        ("AdminEnableUser", "SomethingElse", "not tried"),
        ("AdminCreateUser", "", "not tried"),
        ("CreateUserPool", "", "not tried"),
        ("CreateUserPool", "AccessDeniedException", "missing"),
    ],
)
def test_what_an_answer_tells_of_the_permission(operation: str, error: str, status: str) -> None:
    class Answers:
        """Each request gets the same answer."""

        def call(self, operation: str, _: dict[str, Any]) -> Answer:
            body = json.dumps({"__type": error, "message": "in its own words"} if error else {}).encode()
            return Answer(operation, 400 if error else 200, {}, body, 0.1)

    probes = PermissionProbes(Answers(), POOL, at_aws=True)  # type: ignore[arg-type]  # calls only
    assert probes.try_out(operation).status == status


def test_an_endpoint_that_takes_malformed_requests_is_asked_to_make_nothing() -> None:
    sent: list[str] = []

    class Lax:
        """Finds nothing where AWS refuses the request's form."""

        def call(self, operation: str, _: dict[str, Any]) -> Answer:
            sent.append(operation)
            return Answer(operation, 400, {}, b'{"__type": "ResourceNotFoundException", "message": "not there"}', 0.1)

    probes = PermissionProbes(Lax(), POOL, at_aws=False)  # type: ignore[arg-type]  # calls only
    assert probes.try_out("CreateUserPool").status == "not tried"
    assert probes.try_out("CreateUserPoolClient").status == "not tried"
    assert sent
    assert not [operation for operation in sent if operation.startswith("Create")]
