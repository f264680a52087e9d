"""A caller of the pool for its tests: raw HTTP on one connection, and an SRP client made of `protocol`."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from fakes.pool import EmbeddedPool
from protocol.claims import claim_signature, secret_hash
from protocol.cognito_srp import COGNITO, password_key, pool_name, private_key
from protocol.numbers import hex_of, parse_hex
from protocol.timestamps import format_timestamp

PASSWORD = "Correct-Horse-1"
TARGET = "AWSCognitoIdentityProviderService."
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[str, str]:
        """Name and message of an error in the AWS form; asserts that it is one, and no crash."""
        assert 400 <= self.status < 500, (self.status, self.body[:300])
        content = self.json
        assert set(content) == {"__type", "message"}, content
        assert self.headers["x-amzn-errortype"] == content["__type"] + ":"
        assert "x-amzn-errormessage" in self.headers
        assert "x-amzn-requestid" in self.headers
        return content["__type"], content["message"]

    @property
    def tokens(self) -> dict[str, Any]:
        """The AuthenticationResult; asserts that there is one."""
        assert self.status == 200, self.body
        result: dict[str, Any] = self.json["AuthenticationResult"]
        return result

    @property
    def has_tokens(self) -> bool:
        return self.status == 200 and bool(self.json.get("AuthenticationResult"))


class Wire:
    """One connection."""

    def __init__(self, endpoint: str) -> None:
        split = urlsplit(endpoint)
        self._connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=30)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str | bytes] | None = None,
        *,
        chunked: bool = False,
    ) -> Answer:
        if self._connection.sock is None:
            self._connection.connect()
            connected: Any = self._connection.sock
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent: Any = dict(headers or {})
        self._connection.request(method, path, body, sent, encode_chunked=chunked)
        answer = self._connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def raw_call(self, operation: str, body: bytes, **headers: str) -> Answer:
        named = {"X-Amz-Target": TARGET + operation, "Content-Type": "application/x-amz-json-1.1"}
        return self.send("POST", "/", body, named | headers)

    def call(self, operation: str, **members: Any) -> Answer:
        return self.raw_call(operation, json.dumps(members).encode())

    def did(self, operation: str, **members: Any) -> Any:
        """The answer of a call that must succeed."""
        answer = self.call(operation, **members)
        assert answer.status == 200, (operation, answer.body)
        return answer.json

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Client:
    """An app client."""

    id: str
    secret: str | None

    def hash(self, username: str) -> dict[str, str]:
        """SECRET_HASH over a name, as a member to add, or nothing for a client without a secret."""
        if self.secret is None:
            return {}
        return {"SECRET_HASH": secret_hash(client_secret=self.secret, username=username, client_id=self.id)}


@dataclass(frozen=True)
class UserPool:
    """A user pool made over the wire."""

    service: EmbeddedPool
    wire: Wire
    id: str

    @classmethod
    def make(cls, service: EmbeddedPool, wire: Wire, **settings: Any) -> UserPool:
        settings = {"PoolName": f"pool {next(_numbers)}"} | settings
        return cls(service, wire, wire.did("CreateUserPool", **settings)["UserPool"]["Id"])

    def client(self, *flows: str, secret: bool = False, **settings: Any) -> Client:
        if flows:
            settings["ExplicitAuthFlows"] = list(flows)
        made = self.wire.did(
            "CreateUserPoolClient", UserPoolId=self.id, ClientName="client", GenerateSecret=secret, **settings
        )["UserPoolClient"]
        return Client(made["ClientId"], made.get("ClientSecret"))

    def user(self, password: str = PASSWORD, *, username: str | None = None, **attributes: str) -> str:
        """A confirmed user; the name."""
        name = username or f"user-{next(_numbers)}"
        made = self.wire.did(
            "AdminCreateUser",
            UserPoolId=self.id,
            Username=name,
            TemporaryPassword="Temporary-1",
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        self.set_password(made["User"]["Username"], password)
        return str(made["User"]["Username"])

    def set_password(self, username: str, password: str, *, permanent: bool = True) -> None:
        self.wire.did(
            "AdminSetUserPassword", UserPoolId=self.id, Username=username, Password=password, Permanent=permanent
        )


@dataclass
class SrpSignIn:
    """One sign-in with SRP, step by step; every field may be changed before its step."""

    pool: UserPool
    client: Client
    username: str
    password: str = PASSWORD
    a: int = field(default_factory=lambda: random.SystemRandom().getrandbits(256))
    moment: datetime | None = None
    srp_a: str = ""
    challenge: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.srp_a = self.srp_a or hex_of(COGNITO.client_public(self.a))

    def initiate(self, **changes: str) -> Answer:
        parameters = {"USERNAME": self.username, "SRP_A": self.srp_a} | self.client.hash(self.username) | changes
        return self.pool.wire.call(
            "InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=self.client.id, AuthParameters=parameters
        )

    def start(self) -> SrpSignIn:
        answer = self.initiate()
        assert answer.status == 200, answer.body
        assert answer.json["ChallengeName"] == "PASSWORD_VERIFIER"
        self.challenge = answer.json["ChallengeParameters"]
        return self

    def key(self, **changes: int) -> tuple[int, int, bytes]:
        """u, S and K as the client has them."""
        client_public, server_public = COGNITO.client_public(self.a), parse_hex(self.challenge["SRP_B"])
        sent = parse_hex(self.srp_a)
        x = private_key(
            salt=parse_hex(self.challenge["SALT"]),
            pool_name=pool_name(self.pool.id),
            user_id=self.challenge["USER_ID_FOR_SRP"],
            password=self.password,
        )
        u = COGNITO.scrambler(sent, server_public)
        secret = changes.get("premaster_secret")
        if secret is None and sent == client_public:
            secret = COGNITO.client_premaster_secret(
                a=self.a, client_public=client_public, server_public=server_public, x=x
            )
        elif secret is None:
            base = server_public - COGNITO.multiplier() * COGNITO.verifier(x)
            secret = pow(base % COGNITO.group.prime, self.a + u * x, COGNITO.group.prime)
        return u, secret, password_key(premaster_secret=secret, scrambler=u)

    def responses(self, *, key: bytes | None = None, signed: Mapping[str, Any] | None = None) -> dict[str, str]:
        """The honest ChallengeResponses; `signed` changes what the signature is over."""
        timestamp = format_timestamp(self.moment or self.pool.service.clock.now())
        over: dict[str, Any] = {
            "pool_name": pool_name(self.pool.id),
            "user_id": self.challenge["USER_ID_FOR_SRP"],
            "secret_block": base64.b64decode(self.challenge["SECRET_BLOCK"]),
            "timestamp": timestamp,
        } | dict(signed or {})
        signature = claim_signature(key=key or self.key()[2], **over)
        return {
            "USERNAME": self.challenge["USERNAME"],
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            "PASSWORD_CLAIM_SECRET_BLOCK": self.challenge["SECRET_BLOCK"],
        } | self.client.hash(self.challenge["USERNAME"])

    def answer(self, responses: Mapping[str, Any] | None = None, **changes: str) -> Answer:
        return self.pool.wire.call(
            "RespondToAuthChallenge",
            ClientId=self.client.id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=dict(responses or self.responses()) | changes,
        )

    def finish(self) -> Answer:
        """Both steps."""
        return self.start().answer()


def claims_of(token: str) -> dict[str, Any]:
    """A JWT's claims, unverified."""
    payload = token.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content
