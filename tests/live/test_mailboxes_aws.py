"""Mails in S3 and notifications in SQS: against moto's, through the embedded pool's endpoint; refusals by a stubber."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from fakes.pool import EmbeddedPool, PoolOptions
from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive
from harness.mailboxes.bucket import BucketSource
from harness.mailboxes.errors import MailboxUnreachable, MailboxUnusable
from harness.mailboxes.live_mailbox import LiveMailbox
from harness.mailboxes.message import Arrival
from harness.mailboxes.notifications import Pointer, notified
from harness.mailboxes.opening import open_mailbox
from harness.mailboxes.queue import QueueSource
from harness.mailboxes.settings import MailboxSettings, PhoneSettings
from tests.live.letters import ADDRESS, ANN, BOB, LINK, STRANGER, mail

SECONDS = {"timeout_seconds": 0.6, "poll_seconds": 0.05}
NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)


@dataclass
class Aws:
    """S3 and SQS on loopback, with a bucket and a queue of the test's own."""

    endpoint: str
    session: Any
    s3: Any
    sqs: Any
    bucket: str
    queue_url: str

    def put(self, key: str, raw: bytes) -> None:
        """What the S3 action of a receipt rule does."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=raw)

    def send(self, body: dict[str, Any] | str) -> None:
        """A message into the queue."""
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body if isinstance(body, str) else json.dumps(body))

    def left(self) -> list[str]:
        """What stands in the bucket."""
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def receivable(self) -> int:
        """How many messages another reader of the queue would get at this moment."""
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return len(answer.get("Messages", []))


@pytest.fixture(scope="module")
def service() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start(PoolOptions(seed=20261121)) as pool:
        yield pool
        assert pool.crashes == ()


@pytest.fixture(scope="module")
def session(service: EmbeddedPool) -> Any:
    return boto3.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name=service.region)


@pytest.fixture(scope="module")
def clients(service: EmbeddedPool, session: Any) -> Iterator[dict[str, Any]]:
    once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    made = {name: session.client(name, endpoint_url=service.endpoint, config=once) for name in ("s3", "sqs")}
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def aws(service: EmbeddedPool, session: Any, clients: dict[str, Any]) -> Aws:
    name, s3, sqs = f"mails-{uuid.uuid4()}", clients["s3"], clients["sqs"]
    s3.create_bucket(Bucket=name)
    return Aws(service.endpoint, session, s3, sqs, name, sqs.create_queue(QueueName=name)["QueueUrl"])


Open = Callable[..., LiveMailbox]


@pytest.fixture
def opened(aws: Aws) -> Iterator[Open]:
    """Open the bucket or the queue, with settings of its own."""
    made: list[LiveMailbox] = []

    def open_one(kind: str, **changed: Any) -> LiveMailbox:
        place = {"bucket": aws.bucket} if kind == "s3" else {"queue_url": aws.queue_url}
        settings = {"kind": kind, "address": ADDRESS, "endpoint": aws.endpoint, **place, **SECONDS, **changed}
        made.append(open_mailbox(MailboxSettings.model_validate(settings), aws.session))
        return made[-1]

    yield open_one
    for mailbox in made:
        mailbox.close()


def ses(raw: bytes, *recipients: str, encoded: bool = False) -> dict[str, Any]:
    """What SES tells SNS of a mail, its content with it."""
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "source": "no-reply@staging.example.com",
            "messageId": uuid.uuid4().hex,
            "destination": list(recipients),
        },
        "receipt": {"recipients": list(recipients), "action": {"type": "SNS", "topicArn": "arn:aws:sns:::mails"}},
        "content": base64.b64encode(raw).decode() if encoded else raw.decode(),
    }


def pointing(bucket: str, key: str, *recipients: str) -> dict[str, Any]:
    """What SES tells SNS of a mail that it wrote to S3."""
    told = ses(b"", *recipients)
    del told["content"]
    return told | {
        "receipt": {"recipients": list(recipients), "action": {"type": "S3", "bucketName": bucket, "objectKey": key}}
    }


def sns(message: dict[str, Any]) -> dict[str, Any]:
    """The envelope of SNS."""
    return {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": "arn:aws:sns:::mails",
        "Message": json.dumps(message),
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def test_a_mail_in_a_bucket_is_found_among_others(aws: Aws, opened: Open) -> None:
    mailbox = opened("s3", prefix="in/")
    mark = mailbox.mark()
    aws.put("in/AMAZON_SES_SETUP_NOTIFICATION", b"From: aws\r\n\r\nset up")
    aws.put("in/empty", b"")
    aws.put("in/b", mail(STRANGER))
    aws.put("out/a", mail(ANN, "under another prefix"))
    aws.put("in/a b+c", mail(ANN, "the one"))
    assert mailbox.wait_for(ANN, mark).text.strip() == "the one"
    assert len(mailbox.to(ANN)) == 1
    assert len(aws.left()) == 5


def test_every_object_is_read_once(service: EmbeddedPool, aws: Aws, opened: Open) -> None:
    mailbox = opened("s3")
    aws.put("a", mail(ANN))
    aws.put("b", mail(BOB))
    assert len(mailbox.to(ANN)) == len(mailbox.to(BOB)) == 1
    before = service.service_calls["s3."]
    assert len(mailbox.to(BOB)) == 1
    assert service.service_calls["s3."] == before + 1, "one listing and nothing else"


def test_of_a_huge_object_the_beginning_is_read(aws: Aws, opened: Open) -> None:
    mailbox = opened("s3")
    mark = mailbox.mark()
    aws.put("a", mail(STRANGER, "z" * 3_000_000))
    aws.put("b", mail(ANN))
    assert mailbox.wait_for(ANN, mark)
    aws.put("c", mail(BOB, "z" * 3_000_000))
    with pytest.raises(Inconclusive, match=r"has 3\d+ bytes, more than the 1048576 that are read"):
        mailbox.wait_for(BOB, mark)


def test_only_the_runs_objects_are_deleted(aws: Aws, opened: Open) -> None:
    mailbox = opened("s3", delete_read=True)
    mark = mailbox.mark()
    for key, to in {"ann": ANN, "bob": BOB, "both": f"{ANN}, {STRANGER}"}.items():
        aws.put(key, mail(to))
    mailbox.wait_for(ANN, mark)
    assert aws.left() == ["bob", "both"]
    mailbox.wait_for(BOB, mark)
    assert aws.left() == ["both"]


def test_when_no_mail_comes_to_a_bucket_others_are_counted(aws: Aws, opened: Open) -> None:
    mailbox = opened("s3")
    mark = mailbox.mark()
    aws.put("a", mail(STRANGER))
    aws.put("b", mail(BOB))
    with pytest.raises(Inconclusive, match=rf"the S3 bucket {aws.bucket} within 0\.6 s; 2 other messages"):
        mailbox.wait_for(ANN, mark)


def test_a_crowded_bucket_is_refused_with_advice(aws: Aws, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.mailboxes.bucket.MOST_LISTED", 2)
    for key in "abc":
        aws.put(key, mail(ANN))
    with pytest.raises(MailboxUnusable, match="more than 2 objects; give test mails a prefix of their own"):
        opened("s3").to(ANN)


@pytest.mark.parametrize("encoded", [False, True], ids=["as it is", "in base64"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["raw delivery", "in the envelope"])
def test_a_mail_in_a_queue_is_found_among_others(encoded: bool, wrapped: bool, aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs")
    mark = mailbox.mark()
    wrap: Callable[[dict[str, Any]], dict[str, Any]] = sns if wrapped else dict
    for raw, to in ((mail(STRANGER), STRANGER), (mail(ANN, "Grüße", cte="8bit"), ANN)):
        aws.send(wrap(ses(raw, to, encoded=encoded)))
    aws.send("no JSON")
    aws.send(wrap({"hello": "world"}))
    message = mailbox.wait_for(ANN, mark)
    assert (message.text.strip(), message.subject) == ("Grüße", "Sign in")


def test_a_copy_in_the_queue_is_the_same_mail(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs")
    mark = mailbox.mark()
    notification = ses(mail(ANN), ANN)
    for _ in range(3):
        aws.send(sns(notification))
    aws.send(sns(ses(mail(ANN, "another"), ANN)))
    mailbox.wait_for(ANN, mark)
    assert len(mailbox.sent_since(mark, ANN)) == 2


def test_what_is_not_the_runs_can_be_received_by_others_at_once(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs", delete_read=True)
    mark = mailbox.mark()
    for to in (ANN, BOB, STRANGER):
        aws.send(sns(ses(mail(to), to)))
    mailbox.wait_for(ANN, mark)
    assert aws.receivable() == 2
    reader_beside = opened("sqs", delete_read=True)
    reader_beside.wait_for(BOB, mark)
    assert aws.receivable() == 1


def test_nothing_is_taken_from_a_queue_for_good_unless_that_is_wanted(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs")
    aws.send(ses(mail(ANN), ANN))
    mailbox.wait_for(ANN, mailbox.mark())
    assert aws.receivable() == 1


def test_when_no_mail_comes_to_a_queue_others_are_counted_once(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs")
    mark = mailbox.mark()
    for to in (STRANGER, BOB):
        aws.send(ses(mail(to), to))
    aws.send("no JSON")
    with pytest.raises(Inconclusive, match=r"the SQS queue mails-[\w-]+ within 0\.6 s; 3 other messages"):
        mailbox.wait_for(ANN, mark)


def test_a_notification_may_point_to_an_object(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs", bucket=aws.bucket)
    mark = mailbox.mark()
    aws.put("in/1", mail("undisclosed-recipients:;", "for ann"))
    aws.put("in/2 x", mail(BOB, "for bob"))
    aws.send(sns(pointing(aws.bucket, "in/1", ANN)))
    aws.put("in/3", mail(ANN, "under a name that stands in somebody else's bucket"))
    aws.send(sns(pointing("somebody-elses-bucket", "in/3", ANN)))
    aws.send(sns(pointing(aws.bucket, "in/gone", ANN)))
    record = {"s3": {"bucket": {"name": aws.bucket}, "object": {"key": "in/2+x", "size": 10}}}
    aws.send({"Records": [{"eventSource": "aws:s3", **record}]})
    assert mailbox.wait_for(ANN, mark).text.strip() == "for ann"
    assert mailbox.wait_for(BOB, mark).text.strip() == "for bob"
    assert len(mailbox.to(ANN)) == 1


def test_a_bucket_that_is_pointed_to_must_be_named(aws: Aws, opened: Open) -> None:
    mailbox = opened("sqs")
    aws.send(sns(pointing(aws.bucket, "in/1", ANN)))
    with pytest.raises(MailboxUnusable, match=rf"bucket {aws.bucket}; name it as the mailbox's bucket, .*s3:GetObject"):
        mailbox.to(ANN)
    assert aws.receivable() == 1


def test_a_crowded_queue_is_refused_with_advice(aws: Aws, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.mailboxes.queue.MOST_AT_ONCE", 12)
    for number in range(30):
        aws.send(f"message {number}")
    with pytest.raises(MailboxUnusable, match="more than 12 messages; give the run one of its own, purge it"):
        opened("sqs").to(ANN)
    assert aws.receivable() == 10


def test_texts_of_a_number_are_read_from_a_queue(aws: Aws) -> None:
    settings = PhoneSettings.model_validate(
        {"kind": "sqs", "number": "+15550100", "queue_url": aws.queue_url, "endpoint": aws.endpoint, **SECONDS}
    )
    phone = open_mailbox(settings, aws.session)
    mark = phone.mark()
    text = {"originationNumber": "+15550199", "destinationNumber": "+15550100", "messageBody": "Your code is 123456"}
    for _ in range(2):
        aws.send(sns(text | {"inboundMessageId": "1"}))
    aws.send(sns(text | {"destinationNumber": "+15550101", "inboundMessageId": "2"}))
    assert phone.wait_for(phone.recipient_of("ann"), mark).text == "Your code is 123456"
    assert len(phone.messages) == 1
    phone.close()


def test_trying_out_says_what_is_there(aws: Aws, opened: Open) -> None:
    assert "can be listed; it is empty, so that reading (s3:GetObject) could not be tried" in opened("s3").try_out()
    aws.put("in/a", mail(ANN))
    assert opened("s3", prefix="in/").try_out().endswith("can be listed and read; it holds mails")
    assert opened("sqs", delete_read=True, bucket=aws.bucket).try_out().endswith("it gave no message just now")
    aws.send("a message")
    assert opened("sqs").try_out().endswith("can be received from; it holds messages")
    assert aws.receivable() == 1


def test_what_is_not_there_is_told(opened: Open) -> None:
    with pytest.raises(ConfigurationError, match="NoSuchBucket; check its name and its region"):
        opened("s3", bucket="nowhere").try_out()
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/nowhere"
    with pytest.raises(ConfigurationError, match="NonExistentQueue; check its name and its region"):
        opened("sqs", queue_url=queue).try_out()
    with pytest.raises(MailboxUnreachable, match="cannot be asked for s3:ListBucket"):
        opened("s3", endpoint="http://127.0.0.1:1").try_out()


def test_missing_credentials_are_told(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings = MailboxSettings(kind="s3", address=ADDRESS, bucket=aws.bucket, endpoint=aws.endpoint, region="eu-west-1")
    with pytest.raises(MailboxUnusable, match="wants AWS credentials and there are none"):
        open_mailbox(settings).try_out()


class Stubbed:
    """A session whose client answers as a stubber says."""

    region_name = "eu-west-1"

    def __init__(self, service: str) -> None:
        session: Any = boto3.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name="eu-west-1")
        self.made = session.client(service)
        self.stubber = Stubber(self.made)
        self.stubber.activate()

    def client(self, *_: Any, **__: Any) -> Any:
        return self.made


@pytest.mark.parametrize(
    ("refused", "permission"),
    [("list_objects_v2", "s3:ListBucket"), ("get_object", "s3:GetObject"), ("delete_object", "s3:DeleteObject on a")],
)
def test_a_permission_for_a_bucket_that_is_missing_is_named(refused: str, permission: str) -> None:
    session = Stubbed("s3")
    source = BucketSource(MailboxSettings(kind="s3", address=ADDRESS, bucket="mails"), session)
    if refused == "get_object":
        session.stubber.add_response("list_objects_v2", {"Contents": [{"Key": "a"}]})
    session.stubber.add_client_error(refused, "AccessDenied", http_status_code=403)
    with pytest.raises(MailboxUnusable, match=rf"AccessDenied; allow the run's credentials {permission} there"):
        source.settle(["a"]) if refused == "delete_object" else source.try_out()


@pytest.mark.parametrize("refused", ["receive_message", "change_message_visibility", "delete_message"])
def test_a_permission_for_a_queue_that_is_missing_is_named(refused: str) -> None:
    session = Stubbed("sqs")
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mails"
    source = QueueSource(MailboxSettings(kind="sqs", address=ADDRESS, queue_url=url, delete_read=True), session)
    names = {
        "receive_message": "sqs:ReceiveMessage",
        "change_message_visibility": "sqs:ChangeMessageVisibility",
        "delete_message": "sqs:DeleteMessage",
    }
    for operation in names:
        if operation == refused:
            session.stubber.add_client_error(operation, "AccessDenied", http_status_code=403)
            break
        if operation == "receive_message":
            session.stubber.add_response(
                operation, {}, {"QueueUrl": url, "MaxNumberOfMessages": 1, "VisibilityTimeout": 0}
            )
        else:
            session.stubber.add_client_error(operation, "ReceiptHandleIsInvalid")
    with pytest.raises(MailboxUnusable, match=rf"AccessDenied; allow the run's credentials {names[refused]} there"):
        source.try_out()


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("ExpiredToken", MailboxUnusable, "renew the AWS credentials"),
        ("PermanentRedirect", MailboxUnusable, "region"),
        ("SlowDown", MailboxUnreachable, "s3:ListBucket failed with SlowDown"),
    ],
)
def test_other_refusals_are_told_apart(code: str, kind: type[Exception], words: str) -> None:
    session = Stubbed("s3")
    session.stubber.add_client_error("list_objects_v2", code, expected_params={"Bucket": ANY, "Prefix": ANY})
    source = BucketSource(MailboxSettings(kind="s3", address=ADDRESS, bucket="mails"), session)
    with pytest.raises(kind, match=words):
        source.look(ANN, NOW)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"mail": 1}',
        '{"mail": {}}',
        '{"mail": {"destination": 5}, "receipt": []}',
        '{"Records": []}',
        '{"Records": [{"s3": 1}]}',
        '{"Type": "Notification", "Message": "text"}',
        '{"Type": "Notification", "Message": "{}"}',
        '{"destinationNumber": 1, "messageBody": "x"}',
        '{"to": "a@example.com"}',
        '{"mail": {}, "receipt": {"action": {"type": "Lambda"}}}',
    ],
)
def test_a_notification_of_anything_else_is_none(body: str) -> None:
    assert notified("[" * 100_000, key="1", received=NOW) is None
    assert notified(body, key="1", received=NOW) is None


def test_what_notifications_bring_is_read() -> None:
    link = notified(json.dumps(ses(mail(ANN), ANN)), key="1", received=NOW)
    assert isinstance(link, Arrival)
    assert (link.recipients, LINK.encode() in link.content) == ((ANN,), True)
    assert notified(json.dumps(pointing("b", "k", ANN)), key="1", received=NOW) == Pointer("b", "k", (ANN,))
    simple = notified(json.dumps({"to": ANN, "text": "t"}), key="1", received=NOW)
    assert isinstance(simple, Arrival)
    assert (simple.received, simple.is_mail) == (NOW, False)
