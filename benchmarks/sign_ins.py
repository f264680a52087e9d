"""SRP sign-ins a second, one after the other on one connection."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import boto3

from benchmarks.processes import ProgramFailed, embedded_pool, moto_server
from protocol.claims import claim_signature
from protocol.cognito_srp import COGNITO, password_key, pool_name, private_key
from protocol.numbers import hex_of, parse_hex, power
from protocol.timestamps import format_timestamp

USERNAME, PASSWORD = "benchmark", "Correct-Horse-7"
PRIVATE_VALUE_BITS = 256
SIGN_INS_A_ROUND = 50


@dataclass(frozen=True)
class Account:
    """A confirmed user in a new pool, with a client that allows SRP."""

    user_pool_id: str
    client_id: str

    @classmethod
    def made_at(cls, endpoint: str) -> Account:
        """Make pool, client and user with boto3."""
        directory = boto3.client(
            "cognito-idp",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106 - neither server looks at it
        )
        user_pool_id = directory.create_user_pool(PoolName="benchmark")["UserPool"]["Id"]
        client_id = directory.create_user_pool_client(
            UserPoolId=user_pool_id, ClientName="benchmark", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        directory.admin_create_user(UserPoolId=user_pool_id, Username=USERNAME, MessageAction="SUPPRESS")
        directory.admin_set_user_password(UserPoolId=user_pool_id, Username=USERNAME, Password=PASSWORD, Permanent=True)
        return cls(user_pool_id, client_id)


@dataclass(frozen=True)
class Client:
    """Signs in over one connection that is kept open as long as the server does so."""

    endpoint: str
    account: Account
    connection: http.client.HTTPConnection = field(repr=False)

    @classmethod
    def of(cls, endpoint: str) -> Client:
        """A client with an account of its own at the endpoint."""
        where = urlsplit(endpoint)
        assert where.hostname is not None
        return cls(endpoint, Account.made_at(endpoint), http.client.HTTPConnection(where.hostname, where.port))

    def sign_in(self) -> None:
        """Sign in honestly. Raises ProgramFailed when no tokens come back."""
        a = secrets.randbits(PRIVATE_VALUE_BITS)
        client_public = COGNITO.client_public(a)
        challenge = self._start(hex_of(client_public))
        timestamp = format_timestamp(datetime.now(UTC))
        name, user_id = pool_name(self.account.user_pool_id), challenge["USER_ID_FOR_SRP"]
        server_public = parse_hex(challenge["SRP_B"])
        secret = COGNITO.client_premaster_secret(
            a=a,
            client_public=client_public,
            server_public=server_public,
            x=private_key(salt=parse_hex(challenge["SALT"]), pool_name=name, user_id=user_id, password=PASSWORD),
        )
        signature = claim_signature(
            key=password_key(premaster_secret=secret, scrambler=COGNITO.scrambler(client_public, server_public)),
            pool_name=name,
            user_id=user_id,
            secret_block=base64.b64decode(challenge["SECRET_BLOCK"]),
            timestamp=timestamp,
        )
        self._answer(challenge, timestamp, base64.b64encode(signature).decode("ascii"))

    def sign_in_without_proof(self) -> None:
        """Go through the same two calls with nothing computed, for a server that does not look at the proof."""
        challenge = self._start("2")
        self._answer(challenge, format_timestamp(datetime.now(UTC)), base64.b64encode(bytes(32)).decode("ascii"))

    def _start(self, srp_a: str) -> Mapping[str, str]:
        parameters = {"USERNAME": USERNAME, "SRP_A": srp_a}
        started = self._call(
            "InitiateAuth",
            {"AuthFlow": "USER_SRP_AUTH", "ClientId": self.account.client_id, "AuthParameters": parameters},
        )
        challenge: Mapping[str, str] = started["ChallengeParameters"]
        return challenge

    def _answer(self, challenge: Mapping[str, str], timestamp: str, signature: str) -> None:
        answered = self._call(
            "RespondToAuthChallenge",
            {
                "ChallengeName": "PASSWORD_VERIFIER",
                "ClientId": self.account.client_id,
                "ChallengeResponses": {
                    "USERNAME": challenge.get("USERNAME", USERNAME),
                    "TIMESTAMP": timestamp,
                    "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
                    "PASSWORD_CLAIM_SIGNATURE": signature,
                },
            },
        )
        if "AccessToken" not in answered.get("AuthenticationResult", {}):
            raise ProgramFailed(f"no tokens from {self.endpoint}: {answered}")

    def _call(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        self.connection.request("POST", "/", json.dumps(request), headers)
        response = self.connection.getresponse()
        body: Mapping[str, Any] = json.loads(response.read())
        if response.status != http.client.OK:
            raise ProgramFailed(f"{operation} at {self.endpoint} answered {response.status}: {body}")
        return body


@dataclass(frozen=True)
class Rates:
    """Sign-ins a second, and the milliseconds for one exponentiation, which tell how fast the machine was meanwhile."""

    verified: float
    unverified: float
    unverified_without_proof: float
    exponentiation_milliseconds: float


def measured_rates(*, rounds: int) -> Rates:
    """The embedded pool beside moto's server, in turns; the medians over the rounds."""
    with embedded_pool() as ours, moto_server() as theirs:
        pool, moto = Client.of(ours), Client.of(theirs)
        subjects: tuple[Callable[[], None], ...] = (pool.sign_in, moto.sign_in, moto.sign_in_without_proof)
        for sign_in in subjects:
            _rate(sign_in)
        measured = [[*map(_rate, subjects), _milliseconds_of_a_power()] for _ in range(rounds)]
    return Rates(*(median(rates) for rates in zip(*measured, strict=True)))


def _rate(sign_in: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(SIGN_INS_A_ROUND):
        sign_in()
    return SIGN_INS_A_ROUND / (time.perf_counter() - started)


def _milliseconds_of_a_power() -> float:
    """For g raised to a 256-bit exponent modulo the 3072-bit prime."""
    exponents = [secrets.randbits(PRIVATE_VALUE_BITS) for _ in range(SIGN_INS_A_ROUND)]
    started = time.perf_counter()
    for exponent in exponents:
        power(COGNITO.group.generator, exponent, COGNITO.group.prime)
    return 1000 * (time.perf_counter() - started) / len(exponents)
