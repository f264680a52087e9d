"""Honest sign-ins with SRP, and what must be the same or fresh in each."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fakes.pool import Edge, EmbeddedPool, UnreachableEdge
from fakes.pool.entropy import FORCIBLE
from protocol.cognito_srp import COGNITO
from protocol.numbers import hex_of, parse_hex
from protocol.shapes import SHAPES, WIDTHS, Quantity, Shape, has_shape
from tests.pool.caller import PASSWORD, Client, SrpSignIn, UserPool

Begin = Callable[..., SrpSignIn]
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")


def test_two_hundred_random_sign_ins_succeed(pool: UserPool, client: Client) -> None:
    randomness = random.Random(1)  # noqa: S311 - the test repeats
    users = [pool.user() for _ in range(10)]
    for number in range(200):
        a = randomness.getrandbits(randomness.choice((256, 256, 256, 256, 384, 1024)))
        answer = SrpSignIn(pool, client, users[number % 10], a=a).finish()
        assert answer.has_tokens, (number, hex_of(a), answer.body)


@pytest.mark.parametrize("wrong", ["correct-horse-1", PASSWORD + " ", " " + PASSWORD, "", "Another-Word-1"])
def test_a_wrong_password_is_refused_in_the_one_opaque_way(sign_in: Begin, wrong: str) -> None:
    assert sign_in(password=wrong).finish().error == INCORRECT


@pytest.mark.parametrize(
    "password",
    [
        " Leading-space-1",
        "Trailing-space-1 ",
        "Inner space 1",
        "Pässwörd-1",
        "Пароль-слово-Aa1",
        "密码口令-Aa1",
        "Aa1!🔑🔑🔑🔑",
        "Aa1!" + "x" * 252,
        "Aa1!" + "密" * 252,
        "Aa1!pa\u0308ss",
        "Aa1!\"'\\/<>&",
    ],
)
def test_a_password_is_taken_letter_for_letter(pool: UserPool, client: Client, password: str) -> None:
    assert SrpSignIn(pool, client, pool.user(password), password=password).finish().has_tokens


@pytest.mark.parametrize("username", ["jösé", "пользователь", "用户", "🔑", "u" * 128])
def test_a_user_name_may_be_any_printable_text(pool: UserPool, client: Client, username: str) -> None:
    sign_in = SrpSignIn(pool, client, pool.user(username=username)).start()
    assert sign_in.challenge["USER_ID_FOR_SRP"] == username
    assert sign_in.answer().has_tokens


def test_the_challenge_has_its_five_parameters_and_no_session(sign_in: Begin) -> None:
    answer = sign_in().initiate().json
    assert set(answer) == {"ChallengeName", "ChallengeParameters"}
    assert set(answer["ChallengeParameters"]) == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"}


def test_an_administrator_can_sign_a_user_in_with_srp(pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in()
    started = pool.wire.did(
        "AdminInitiateAuth",
        UserPoolId=pool.id,
        ClientId=attempt.client.id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": attempt.username, "SRP_A": attempt.srp_a},
    )
    attempt.challenge = started["ChallengeParameters"]
    assert started["ChallengeName"] == "PASSWORD_VERIFIER"
    finished = pool.wire.call(
        "AdminRespondToAuthChallenge",
        UserPoolId=pool.id,
        ClientId=attempt.client.id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=attempt.responses(),
    )
    assert finished.has_tokens


def test_each_challenge_has_a_fresh_b_and_block_and_the_same_salt(sign_in: Begin) -> None:
    challenges = [sign_in().start().challenge for _ in range(20)]
    assert len({challenge["SRP_B"] for challenge in challenges}) == 20
    assert len({challenge["SECRET_BLOCK"] for challenge in challenges}) == 20
    assert len({challenge["SALT"] for challenge in challenges}) == 1


@pytest.mark.parametrize("how", ["AdminSetUserPassword", "ChangePassword"])
def test_a_new_password_brings_a_new_salt_and_ends_the_old_one(pool: UserPool, sign_in: Begin, how: str) -> None:
    before = sign_in().start()
    if how == "AdminSetUserPassword":
        pool.set_password(before.username, "Changed-Word-2")
    else:
        token = before.answer().tokens["AccessToken"]
        pool.wire.did("ChangePassword", AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Changed-Word-2")
    after = sign_in(password="Changed-Word-2").start()
    assert after.challenge["SALT"] != before.challenge["SALT"]
    assert after.answer().has_tokens
    assert sign_in().finish().error == INCORRECT
    assert before.answer().error == INCORRECT, "a challenge from before the change proves the old password only"


# A


@pytest.mark.parametrize(
    "form",
    [
        lambda a: hex_of(a).upper(),
        lambda a: "0" + hex_of(a),
        lambda a: "0" * 20 + hex_of(a),
        lambda a: hex_of(a + COGNITO.group.prime),
    ],
    ids=["upper case", "leading zero", "many leading zeros", "A + N"],
)
def test_the_form_of_srp_a_does_not_matter(sign_in: Begin, form: Callable[[int], str]) -> None:
    attempt = sign_in()
    attempt.srp_a = form(COGNITO.client_public(attempt.a))
    assert attempt.finish().has_tokens


@pytest.mark.parametrize("multiple", [0, 1, 2])
@pytest.mark.parametrize("zeros", ["", "0", "0000"])
def test_a_multiple_of_n_for_a_is_refused_at_once(sign_in: Begin, multiple: int, zeros: str) -> None:
    attempt = sign_in(srp_a=zeros + hex_of(multiple * COGNITO.group.prime))
    assert attempt.initiate().error[0] == "InvalidParameterException"


@pytest.mark.parametrize("malformed", ["xyz", "-1", "0x12", " 12", "12 ", "1_2", "１２", "12\n"])
def test_an_srp_a_that_is_not_hex_is_refused_in_the_measured_words(sign_in: Begin, malformed: str) -> None:
    assert sign_in(srp_a=malformed).initiate().error == (
        "InvalidParameterException",
        f"1 validation error detected: Value '{malformed}' at 'sRPA' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$",
    )


@pytest.mark.parametrize("digits", [1025, 10**5, 10**6])
def test_an_oversized_srp_a_is_refused(sign_in: Begin, digits: int) -> None:
    assert sign_in(srp_a="f" * digits).initiate().error[0] == "InvalidParameterException"


@pytest.mark.parametrize("missing", ["USERNAME", "SRP_A"])
def test_a_missing_parameter_is_named(pool: UserPool, sign_in: Begin, missing: str) -> None:
    attempt = sign_in()
    parameters = {"USERNAME": attempt.username, "SRP_A": attempt.srp_a}
    del parameters[missing]
    answer = pool.wire.call(
        "InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=attempt.client.id, AuthParameters=parameters
    )
    assert answer.error == ("InvalidParameterException", f"Missing required parameter {missing}")


# The answer


def test_the_answer_is_checked_in_the_measured_order(sign_in: Begin) -> None:
    attempt = sign_in().start()

    def sent(**members: str) -> tuple[str, str]:
        return attempt.pool.wire.call(
            "RespondToAuthChallenge",
            ClientId=attempt.client.id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=members,
        ).error

    invalid = "InvalidParameterException"
    members: dict[str, str] = {}
    assert sent() == (invalid, "Missing required parameter challenge responses.")
    members["OTHER"] = "x"
    assert sent(**members) == (invalid, "Missing required parameter USERNAME")
    members["USERNAME"] = attempt.username
    assert sent(**members) == (invalid, "Missing required parameter TIMESTAMP")
    members["TIMESTAMP"] = "now"
    assert sent(**members) == (invalid, "Missing required parameter PASSWORD_CLAIM_SIGNATURE")
    members["PASSWORD_CLAIM_SIGNATURE"] = "*"
    assert sent(**members) == (invalid, "Missing required parameter PASSWORD_CLAIM_SECRET_BLOCK")
    members["PASSWORD_CLAIM_SECRET_BLOCK"] = "*"
    assert sent(**members) == (invalid, "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
    members["TIMESTAMP"] = "Thu Nov 5 00:03:09 UTC 2026"
    assert sent(**members) == (invalid, "Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
    members["PASSWORD_CLAIM_SIGNATURE"] = base64.b64encode(bytes(32)).decode()
    assert sent(**members) == INCORRECT


@pytest.mark.parametrize(
    ("text", "signed", "taken"),
    [
        ("Thu Nov 5 00:03:09 UTC 2026", None, True),
        ("THU nov 5 00:03:09 UTC 2026", "Thu Nov 5 00:03:09 UTC 2026", True),
        ("Thu Nov 5 00:03:09 GMT 2026", "Thu Nov 5 00:03:09 UTC 2026", True),
        ("Thu Nov 05 00:03:09 UTC 2026", None, False),
        ("Thu Nov 05 00:03:09 UTC 2026", "Thu Nov 5 00:03:09 UTC 2026", True),
        ("Fri Nov 5 00:03:09 UTC 2026", None, False),
        ("Thu Nov 5 00:03:09 GMT 2026", None, False),
    ],
)
def test_the_proof_is_over_the_canonical_timestamp(
    service: EmbeddedPool, sign_in: Begin, text: str, signed: str | None, taken: bool
) -> None:
    service.clock.set(datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC))
    attempt = sign_in().start()
    answer = attempt.answer(attempt.responses(signed={"timestamp": signed or text}), TIMESTAMP=text)
    assert answer.has_tokens is taken
    assert taken or answer.error == INCORRECT


@pytest.mark.parametrize("part", ["pool_name", "user_id", "secret_block", "timestamp"])
def test_the_proof_covers_every_part(sign_in: Begin, part: str) -> None:
    attempt = sign_in().start()
    other = b"other" if part == "secret_block" else "other"
    assert attempt.answer(attempt.responses(signed={part: other})).error == INCORRECT
    assert attempt.answer().has_tokens


@pytest.mark.parametrize("bit", range(0, 256, 17))
def test_every_bit_of_the_signature_counts(sign_in: Begin, bit: int) -> None:
    attempt = sign_in().start()
    signature = bytearray(base64.b64decode(attempt.responses()["PASSWORD_CLAIM_SIGNATURE"]))
    signature[bit // 8] ^= 1 << bit % 8
    changed = base64.b64encode(signature).decode()
    assert attempt.answer(PASSWORD_CLAIM_SIGNATURE=changed).error == INCORRECT


def test_a_timestamp_far_off_is_taken_as_nothing_is_known_of_a_tolerance(sign_in: Begin) -> None:
    assert sign_in(moment=datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)).finish().has_tokens


# SECRET_BLOCK


def test_one_challenge_answers_any_number_of_proofs(sign_in: Begin) -> None:
    attempt = sign_in().start()
    assert [attempt.answer().has_tokens for _ in range(3)] == [True, True, True]


def test_a_challenge_expires_with_the_clients_session_validity(service: EmbeddedPool, sign_in: Begin) -> None:
    attempt = sign_in().start()
    service.clock.advance(timedelta(minutes=2, seconds=59))
    assert attempt.answer().has_tokens
    service.clock.advance(timedelta(seconds=2))
    assert attempt.answer().error[0] == "NotAuthorizedException"


def test_a_block_of_another_challenge_is_refused(sign_in: Begin) -> None:
    one, other = sign_in().start(), sign_in().start()
    block = other.challenge["SECRET_BLOCK"]
    signed = one.responses(signed={"secret_block": base64.b64decode(block)})
    assert one.answer(signed, PASSWORD_CLAIM_SECRET_BLOCK=block).error == INCORRECT


def test_a_block_of_another_user_is_refused(pool: UserPool, client: Client, sign_in: Begin) -> None:
    mine, theirs = sign_in().start(), SrpSignIn(pool, client, pool.user()).start()
    block = theirs.challenge["SECRET_BLOCK"]
    signed = mine.responses(signed={"secret_block": base64.b64decode(block)})
    assert mine.answer(signed, PASSWORD_CLAIM_SECRET_BLOCK=block).error == INCORRECT
    assert theirs.answer(USERNAME=mine.username).error == INCORRECT


def test_a_block_is_refused_from_another_client(pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in().start()
    attempt.client = pool.client()
    assert attempt.answer().error == INCORRECT


@pytest.mark.parametrize("position", [0, 5, 13, 400, -1])
def test_a_block_with_one_bit_changed_is_refused(sign_in: Begin, position: int) -> None:
    attempt = sign_in().start()
    block = bytearray(base64.b64decode(attempt.challenge["SECRET_BLOCK"]))
    block[position] ^= 1
    changed = base64.b64encode(block).decode()
    signed = attempt.responses(signed={"secret_block": bytes(block)})
    assert attempt.answer(signed, PASSWORD_CLAIM_SECRET_BLOCK=changed).error == INCORRECT


def test_a_block_says_nothing_readable(sign_in: Begin) -> None:
    attempt = sign_in().start()
    content = base64.b64decode(attempt.challenge["SECRET_BLOCK"])
    assert attempt.username.encode() not in content
    assert attempt.challenge["SRP_B"].encode() not in content


def test_a_user_who_was_deleted_or_disabled_meanwhile_gets_nothing(pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in().start()
    pool.wire.did("AdminDisableUser", UserPoolId=pool.id, Username=attempt.username)
    assert attempt.answer().error == ("NotAuthorizedException", "User is disabled.")
    pool.wire.did("AdminDeleteUser", UserPoolId=pool.id, Username=attempt.username)
    assert attempt.answer().error == INCORRECT
    pool.user(username=attempt.username)
    assert attempt.answer().error == INCORRECT, "another user of the same name is another user"


# Edges


@pytest.mark.parametrize("quantity", FORCIBLE)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_forced_edge_signs_in(service: EmbeddedPool, sign_in: Begin, quantity: Quantity, shape: Shape) -> None:
    if quantity in {"S", "K"} and shape == "two-zero-bytes":
        with pytest.raises(UnreachableEdge, match="131,072"):
            Edge(quantity, shape)
        return
    edge = Edge(quantity, shape)
    with service.entropy.force(edge):
        attempt = sign_in().start()
        scrambler, secret, key = attempt.key()
        values: dict[str, int] = {
            "B": parse_hex(attempt.challenge["SRP_B"]),
            "u": scrambler,
            "S": secret,
            "K": int.from_bytes(key, "big"),
            "salt": parse_hex(attempt.challenge["SALT"]),
        }
        assert has_shape(values[quantity], WIDTHS[quantity], shape)
        assert attempt.answer().has_tokens


def test_edges_of_several_quantities_can_be_forced_at_once(service: EmbeddedPool, sign_in: Begin) -> None:
    edges = (Edge("B", "leading-zero-byte"), Edge("u", "leading-zero-nibble"), Edge("salt", "high-bit"))
    with service.entropy.force(edges[0]), service.entropy.force(edges[1]), service.entropy.force(edges[2]):
        attempt = sign_in().start()
    assert edges[0].holds(parse_hex(attempt.challenge["SRP_B"]))
    assert edges[1].holds(attempt.key()[0])
    assert edges[2].holds(parse_hex(attempt.challenge["SALT"]))
    assert attempt.answer().has_tokens, "also when it is answered after the force has ended"


def test_a_forced_salt_is_gone_after_the_block(service: EmbeddedPool, sign_in: Begin) -> None:
    before = sign_in().start().challenge["SALT"]
    with service.entropy.force(Edge("salt", "two-zero-bytes")):
        assert sign_in().start().challenge["SALT"] != before
    assert sign_in().start().challenge["SALT"] == before


def test_an_unknown_edge_names_the_known_ones() -> None:
    with pytest.raises(UnreachableEdge, match="leading-zero-nibble"):
        Edge("B", "round")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(UnreachableEdge, match="quantities are B"):
        Edge("A", "high-bit")
