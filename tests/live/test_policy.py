"""The least-privilege policy: enough for the run that it was made for, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from harness.live.access import wants_signature
from harness.live.policy import make_policy
from harness.service_model import service_model
from reports.vocabulary import ExitCode, Verdict
from tests.live.staging import Staging
from tests.live.test_cleanup import command
from tests.live.test_plan import settings

if TYPE_CHECKING:
    from pathlib import Path

SELECTION = ("SRP-01", "SRP-02", "CLM-04", "STA-02", "TOK-16", "POS-38")


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging.open(tmp_path) as pool:
        yield pool


def statements(*only: str, **how: Any) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in make_policy(settings(*only, **how))["Statement"]}


def allowed(policy: dict[str, Any]) -> set[str]:
    return {
        action.removeprefix("cognito-idp:")
        for statement in policy["Statement"]
        for action in statement["Action"]
        if action.startswith("cognito-idp:")
    }


def test_a_run_that_only_reads_is_allowed_to_read_only() -> None:
    found = statements(users="none")
    assert set(found) == {"ConfiguredPool", "TriggersAsConfigured"}
    verbs = [action.partition(":")[2] for each in found.values() for action in each["Action"]]
    assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs)
    assert "ListUsers" not in verbs


def test_the_configured_pool_is_named_and_is_never_changed_itself() -> None:
    found = statements(make_clients=True, make_pools=True)
    pool = found["ConfiguredPool"]
    assert pool["Resource"] == "arn:aws:cognito-idp:us-east-1:*:userpool/us-east-1_Staging"
    assert not {"UpdateUserPool", "DeleteUserPool", "SetUserPoolMfaConfig", "AddCustomAttributes"} & {
        action.removeprefix("cognito-idp:") for action in pool["Action"]
    }


def test_pools_are_made_with_the_runs_tag_and_administered_where_it_is() -> None:
    found = statements(make_pools=True)
    assert found["MakePools"]["Resource"] == found["FindPools"]["Resource"] == "*"
    assert found["MakePools"]["Condition"] == {"Null": {"aws:RequestTag/cognito-conformance": "false"}}
    assert found["PoolsOfRuns"]["Condition"] == {"Null": {"aws:ResourceTag/cognito-conformance": "false"}}
    assert not {"MakePools", "FindPools", "PoolsOfRuns"} & statements().keys()


def test_what_a_users_client_calls_wants_no_permission() -> None:
    actions = allowed(make_policy(settings(make_pools=True, make_clients=True)))
    assert actions <= set(service_model().operation_names)
    assert all(wants_signature(action) for action in actions)


def test_fewer_checks_want_fewer_permissions() -> None:
    few, all_of_them = (allowed(make_policy(settings(*only, make_clients=True))) for only in (("SRP-01",), ()))
    assert few < all_of_them
    assert "AdminInitiateAuth" not in few


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_the_partition_is_the_regions(region: str, partition: str) -> None:
    assert statements("SRP-01", target={"region": region})["ConfiguredPool"]["Resource"].startswith(f"arn:{partition}:")


def test_a_mailbox_in_a_bucket_and_a_phone_in_a_queue_are_read_and_emptied_only_on_request() -> None:
    mailbox = {"kind": "s3", "bucket": "mails", "prefix": "in/", "address": "test+{name}@staging.example.com"}
    phone = {
        "kind": "sqs",
        "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/texts",
        "number": "+1555####",
    }
    found = statements("SRP-01", mailbox=mailbox, phone={**phone, "delete_read": True})
    assert found["MailsRead"]["Action"] == ["s3:GetObject"]
    assert found["MailsRead"]["Resource"] == "arn:aws:s3:::mails/in/*"
    assert found["TextsQueue"]["Resource"] == "arn:aws:sqs:*:123456789012:texts"
    assert "sqs:DeleteMessage" in found["TextsQueue"]["Action"]


def test_the_command_prints_it_as_iam_takes_it(staging: Staging) -> None:
    staging.configuration()
    done = command(staging, "policy", "--only", "SRP-01")
    assert done.exit_code == ExitCode.CLEAN, done.errors
    policy = json.loads(done.output)
    assert policy["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(sids)) == len(sids)


def test_with_this_policy_a_run_decides_all_that_it_decides_with_every_permission(staging: Staging) -> None:
    live = "make_clients = true\nmake_pools = true"
    words = [word for id in SELECTION for word in ("--only", id)]
    assert staging.run(*words, live=live).exit_code == ExitCode.CLEAN
    free = {id: record.verdict for id, record in staging.records().items()}
    policy = json.loads(command(staging, "policy", *words).output)
    staging.service.callers.denied = sorted(set(service_model().operation_names) - allowed(policy))
    done = staging.run(*words, live=live)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    assert {id: record.verdict for id, record in staging.records().items()} == free
    assert Verdict.PASS in free.values()
    staging.service.callers.denied = ()
    assert staging.usernames == []
    assert staging.pools == ["staging"]
    assert staging.configured()["clients"] == []
