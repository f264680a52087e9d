"""DynamoDB, KMS, SES and SNS at the pool's endpoint, as functions call them: through boto3, many at once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from fakes.pool import EmbeddedPool
from tests.pool.caller import UserPool, Wire

MESSAGE = b"a link that is signed"
MOMENT = datetime(2026, 11, 25, 12, 34, 56, tzinfo=UTC)
Aws = Callable[[str], Any]


@pytest.fixture(scope="module")
def aws(service: EmbeddedPool) -> Iterator[Aws]:
    made: dict[str, Any] = {}
    make: Any = boto3.client  # its stubs know literal names only

    def client(name: str) -> Any:
        if name not in made:
            made[name] = make(
                name,
                endpoint_url=service.endpoint,
                region_name=service.region,
                aws_access_key_id="any",
                aws_secret_access_key="any",
                config=Config(max_pool_connections=50, retries={"total_max_attempts": 1}),
            )
        return made[name]

    yield client
    for each in made.values():
        each.close()


@pytest.fixture(autouse=True)
def _nothing_sent(service: EmbeddedPool) -> None:
    service.mailbox.clear()
    service.phone.clear()


def test_a_mail_is_kept_with_both_bodies_for_every_addressee(service: EmbeddedPool, aws: Aws) -> None:
    aws("ses").verify_email_identity(EmailAddress="from@example.org")
    service.clock.set(MOMENT)
    aws("ses").send_email(
        Source="from@example.org",
        Destination={
            "ToAddresses": ["Ann <ann@example.org>", "bob@example.org"],
            "CcAddresses": ["cy@example.org"],
            "BccAddresses": ["di@example.org"],
        },
        Message={
            "Subject": {"Data": "Grüße"},
            "Body": {"Text": {"Data": "text & more"}, "Html": {"Data": "<b>höher</b>"}},
        },
    )
    kept = service.mailbox.messages
    assert [message.to for message in kept] == [
        "ann@example.org",
        "bob@example.org",
        "cy@example.org",
        "di@example.org",
    ]
    for message in kept:
        assert (message.subject, message.text, message.html) == ("Grüße", "text & more", "<b>höher</b>")
        assert message.sent_at == MOMENT
        assert message.sender == "from@example.org"
        assert message.recipients[0] == "Ann <ann@example.org>"
        assert len(message.recipients) == 4


def test_a_raw_mail_is_decoded(service: EmbeddedPool, aws: Aws) -> None:
    aws("ses").verify_email_identity(EmailAddress="from@example.org")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Cc"] = "from@example.org", "ann@example.org", "bob@example.org"
    mail["Subject"] = "Ihr Schlüssel"
    mail.set_content("Grüße = " + "x" * 200)
    mail.add_alternative("<p>Grüße</p>", subtype="html", cte="base64")
    aws("ses").send_raw_email(RawMessage={"Data": mail.as_bytes()})
    aws("ses").send_raw_email(RawMessage={"Data": mail.as_bytes()}, Destinations=["cy@example.org"])
    assert [message.to for message in service.mailbox.messages] == [
        "ann@example.org",
        "bob@example.org",
        "cy@example.org",
    ]
    kept = service.mailbox.messages[0]
    assert (kept.subject, kept.sender) == ("Ihr Schlüssel", "from@example.org")
    assert kept.text.strip() == "Grüße = " + "x" * 200
    assert kept.html.strip() == "<p>Grüße</p>"


def test_mails_of_the_second_api_are_kept(service: EmbeddedPool, aws: Aws) -> None:
    aws("sesv2").create_email_identity(EmailIdentity="two@example.org")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "two@example.org", "bob@example.org", "raw"
    mail.set_content("raw text")
    aws("sesv2").send_email(
        FromEmailAddress="two@example.org",
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={"Simple": {"Subject": {"Data": "hello"}, "Body": {"Html": {"Data": "<i>html</i>"}}}},
    )
    aws("sesv2").send_email(
        FromEmailAddress="two@example.org",
        Destination={"ToAddresses": ["bob@example.org"]},
        Content={"Raw": {"Data": mail.as_bytes()}},
    )
    (simple,), (raw,) = service.mailbox.to("ann@example.org"), service.mailbox.to("bob@example.org")
    assert (simple.subject, simple.text, simple.html) == ("hello", "", "<i>html</i>")
    assert (raw.subject, raw.text.strip()) == ("raw", "raw text")


def test_a_mail_that_was_refused_is_not_kept(service: EmbeddedPool, aws: Aws) -> None:
    with pytest.raises(ClientError, match="not verified"):
        aws("ses").send_email(
            Source="stranger@example.org",
            Destination={"ToAddresses": ["ann@example.org"]},
            Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
        )
    assert service.mailbox.messages == ()


def test_a_text_is_kept(service: EmbeddedPool, aws: Aws) -> None:
    service.clock.set(MOMENT)
    aws("sns").publish(PhoneNumber="+15550100", Message="Ihr Code: 123456 & mehr")
    (kept,) = service.phone.to("+15550100")
    assert (kept.text, kept.sent_at) == ("Ihr Code: 123456 & mehr", MOMENT)
    topic = aws("sns").create_topic(Name="news")["TopicArn"]
    aws("sns").publish(TopicArn=topic, Message="not to a phone")
    assert len(service.phone.messages) == 1


def public_key(aws: Aws, key_id: str) -> Any:
    return serialization.load_der_public_key(aws("kms").get_public_key(KeyId=key_id)["PublicKey"])


@pytest.mark.parametrize("algorithm", ["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_256"])
@pytest.mark.parametrize("message_type", ["RAW", "DIGEST"])
def test_rsa_signatures_are_over_the_digest_with_its_length_of_salt(
    aws: Aws, algorithm: str, message_type: str
) -> None:
    key_id = aws("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    hashing: Any = hashes.SHA512() if algorithm.endswith("512") else hashes.SHA256()
    digest = hashlib.new(hashing.name, MESSAGE).digest()
    sent = {
        "KeyId": key_id,
        "Message": digest if message_type == "DIGEST" else MESSAGE,
        "MessageType": message_type,
        "SigningAlgorithm": algorithm,
    }
    signature = aws("kms").sign(**sent)["Signature"]
    scheme: Any = padding.PSS(padding.MGF1(hashing), hashing.digest_size) if "PSS" in algorithm else padding.PKCS1v15()
    key = public_key(aws, key_id)
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, digest, scheme, Prehashed(hashing))
    assert aws("kms").verify(**sent, Signature=signature)["SignatureValid"] is True
    with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
        aws("kms").verify(**sent, Signature=bytes(len(signature)))


def test_ecdsa_signatures_are_over_the_digest(aws: Aws) -> None:
    key_id = aws("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    digest = hashlib.sha256(MESSAGE).digest()
    signature = aws("kms").sign(KeyId=key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")[
        "Signature"
    ]
    key = public_key(aws, key_id)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))


def test_kms_refuses_what_is_no_digest_and_keys_that_are_not_there(aws: Aws) -> None:
    kms = aws("kms")
    key_id = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/links", TargetKeyId=key_id)
    signed: dict[str, Any] = {"SigningAlgorithm": "RSASSA_PSS_SHA_256", "MessageType": "DIGEST"}
    with pytest.raises(ClientError, match="ValidationException"):
        kms.sign(KeyId=key_id, Message=b"short", **signed)
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.sign(KeyId="alias/nothing", Message=bytes(32), **signed)
    by_alias = kms.sign(KeyId="alias/links", Message=bytes(32), **signed)["Signature"]
    assert kms.verify(KeyId=key_id, Message=bytes(32), Signature=by_alias, **signed)["SignatureValid"]


def test_of_fifty_parallel_conditional_writes_one_succeeds(service: EmbeddedPool, aws: Aws) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="links",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    together = threading.Barrier(50)

    def redeem(round_number: int) -> bool:
        together.wait(20)
        try:
            dynamodb.update_item(
                TableName="links",
                Key={"id": {"S": f"link {round_number}"}},
                UpdateExpression="SET used = :yes",
                ConditionExpression="attribute_exists(id) AND attribute_not_exists(used)",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(50) as redeemers:
        for round_number in range(3):
            dynamodb.put_item(TableName="links", Item={"id": {"S": f"link {round_number}"}})
            assert sum(redeemers.map(redeem, [round_number] * 50)) == 1


def test_the_pool_goes_on_serving_while_another_service_works(service: EmbeddedPool, wire: Wire, aws: Aws) -> None:
    pool = UserPool.make(service, wire)
    started, done = threading.Event(), threading.Event()
    slowest = 0.0

    def make_keys() -> None:
        started.set()
        for _ in range(3):
            aws("kms").create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")
        done.set()

    aws("kms")
    maker = threading.Thread(target=make_keys)
    maker.start()
    started.wait(5)
    while not done.is_set():
        begun = time.perf_counter()
        assert wire.send("GET", f"/{pool.id}/.well-known/jwks.json").status == 200
        slowest = max(slowest, time.perf_counter() - begun)
    maker.join()
    assert slowest < 1.0
