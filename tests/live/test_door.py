"""The door to a live pool: what goes through, what is noted first, what is refused whoever asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from harness.arrangement import NAME_PREFIX
from harness.findings import NotApplicable
from harness.live.description import ClientDescription
from harness.live.door import LiveWire
from harness.live.ledger import Ledger
from harness.transcript import Transcript

if TYPE_CHECKING:
    from pathlib import Path

RUN = "0a1b2c3d"
OURS = f"{NAME_PREFIX}-{RUN}-user-1"


@pytest.fixture(scope="module")
def service() -> Iterator[EmbeddedPool]:
    """An endpoint without limits."""
    with EmbeddedPool.start(PoolOptions(seed=3)) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty one."""
    return Ledger(tmp_path / "ledger.jsonl", RUN)


@pytest.fixture
def configured(service: EmbeddedPool) -> str:
    """The id of the team's own pool."""
    door = _plain(service)
    made: str = door.ask("CreateUserPool", {"PoolName": "staging"})["UserPool"]["Id"]
    return made


def _plain(service: EmbeddedPool) -> Any:
    from harness.wire import Wire

    return Wire(service.endpoint, transcript=Transcript(), timeout_seconds=30)


def _door(service: EmbeddedPool, ledger: Ledger, user_pool_id: str, **allowed: bool) -> LiveWire:
    return LiveWire(
        service.endpoint,
        transcript=Transcript(),
        timeout_seconds=30,
        sign=lambda operation, url, headers, body: headers,
        pace=None,
        ledger=ledger,
        user_pool_id=user_pool_id,
        may_make_clients=allowed.get("clients", False),
        may_make_pools=allowed.get("pools", False),
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_a_user_is_in_the_ledger_before_the_request_is_sent(ledger: Ledger, tmp_path: Path) -> None:
    """The endpoint is one that nobody listens at: the request fails, and the note stands."""
    from harness.findings import TargetUnreachable

    door = LiveWire(
        "http://127.0.0.1:9",
        transcript=Transcript(),
        timeout_seconds=1,
        sign=lambda operation, url, headers, body: headers,
        pace=None,
        ledger=ledger,
        user_pool_id="us-east-1_A",
        may_make_clients=False,
        may_make_pools=False,
    )
    with pytest.raises(TargetUnreachable):
        door.call("AdminCreateUser", {"UserPoolId": "us-east-1_A", "Username": OURS})
    assert OURS in (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")
    assert [entry.name for entry in ledger.left()] == [OURS]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("UpdateUserPool", {}),
        ("SetUserPoolMfaConfig", {"MfaConfiguration": "OFF"}),
        ("DeleteUserPool", {}),
        ("AddCustomAttributes", {"CustomAttributes": []}),
        ("UpdateUserPoolClient", {"ClientId": "theirs"}),
        ("DeleteUserPoolClient", {"ClientId": "theirs"}),
        ("CreateUserPoolClient", {"ClientName": f"{NAME_PREFIX}-{RUN}-first"}),
    ],
)
def test_the_configured_pool_and_its_clients_are_never_changed(
    service: EmbeddedPool, ledger: Ledger, configured: str, operation: str, members: dict[str, Any]
) -> None:
    door = _door(service, ledger, configured)
    seen = service.network.requests_seen[operation]
    with pytest.raises(NotApplicable) as refused:
        door.call(operation, {"UserPoolId": configured, **members})
    assert refused.value.need == "configure"
    assert service.network.requests_seen[operation] == seen
    assert ledger.left() == []


@pytest.mark.parametrize(
    "operation",
    [
        "AdminDeleteUser",
        "AdminSetUserPassword",
        "AdminDisableUser",
        "AdminUpdateUserAttributes",
        "AdminResetUserPassword",
    ],
)
def test_a_user_that_the_run_did_not_make_is_never_changed(
    service: EmbeddedPool, ledger: Ledger, configured: str, operation: str
) -> None:
    _plain(service).ask("AdminCreateUser", {"UserPoolId": configured, "Username": f"somebody-{operation}"})
    door = _door(service, ledger, configured)
    seen = service.network.requests_seen[operation]
    with pytest.raises(NotApplicable) as refused:
        door.call(operation, {"UserPoolId": configured, "Username": f"somebody-{operation}"})
    assert refused.value.need == "users"
    assert service.network.requests_seen[operation] == seen


def test_what_the_run_made_itself_may_be_changed_and_deleted(
    service: EmbeddedPool, ledger: Ledger, configured: str
) -> None:
    door = _door(service, ledger, configured, pools=True, clients=True)
    door.ask("AdminCreateUser", {"UserPoolId": configured, "Username": OURS})
    door.ask("AdminDisableUser", {"UserPoolId": configured, "Username": OURS})
    assert door.call("AdminDeleteUser", {"UserPoolId": configured, "Username": OURS}).succeeded
    own = door.ask("CreateUserPool", {"PoolName": f"{NAME_PREFIX}-{RUN}"})["UserPool"]["Id"]
    door.ask("SetUserPoolMfaConfig", {"UserPoolId": own, "MfaConfiguration": "OFF"})
    client = {"UserPoolId": own, "ClientName": f"{NAME_PREFIX}-{RUN}-first"}
    made = door.ask("CreateUserPoolClient", client)["UserPoolClient"]["ClientId"]
    door.ask("UpdateUserPoolClient", {"UserPoolId": own, "ClientId": made, "ClientName": "still ours"})
    assert [entry.kind for entry in ledger.left()]
    assert door.call("DeleteUserPool", {"UserPoolId": own}).succeeded
    assert ledger.left() == []


def test_a_user_who_signs_up_is_noted_in_the_pool_of_the_client(
    service: EmbeddedPool, ledger: Ledger, configured: str
) -> None:
    plain = _plain(service)
    client = plain.ask("CreateUserPoolClient", {"UserPoolId": configured, "ClientName": "app"})["UserPoolClient"]
    door = _door(service, ledger, configured)
    door.ask("SignUp", {"ClientId": client["ClientId"], "Username": OURS, "Password": "Aa1!Aa1!Aa1!"})
    assert [(entry.user_pool_id, entry.name) for entry in ledger.left()] == [(configured, OURS)]


def test_a_flow_that_a_given_client_has_not_is_not_asked_for(
    service: EmbeddedPool, ledger: Ledger, configured: str
) -> None:
    door = _door(service, ledger, configured)
    described = ClientDescription("theirs", None, {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]})
    door.knows_client(described, configured)
    with pytest.raises(NotApplicable, match="ALLOW_USER_PASSWORD_AUTH"):
        door.call("InitiateAuth", {"ClientId": "theirs", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {}})


def test_what_iam_refuses_is_a_missing_permission_and_no_answer_of_the_pool(ledger: Ledger) -> None:
    with EmbeddedPool.start(PoolOptions(seed=4)) as service:
        plain = _plain(service)
        pool = plain.ask("CreateUserPool", {"PoolName": "staging"})["UserPool"]["Id"]
        service.callers.denied = ["AdminGetUser"]
        with pytest.raises(NotApplicable) as refused:
            _door(service, ledger, pool).call("AdminGetUser", {"UserPoolId": pool, "Username": "anybody"})
    assert refused.value.need == "permissions"
    assert "cognito-idp:AdminGetUser" in refused.value.why


def test_a_body_that_is_no_json_goes_through_as_it_is(service: EmbeddedPool, ledger: Ledger, configured: str) -> None:
    answer = _door(service, ledger, configured).call("InitiateAuth", b"\xff{")
    assert answer.error is not None


def test_nothing_is_made_in_the_configured_pool_without_the_runs_mark_which_cleanup_goes_by(
    service: EmbeddedPool, ledger: Ledger, configured: str, tmp_path: Path
) -> None:
    door = _door(service, ledger, configured, clients=True)
    for operation, members in (
        ("AdminCreateUser", {"Username": "somebody", "MessageAction": "SUPPRESS"}),
        ("AdminCreateUser", {"Username": f"{NAME_PREFIX}-ffffffff-user-1", "MessageAction": "SUPPRESS"}),
        ("CreateUserPoolClient", {"ClientName": "app"}),
    ):
        with pytest.raises(NotApplicable, match="without its mark"):
            door.call(operation, {"UserPoolId": configured, **members})
    assert _lines(tmp_path / "ledger.jsonl") == []
    assert _plain(service).ask("ListUsers", {"UserPoolId": configured})["Users"] == []
