"""Passkeys of triggers that a live pool calls: registered over HTTP, signed in with through the pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.live.found_triggers import NO_RELYING_PARTY
from harness.stage import aws_clients
from reports.vocabulary import ExitCode, Level, Verdict
from tests.live.deployed_apis import WithPasskeys, apis_of, deployed_with_passkeys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.conftest import Finished

REGISTERING = (
    "WA-OPT-07", "WA-OPT-10", "WA-REG-05b", "WA-REG-08g", "WA-REG-09", "WA-REG-13d", "WA-REG-14", "WA-REG-29",
)  # fmt: skip
SIGNING_IN = (
    "WA-AOP-02", "WA-AOP-06", "WA-AUT-05", "WA-AUT-06d", "WA-AUT-11c", "WA-AUT-11cc", "WA-AUT-12", "WA-AUT-15",
    "WA-AUT-21", "WA-AUT-22", "WA-AUT-24c", "WA-AUT-25", "WA-AUT-SH",
)  # fmt: skip
KEEPING = ("CRED-01", "CRED-02", "CRED-03", "CRED-05", "CRED-07", "CRED-07b", "CRED-10", "CRED-11")
OUT_OF_REACH = {
    "CRED-06": "store", "WA-AOP-07": "api-events", "WA-AUT-17b": "fido2.verification-preferred",
    "WA-AUT-25b": "in-process", "WA-OPT-15": "api-events", "WA-REG-08d": "clock",
    "WA-REG-14b": "fido2.several-rp-ids",
}  # fmt: skip


def run(site: WithPasskeys, *checks: str, triggers: str | None = None, live: str = "make_clients = true") -> Finished:
    words = [word for check in checks for word in ("--only", check)]
    return site.staging.run("--workers", "2", *words, live=live, triggers=site.judged if triggers is None else triggers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithPasskeys]:
    """A pool whose triggers and APIs serve passkeys of staging.example.net."""
    with deployed_with_passkeys(tmp_path_factory.mktemp("passkeys"), "--require-signature") as deployed:
        yield deployed


def test_what_can_be_decided_from_outside_is_decided_as_at_the_embedded_pool(site: WithPasskeys) -> None:
    """There every check passes with these triggers, or records (tests/harness/test_teeth.py shows it)."""
    done = run(site, *REGISTERING, *SIGNING_IN, *KEEPING, *OUT_OF_REACH)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    records = site.staging.records()
    decided = {id: record for id, record in records.items() if id in {*REGISTERING, *SIGNING_IN, *KEEPING}}
    embedded = {id: Verdict.INFO if record.level is Level.INFO else Verdict.PASS for id, record in decided.items()}
    assert {id: record.verdict for id, record in decided.items()} == embedded
    assert decided.keys() == {*REGISTERING, *SIGNING_IN, *KEEPING}
    assert {id: records[id].missing_need for id in OUT_OF_REACH} == OUT_OF_REACH
    assert site.staging.usernames() == []


def test_each_case_is_one_sign_in_through_the_pool(site: WithPasskeys) -> None:
    done = run(site, "WA-AUT-16")
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    transcript = site.staging.records()["WA-AUT-16"].transcript
    asked = [exchange.operation for exchange in transcript]
    twins, cases = 2, 3
    assert asked.count("RespondToAuthChallenge") == twins + cases
    assert len(asked) < 30


def test_who_has_a_passkey_signs_in_without_a_user_name(site: WithPasskeys) -> None:
    """Names that are random numbers are the pool's to give: where users sign in with their address."""
    cognito = aws_clients(site.staging.ready["endpoint"], "us-east-1")("cognito-idp")
    described = cognito.describe_user_pool(UserPoolId=site.staging.ready["user_pool_id"])["UserPool"]
    made = cognito.create_user_pool(
        PoolName="staging by address", UsernameAttributes=["email"], LambdaConfig=described["LambdaConfig"]
    )["UserPool"]["Id"]
    by_name = site.staging.ready["user_pool_id"]
    with apis_of(site.staging, site.rp_id, user_pool_id=made) as base:
        by_address = WithPasskeys(site.staging, site.rp_id, base)
        site.staging.ready["user_pool_id"] = made
        try:
            done = run(by_address, "WA-AUT-06b", "WA-AUT-06d")
            assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
            verdicts = {id: record.verdict for id, record in site.staging.records().items()}
            assert verdicts == {"WA-AUT-06b": Verdict.PASS, "WA-AUT-06d": Verdict.PASS}
            assert site.staging.usernames() == []
        finally:
            site.staging.ready["user_pool_id"] = by_name


def test_an_app_client_without_passwords_is_enough(site: WithPasskeys) -> None:
    """The tokens for the API then come from SRP."""
    cognito = aws_clients(site.staging.ready["endpoint"], "us-east-1")("cognito-idp")
    client = cognito.create_user_pool_client(
        UserPoolId=site.staging.ready["user_pool_id"],
        ClientName="staging web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]["ClientId"]
    done = run(site, "CRED-03", "WA-AUT-21", live=f'clients = [{{ client_id = "{client}" }}]')
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    verdicts = {id: record.verdict for id, record in site.staging.records().items()}
    assert verdicts == {"CRED-03": Verdict.PASS, "WA-AUT-21": Verdict.PASS}


@pytest.mark.parametrize(
    ("left_out", "check", "need", "words"),
    [
        ("relying_party", "WA-AUT-21", "fido2", NO_RELYING_PARTY),
        ("apis", "WA-AUT-21", "credential-api", "triggers.apis.fido2_credentials_api"),
        ("challenge", "WA-AUT-11cc", "challenge-api", "triggers.apis.fido2_challenge_api"),
    ],
)
def test_what_is_missing_is_named(site: WithPasskeys, left_out: str, check: str, need: str, words: str) -> None:
    without = {
        "relying_party": f'host = "pool"\n{site.apis}',
        "apis": f'host = "pool"\n{site.relying_party}',
        "challenge": f'host = "pool"\n{site.relying_party}apis = {{ fido2_credentials_api = "{site.base}" }}\n',
    }
    done = run(site, check, triggers=without[left_out])
    assert done.exit_code in (ExitCode.CLEAN, ExitCode.TOO_FEW), done.output + done.errors
    record = site.staging.records()[check]
    assert (record.verdict, record.missing_need) == (Verdict.NOT_APPLICABLE, need)
    assert words in record.message


def test_faults_of_deployed_passkeys_are_found(tmp_path: Path) -> None:
    faults = {
        "triggers.passkeys.finds-credentials-of-anybody": ("WA-AUT-06x", "another user's credential signed in"),
        "triggers.passkeys.removed-credentials-stay": ("CRED-07", "that was removed"),
        "triggers.passkeys.raises-on-malformed-answers": ("WA-AUT-SH", "no clean refusal"),
        "triggers.passkeys.options-for-any-rp-id": ("WA-OPT-10", "evil.example"),
        "triggers.passkeys.registration-challenge-stays-open": ("WA-REG-08c", "another authenticator"),
    }
    with deployed_with_passkeys(tmp_path, faults=tuple(faults)) as site:
        done = run(site, *(check for check, _ in faults.values()))
        assert done.exit_code == ExitCode.FINDINGS, done.output + done.errors
        records = site.staging.records()
        for check, finding in faults.values():
            assert records[check].verdict in (Verdict.FAIL, Verdict.WARN), f"{check}: {done.output}"
            assert finding in records[check].message
