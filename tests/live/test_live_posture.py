"""Reviewing a live pool: what is weak there is told, what may not be read is named, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.vocabulary import ExitCode, Verdict
from tests.live.staging import Staging

GONE = "arn:aws:lambda:us-east-1:123456789012:function:nobody-deployed-it"


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    """A pool with a weak client and a weak setting or two."""
    policy, triggers = {"PasswordPolicy": {"MinimumLength": 6}}, {"PreSignUp": GONE}
    with Staging.open(tmp_path, Policies=policy, LambdaConfig=triggers, DeletionProtection="ACTIVE") as pool:
        pool.client(
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            CallbackURLs=["http://app.example.org/in"],
        )
        pool.client(GenerateSecret=True, PreventUserExistenceErrors="ENABLED")
        yield pool


def test_a_live_pool_is_told_what_is_weak_in_it_and_left_as_it_is(staging: Staging) -> None:
    before = staging.configured()
    done = staging.run("--only", "POS", live='users = "none"')
    assert done.exit_code == ExitCode.FINDINGS, done.output + done.errors
    records = staging.records()
    assert "passwords of 6 characters are taken" in records["POS-25"].message
    assert records["POS-11"].verdict is Verdict.FAIL
    assert "PreventUserExistenceErrors is LEGACY" in records["POS-01"].message
    assert f"PreSignUp ({GONE}) does not exist" in records["POS-41"].message
    assert records["POS-38"].verdict is Verdict.PASS
    assert {record.verdict for record in records.values()} <= {Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO}
    assert staging.configured() == before
    asked = {exchange.operation for record in records.values() for exchange in record.transcript}
    assert all(operation.startswith(("Describe", "Get", "List")) for operation in asked)


@pytest.mark.parametrize(
    ("action", "left_out", "decided"),
    [
        ("GetUserPoolMfaConfig", "POS-29", "POS-25"),
        ("DescribeUserPool", "POS-25", "POS-11"),
        ("ListUserPoolClients", "POS-11", "POS-25"),
    ],
)
def test_a_missing_permission_leaves_out_only_what_needs_it(
    staging: Staging, action: str, left_out: str, decided: str
) -> None:
    staging.service.callers.denied = [action]
    done = staging.run("--only", "POS", live='users = "none"')
    assert done.exit_code == ExitCode.FINDINGS, done.output + done.errors
    records = staging.records()
    assert records[left_out].verdict is Verdict.NOT_APPLICABLE
    assert f"cognito-idp:{action}" in records[left_out].message
    assert records[decided].verdict is Verdict.FAIL
    assert Verdict.INCONCLUSIVE not in {record.verdict for record in records.values()}
