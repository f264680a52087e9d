"""A USER_SRP_AUTH sign-in, step by step, in which a check can change exactly one thing."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from harness.findings import Finding, Inconclusive, NotApplicable
from protocol.claims import claim_signature, secret_hash
from protocol.cognito_srp import COGNITO, password_key, pool_name, private_key
from protocol.errors import ProtocolError
from protocol.numbers import hex_of, parse_hex
from protocol.timestamps import format_timestamp

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.wire import Answer, AwsError

PRIVATE_VALUE_BITS = 256
"""Length of the client's `a` (RFC 5054 section 2.5.4 asks for at least 256 bits)."""


class Left(Enum):
    """Stands for "leave this member out"."""

    OUT = "left out"


Text = str | Left | None
"""What a change puts in the place of a member: another text, nothing at all, or (None) no change."""


@dataclass(frozen=True)
class Change:
    """The one departure from an honest sign-in that a negative makes. None leaves the honest value.

    `a_sent` is the text in SRP_A; `premaster_secret` replaces S; the `signed_*` members replace what
    goes into the claim signature; the others replace members of the two requests. `device_key` names
    a device in both, which an ordinary sign-in does not.
    """

    password: str | None = None
    a: int | None = None
    a_sent: Text = None
    premaster_secret: int | None = None
    signed_pool_name: str | None = None
    signed_user_id: str | None = None
    signed_secret_block: bytes | None = None
    signed_timestamp: str | None = None
    timestamp: Text = None
    moment: datetime | None = None
    claim_signature: Callable[[bytes], str] | None = None
    secret_block: Text = None
    starting_username: str | None = None
    answering_username: Text = None
    answering_client_id: str | None = None
    starting_secret_hash: Text = None
    answering_secret_hash: Text = None
    device_key: str | None = None

    def described(self) -> str:
        """The names of what is changed."""
        return (
            ", ".join(f.name.replace("_", " ") for f in fields(self) if getattr(self, f.name) is not None) or "nothing"
        )


HONEST = Change()


@dataclass(frozen=True)
class Tokens:
    """The tokens of a finished sign-in. There is no refresh token where the target gave none."""

    access: str = field(repr=False)
    id: str = field(repr=False)
    refresh: str | None = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How a request ended: with tokens, with a challenge, with an error in the AWS form, or broken."""

    answer: Answer

    @property
    def result(self) -> Mapping[str, Any]:
        """AuthenticationResult, or an empty mapping."""
        result = (self.answer.json or {}).get("AuthenticationResult") if self.answer.succeeded else None
        return result if isinstance(result, dict) else {}

    @property
    def has_tokens(self) -> bool:
        """Whether any token came back."""
        return any(self.result.get(name) for name in ("AccessToken", "IdToken", "RefreshToken"))

    @property
    def tokens(self) -> Tokens:
        """The tokens. Raises Finding when access or id token are missing."""
        access, identity = self.result.get("AccessToken"), self.result.get("IdToken")
        if not isinstance(access, str) or not isinstance(identity, str):
            raise Finding(f"no tokens: the target answered {self.answer.described()}")
        return Tokens(access, identity, self.result.get("RefreshToken"))

    @property
    def challenge_name(self) -> str | None:
        """ChallengeName, or None."""
        name = (self.answer.json or {}).get("ChallengeName") if self.answer.succeeded else None
        return name if isinstance(name, str) else None

    @property
    def parameters(self) -> Mapping[str, Any]:
        """ChallengeParameters, or an empty mapping."""
        parameters = (self.answer.json or {}).get("ChallengeParameters")
        return parameters if isinstance(parameters, dict) else {}

    @property
    def session(self) -> str | None:
        """Session, or None."""
        session = (self.answer.json or {}).get("Session")
        return session if isinstance(session, str) else None

    @property
    def refusal(self) -> AwsError | None:
        """The error, when the answer is a clean refusal: 4xx in the AWS form."""
        return self.answer.error

    def must_be_refused(self, why: str, *, with_error: tuple[str, ...] = ()) -> AwsError:
        """The requirement of every negative: a clean refusal, and no tokens.

        Args:
            why: what was sent, to complete "… was answered with tokens".
            with_error: the exceptions that the evidence allows; any, when empty.

        Raises:
            Finding: tokens, a further challenge, a crash, or another exception.
        """
        if self.has_tokens:
            raise Finding(f"tokens were issued for {why}")
        if self.refusal is None:
            raise Finding(f"no clean refusal of {why}: the target answered {self.answer.described()}")
        if with_error and self.refusal.type not in with_error:
            raise Finding(
                f"{why}: refused with {self.answer.described()}, where {' or '.join(with_error)} is documented"
            )
        return self.refusal

    def must_yield_tokens(self, what: str) -> Tokens:
        """The requirement of every positive. Raises Finding naming `what` when there are no tokens."""
        if not self.has_tokens:
            raise Finding(f"{what} did not sign in: the target answered {self.answer.described()}")
        return self.tokens


@dataclass(frozen=True)
class PasswordVerifier:
    """The PASSWORD_VERIFIER challenge, read: numbers as integers, the secret block as it was sent."""

    salt: int
    server_public: int
    secret_block: str = field(repr=False)
    username: str
    user_id_for_srp: str
    parameters: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, outcome: Outcome) -> PasswordVerifier:
        """Read the challenge. Raises Finding when it is none, or a member is missing or no hex number."""
        if outcome.challenge_name != "PASSWORD_VERIFIER":
            raise Finding(
                f"InitiateAuth did not bring PASSWORD_VERIFIER: the target answered {outcome.answer.described()}"
            )

        def text(name: str) -> str:
            value = outcome.parameters.get(name)
            if not isinstance(value, str):
                raise Finding(f"the challenge lacks {name}")
            return value

        try:
            return cls(
                salt=parse_hex(text("SALT")),
                server_public=parse_hex(text("SRP_B")),
                secret_block=text("SECRET_BLOCK"),
                username=text("USERNAME"),
                user_id_for_srp=text("USER_ID_FOR_SRP"),
                parameters=outcome.parameters,
            )
        except ProtocolError as error:
            raise Finding(f"the challenge holds what is no hex number: {error}") from error


@dataclass(frozen=True)
class Proof:
    """What the client computed for its answer: u, S, K and the claim signature (raw)."""

    scrambler: int
    premaster_secret: int
    password_key: bytes = field(repr=False)
    claim_signature: bytes = field(repr=False)


class SrpSignIn:
    """One sign-in of one user at one client. `start`, then `answer`; or `run` for both."""

    def __init__(
        self,
        pool: UserPool,
        client: AppClient,
        user: TestUser,
        *,
        randomness: random.Random,
        now: Callable[[], datetime],
        change: Change = HONEST,
    ) -> None:
        self.pool, self.client, self.user, self.change = pool, client, user, change
        self._now = now
        self.a = change.a if change.a is not None else randomness.getrandbits(PRIVATE_VALUE_BITS) | 1
        self.client_public = COGNITO.client_public(self.a)
        self.proof: Proof | None = None

    def run(self) -> Outcome:
        """Start and answer. A refusal of the start is the outcome."""
        started = self.start()
        if started.challenge_name is None:
            return started
        return self.answer(PasswordVerifier.read(started))

    def start(self) -> Outcome:
        """InitiateAuth with USER_SRP_AUTH."""
        username = self.change.starting_username or self.user.username
        parameters = {
            "USERNAME": username,
            "SRP_A": _put(self.change.a_sent, hex_of(self.client_public)),
            "SECRET_HASH": _put(self.change.starting_secret_hash, self._secret_hash(username)),
            "DEVICE_KEY": _put(self.change.device_key, Left.OUT),
        }
        return self._send(
            "InitiateAuth",
            {"AuthFlow": "USER_SRP_AUTH", "ClientId": self.client.client_id, "AuthParameters": _present(parameters)},
        )

    def answer_with_public(self, challenge: PasswordVerifier, client_public: int) -> Outcome:
        """Answer with u computed over this A, when what was sent stands for another number than g^a mod N."""
        self.client_public = client_public
        return self.answer(challenge)

    def answer(self, challenge: PasswordVerifier) -> Outcome:
        """RespondToAuthChallenge with the proof of the password."""
        return self.send_answer(self.prepare_answer(challenge))

    def prepare_answer(self, challenge: PasswordVerifier) -> dict[str, Any]:
        """The answer's request, computed and not sent, so that several can be sent at once."""
        timestamp = format_timestamp(self.change.moment or self._now())
        signature = self.prove(challenge, timestamp).claim_signature
        sent = self.change.claim_signature(signature) if self.change.claim_signature else _base64(signature)
        responses = {
            "USERNAME": _put(self.change.answering_username, challenge.username),
            "TIMESTAMP": _put(self.change.timestamp, timestamp),
            "PASSWORD_CLAIM_SECRET_BLOCK": _put(self.change.secret_block, challenge.secret_block),
            "PASSWORD_CLAIM_SIGNATURE": sent,
            "SECRET_HASH": _put(self.change.answering_secret_hash, self._secret_hash(challenge.username)),
            "DEVICE_KEY": _put(self.change.device_key, Left.OUT),
        }
        return {
            "ChallengeName": "PASSWORD_VERIFIER",
            "ClientId": self.change.answering_client_id or self.client.client_id,
            "ChallengeResponses": _present(responses),
        }

    def send_answer(self, request: dict[str, Any]) -> Outcome:
        """RespondToAuthChallenge with a prepared request."""
        return self._send("RespondToAuthChallenge", request)

    def prove(self, challenge: PasswordVerifier, timestamp: str) -> Proof:
        """Compute the proof for a challenge, with whatever is changed about it. Kept in `self.proof`."""
        name = pool_name(self.pool.user_pool_id)
        scrambler, premaster_secret = self._premaster_secret(challenge, name)
        key = password_key(premaster_secret=premaster_secret, scrambler=scrambler)
        signature = claim_signature(
            key=key,
            pool_name=_or(self.change.signed_pool_name, name),
            user_id=_or(self.change.signed_user_id, challenge.user_id_for_srp),
            secret_block=_or(self.change.signed_secret_block, decoded_secret_block(challenge.secret_block)),
            timestamp=_or(self.change.signed_timestamp, timestamp),
        )
        self.proof = Proof(scrambler, premaster_secret, key, signature)
        return self.proof

    def _premaster_secret(self, challenge: PasswordVerifier, name: str) -> tuple[int, int]:
        """The scrambler u and the premaster secret S; a forced S goes with the A that was sent."""
        if self.change.premaster_secret is not None:
            claimed = self.change.a_sent if isinstance(self.change.a_sent, str) else hex_of(self.client_public)
            return COGNITO.scrambler(parse_hex(claimed), challenge.server_public), self.change.premaster_secret
        x = private_key(
            salt=challenge.salt,
            pool_name=name,
            user_id=challenge.user_id_for_srp,
            password=_or(self.change.password, self.user.password),
        )
        try:
            secret = COGNITO.client_premaster_secret(
                a=self.a, client_public=self.client_public, server_public=challenge.server_public, x=x
            )
        except ProtocolError as error:
            raise Finding(f"the pool's SRP_B is unsafe: {error}") from error
        return COGNITO.scrambler(self.client_public, challenge.server_public), secret

    def _secret_hash(self, username: str) -> str | Left:
        if self.client.secret is None:
            return Left.OUT
        return secret_hash(client_secret=self.client.secret, username=username, client_id=self.client.client_id)

    def _send(self, operation: str, request: dict[str, Any]) -> Outcome:
        if not self.user.is_ours and self.change != HONEST:
            raise NotApplicable("users", "a sign-in that may fail is for users that the run made, never for an account")
        outcome = Outcome(self.pool.wire.call(operation, request))
        learn_tokens(outcome, self.pool)
        return outcome


def learn_tokens(outcome: Outcome, pool: UserPool) -> None:
    """Have whatever secret an answer holds redacted from now on."""
    redactor = pool.wire.transcript.redactor
    redactor.learn(*(value for value in outcome.result.values() if isinstance(value, str)), outcome.session)


class HonestTwin:
    """An honest sign-in that succeeds before and after a negative, and the negatives made from it.

    Cognito answers many faults with one opaque error, so an expected error proves little; that the
    same exchange succeeds without its one change is what makes the refusal mean something.
    """

    def __init__(
        self,
        pool: UserPool,
        client: AppClient,
        user: TestUser,
        *,
        randomness: random.Random,
        now: Callable[[], datetime],
    ) -> None:
        self.pool, self.client, self.user = pool, client, user
        self.now = now
        self.randomness = randomness

    def of(self, user: TestUser) -> HonestTwin:
        """Sign-ins of another user at the same client. Nothing is run."""
        return HonestTwin(self.pool, self.client, user, randomness=self.randomness, now=self.now)

    def sign_in(self, change: Change = HONEST) -> SrpSignIn:
        """A new sign-in, to be driven step by step."""
        return SrpSignIn(self.pool, self.client, self.user, randomness=self.randomness, now=self.now, change=change)

    def but(self, **changed: Any) -> Outcome:
        """The whole exchange with one thing changed (see Change for its names)."""
        return self.sign_in(Change(**changed)).run()

    def must_succeed(self, when: str) -> None:
        """Sign in honestly. Raises Inconclusive when that fails, for then the negative proves nothing."""
        _must_succeed(self.but, when)


@contextmanager
def between_honest(exchange: Callable[[], Outcome]) -> Iterator[None]:
    """The honest twin of a negative in another flow: `exchange` yields tokens before and after the block.

    Raises Inconclusive when it does not. A finding inside the block stands as it is.
    """
    _must_succeed(exchange, "before")
    yield
    _must_succeed(exchange, "after")


def _must_succeed(exchange: Callable[[], Outcome], when: str) -> None:
    try:
        exchange().must_yield_tokens("it")
    except Finding as finding:
        raise Inconclusive(f"the honest twin failed {when} the change: {finding}") from finding


def _put(changed: Text, honest: str | Left) -> str | Left:
    return honest if changed is None else changed


def _or(changed: Any, honest: Any) -> Any:
    return honest if changed is None else changed


def _present(members: Mapping[str, str | Left]) -> dict[str, str]:
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def decoded_secret_block(secret_block: str) -> bytes:
    """The bytes of SECRET_BLOCK, read as released clients read it: what is no base64 is passed over.

    Whether it is base64 is a check of its own (SRP-10); an honest sign-in must not depend on it.
    """
    kept = re.sub(r"[^A-Za-z0-9+/]", "", secret_block.translate(_URL_ALPHABET))
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + "=" * (-len(kept) % 4))


_URL_ALPHABET = str.maketrans("-_", "+/")
