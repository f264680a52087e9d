"""USER_SRP_AUTH: the PASSWORD_VERIFIER challenge and its answer, with the proof really verified."""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.credentials import Credentials, user_id_octets
from fakes.pool.custom_auth_rounds import CustomAuth
from fakes.pool.entropy import Entropy
from fakes.pool.errors import (
    InvalidParameter,
    NotAuthorized,
    incorrect_username_or_password,
    missing_parameter,
)
from fakes.pool.lockout import Lockout
from fakes.pool.moto_directory import AppClient, MotoDirectory, User, UserPool
from fakes.pool.secret_block import Challenge, InvalidSecretBlock, SecretBlocks, decode_base64
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sessions import WITHOUT_SESSION, PendingChallenge, Sessions, Stage
from fakes.pool.sign_in import Answer, Caller, FirstFactor, SignIn
from fakes.pool.srp_server import ServerEphemeral, SrpServer
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup, wrong_password
from fakes.pool.user_states import CHALLENGE_BEFORE_PROOF, demand_may_start, must_choose_new_password
from protocol.claims import hmac_sha256
from protocol.cognito_srp import pool_name
from protocol.errors import TimestampError
from protocol.numbers import hex_of
from protocol.text import utf8
from protocol.timestamps import format_timestamp, parse_timestamp

REFUSES_EVERY_PROOF = declare_fault("pool.srp.refuses-every-proof", "no proof is ever right")
ANY_SIGNATURE = declare_fault("pool.srp.accepts-any-signature", "the signature is not compared with anything")
EIGHT_BYTES = declare_fault(
    "pool.srp.compares-eight-bytes-of-the-signature", "only the first eight bytes of the signature are compared"
)
EMPTY_SIGNATURE = declare_fault("pool.srp.accepts-an-empty-signature", "an empty signature passes")
COMPARES_SLOWLY = declare_fault(
    "pool.srp.compares-byte-by-byte-slowly", "the comparison ends at the first wrong byte, 200 µs a byte"
)
NEGATIVE_SALT = declare_fault("pool.srp.negative-salt", "SALT has a minus sign")
BLOCK_OF_ANOTHER_CHALLENGE = declare_fault(
    "pool.srp.secret-block-of-another-challenge",
    "any block of the user is taken; the proof may be to any recent challenge of theirs",
)
BLOCK_OF_ANOTHER_USER = declare_fault(
    "pool.srp.secret-block-of-another-user",
    "another user's block is taken; the proof may be to any recent challenge of USERNAME's",
)
IGNORES_BLOCK = declare_fault(
    "pool.srp.ignores-the-secret-block",
    "the block may be anything; the proof may be to any recent challenge of USERNAME's",
)
ANY_USER = declare_fault("pool.srp.any-user-at-the-answer", "tokens go to the USERNAME that the answer names")
ANY_CLIENT = declare_fault("pool.srp.any-client-at-the-answer", "the answer may come from another client of the pool")
WITHOUT_TIMESTAMP = declare_fault(
    "pool.srp.takes-a-proof-without-the-timestamp", "a proof over all but the timestamp is taken too"
)
WITHOUT_BLOCK = declare_fault(
    "pool.srp.takes-a-proof-without-the-secret-block", "a proof over all but the secret block is taken too"
)
WITHOUT_USER_ID = declare_fault(
    "pool.srp.takes-a-proof-without-the-user-id", "a proof over all but the user id is taken too"
)
WITHOUT_POOL_NAME = declare_fault(
    "pool.srp.takes-a-proof-without-the-pool-name", "a proof over all but the pool's name is taken too"
)
TIMESTAMP_NOT_BOUND = declare_fault(
    "pool.srp.timestamp-not-bound", "the proof may be over another time near the one that was sent or the present"
)
ANY_TIMESTAMP_TEXT = declare_fault("pool.srp.takes-any-timestamp-text", "TIMESTAMP is signed as it came, never parsed")
NO_SINGLE_DIGIT_DAYS = declare_fault("pool.srp.refuses-single-digit-days", "days 1 to 9 are refused")
NO_MIDNIGHT = declare_fault("pool.srp.refuses-midnight", "the hour 00 is refused")
REFUSES_REPLAY = declare_fault("pool.srp.refuses-replay", "a challenge takes one right proof")
RACE = declare_fault(
    "pool.srp.single-use-with-a-race", "a challenge takes one right proof, but is marked 10 ms after it was looked at"
)
NEVER_EXPIRES = declare_fault("pool.srp.challenge-never-expires", "a challenge lives for ever")
NO_SKEW = declare_fault("pool.srp.refuses-a-minute-of-skew", "a TIMESTAMP a minute off the pool's clock is refused")
NO_USER_ID = declare_fault("pool.srp.challenge-without-user-id-for-srp", "USER_ID_FOR_SRP is left out")
SURPLUS_PARAMETER = declare_fault("pool.srp.surplus-challenge-parameter", "the challenge has one parameter too many")
BLOCK_NOT_BASE64 = declare_fault("pool.srp.secret-block-not-base64", "SECRET_BLOCK begins with what is no base64")
NO_SIMULATED_CHALLENGE = declare_fault(
    "pool.enumeration.no-simulated-challenge", "an unknown name is refused where a known one is challenged"
)
ANSWERS_FASTER = declare_fault(
    "pool.enumeration.answers-unknown-names-faster", "an unknown name is spared the arithmetic"
)
ALIAS_AS_USER_ID = declare_fault(
    "pool.srp.alias-as-user-id-for-srp", "USER_ID_FOR_SRP is what was typed, and everything else agrees with it"
)

_KEYS_IN_ORDER = ("USERNAME", "TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK")
_SECONDS_A_BYTE = 200e-6
_RECENT = 8


@dataclass(frozen=True)
class Claim:
    """A PASSWORD_VERIFIER answer, read but not yet believed."""

    username: str
    timestamp: str
    signature: bytes
    secret_block: bytes


@dataclass(frozen=True)
class Sent:
    """A challenge, and the block that it was sealed in."""

    challenge: Challenge
    block: bytes


@dataclass(frozen=True)
class Proof:
    """A proof that was right, and the challenge with a Session that it answered, where it had one."""

    proved: FirstFactor
    waiting: PendingChallenge | None


class SrpFlow:
    """Sends the challenge and judges the answer."""

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: Entropy,
        faults: FaultSwitches,
        directory: MotoDirectory,
        credentials: Credentials,
        lockout: Lockout,
        lookup: UserLookup,
        secret_hashes: SecretHashes,
        sessions: Sessions,
        sign_in: SignIn,
        triggers: Triggers,
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._directory = directory
        self._credentials = credentials
        self._lockout = lockout
        self._lookup = lookup
        self._secret_hashes = secret_hashes
        self._sessions = sessions
        self._sign_in = sign_in
        self._triggers = triggers
        self._server = SrpServer(entropy, faults)
        self._blocks = SecretBlocks(entropy, Challenge)
        self._recent: dict[tuple[str, str], deque[Sent]] = {}  # read under faults only
        self._answered: set[str] = set()  # likewise

    async def start(self, caller: Caller, parameters: Mapping[str, str]) -> Answer:
        """Answer USER_SRP_AUTH with a PASSWORD_VERIFIER challenge, which has no Session (`measured`)."""
        for name in ("USERNAME", "SRP_A"):
            if not parameters.get(name):
                raise missing_parameter(name)
        typed, srp_a = parameters["USERNAME"], parameters["SRP_A"]
        client_public = self._server.read_client_public(srp_a)
        self._secret_hashes.demand(caller.client, parameters.get("SECRET_HASH"), username=typed, step=Step.START)
        user = self._lookup.at_sign_in(caller.pool, caller.client, typed)
        demand_may_start(user, self._faults)
        await self._triggers.pre_authentication(caller.pool, caller.client, user, caller.validation_data)
        device_key = parameters.get("DEVICE_KEY")
        if self._faults.on(CHALLENGE_BEFORE_PROOF) and must_choose_new_password(user):
            return self._sign_in.new_password_required(FirstFactor(caller=caller, user=user, typed_username=typed))
        if self._faults.on(NO_SIMULATED_CHALLENGE) and not user.exists:
            raise incorrect_username_or_password()
        return self._challenge(caller, user, typed, srp_a, client_public, device_key)

    def challenge_within(self, begun: FirstFactor, srp_a: str, *, custom: CustomAuth | None = None) -> Answer:
        """The same challenge as a step of USER_AUTH or CUSTOM_AUTH: it has a Session, and its answer needs that."""
        client_public = self._server.read_client_public(srp_a)
        caller, user, typed = begun.caller, begun.user, begun.typed_username
        challenge = self._challenge(caller, user, typed, srp_a, client_public, begun.device_key, within=begun.flow)
        session = self._sessions.open(
            "PASSWORD_VERIFIER",
            caller.client,
            user,
            typed,
            stage=Stage.FIRST_FACTOR,
            device_key=begun.device_key,
            custom=custom,
        )
        return challenge | {"Session": session}

    def _challenge(
        self,
        caller: Caller,
        user: User,
        typed: str,
        srp_a: str,
        client_public: int,
        device_key: str | None,
        *,
        within: str = "",
    ) -> Answer:
        faults = self._faults
        user_id = typed if faults.on(ALIAS_AS_USER_ID) else user.username
        salt = self._credentials.salt_of(user)
        if faults.on(ANSWERS_FASTER) and not user.exists:
            ephemeral = ServerEphemeral(0, self._entropy.bits(3064))
        else:
            verifier = self._credentials.verifier_of(user, user_id_for_srp=user_id, salt=salt)
            ephemeral = self._server.choose_ephemeral(client_public=client_public, srp_a=srp_a, verifier=verifier)
        challenge = Challenge(
            id=self._entropy.uuid(),
            user_pool_id=caller.pool.id,
            client_id=caller.client.id,
            username=user.username,
            sub=user.sub,
            typed_username=typed,
            user_id_for_srp=user_id,
            srp_a=srp_a,
            b=hex_of(ephemeral.b),
            srp_b=hex_of(ephemeral.public),
            salt=hex_of(salt),
            issued_at=self._clock.timestamp(),
            device_key=device_key,
            within=within,
        )
        block = self._blocks.seal(challenge)
        self._recent.setdefault((caller.pool.id, user.username), deque(maxlen=_RECENT)).append(Sent(challenge, block))
        parameters = {
            "SALT": f"-{challenge.salt}" if faults.on(NEGATIVE_SALT) else challenge.salt,
            "SECRET_BLOCK": base64.b64encode(block).decode(),
            "SRP_B": challenge.srp_b,
            "USERNAME": user.username,
            "USER_ID_FOR_SRP": user_id,
        }
        if faults.on(NO_USER_ID):
            del parameters["USER_ID_FOR_SRP"]
        if faults.on(SURPLUS_PARAMETER):
            parameters["PASSWORD_HINT"] = ""
        if faults.on(BLOCK_NOT_BASE64):
            parameters["SECRET_BLOCK"] = f"block:{parameters['SECRET_BLOCK']}"
        return {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters}

    async def prove(self, caller: Caller, responses: Mapping[str, str], session: str | None = None) -> Proof:
        """Judge a PASSWORD_VERIFIER answer. Raises NotAuthorized for every wrong proof, in the same words."""
        claim = self.read_claim(responses)
        candidates = self._challenges_of(caller, claim)
        challenge = candidates[0].challenge
        if self._expired(caller.client, challenge):
            raise NotAuthorized("Invalid session for the user, session is expired.")
        self._secret_hashes.demand(
            caller.client,
            responses.get("SECRET_HASH"),
            username=challenge.username,
            alias=challenge.typed_username,
            step=Step.ANSWER,
        )
        waiting = None
        if challenge.within and not (challenge.within == "USER_AUTH" and self._faults.on(WITHOUT_SESSION)):
            waiting = self._sessions.look_up(session, "PASSWORD_VERIFIER", caller.client, claim.username)
        user = self._user_of(caller.pool, challenge)
        demand_may_start(user, self._faults, flow=challenge.within)
        if self._faults.on(ANSWERS_FASTER) and not user.exists:
            raise incorrect_username_or_password()
        proved = any(self._proves(claim, sent, user) for sent in candidates) and user.exists
        self._lockout.demand_open(user, proved=proved)
        if not proved or self._faults.on(REFUSES_EVERY_PROOF):
            self._lockout.failed(user)
            raise wrong_password(user, self._faults)
        if challenge.within:
            self._sessions.close(session or "")
        await self._use_up(challenge)
        if self._faults.on(ANY_USER):
            user = self._lookup.by_name_or_alias(caller.pool, claim.username) or user
        first_factor = FirstFactor(
            caller=caller,
            user=user,
            typed_username=challenge.typed_username,
            device_key=responses.get("DEVICE_KEY") or challenge.device_key,
            flow=challenge.within or "USER_SRP_AUTH",
        )
        return Proof(first_factor, waiting)

    def read_claim(self, responses: Mapping[str, str]) -> Claim:
        """The claim out of the answer, checked in the order that was measured. Raises InvalidParameter."""
        faults = self._faults
        if not responses:
            raise missing_parameter("challenge responses.")
        for name in _KEYS_IN_ORDER:
            if name not in responses or (responses[name] == "" and not self._may_be_empty(name)):
                raise missing_parameter(name)
        timestamp = responses["TIMESTAMP"]
        if not faults.on(ANY_TIMESTAMP_TEXT):
            timestamp = self._canonical(timestamp)
        try:
            signature = decode_base64(responses["PASSWORD_CLAIM_SIGNATURE"])
        except ValueError:
            raise InvalidParameter("Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.") from None
        try:
            secret_block = decode_base64(responses["PASSWORD_CLAIM_SECRET_BLOCK"])
        except ValueError:
            secret_block = b""
        return Claim(responses["USERNAME"], timestamp, signature, secret_block)

    def _may_be_empty(self, name: str) -> bool:
        return (name == "PASSWORD_CLAIM_SIGNATURE" and self._faults.on(EMPTY_SIGNATURE)) or (
            name == "PASSWORD_CLAIM_SECRET_BLOCK" and self._faults.on(IGNORES_BLOCK)
        )

    def _canonical(self, timestamp: str) -> str:
        """The form that is signed: weekday from the date, unpadded day, `UTC` (`measured`)."""
        try:
            moment = parse_timestamp(timestamp)
        except TimestampError:
            raise InvalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.") from None
        faults = self._faults
        if (
            (faults.on(NO_SINGLE_DIGIT_DAYS) and moment.day < 10)
            or (faults.on(NO_MIDNIGHT) and moment.hour == 0)
            or (faults.on(NO_SKEW) and abs(moment - self._clock.now()) >= timedelta(minutes=1))
        ):
            raise incorrect_username_or_password()
        return format_timestamp(moment)

    def _challenges_of(self, caller: Caller, claim: Claim) -> list[Sent]:
        """The one challenge that the block stands for: this client's and this user's. Raises NotAuthorized."""
        faults = self._faults
        recent = list(reversed(self._recent.get((caller.pool.id, claim.username), ())))
        if faults.on(IGNORES_BLOCK) and recent:
            return recent
        try:
            challenge = self._blocks.open(claim.secret_block)
        except InvalidSecretBlock:
            raise incorrect_username_or_password() from None
        if challenge.user_pool_id != caller.pool.id:
            raise incorrect_username_or_password()
        if challenge.client_id != caller.client.id and not faults.on(ANY_CLIENT):
            raise incorrect_username_or_password()
        if claim.username not in {challenge.username, challenge.typed_username}:
            if faults.on(BLOCK_OF_ANOTHER_USER) and recent:
                return recent
            if not faults.on(ANY_USER):
                raise incorrect_username_or_password()
        opened = Sent(challenge, claim.secret_block)
        return [opened, *recent] if faults.on(BLOCK_OF_ANOTHER_CHALLENGE) else [opened]

    def _expired(self, client: AppClient, challenge: Challenge) -> bool:
        age = timedelta(seconds=self._clock.timestamp() - challenge.issued_at)
        return age >= client.auth_session_validity and not self._faults.on(NEVER_EXPIRES)

    def _user_of(self, pool: UserPool, challenge: Challenge) -> User:
        """The user that was challenged, as they are now, or the same simulated one."""
        user = self._directory.user(pool.id, challenge.username)
        if user is not None and user.sub == challenge.sub:
            return user
        simulated = self._lookup.simulated(pool, challenge.typed_username)
        if simulated.sub != challenge.sub:
            raise incorrect_username_or_password()  # deleted, or made anew, since the challenge
        return simulated

    def _proves(self, claim: Claim, sent: Sent, user: User) -> bool:
        faults, challenge = self._faults, sent.challenge
        salt = int(challenge.salt, 16)
        key = self._server.password_key(
            client_public=self._server.read_client_public(challenge.srp_a),
            srp_a=challenge.srp_a,
            ephemeral=ServerEphemeral(int(challenge.b, 16), int(challenge.srp_b, 16)),
            verifier=self._credentials.verifier_of(user, user_id_for_srp=challenge.user_id_for_srp, salt=salt),
        )
        if faults.on(ANY_SIGNATURE) or (faults.on(EMPTY_SIGNATURE) and not claim.signature):
            return True
        blocks = {claim.secret_block, sent.block}  # the same, unless a fault lets another one in
        return any(
            self._same(hmac_sha256(key, message), claim.signature)
            for block in blocks
            for message in self._messages(claim, challenge, block)
        )

    def _messages(self, claim: Claim, challenge: Challenge, block: bytes) -> Iterator[bytes]:
        """What the signature may be over: poolName ‖ USER_ID_FOR_SRP ‖ SECRET_BLOCK ‖ TIMESTAMP, and nothing else."""
        faults = self._faults
        pool = utf8(pool_name(challenge.user_pool_id))
        user_id, timestamp = user_id_octets(challenge.user_id_for_srp, faults), utf8(claim.timestamp)
        yield pool + user_id + block + timestamp
        if faults.on(WITHOUT_TIMESTAMP):
            yield pool + user_id + block
        if faults.on(WITHOUT_BLOCK):
            yield pool + user_id + timestamp
        if faults.on(WITHOUT_USER_ID):
            yield pool + block + timestamp
        if faults.on(WITHOUT_POOL_NAME):
            yield user_id + block + timestamp
        if faults.on(TIMESTAMP_NOT_BOUND):
            for other in _nearby(claim.timestamp, self._clock.now()):
                yield pool + user_id + block + utf8(other)

    def _same(self, expected: bytes, signature: bytes) -> bool:
        """Compare in constant time."""
        faults = self._faults
        if faults.on(EIGHT_BYTES):
            return hmac.compare_digest(expected[:8], signature[:8])
        if faults.on(COMPARES_SLOWLY):
            return _same_slowly(expected, signature)
        return hmac.compare_digest(expected, signature)

    async def _use_up(self, challenge: Challenge) -> None:
        """Nothing: one challenge takes any number of right proofs until it expires (`measured`)."""
        faults = self._faults
        if not (faults.on(REFUSES_REPLAY) or faults.on(RACE)):
            return
        if challenge.id in self._answered:
            raise incorrect_username_or_password()
        if faults.on(RACE):
            await asyncio.sleep(0.010)
        self._answered.add(challenge.id)


def _nearby(sent: str, now: datetime) -> Iterator[str]:
    """Canonical times within ten minutes of the one sent and of the present, and whole hours and days off."""
    for middle in (parse_timestamp(sent), now):
        for seconds in (*range(-600, 601), *(hours * 3600 for hours in range(-48, 49))):
            yield format_timestamp(middle + timedelta(seconds=seconds))


def _same_slowly(expected: bytes, signature: bytes) -> bool:
    until = time.perf_counter()
    for right, sent in zip(expected, signature, strict=False):
        if right != sent:
            return False
        until += _SECONDS_A_BYTE
        while time.perf_counter() < until:
            pass
    return len(expected) == len(signature)
