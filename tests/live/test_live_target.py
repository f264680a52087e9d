"""The live target: what runs in a team's own pool, what does not and why, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from reports.vocabulary import ExitCode, Verdict
from tests.live.staging import ACCESS_KEY, SECRET_KEY, Staging

if TYPE_CHECKING:
    from pathlib import Path

OF_ONE_POOL = ("--only", "SRP-01", "--only", "SRP-04", "--only", "SRP-06", "--only", "TOK-16", "--only", "STA-02")


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    """A pool named staging, with nobody in it."""
    with Staging.open(tmp_path) as pool:
        yield pool


def test_checks_of_sign_in_run_in_the_configured_pool_at_its_own_client_and_leave_nobody_there(
    staging: Staging,
) -> None:
    client = staging.client()
    before = staging.configured()
    done = staging.run(*OF_ONE_POOL, live=f'clients = [{{ client_id = "{client}" }}]')
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    records = staging.records()
    decided = {id for id, record in records.items() if record.verdict is Verdict.PASS}
    assert {"SRP-01", "SRP-04[N]", "TOK-16"} <= decided
    assert staging.configured() == before
    assert staging.usernames == []
    assert staging.pools == ["staging"]


def test_what_wants_a_pool_of_its_own_is_not_applicable_and_names_the_setting_that_would_allow_it(
    staging: Staging,
) -> None:
    client = staging.client()
    done = staging.run(*OF_ONE_POOL, live=f'clients = [{{ client_id = "{client}" }}]')
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    wanting = [record for record in staging.records().values() if record.check == "STA-02"]
    assert {record.verdict for record in wanting} == {Verdict.NOT_APPLICABLE}
    assert all(record.missing_need == "configure" and "live.make_pools" in record.message for record in wanting)
    assert "live.make_pools" in done.output


def test_with_pools_and_clients_of_its_own_a_run_decides_what_the_embedded_pool_decides(staging: Staging) -> None:
    done = staging.run(*OF_ONE_POOL, live="make_clients = true\nmake_pools = true")
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    verdicts = {id: record.verdict for id, record in staging.records().items()}
    assert set(verdicts.values()) == {Verdict.PASS}, {id: v for id, v in verdicts.items() if v is not Verdict.PASS}
    assert staging.pools == ["staging"]
    assert staging.usernames == []
    assert staging.configured()["clients"] == []


def test_given_accounts_are_signed_in_to_honestly_and_never_get_a_wrong_password(staging: Staging) -> None:
    client, user = staging.client(), staging.user()
    live = (
        f'users = "given"\nclients = [{{ client_id = "{client}" }}]\n'
        f'accounts = [{{ username = "{user.username}", password = {{ env = "STAGING_PASSWORD" }} }}]'
    )
    done = staging.run(*OF_ONE_POOL, live=live, env={"STAGING_PASSWORD": user.password})
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    records = staging.records()
    assert records["SRP-01"].verdict is Verdict.PASS
    assert records["SRP-04[N]"].missing_need == "users"
    exchanges = [exchange for record in records.values() for exchange in record.transcript]
    answers = [exchange for exchange in exchanges if exchange.operation == "RespondToAuthChallenge"]
    assert answers
    assert all(exchange.status == 200 for exchange in answers)
    assert not [exchange for exchange in exchanges if exchange.operation.startswith("Admin")]
    assert staging.usernames == [user.username]


def test_a_missing_permission_makes_a_check_not_applicable_and_is_named_with_its_action(staging: Staging) -> None:
    client = staging.client()
    staging.service.callers.denied = ["Admin*", "Create*"]
    done = staging.run(
        "--only", "SRP-01", "--only", "POS", live=f'make_clients = true\nclients = [{{ client_id = "{client}" }}]'
    )
    records = staging.records()
    assert records["SRP-01"].verdict is Verdict.NOT_APPLICABLE
    assert "cognito-idp:AdminCreateUser" in records["SRP-01"].message
    assert "cognito-idp:AdminCreateUser" in done.output
    posture = {record.verdict for record in records.values() if record.check.startswith("POS")}
    assert posture & {Verdict.PASS, Verdict.WARN, Verdict.FAIL}
    assert Verdict.INCONCLUSIVE not in posture
    assert done.exit_code in (ExitCode.TOO_FEW, ExitCode.FINDINGS), "a review alone must not make the gate green"
    assert "nobody could sign in" in done.output


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "not the one"}, "does not accept these credentials"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials"),
    ],
    ids=["a wrong key", "no key"],
)
def test_credentials_that_open_nothing_end_the_run_before_anything_is_made(
    staging: Staging, env: dict[str, str], words: str
) -> None:
    done = staging.run(*OF_ONE_POOL, live="make_clients = true", env=env)
    assert done.exit_code in (ExitCode.INCONCLUSIVE, ExitCode.USAGE), done.output + done.errors
    assert words in done.output + done.errors
    assert staging.usernames == []


def test_a_pool_that_is_not_there_ends_the_run_with_its_id(staging: Staging) -> None:
    staging.user_pool_id = "us-east-1_NotThere1"
    done = staging.run(*OF_ONE_POOL)
    assert done.exit_code in (ExitCode.INCONCLUSIVE, ExitCode.USAGE), done.output + done.errors
    assert "us-east-1_NotThere1" in done.output + done.errors
    assert "AdminCreateUser" not in staging.service.network.requests_seen


def test_no_secret_of_a_live_run_is_in_any_file_or_console_line(staging: Staging) -> None:
    """Passwords of given accounts, a client secret, AWS keys and tokens, in every form that they could have."""
    from harness.secrets import files_holding

    client = staging.client(GenerateSecret=True)
    of_client = {"UserPoolId": staging.user_pool_id, "ClientId": client}
    secret = staging.administrator.ask("DescribeUserPoolClient", of_client)["UserPoolClient"]["ClientSecret"]
    user = staging.user(password="Aa1!canary-of-a-given-account")
    live = (
        f'users = "given"\nclients = [{{ client_id = "{client}", secret = {{ env = "STAGING_SECRET" }} }}]\n'
        f'accounts = [{{ username = "{user.username}", password = {{ command = ["printenv", "STAGING_PASSWORD"] }} }}]'
    )
    env = {"STAGING_PASSWORD": user.password, "STAGING_SECRET": secret}
    done = staging.run(*OF_ONE_POOL, "--only", "TOK-18", "--only", "REF-01", live=live, env=env)
    assert done.exit_code in (ExitCode.CLEAN, ExitCode.FINDINGS), done.output + done.errors
    (staging.folder / "console").write_text(done.output + done.errors, encoding="utf-8")
    for canary in (user.password, secret, SECRET_KEY):
        assert files_holding(canary, staging.folder) == []
    assert ACCESS_KEY not in done.output + done.errors
    assert not [path for path in staging.folder.rglob("*") if path.is_file() and b"eyJ" in path.read_bytes()]


def test_an_own_pool_that_may_not_be_deleted_is_named_and_the_run_still_ends_with_its_verdicts(
    staging: Staging,
) -> None:
    staging.service.callers.denied = ["DeleteUserPool"]
    done = staging.run("--only", "SRP-01", live="make_clients = true\nmake_pools = true")
    assert done.exit_code == ExitCode.INCONCLUSIVE, done.output + done.errors
    assert staging.records()["SRP-01"].verdict is Verdict.PASS
    assert "cognito-idp:DeleteUserPool" in done.output + done.errors
    assert [name for name in staging.pools if name != "staging"]


def test_the_client_with_srp_is_used_whatever_stands_first(staging: Staging) -> None:
    custom, with_srp = staging.client(flows=("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")), staging.client()
    clients = ", ".join(f'{{ client_id = "{each}" }}' for each in (custom, with_srp))
    done = staging.run("--only", "SRP-01", live=f"clients = [{clients}]")
    assert staging.records()["SRP-01"].verdict is Verdict.PASS, done.output + done.errors


def test_a_pool_that_refuses_honest_users_is_found_and_never_not_applicable(staging: Staging) -> None:
    client = staging.client()
    staging.service.faults.switch_on("pool.srp.refuses-every-proof")
    done = staging.run("--only", "SRP-01", "--only", "POS", live=f'clients = [{{ client_id = "{client}" }}]')
    assert done.exit_code == ExitCode.FINDINGS, done.output + done.errors
    assert staging.records()["SRP-01"].verdict is Verdict.FAIL


def test_a_given_account_with_a_wrong_password_is_tried_once_and_ends_the_run_undecided(staging: Staging) -> None:
    client, user = staging.client(), staging.user()
    live = (
        f'users = "given"\nclients = [{{ client_id = "{client}" }}]\n'
        f'accounts = [{{ username = "{user.username}", password = {{ env = "STAGING_PASSWORD" }} }}]'
    )
    done = staging.run("--only", "SRP-01", "--only", "TOK-16", live=live, env={"STAGING_PASSWORD": "Aa1!mistyped"})
    assert done.exit_code == ExitCode.INCONCLUSIVE, done.output + done.errors
    assert "live.accounts" in done.output + done.errors
    assert staging.service.network.requests_seen["RespondToAuthChallenge"] == 1
