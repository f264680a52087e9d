"""Every fault changes what it says it changes, and with it off the pool is honest.

Each fault has one observation here: what it is in an honest pool, and what it is under the fault.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import fakes.pool  # noqa: F401 - declares the faults
from fakes.faults import UnknownFault, declared_faults
from fakes.pool import Edge, EmbeddedPool
from protocol.cognito_srp import COGNITO, password_key
from protocol.numbers import hex_of, parse_hex
from protocol.shapes import WIDTHS, Quantity, Shape, has_shape
from protocol.timestamps import format_timestamp
from tests.pool.caller import PASSWORD, TARGET, Answer, Client, SrpSignIn, UserPool
from tests.pool.conftest import EVERY_FLOW

MOMENT = datetime(2026, 11, 25, 12, 34, 56, tzinfo=UTC)
PRIME = COGNITO.group.prime


@dataclass(frozen=True)
class Scene:
    """What an observation may use. Users and clients were made before the fault was switched on."""

    pool: UserPool
    client: Client
    other_client: Client
    secret_client: Client
    other_secret_client: Client
    srp_less_client: Client
    user: str
    other: str
    aliased: str
    alias: str

    @property
    def service(self) -> EmbeddedPool:
        return self.pool.service

    def sign_in(self, **changes: Any) -> SrpSignIn:
        members: dict[str, Any] = {"pool": self.pool, "client": self.client, "username": self.user} | changes
        return SrpSignIn(**members)

    def by_password(self, client: Client, username: str, password: str, **more: str) -> Answer:
        return self.pool.wire.call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client.id,
            AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
        )

    def fresh_user(self, password: str, username: str | None = None) -> str:
        return self.pool.user(password, username=username)


@pytest.fixture(scope="module")
def new_scene(service: EmbeddedPool, wire: Any) -> Callable[[], Scene]:
    """Makes a scene with users of its own, so that one observation's failures do not count in another."""
    pool = UserPool.make(service, wire, AliasAttributes=["email"])
    clients = {
        "client": pool.client(*EVERY_FLOW),
        "other_client": pool.client(*EVERY_FLOW),
        "secret_client": pool.client(*EVERY_FLOW, secret=True),
        "other_secret_client": pool.client(*EVERY_FLOW, secret=True),
        "srp_less_client": pool.client("ALLOW_USER_PASSWORD_AUTH"),
    }

    def make() -> Scene:
        user, other = pool.user(), pool.user("Other-Word-1")
        alias = f"{user}@example.org"
        aliased = pool.user(email=alias, email_verified="true")
        return Scene(pool=pool, user=user, other=other, aliased=aliased, alias=alias, **clients)

    return make


Observe = Callable[[Scene], object]


def honest_sign_in(scene: Scene) -> bool:
    return scene.sign_in().finish().has_tokens


def with_signature(change: Callable[[bytes], bytes]) -> Observe:
    def observe(scene: Scene) -> bool:
        attempt = scene.sign_in().start()
        right = attempt.responses()
        changed = base64.b64encode(change(base64.b64decode(right["PASSWORD_CLAIM_SIGNATURE"]))).decode()
        return attempt.answer(right | {"PASSWORD_CLAIM_SIGNATURE": changed}).has_tokens

    return observe


def zero_a(scene: Scene) -> bool:
    attempt = scene.sign_in(a=0, srp_a=hex_of(PRIME))
    started = attempt.initiate()
    if started.status != 200:
        return False
    attempt.challenge = started.json["ChallengeParameters"]
    u = COGNITO.scrambler(PRIME, parse_hex(attempt.challenge["SRP_B"]))
    return attempt.answer(attempt.responses(key=password_key(premaster_secret=0, scrambler=u))).has_tokens


def status_of_a_malformed_a(scene: Scene) -> int:
    return scene.sign_in(srp_a="xyz").initiate().status


def oversized_a_is_taken(scene: Scene) -> tuple[bool, bool]:
    return scene.sign_in(srp_a="f" * 10**5).initiate().status == 200, scene.sign_in(
        srp_a="f" * 10**6
    ).initiate().status == 200


def upper_case_a(scene: Scene) -> bool:
    attempt = scene.sign_in()
    attempt.srp_a = attempt.srp_a.upper()
    return attempt.finish().has_tokens


def distinct_b(scene: Scene) -> int:
    return len({scene.sign_in().start().challenge["SRP_B"] for _ in range(3)})


def b_is_zero(scene: Scene) -> bool:
    return parse_hex(scene.sign_in().start().challenge["SRP_B"]) % PRIME == 0


def salts_and_sign_in(scene: Scene) -> tuple[int, bool]:
    return len({scene.sign_in().start().challenge["SALT"] for _ in range(3)}), honest_sign_in(scene)


def sign_of_the_salt(scene: Scene) -> str:
    return scene.sign_in().start().challenge["SALT"][0].replace("-", "minus")[:5]


def salt_after_a_change(scene: Scene) -> tuple[bool, bool]:
    user = scene.fresh_user(PASSWORD)
    before = scene.sign_in(username=user).start().challenge["SALT"]
    scene.pool.set_password(user, "Changed-Word-1")
    after = scene.sign_in(username=user, password="Changed-Word-1").start()
    return after.challenge["SALT"] != before, after.answer().has_tokens


def block_of_another_challenge(scene: Scene) -> tuple[bool, bool]:
    first, second = scene.sign_in().start(), scene.sign_in().start()

    def crossed(answering: SrpSignIn, lending: SrpSignIn) -> bool:
        block = lending.challenge["SECRET_BLOCK"]
        signed = answering.responses(signed={"secret_block": base64.b64decode(block)})
        return answering.answer(signed | {"PASSWORD_CLAIM_SECRET_BLOCK": block}).has_tokens

    return crossed(first, second), crossed(second, first)


def block_of_another_user(scene: Scene) -> bool:
    mine = scene.sign_in().start()
    block = scene.sign_in(username=scene.other, password="Other-Word-1").start().challenge["SECRET_BLOCK"]
    signed = mine.responses(signed={"secret_block": base64.b64decode(block)})
    return mine.answer(signed | {"PASSWORD_CLAIM_SECRET_BLOCK": block}).has_tokens


def other_blocks(scene: Scene) -> list[bool]:
    attempt = scene.sign_in().start()
    right = attempt.responses()
    without = attempt.responses(signed={"secret_block": b""})
    return [
        attempt.answer(right | {"PASSWORD_CLAIM_SECRET_BLOCK": "AAAA"}).has_tokens,
        attempt.answer(without | {"PASSWORD_CLAIM_SECRET_BLOCK": ""}).has_tokens,
    ]


def whom_the_answer_signs_in(scene: Scene) -> str:
    answer = scene.sign_in().start().answer(USERNAME=scene.other)
    if not answer.has_tokens:
        return "nobody"
    name = scene.pool.wire.did("GetUser", AccessToken=answer.tokens["AccessToken"])["Username"]
    return "the other" if name == scene.other else "the one who proved it"


def answer_of_another_client(scene: Scene) -> bool:
    attempt = scene.sign_in().start()
    attempt.client = scene.other_client
    return attempt.answer().has_tokens


def proof_without(**signed: Any) -> Observe:
    def observe(scene: Scene) -> tuple[bool, bool]:
        attempt = scene.sign_in().start()
        return attempt.answer(attempt.responses(signed=signed)).has_tokens, attempt.answer().has_tokens

    return observe


def signed_with_another_time(scene: Scene) -> list[bool]:
    now = scene.service.clock.now()
    scene.service.clock.set(now)  # the fault looks so far from the time that was sent and no further
    times = [now - timedelta(seconds=1), now - timedelta(minutes=1), now - timedelta(days=1)]
    attempts = [(scene.sign_in().start(), format_timestamp(moment)) for moment in times]
    return [
        attempt.answer(attempt.responses(signed={"timestamp": timestamp})).has_tokens for attempt, timestamp in attempts
    ]


def with_timestamp(text: str) -> Observe:
    def observe(scene: Scene) -> bool:
        attempt = scene.sign_in().start()
        return attempt.answer(attempt.responses(signed={"timestamp": text}) | {"TIMESTAMP": text}).has_tokens

    return observe


def at(moment: datetime) -> Observe:
    def observe(scene: Scene) -> bool:
        scene.service.clock.set(moment)
        return honest_sign_in(scene)

    return observe


def the_same_answer_again(scene: Scene) -> tuple[bool, bool]:
    attempt = scene.sign_in().start()
    responses = attempt.responses()
    return attempt.answer(responses).has_tokens, attempt.answer(responses).has_tokens


def how_often_parallel_answers_sign_in(scene: Scene) -> str:
    attempt = scene.sign_in().start()
    responses = attempt.responses()
    members = {"ClientId": scene.client.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
    host = scene.service.endpoint.removeprefix("http://")
    connections = [http.client.HTTPConnection(host, timeout=30) for _ in range(12)]
    for connection in connections:
        connection.connect()
    for connection in connections:
        connection.request("POST", "/", json.dumps(members), {"X-Amz-Target": TARGET + "RespondToAuthChallenge"})
    outcomes = [b"AuthenticationResult" in connection.getresponse().read() for connection in connections]
    for connection in connections:
        connection.close()
    once_more = attempt.answer(responses).has_tokens
    return f"parallel {'often' if sum(outcomes) > 1 else 'once'}, then {'again' if once_more else 'refused'}"


def a_late_answer(scene: Scene) -> bool:
    attempt = scene.sign_in().start()
    scene.service.clock.advance(timedelta(hours=1))
    return attempt.answer().has_tokens


def a_minute_off(scene: Scene) -> bool:
    return scene.sign_in(moment=scene.service.clock.now() - timedelta(seconds=61)).finish().has_tokens


def parameters_of_the_challenge(scene: Scene) -> list[str]:
    return sorted(scene.sign_in().start().challenge)


def block_decodes(scene: Scene) -> bool:
    try:
        base64.b64decode(scene.sign_in().start().challenge["SECRET_BLOCK"], validate=True)
    except ValueError:
        return False
    return True


def user_id_behind_an_alias(scene: Scene) -> tuple[bool, bool]:
    attempt = scene.sign_in(username=scene.alias).start()
    return attempt.challenge["USER_ID_FOR_SRP"] == scene.aliased, attempt.answer().has_tokens


def an_alias_starts(scene: Scene) -> int:
    return scene.sign_in(username=scene.alias).initiate().status


def a_flow_that_is_off(scene: Scene) -> bool:
    return scene.sign_in(client=scene.srp_less_client).initiate().status == 200


def a_with_shape(shape: Shape) -> Observe:
    def observe(scene: Scene) -> bool:
        a, public = 2**255, COGNITO.client_public(2**255)
        while not has_shape(public, WIDTHS["A"], shape):
            a, public = a + 1, public * 2 % PRIME
        return scene.sign_in(a=a).finish().has_tokens

    return observe


def with_edge(quantity: Quantity) -> Observe:
    def observe(scene: Scene) -> bool:
        with scene.service.entropy.force(Edge(quantity, "leading-zero-byte")):
            return honest_sign_in(scene)

    return observe


def with_password(stored: str, typed: str) -> Observe:
    def observe(scene: Scene) -> tuple[bool, bool]:
        user = scene.fresh_user(stored)
        return (
            scene.sign_in(username=user, password=stored).finish().has_tokens,
            scene.by_password(scene.client, user, typed).has_tokens,
        )

    return observe


def with_name(name: str) -> Observe:
    def observe(scene: Scene) -> bool:
        user = scene.fresh_user(PASSWORD, f"{name}-{time.monotonic_ns()}")
        return scene.sign_in(username=user).finish().has_tokens

    return observe


def refusal_takes_longer_when_the_last_byte_is_wrong(scene: Scene) -> bool:
    attempt = scene.sign_in().start()
    right = attempt.responses()
    signature = base64.b64decode(right["PASSWORD_CLAIM_SIGNATURE"])

    def seconds(position: int) -> float:
        wrong = bytearray(signature)
        wrong[position] ^= 1
        responses = right | {"PASSWORD_CLAIM_SIGNATURE": base64.b64encode(wrong).decode()}
        started = time.perf_counter()
        assert not attempt.answer(responses).has_tokens
        return time.perf_counter() - started

    latest, earliest = [], []
    for _ in range(40):  # the least of each is what it costs when nothing else runs
        latest.append(seconds(31))
        earliest.append(seconds(0))
        assert attempt.answer(right).has_tokens
    return min(latest) - min(earliest) > 0.003


def members_of_an_answer(scene: Scene) -> list[str]:
    return sorted(scene.sign_in().initiate().json)


def name_of_an_error(scene: Scene) -> str:
    return scene.sign_in(srp_a="xyz").initiate().error[0]


def type_of_expires_in(scene: Scene) -> str:
    return type(scene.sign_in().finish().tokens["ExpiresIn"]).__name__


def steps_without_hash(scene: Scene) -> dict[str, bool]:
    """Which steps of a client with a secret go through without SECRET_HASH."""
    client = scene.secret_client
    bare = Client(client.id, None)
    honest = scene.sign_in(client=client)
    tokens = honest.finish().tokens
    answer = {name: value for name, value in honest.responses().items() if name != "SECRET_HASH"}
    refresh = scene.pool.wire.call(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client.id,
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    return {
        "start": scene.sign_in(client=bare).initiate().status == 200,
        "answer": honest.answer(answer).has_tokens,
        "password": scene.by_password(bare, scene.user, PASSWORD).has_tokens,
        "refresh": refresh.has_tokens,
    }


def hash_over_the_alias(scene: Scene) -> bool:
    attempt = scene.sign_in(client=scene.secret_client, username=scene.alias).start()
    return attempt.answer(attempt.responses() | scene.secret_client.hash(scene.alias)).has_tokens


def hash_of_another_client(scene: Scene) -> list[bool]:
    mine, other = scene.secret_client, scene.other_secret_client
    return [
        scene.sign_in(client=mine).initiate(**wrong.hash(scene.user)).status == 200
        for wrong in (other, Client(other.id, mine.secret), Client(mine.id, other.secret))
    ]


def surplus_hash(scene: Scene) -> bool:
    return scene.sign_in().initiate(SECRET_HASH="abc").status == 200


WITHOUT_HASH = {"start": False, "answer": False, "password": False, "refresh": False}
FIVE = ["SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"]

OBSERVATIONS: dict[str, tuple[Observe, object, object]] = {
    "pool.srp.refuses-every-proof": (honest_sign_in, True, False),
    "pool.srp.accepts-any-signature": (with_signature(lambda right: bytes(32)), False, True),
    "pool.srp.compares-eight-bytes-of-the-signature": (
        with_signature(lambda right: right[:8] + bytes(24)),
        False,
        True,
    ),
    "pool.srp.accepts-an-empty-signature": (with_signature(lambda right: b""), False, True),
    "pool.srp.accepts-zero-a": (zero_a, False, True),
    "pool.srp.malformed-a-crashes": (status_of_a_malformed_a, 400, 500),
    "pool.srp.computes-an-oversized-a": (oversized_a_is_taken, (False, False), (True, True)),
    "pool.srp.hashes-a-as-sent": (upper_case_a, True, False),
    "pool.srp.reuses-b": (distinct_b, 3, 1),
    "pool.srp.sends-b-congruent-to-zero": (b_is_zero, False, True),
    "pool.srp.salt-changes-each-time": (salts_and_sign_in, (1, True), (3, True)),
    "pool.srp.negative-salt": (lambda scene: sign_of_the_salt(scene) == "minus", False, True),
    "pool.srp.salt-outlives-the-password": (salt_after_a_change, (True, True), (False, True)),
    "pool.srp.secret-block-of-another-challenge": (block_of_another_challenge, (False, False), (True, True)),
    "pool.srp.secret-block-of-another-user": (block_of_another_user, False, True),
    "pool.srp.ignores-the-secret-block": (other_blocks, [False, False], [True, True]),
    "pool.srp.secret-block-not-base64": (block_decodes, True, False),
    "pool.srp.any-user-at-the-answer": (whom_the_answer_signs_in, "nobody", "the other"),
    "pool.srp.any-client-at-the-answer": (answer_of_another_client, False, True),
    "pool.srp.takes-a-proof-without-the-timestamp": (proof_without(timestamp=""), (False, True), (True, True)),
    "pool.srp.takes-a-proof-without-the-secret-block": (proof_without(secret_block=b""), (False, True), (True, True)),
    "pool.srp.takes-a-proof-without-the-user-id": (proof_without(user_id=""), (False, True), (True, True)),
    "pool.srp.takes-a-proof-without-the-pool-name": (proof_without(pool_name=""), (False, True), (True, True)),
    "pool.srp.timestamp-not-bound": (signed_with_another_time, [False] * 3, [True] * 3),
    "pool.srp.takes-any-timestamp-text": (with_timestamp("2026-11-05T00:03:09Z"), False, True),
    "pool.srp.refuses-single-digit-days": (at(MOMENT.replace(day=9)), True, False),
    "pool.srp.refuses-midnight": (at(MOMENT.replace(hour=0)), True, False),
    "pool.srp.refuses-replay": (the_same_answer_again, (True, True), (True, False)),
    "pool.srp.single-use-with-a-race": (
        how_often_parallel_answers_sign_in,
        "parallel often, then again",
        "parallel often, then refused",
    ),
    "pool.srp.challenge-never-expires": (a_late_answer, False, True),
    "pool.srp.refuses-a-minute-of-skew": (a_minute_off, True, False),
    "pool.srp.challenge-without-user-id-for-srp": (parameters_of_the_challenge, FIVE, FIVE[:4]),
    "pool.srp.surplus-challenge-parameter": (parameters_of_the_challenge, FIVE, ["PASSWORD_HINT", *FIVE]),
    "pool.srp.alias-as-user-id-for-srp": (user_id_behind_an_alias, (True, True), (False, True)),
    "pool.srp.alias-refused": (an_alias_starts, 200, 400),
    "pool.flows.ignores-the-client-setting": (a_flow_that_is_off, False, True),
    "pool.srp.drops-the-odd-nibble-of-a": (a_with_shape("leading-zero-nibble"), True, False),
    "pool.srp.pads-a-to-the-modulus": (a_with_shape("leading-zero-byte"), True, False),
    "pool.srp.no-sign-byte-on-a": (a_with_shape("high-bit"), True, False),
    "pool.srp.b-at-fixed-width": (with_edge("B"), True, False),
    "pool.srp.u-at-fixed-width": (with_edge("u"), True, False),
    "pool.srp.premaster-secret-at-fixed-width": (with_edge("S"), True, False),
    "pool.srp.key-stripped-of-leading-zeros": (with_edge("K"), True, False),
    "pool.passwords.latin-1": (with_password("Aa1!--ä密", "Aa1!--ä口"), (True, False), (False, True)),
    "pool.passwords.trimmed": (with_password(" Spaces-1 ", "Spaces-1"), (True, False), (False, True)),
    "pool.passwords.truncated-at-72-bytes": (
        with_password("Aa1!" + "x" * 80, "Aa1!" + "x" * 90),
        (True, False),
        (False, True),
    ),
    "pool.passwords.ignore-case": (with_password(PASSWORD, PASSWORD.swapcase()), (True, False), (False, True)),
    "pool.passwords.normalised": (with_password("Aa1!-pa\u0308", "Aa1!-p\u00e4"), (True, False), (False, True)),
    "pool.users.truncated-to-a-byte-a-character": (with_name("用户"), True, False),
    "pool.srp.compares-byte-by-byte-slowly": (refusal_takes_longer_when_the_last_byte_is_wrong, False, True),
    "pool.answers.unmodelled-member": (
        members_of_an_answer,
        ["ChallengeName", "ChallengeParameters"],
        ["ChallengeName", "ChallengeParameters", "Surplus"],
    ),
    "pool.answers.unmodelled-error": (name_of_an_error, "InvalidParameterException", "UnexpectedTroubleException"),
    "pool.answers.wrong-type": (type_of_expires_in, "int", "str"),
    "pool.secret-hash.ignored": (steps_without_hash, WITHOUT_HASH, dict.fromkeys(WITHOUT_HASH, True)),
    "pool.secret-hash.checked-at-start-only": (steps_without_hash, WITHOUT_HASH, WITHOUT_HASH | {"answer": True}),
    "pool.secret-hash.checked-at-answer-only": (
        steps_without_hash,
        WITHOUT_HASH,
        dict.fromkeys(WITHOUT_HASH, True) | {"answer": False},
    ),
    "pool.secret-hash.ignored-on-refresh": (steps_without_hash, WITHOUT_HASH, WITHOUT_HASH | {"refresh": True}),
    "pool.secret-hash.ignored-in-password-flow": (steps_without_hash, WITHOUT_HASH, WITHOUT_HASH | {"password": True}),
    "pool.secret-hash.taken-over-the-alias": (hash_over_the_alias, False, True),
    "pool.secret-hash.of-another-client": (hash_of_another_client, [False] * 3, [True] * 3),
    "pool.secret-hash.surplus-accepted": (surplus_hash, False, True),
}


@pytest.mark.parametrize("fault", OBSERVATIONS)
def test_a_fault_changes_just_what_it_says(service: EmbeddedPool, new_scene: Callable[[], Scene], fault: str) -> None:
    observe, honest, faulty = OBSERVATIONS[fault]
    assert observe(new_scene()) == honest
    service.clock.follow_real_time()
    scene = new_scene()
    with service.faults.switched_on(fault):
        assert observe(scene) == faulty
    service.clock.follow_real_time()
    assert observe(new_scene()) == honest, "and is gone when it is switched off"


AREAS = ("pool.srp.", "pool.flows.", "pool.passwords.", "pool.users.truncated", "pool.answers.", "pool.secret-hash.")


def test_every_fault_of_a_password_sign_in_has_an_observation() -> None:
    assert set(OBSERVATIONS) == {fault for fault in declared_faults() if fault.startswith(AREAS)}


def test_a_misspelt_fault_is_refused(service: EmbeddedPool) -> None:
    with pytest.raises(UnknownFault, match=r"pool\.srp\.accepts-any-signature"):
        service.faults.switch_on("pool.srp.accepts-any-signatures")
