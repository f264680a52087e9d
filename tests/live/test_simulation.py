"""IAM's policy simulator: what it says is taken, and where it cannot be asked nothing is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from harness.live.simulation import simulated

ACTIONS = ["cognito-idp:CreateUserPool", "cognito-idp:DeleteUserPool"]
USER = "arn:aws:iam::123456789012:user/conformance"
ROLE = "arn:aws:iam::123456789012:role/deep/down/conformance"
SESSION = "arn:aws:sts::123456789012:assumed-role/conformance/run"


@pytest.fixture
def iam() -> Iterator[tuple[Any, Stubber]]:
    client: Any = boto3.client("iam", aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield client, stubber


def asked(principal: str) -> dict[str, Any]:
    entry = {"ContextKeyName": "aws:RequestTag/t", "ContextKeyValues": ["v"], "ContextKeyType": "string"}
    return {
        "PolicySourceArn": principal,
        "ActionNames": ACTIONS,
        "ResourceArns": ["*"],
        "ContextEntries": [entry],
    }


def result(action: str, decision: str) -> dict[str, str]:
    return {"EvalActionName": action, "EvalDecision": decision}


def told(client: Any, caller: str) -> dict[str, bool | None]:
    return simulated(client, caller, ACTIONS, "*", {"aws:RequestTag/t": "v"})


def test_a_users_policies_are_simulated(iam: tuple[Any, Stubber]) -> None:
    client, stubber = iam
    results = [result(ACTIONS[0], "allowed"), result(ACTIONS[1], "implicitDeny")]
    stubber.add_response("simulate_principal_policy", {"EvaluationResults": results}, asked(USER))
    assert told(client, USER) == {ACTIONS[0]: True, ACTIONS[1]: False}


def test_a_session_stands_for_its_role_whose_path_is_looked_up(iam: tuple[Any, Stubber]) -> None:
    client, stubber = iam
    role = {"Path": "/deep/down/", "RoleName": "conformance", "RoleId": "AROA0123456789012345", "Arn": ROLE}
    stubber.add_response("get_role", {"Role": {**role, "CreateDate": "2026-01-01"}}, {"RoleName": "conformance"})
    stubber.add_response(
        "simulate_principal_policy", {"EvaluationResults": [result(ACTIONS[0], "explicitDeny")]}, asked(ROLE)
    )
    assert told(client, SESSION) == {ACTIONS[0]: False, ACTIONS[1]: None}


def test_where_it_may_not_be_asked_nothing_is_said(iam: tuple[Any, Stubber]) -> None:
    client, stubber = iam
    stubber.add_client_error("simulate_principal_policy", "AccessDenied")
    assert told(client, USER) == dict.fromkeys(ACTIONS)
