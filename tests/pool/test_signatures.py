"""Signatures and permissions at the pool's front door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes.pool import EmbeddedPool
from fakes.pool.errors import (
    IncompleteSignature,
    InvalidSignature,
    MissingAuthenticationToken,
    ServiceError,
    UnrecognizedClient,
)
from fakes.pool.forwarding import HttpRequest
from fakes.pool.signatures import demand_signature
from tests.pool.caller import UserPool, Wire

KEYS = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def published(method: str, signature: str, *, body: bytes = b"", **headers: str) -> HttpRequest:
    """A request of the test suite that AWS published for Signature Version 4, with its signature."""
    sent = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"} | headers
    names = ";".join(sorted(name.lower() for name in sent))
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    sent["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
    return HttpRequest(method, "/", sent, body)


VANILLA_GET = published("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
VANILLA_POST = published("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")
FORM_POST = published(
    "POST",
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    body=b"Param1=value1",
    **{"Content-Type": "application/x-www-form-urlencoded"},
)


@pytest.mark.parametrize("request_", [VANILLA_GET, VANILLA_POST, FORM_POST])
def test_the_published_signatures_are_right_and_nothing_else_is(request_: HttpRequest) -> None:
    demand_signature(request_, "service", KEYS, MOMENT)
    with pytest.raises(InvalidSignature, match="does not match"):
        demand_signature(replace(request_, body=b"other"), "service", KEYS, MOMENT)
    with pytest.raises(InvalidSignature, match="does not match"):
        demand_signature(replace(request_, target="/other"), "service", KEYS, MOMENT)
    with pytest.raises(InvalidSignature, match="does not match"):
        demand_signature(request_, "service", {"AKIDEXAMPLE": "another"}, MOMENT)
    with pytest.raises(InvalidSignature, match="correct service: 'cognito-idp'"):
        demand_signature(request_, "cognito-idp", KEYS, MOMENT)


@pytest.mark.parametrize(("seconds", "is_good"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signature_is_good_for_five_minutes(seconds: int, is_good: bool) -> None:
    now = MOMENT + timedelta(seconds=seconds)
    if is_good:
        demand_signature(VANILLA_GET, "service", KEYS, now)
        return
    with pytest.raises(InvalidSignature, match=r"Signature (expired|not yet current): 20150830T123600Z is .*5 min\."):
        demand_signature(VANILLA_GET, "service", KEYS, now)


def with_header(name: str, value: str) -> HttpRequest:
    return replace(VANILLA_GET, headers=VANILLA_GET.headers | {name: value})


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (HttpRequest("GET", "/", {"Host": "example.amazonaws.com"}, b""), MissingAuthenticationToken),
        (with_header("Authorization", "Bearer token"), IncompleteSignature),
        (with_header("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e"), IncompleteSignature),
        (with_header("X-Amz-Date", "yesterday"), IncompleteSignature),
        (with_header("Host", "other.amazonaws.com"), InvalidSignature),
        (with_header("X-Amz-Content-SHA256", "0" * 64), InvalidSignature),
        (with_header("Host", "[no host"), InvalidSignature),
        (with_header("Host", "half \udcff"), InvalidSignature),
        (with_header("Authorization", VANILLA_GET.headers["Authorization"] + "\udcff"), InvalidSignature),
        (
            with_header("Authorization", VANILLA_GET.headers["Authorization"].replace("host;x-amz-date", "x-amz-date")),
            InvalidSignature,
        ),
        (
            with_header("Authorization", VANILLA_GET.headers["Authorization"].replace("AKIDEXAMPLE", "SOMEBODY")),
            UnrecognizedClient,
        ),
    ],
)
def test_each_way_of_not_being_signed_has_its_own_error(request_: HttpRequest, error: type[ServiceError]) -> None:
    with pytest.raises(error):
        demand_signature(request_, "service", KEYS, MOMENT)


@pytest.fixture(autouse=True)
def _everybody_is_admitted_afterwards(service: EmbeddedPool) -> Iterator[None]:
    yield
    service.callers.requires_signature, service.callers.denied = False, ()


def boto3_client(service: EmbeddedPool, secret: str) -> Any:
    return boto3.client(
        "cognito-idp",
        endpoint_url=service.endpoint,
        region_name=service.region,
        aws_access_key_id="conformance",
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_what_administrators_do_has_to_be_signed_where_that_is_asked(
    service: EmbeddedPool, wire: Wire, pool: UserPool
) -> None:
    del pool
    service.callers.requires_signature = True
    refused = wire.call("ListUserPools", MaxResults=1)
    assert (refused.status, refused.error) == (
        400,
        ("MissingAuthenticationTokenException", "Missing Authentication Token"),
    )
    assert boto3_client(service, "conformance").list_user_pools(MaxResults=1)["UserPools"]
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        boto3_client(service, "another").list_user_pools(MaxResults=1)


def test_a_signature_that_waited_too_long_is_refused(service: EmbeddedPool) -> None:
    service.callers.requires_signature = True
    service.clock.advance(timedelta(minutes=6))
    with pytest.raises(ClientError, match="Signature expired"):
        boto3_client(service, "conformance").list_user_pools(MaxResults=1)


def test_what_users_do_is_never_signed(service: EmbeddedPool, wire: Wire, pool: UserPool) -> None:
    del pool
    service.callers.requires_signature, service.callers.denied = True, ("*",)
    assert wire.call("GetUser", AccessToken="none").error[0] == "NotAuthorizedException"


def test_what_no_policy_allows_is_refused_in_awss_words(service: EmbeddedPool, wire: Wire, pool: UserPool) -> None:
    service.callers.denied = ("Admin*", "CreateUserPool")
    refused = wire.call("AdminGetUser", UserPoolId=pool.id, Username="nobody")
    assert (refused.status, refused.error[0]) == (400, "AccessDeniedException")
    assert refused.error[1] == (
        "User: arn:aws:iam::123456789012:user/conformance is not authorized to perform: cognito-idp:AdminGetUser on "
        f"resource: arn:aws:cognito-idp:us-east-1:123456789012:userpool/{pool.id} because no identity-based policy "
        "allows the cognito-idp:AdminGetUser action"
    )
    assert " on resource: * because" in wire.call("CreateUserPool", PoolName="x").error[1]
    assert wire.call("CreateUserPoolClient", UserPoolId=pool.id, ClientName="x").status == 200
