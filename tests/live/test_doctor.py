"""The doctor: what is there, what is missing and what that costs; and nothing is made, changed or told."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from harness.bench import Bench, RunIdentity
from harness.configuration_error import ConfigurationError
from harness.live.diagnosis import Diagnosis, Line, render_diagnosis
from harness.live.doctor import examine
from harness.live.ledger import Ledger, Opening
from harness.live.losses import Losses
from harness.live.plain_wire import plain_wire
from harness.settings import Settings, load_settings
from reports.vocabulary import ExitCode
from tests.live.staging import ACCESS_KEY, CREDENTIALS, SECRET_KEY, Staging
from tests.live.test_cleanup import command

if TYPE_CHECKING:
    from pathlib import Path

    from harness.wire import Wire

OF_A_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:of-the-team"
CUSTOM_AUTH = dict.fromkeys(
    ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"), OF_A_FUNCTION
)
EVERYTHING = "make_clients = true\nmake_pools = true\nmost_users = 5000"


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staging]:
    """A pool with credentials for it in the environment."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with Staging.open(tmp_path) as pool:
        yield pool


def examined(pool: Staging, live: str = EVERYTHING, *, triggers: str = "", only: tuple[str, ...] = ()) -> Diagnosis:
    """What the doctor finds while signatures are demanded, with these lines in [live]."""
    file = pool.configuration(f"{live}\nledger = '{pool.folder / 'ledger.jsonl'}'\n[triggers]\n{triggers}")
    pool.service.callers.requires_signature = True
    try:
        return examine(load_settings(file, {"run": {"select": list(only)}}))
    finally:
        pool.service.callers.requires_signature = False


def lines(diagnosis: Diagnosis, status: str) -> dict[str, Line]:
    return {line.subject: line for line in diagnosis.lines if line.status == status}


def everything_in(pool: Staging) -> dict[str, Any]:
    """Everything that somebody could change."""
    users = pool.administrator.ask("ListUsers", {"UserPoolId": pool.user_pool_id})["Users"]
    return {
        **pool.configured(),
        "users": users,
        "pools": pool.pools,
        "mails": len(pool.service.mailbox.messages),
        "texts": len(pool.service.phone.messages),
    }


def test_with_everything_there_it_says_so_and_ends_with_zero(staging: Staging) -> None:
    client = staging.client()
    diagnosis = examined(staging, f'clients = [{{ client_id = "{client}" }}]\n{EVERYTHING}')
    assert diagnosis.exit_code == ExitCode.CLEAN, render_diagnosis(diagnosis)
    assert lines(diagnosis, "missing") == {}
    there = lines(diagnosis, "ok")
    assert there.keys() >= {"endpoint", "clock", "credentials", "pool", "guard", "ledger", f"client {client}"}
    assert there.keys() >= {"cognito-idp:AdminCreateUser", "cognito-idp:ListUsers", "cognito-idp:DescribeUserPool"}
    assert "account" in there["credentials"].detail
    assert lines(diagnosis, "not tried").keys() <= {
        "cognito-idp:CreateUserPool",
        "cognito-idp:CreateUserPoolClient",
        "cognito-idp:DeleteUserPool",
        "cognito-idp:SetRiskConfiguration",
        "cognito-idp:SetUserPoolMfaConfig",
        "iam:SimulatePrincipalPolicy",
        "lambda:GetFunctionConfiguration",
    }


def test_a_reviewer_who_may_only_read_has_everything_for_a_run_that_only_reads(staging: Staging) -> None:
    staging.user()
    staging.service.callers.denied = ["Admin*", "Create*", "Delete*", "Set*", "Update*", "ListUsers"]
    diagnosis = examined(staging, 'users = "none"')
    assert diagnosis.exit_code == ExitCode.CLEAN, render_diagnosis(diagnosis)
    assert lines(diagnosis, "ok")["guard"].detail == "a run only reads"
    assert not any(subject.startswith("cognito-idp:Admin") for subject in lines(diagnosis, "ok"))


def test_it_makes_nothing_changes_nothing_and_signs_nobody_in(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: dict[str, bool] = {}

    def watched(*how: Any) -> Wire:
        wire = plain_wire(*how)
        wire.watch = lambda _, answer: answered.update({answer.operation: answer.succeeded})
        return wire

    monkeypatch.setattr("harness.live.doctor.plain_wire", watched)
    client, user = staging.client(), staging.user(email="somebody@example.com")
    before = everything_in(staging)
    network = staging.service.network
    network.forget()
    live = f'clients = [{{ client_id = "{client}" }}]\nproduction = "staging"\n{EVERYTHING}'
    diagnosis = examined(staging, live)
    asked = dict(network.requests_seen)
    assert diagnosis.exit_code == ExitCode.CLEAN, render_diagnosis(diagnosis)
    assert everything_in(staging) == before
    assert staging.usernames == [user.username]
    assert not asked.keys() & {"InitiateAuth", "RespondToAuthChallenge", "SignUp", "ForgotPassword", "DeleteUserPool"}
    assert not asked.keys() & {"SetUserPoolMfaConfig", "SetRiskConfiguration", "UpdateUserPool"}
    writing = {name: done for name, done in answered.items() if not name.startswith(("Describe", "Get", "List"))}
    assert writing.keys() >= {"AdminCreateUser", "AdminSetUserPassword", "CreateUserPool", "DeleteUserPoolClient"}
    assert not any(writing.values()), "each of them is refused, and none is taken back by the next"
    assert all(asked[name] == 1 for name in writing)
    assert not (staging.folder / "ledger.jsonl").exists()


def test_what_a_setting_would_add_is_told_beside_what_is_missing(staging: Staging) -> None:
    few, many = examined(staging, 'users = "none"'), examined(staging)
    assert few.would_add['live.users = "admin"'] > 0
    assert 'live.users = "admin" would add' in render_diagnosis(few)
    assert many.would_add == {}


def test_a_selection_of_nothing_is_an_error_of_its_own(staging: Staging) -> None:
    with pytest.raises(ConfigurationError, match="no check is selected by NOPE-9"):
        examined(staging, only=("NOPE-9",))


@pytest.mark.parametrize(
    "denied",
    ["AdminCreateUser", "AdminSetUserPassword", "AdminInitiateAuth", "CreateUserPool", "CreateUserPoolClient"],
)
def test_a_denied_action_is_named_with_its_cost_and_its_remedy(staging: Staging, denied: str) -> None:
    staging.service.callers.denied = [denied]
    diagnosis = examined(staging)
    assert diagnosis.exit_code == ExitCode.FINDINGS
    missing = lines(diagnosis, "missing")
    assert set(missing) == {f"cognito-idp:{denied}"}
    line = missing[f"cognito-idp:{denied}"]
    assert f"allow cognito-idp:{denied} on " in line.remedy
    text = " ".join(render_diagnosis(diagnosis).split())
    assert f"without it {len(line.lost)} of {diagnosis.checks} checks are not applicable" in text
    assert diagnosis.as_dict()["costs"] == len(line.lost) > 0


@pytest.mark.parametrize(
    "denied",
    ["AdminCreateUser", "AdminInitiateAuth", "AdminListDevices", "CreateUserPool", "SetUserPoolMfaConfig"],
)
def test_the_needs_that_a_missing_action_costs_are_those_that_a_run_does_not_find(
    staging: Staging, denied: str
) -> None:
    live = {"user_pool_id": staging.user_pool_id, "make_clients": True, "make_pools": True}
    live |= {"ledger": staging.folder / "ledger.jsonl", "requests_per_second": 1000}
    settings = Settings.model_validate({"target": {"kind": "live", "endpoint": staging.service.endpoint}, "live": live})

    def found() -> frozenset[str]:
        bench = Bench(settings, RunIdentity.of(settings), "main")
        try:
            return bench.target.capabilities(bench.wire, bench.names, bench.randomness("probe"))
        finally:
            bench.close()

    everything = found()
    staging.service.callers.denied = [denied]
    assert everything - found() == Losses(settings).needs_lost(denied)


def test_the_checks_that_a_missing_action_costs_are_not_applicable_in_a_run(staging: Staging) -> None:
    client = staging.client()
    live = f'clients = [{{ client_id = "{client}" }}]'
    staging.service.callers.denied = ["AdminCreateUser"]
    only = ("SRP-01", "SRP-04", "TOK-16", "POS-25")
    lost = examined(staging, live, only=only).lost
    done = staging.run(*(word for id in only for word in ("--only", id)), live=live)
    not_applicable = {record.check for record in staging.records().values() if record.verdict == "not applicable"}
    assert lost == not_applicable == {"SRP-01", "SRP-04", "TOK-16"}, done.output


def test_what_cleans_up_is_asked_for_though_no_check_wants_it(staging: Staging) -> None:
    staging.service.callers.denied = ["AdminDeleteUser"]
    diagnosis = examined(staging, only=("SRP-01",))
    assert diagnosis.exit_code == ExitCode.FINDINGS
    assert "would stay behind" in lines(diagnosis, "missing")["cognito-idp:AdminDeleteUser"].detail


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AWS_SECRET_ACCESS_KEY", "not the one", "does not accept these credentials"),
        ("AWS_ACCESS_KEY_ID", "", "there are no AWS credentials"),
    ],
)
def test_credentials_that_open_nothing_end_it_with_three(
    staging: Staging, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    if not value:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    diagnosis = examined(staging)
    assert diagnosis.exit_code == ExitCode.INCONCLUSIVE
    assert told in lines(diagnosis, "missing")["access"].detail
    assert not [name for name in staging.service.network.requests_seen if name.startswith("Admin")]
    assert "ledger" in lines(diagnosis, "ok")


def test_a_pool_that_is_not_there_is_an_error_of_the_configuration(staging: Staging) -> None:
    staging.user_pool_id = "us-east-1_NotThere1"
    diagnosis = examined(staging)
    assert diagnosis.exit_code == ExitCode.USAGE
    assert "there is no pool us-east-1_NotThere1" in lines(diagnosis, "missing")["pool"].detail
    assert not [name for name in staging.service.network.requests_seen if name.startswith("Admin")]


def test_a_pool_of_production_is_refused_as_a_run_would_refuse_it(staging: Staging) -> None:
    staging.user()
    diagnosis = examined(staging)
    assert diagnosis.exit_code == ExitCode.USAGE
    assert "users that no run of this tool made" in lines(diagnosis, "missing")["guard"].detail


def test_nothing_that_listens_ends_it_with_three(staging: Staging) -> None:
    file = staging.configuration()
    file.write_text(file.read_text().replace(staging.service.endpoint, "http://127.0.0.1:9"), encoding="utf-8")
    diagnosis = examine(load_settings(file))
    assert diagnosis.exit_code == ExitCode.INCONCLUSIVE
    assert "did not answer" in lines(diagnosis, "missing")["access"].detail


@pytest.mark.parametrize(
    ("ahead", "status", "code"),
    [
        (timedelta(seconds=30), "ok", ExitCode.CLEAN),
        (timedelta(seconds=90), "missing", ExitCode.FINDINGS),
        (timedelta(seconds=-90), "missing", ExitCode.FINDINGS),
        (timedelta(hours=1), "missing", ExitCode.INCONCLUSIVE),
    ],
    ids=str,
)
def test_a_clock_that_is_off_is_told_with_what_it_costs(
    staging: Staging, ahead: timedelta, status: str, code: int
) -> None:
    staging.service.clock.advance(ahead)
    diagnosis = examined(staging)
    assert diagnosis.exit_code == code, render_diagnosis(diagnosis)
    line = lines(diagnosis, status)["clock"]
    assert ("behind" if ahead > timedelta() else "ahead of") in line.detail
    assert bool(line.lost) == (status == "missing")


def test_a_mailbox_that_does_not_answer_costs_the_checks_of_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGING_MAILBOX_PASSWORD", "canary-of-the-mailbox")
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    mailbox = (
        'mailbox = { kind = "imap", host = "127.0.0.1", port = 9, tls = false, user = "conformance", '
        'password = { env = "STAGING_MAILBOX_PASSWORD" }, address = "conformance+{name}@example.com" }'
    )
    functions = 'host = "pool"\nlink_origins = ["https://staging.example.com"]'
    with Staging.open(tmp_path, LambdaConfig=CUSTOM_AUTH) as pool:
        diagnosis = examined(pool, f"{EVERYTHING}\n{mailbox}", triggers=functions)
        without = examined(pool, EVERYTHING, triggers=functions)
    line = lines(diagnosis, "missing")["mailbox"]
    assert "127.0.0.1" in line.detail
    assert any(id.startswith("ML-") for id in line.lost)
    assert diagnosis.exit_code == ExitCode.FINDINGS
    assert "canary-of-the-mailbox" not in render_diagnosis(diagnosis)
    assert "triggers" in lines(diagnosis, "ok")
    assert without.checks < diagnosis.checks, "no link is planned for without a mailbox"


def test_a_mailbox_that_can_be_read_is_told(staging: Staging) -> None:
    mailbox = (
        f"mailbox = {{ kind = 'command', command = ['{sys.executable}', '-c', ''], "
        "address = 'conformance+{name}@example.com' }"
    )
    diagnosis = examined(staging, f"{EVERYTHING}\n{mailbox}")
    assert "mailbox" in lines(diagnosis, "ok"), render_diagnosis(diagnosis)


def test_triggers_that_the_pool_does_not_call_cost_their_checks(staging: Staging) -> None:
    diagnosis = examined(staging, triggers='host = "pool"\nlink_origins = ["https://staging.example.com"]')
    line = lines(diagnosis, "missing")["triggers"]
    assert "LambdaConfig of the pool names no DefineAuthChallenge" in line.detail
    assert any(id.startswith("TRG-") for id in line.lost)


def test_triggers_that_the_pool_calls_and_nobody_judges_are_pointed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with Staging.open(tmp_path, LambdaConfig=CUSTOM_AUTH) as pool:
        diagnosis = examined(pool)
    assert 'triggers.host = "pool"' in lines(diagnosis, "not tried")["triggers"].remedy
    assert "do not exist" in lines(diagnosis, "ok")["lambda:GetFunctionConfiguration"].detail


def test_a_ledger_that_cannot_be_written_is_an_error_of_the_configuration(staging: Staging) -> None:
    (staging.folder / "ledger.jsonl").mkdir()
    diagnosis = examined(staging)
    assert diagnosis.exit_code == ExitCode.USAGE
    assert "it is no file" in lines(diagnosis, "missing")["ledger"].detail


def test_a_ledger_below_a_file_is_told_and_nothing_is_made(staging: Staging) -> None:
    (staging.folder / "taken").write_text("", encoding="utf-8")
    file = staging.configuration(f"{EVERYTHING}\nledger = '{staging.folder / 'taken' / 'ledger.jsonl'}'")
    diagnosis = examine(load_settings(file))
    assert "taken is no folder" in lines(diagnosis, "missing")["ledger"].detail


def test_what_earlier_runs_left_is_named_with_the_command_that_takes_it_away(staging: Staging) -> None:
    ledger = Ledger(staging.folder / "ledger.jsonl", "0a1b2c3d")
    ledger.begin(Opening(staging.user_pool_id, "us-east-1", staging.service.endpoint))
    ledger.will_make("user", user_pool_id=staging.user_pool_id, name="cognito-conformance-0a1b2c3d-user-1")
    ledger.end("left")
    before = (staging.folder / "ledger.jsonl").read_bytes()
    diagnosis = examined(staging)
    line = lines(diagnosis, "missing")["clean-up"]
    assert "cognito-conformance-0a1b2c3d-user-1" in line.detail
    assert "`cognito-conformance cleanup`" in line.remedy
    assert diagnosis.exit_code == ExitCode.CLEAN
    assert (staging.folder / "ledger.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("flows", "secret", "told"),
    [
        (("ALLOW_USER_PASSWORD_AUTH",), False, "none of live.clients signs users in"),
        (("ALLOW_CUSTOM_AUTH",), False, "has not ALLOW_USER_SRP_AUTH"),
        (("ALLOW_USER_SRP_AUTH",), True, "without a secret"),
    ],
)
def test_clients_at_which_nobody_signs_in_cost_the_checks_that_do(
    staging: Staging, flows: tuple[str, ...], secret: bool, told: str
) -> None:
    client = staging.client(flows=flows, GenerateSecret=secret)
    diagnosis = examined(staging, f'clients = [{{ client_id = "{client}" }}]')
    line = lines(diagnosis, "missing")["client to sign in at"]
    assert told in line.detail
    assert "SRP-01" in line.lost
    assert diagnosis.exit_code == ExitCode.FINDINGS


def test_a_client_that_is_not_there_and_a_secret_that_is_not_set_are_told(staging: Staging) -> None:
    own = staging.client(GenerateSecret=True)
    live = (
        'clients = [{ client_id = "1nobody" }, '
        f'{{ client_id = "{own}", secret = {{ env = "NOBODY_HAS_SET_THIS" }} }}]\nmake_clients = true'
    )
    diagnosis = examined(staging, live)
    assert diagnosis.exit_code == ExitCode.USAGE
    missing = lines(diagnosis, "missing")
    assert "cannot be described" in missing["client 1nobody"].detail
    assert "NOBODY_HAS_SET_THIS" in missing[f"client {own}"].detail


def test_a_pool_that_demands_a_second_factor_or_attributes_costs_the_sign_ins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    schema = [{"Name": "family_name", "AttributeDataType": "String", "Required": True, "Mutable": True}]
    with Staging.open(tmp_path, Schema=schema) as pool:
        mfa = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        pool.administrator.ask("SetUserPoolMfaConfig", {"UserPoolId": pool.user_pool_id, **mfa})
        missing = lines(examined(pool), "missing")
    assert "family_name" in missing["attributes"].detail
    assert "SRP-01" in missing["attributes"].lost
    assert "SRP-01" in missing["plain sign-in"].lost


def test_no_secret_is_printed(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    client = staging.client(GenerateSecret=True)
    of_client = {"UserPoolId": staging.user_pool_id, "ClientId": client}
    secret = staging.administrator.ask("DescribeUserPoolClient", of_client)["UserPoolClient"]["ClientSecret"]
    monkeypatch.setenv("STAGING_PASSWORD", "canary-of-a-given-account")
    live = (
        f'users = "given"\nclients = [{{ client_id = "{client}", secret = {{ env = "STAGING_PASSWORD" }} }}]\n'
        'accounts = [{ username = "somebody", password = { env = "STAGING_PASSWORD" } }]'
    )
    diagnosis = examined(staging, live)
    assert "is not its own" in lines(diagnosis, "missing")[f"client {client}"].detail
    assert "readable" in lines(diagnosis, "ok")["account somebody"].detail
    told = render_diagnosis(diagnosis) + json.dumps(diagnosis.as_dict())
    for canary in (secret, "canary-of-a-given-account", SECRET_KEY, ACCESS_KEY):
        assert canary not in told


def test_a_refusal_that_tells_the_request_again_is_cut_before_it(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's own words for a wrong signature hold every header that was signed."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "canary-of-a-session-token")

    class TellsAgain(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(404, b"{}")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            again = f"x-amz-security-token:{self.headers['X-Amz-Security-Token']} x-amz-other:canary-of-another"
            told = f"It does not match.\n\nThe Canonical String for this request should have been\n'POST {again}'"
            self._answer(400, json.dumps({"__type": "InvalidSignatureException", "message": told}).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), TellsAgain)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        file = staging.configuration()
        here = f"http://127.0.0.1:{server.server_port}"
        file.write_text(file.read_text(encoding="utf-8").replace(staging.service.endpoint, here), encoding="utf-8")
        diagnosis = examine(load_settings(file))
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    told = render_diagnosis(diagnosis) + json.dumps(diagnosis.as_dict())
    assert "It does not match." in told
    assert "canary" not in told
    assert diagnosis.exit_code == ExitCode.INCONCLUSIVE


def test_the_command_prints_text_or_json_and_ends_with_the_diagnosis_code(staging: Staging) -> None:
    staging.configuration("make_clients = true")
    staging.service.callers.denied = ["AdminSetUserPassword"]
    text, told = (
        command(staging, "doctor", "--only", "SRP"),
        command(staging, "doctor", "--only", "SRP", "--format", "json"),
    )
    assert (text.exit_code, told.exit_code) == (ExitCode.FINDINGS, ExitCode.FINDINGS), text.errors + told.errors
    read = json.loads(told.output)
    assert read["exit_code"] == 1
    missing = [line for line in read["lines"] if line["status"] == "missing"]
    assert [line["subject"] for line in missing] == ["cognito-idp:AdminSetUserPassword"]
    assert f"what is missing costs {missing[0]['costs']} of {read['checks']} checks" in text.output
