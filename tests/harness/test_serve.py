"""`serve`: the pool by itself, behaving as AWS does where it is asked to."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from harness.arrangement import Names, TestUser, UserPool
from harness.stage import aws_clients
from harness.transcript import Transcript
from harness.wire import Wire
from tests.harness.conftest import ROOT, Finished, environment

REDIRECT = "https://app.example.com/sign-in"
METADATA = {"signInMethod": "MAGIC_LINK", "redirectUri": REDIRECT, "alreadyHaveMagicLink": "no"}


@dataclass
class Served:
    """What a served pool said of itself, and, once it has stopped, of what came."""

    ready: dict[str, Any]
    wire: Wire
    counted: dict[str, Any] = field(default_factory=dict)

    def new_user(self, username: str, **members: Any) -> TestUser:
        names = Names(random.Random(1), "canary")  # noqa: S311 - a test user's name
        return UserPool(self.wire, names, self.ready["user_pool_id"]).new_user(username=username, **members)


@contextmanager
def serving(*options: str) -> Iterator[Served]:
    """`serve` in a process of its own while the block runs."""
    command = [sys.executable, "-m", "cognito_conformance", "serve", "--seed", "7", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        served = Served(ready, Wire(ready["endpoint"], transcript=Transcript(), timeout_seconds=60))
        yield served
        process.terminate()
        rest, _ = process.communicate(timeout=60)
        served.counted.update(json.loads(rest))
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def body_of(mail: EmailMessage, kind: str) -> str:
    """One of a mail's bodies, decoded."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).strip()


def asked_for_a_link(served: Served, username: str) -> dict[str, Any]:
    """The challenge after a link was asked for."""
    client = {"ClientId": served.ready["client_id"]}
    first = served.wire.ask(
        "InitiateAuth", {**client, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": username}}
    )
    return served.wire.ask(
        "RespondToAuthChallenge",
        {
            **client,
            "ChallengeName": "CUSTOM_CHALLENGE",
            "Session": first["Session"],
            "ChallengeResponses": {"USERNAME": username, "ANSWER": "__dummy__"},
            "ClientMetadata": METADATA,
        },
    )


def test_the_reference_triggers_send_a_link_that_ends_in_the_outbox_and_in_the_bucket(tmp_path: Path) -> None:
    outbox = tmp_path / "new" / "outbox"
    with serving("--triggers", "reference", "--outbox", str(outbox), "--mail-bucket", "mails") as served:
        assert served.ready["tables"].keys() == {"sign-ins", "passkeys"}
        assert served.ready["functions"]["create_auth_challenge"].endswith(":function:create_auth_challenge")
        described = served.wire.ask("DescribeUserPool", {"UserPoolId": served.ready["user_pool_id"]})["UserPool"]
        assert described["LambdaConfig"]["DefineAuthChallenge"] == served.ready["functions"]["define_auth_challenge"]
        assert set(described["AliasAttributes"]) == {"email", "phone_number"}
        served.new_user("alice", email="alice@users.example.com")
        assert asked_for_a_link(served, "alice@users.example.com")["ChallengeName"] == "CUSTOM_CHALLENGE"
        clients = aws_clients(served.ready["endpoint"], served.ready["region"])
        clients("sns").publish(PhoneNumber="+15550001", Message="code 123456")
    mails, texts = sorted(outbox.glob("*.eml")), sorted(outbox.glob("*.json"))
    assert len(mails) == len(texts) == 1
    assert len(list(outbox.iterdir())) == 2
    mail = message_from_bytes(mails[0].read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Delivered-To"]) == ("alice@users.example.com", "alice@users.example.com")
    assert REDIRECT + "#" in body_of(mail, "plain")
    assert json.loads(texts[0].read_text()).items() >= {"to": "+15550001", "text": "code 123456"}.items()


def test_each_mail_is_an_object_in_the_bucket_too() -> None:
    with serving("--mail-bucket", "mails") as served:
        clients = aws_clients(served.ready["endpoint"], served.ready["region"])
        mail, bucket = clients("ses"), clients("s3")
        mail.verify_email_identity(EmailAddress="no-reply@example.com")
        content = {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "plain ☂"}, "Html": {"Data": "<b>rich</b>"}}}
        to = ["one@example.com", "two@example.com"]
        mail.send_email(Source="no-reply@example.com", Destination={"ToAddresses": to}, Message=content)
        listed: list[Any] = []
        while len(listed) < 2:
            listed = bucket.list_objects_v2(Bucket="mails").get("Contents", [])
        bodies = [bucket.get_object(Bucket="mails", Key=each["Key"])["Body"].read() for each in listed]
    read = [message_from_bytes(body, policy=policy.default) for body in bodies]
    assert {mail["Delivered-To"] for mail in read} == set(to)
    assert len({mail["Message-ID"] for mail in read}) == 1
    assert all(mail["To"] == ", ".join(to) and mail["Subject"] == "Grüße" for mail in read)
    assert {body_of(mail, "html") for mail in read} == {"<b>rich</b>"}
    assert {body_of(mail, "plain") for mail in read} == {"plain ☂"}


def test_at_the_end_it_says_what_came() -> None:
    with serving("--rate", "0.01", "--user", "alice=Password1!") as served:
        answers = [served.wire.call("ListUserPools", {"MaxResults": 1}, patiently=False, headers={}) for _ in range(10)]
    refused = sum(answer.error is not None and answer.error.type == "TooManyRequestsException" for answer in answers)
    assert refused == 9
    assert served.counted == {
        "requests": 10,
        "over_rate": refused,
        "throttled": 0,
        "most_in_a_second": served.counted["most_in_a_second"],
        "by_operation": {"ListUserPools": 10},
    }
    assert 1 <= served.counted["most_in_a_second"] <= 10


def test_a_share_of_all_requests_is_throttled_at_random() -> None:
    with serving("--throttle", "1") as served:
        answer = served.wire.call("ListUserPools", {"MaxResults": 1}, patiently=False)
    assert answer.error is not None
    assert answer.error.type == "ThrottlingException"
    assert (served.counted["throttled"], served.counted["over_rate"]) == (1, 0)


def test_the_pool_has_the_name_and_the_permissions_that_were_asked_for() -> None:
    with serving(
        "--pool-name", "production", "--deny", "Admin*", "--deny", "CreateUserPool", "--user", "a=Password1!"
    ) as served:
        pool_id = served.ready["user_pool_id"]
        described = served.wire.ask("DescribeUserPool", {"UserPoolId": pool_id})
        refused = [
            served.wire.call("AdminGetUser", {"UserPoolId": pool_id, "Username": "a"}),
            served.wire.call("CreateUserPool", {"PoolName": "x"}),
        ]
    assert described["UserPool"]["Name"] == "production"
    assert {answer.error.type for answer in refused if answer.error} == {"AccessDeniedException"}


def test_unsigned_operations_of_administrators_are_refused_where_signatures_are_required() -> None:
    with serving("--require-signature") as served:
        unsigned = served.wire.call("ListUserPools", {"MaxResults": 1})
        signed = aws_clients(served.ready["endpoint"], served.ready["region"])("cognito-idp")
        pools = signed.list_user_pools(MaxResults=10)["UserPools"]
    assert unsigned.error is not None
    assert unsigned.error.type == "MissingAuthenticationTokenException"
    assert [pool["Name"] for pool in pools] == ["served"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--triggers", "nowhere.toml"), "there is no file nowhere.toml"),
        (("--throttle", "2"), "--throttle"),
        (("--outbox", "/dev/null/mails"), "mails cannot be written there"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    command: Callable[..., Finished], options: tuple[str, ...], words: str
) -> None:
    refused = command("serve", *options)
    assert (refused.exit_code, refused.output) == (2, "")
    assert words in refused.errors
