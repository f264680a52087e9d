"""What PASSWORD_VERIFIER holds, and to what it is bound: SRP-09 to SRP-12, SRP-16 and SRP-17."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, HIGH, MEASURED, MEDIUM, MUST, OWN, POOL, REPORTED, cases, check
from harness.sign_in import Change, PasswordVerifier, decoded_secret_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin, SrpSignIn

HEX = re.compile("[0-9a-fA-F]+")
BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def salt_of(twin: HonestTwin) -> str:
    """SALT of a new challenge, as it was sent."""
    started = twin.sign_in().start()
    assert started.challenge_name == "PASSWORD_VERIFIER", f"no PASSWORD_VERIFIER but {started.answer.described()}"
    return str(started.parameters.get("SALT"))


@check(
    "SRP-09",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile; a salt that starts with '-' was once sent",
    evidence=REPORTED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.negative-salt": "is no non-negative hex number",
        "pool.srp.salt-changes-each-time": "another SALT",
        "pool.srp.salt-outlives-the-password": "kept its SALT",
    },
)
def test_the_salt_is_hex_and_lasts_as_long_as_the_password(sign_in: HonestTwin, pool: UserPool) -> None:
    """SALT is a non-negative hex number, the same until the password changes, and then another.

    A salt with a sign breaks clients. One that changes each time betrays a pool that makes it up, and
    one that outlives the password lets old dictionaries be used again.
    """
    salts = [salt_of(sign_in) for _ in range(10)]
    odd = [salt for salt in salts if not HEX.fullmatch(salt)]
    assert not odd, f"SALT {odd[0]!r} is no non-negative hex number"
    assert len(set(salts)) == 1, "the same user was sent another SALT with the same password"
    pool.set_password(sign_in.user.username, pool.names.password())
    assert salt_of(sign_in) != salts[0], "a user kept its SALT when its password changed"


Begun = tuple["SrpSignIn", PasswordVerifier, str]
"""An exchange that was begun, its challenge, and a secret block that does not belong to it."""


def begun(twin: HonestTwin) -> tuple[SrpSignIn, PasswordVerifier]:
    """A sign-in with its challenge, not answered yet."""
    attempt = twin.sign_in()
    return attempt, PasswordVerifier.read(attempt.start())


def with_the_block_of_an_earlier_challenge(twin: HonestTwin, pool: UserPool) -> Begun:
    """The user has two challenges; the later is answered with the block of the earlier."""
    del pool
    _, earlier = begun(twin)
    return (*begun(twin), earlier.secret_block)


def with_the_block_of_a_later_challenge(twin: HonestTwin, pool: UserPool) -> Begun:
    """The user has two challenges; the earlier is answered with the block of the later."""
    del pool
    attempt, challenge = begun(twin)
    _, later = begun(twin)
    return attempt, challenge, later.secret_block


def with_the_block_of_another_user(twin: HonestTwin, pool: UserPool) -> Begun:
    """Two users have a challenge each."""
    _, foreign = begun(twin.of(pool.new_user()))
    return (*begun(twin), foreign.secret_block)


def with_a_bit_flipped(twin: HonestTwin, pool: UserPool) -> Begun:
    """The block of the challenge itself, changed in one bit."""
    del pool
    attempt, challenge = begun(twin)
    raw = bytearray(decoded_secret_block(challenge.secret_block))
    raw[len(raw) // 2] ^= 1
    return attempt, challenge, base64.b64encode(raw).decode()


def with_text(block: str) -> Callable[[HonestTwin, UserPool], Begun]:
    """Any text in the place of the block."""
    return lambda twin, pool: (*begun(twin), block)


@check(
    "SRP-10",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito SRP profile, SECRET_BLOCK",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.secret-block-of-another-challenge": "tokens were issued for a SECRET_BLOCK",
        "pool.srp.secret-block-of-another-user": "tokens were issued for a SECRET_BLOCK",
        "pool.srp.ignores-the-secret-block": "tokens were issued for a SECRET_BLOCK",
    },
)
@cases(
    "begin",
    {
        "of an earlier challenge": with_the_block_of_an_earlier_challenge,
        "of a later challenge": with_the_block_of_a_later_challenge,
        "of another user": with_the_block_of_another_user,
        "with a bit flipped": with_a_bit_flipped,
        "empty": with_text(""),
        "made up": with_text(base64.b64encode(b"made up by the client" * 8).decode()),
    },
)
def test_the_secret_block_is_bound_to_its_challenge_and_user(
    honest: HonestTwin, pool: UserPool, begin: Callable[[HonestTwin, UserPool], Begun]
) -> None:
    """SECRET_BLOCK is opaque, and counts only for the challenge and the user it was sent with.

    It is the pool's handle on b and the verifier. A pool that takes another one lets an answer to one
    challenge open another. Seal it, and put challenge, user and client inside.
    """
    attempt, challenge, block = begin(honest, pool)
    # The best that an attacker can do: sign over the block that is sent.
    attempt.change = Change(secret_block=block, signed_secret_block=decoded_secret_block(block))
    attempt.answer(challenge).must_be_refused("a SECRET_BLOCK that belongs to no such challenge")


@check(
    "SRP-11",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito SRP profile, RespondToAuthChallenge USERNAME; an emulator's pull request 10243",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.any-user-at-the-answer": "tokens were issued for an exchange that another user started"},
)
def test_an_answer_counts_only_for_the_user_that_started(honest: HonestTwin, pool: UserPool) -> None:
    """One user's exchange never yields another user's tokens.

    A pool that looks the user up by the USERNAME of the answer lets anybody with any account sign in
    as anybody else. Take the user from the challenge, and refuse an answer that names another.
    """
    victim = pool.new_user()
    outcome = honest.but(answering_username=victim.username)
    outcome.must_be_refused("an exchange that another user started")


@check(
    "SRP-12",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, RespondToAuthChallenge ClientId; an emulator's issue 1961",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={"pool.srp.any-client-at-the-answer": "tokens were issued for an exchange that another client started"},
)
def test_an_answer_counts_only_for_the_client_that_started(honest: HonestTwin, pool: UserPool) -> None:
    """An exchange that one app client started yields no tokens of another.

    Otherwise a user of a weak app is signed in to a strong one, with that one's scopes and token
    lifetimes. Bind the challenge to the client.
    """
    other = pool.client(which="second")
    outcome = honest.but(answering_client_id=other.client_id)
    outcome.must_be_refused("an exchange that another client started")


CHALLENGE_PARAMETERS = frozenset({"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"})


@check(
    "SRP-16",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, InitiateAuth ChallengeParameters",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={
        "pool.srp.challenge-without-user-id-for-srp": "lacks USER_ID_FOR_SRP",
        "pool.srp.surplus-challenge-parameter": "also holds",
        "pool.srp.secret-block-not-base64": "SECRET_BLOCK is not base64",
    },
)
def test_the_challenge_has_exactly_its_parameters(sign_in: HonestTwin) -> None:
    """PASSWORD_VERIFIER holds SALT, SRP_B, SECRET_BLOCK, USERNAME and USER_ID_FOR_SRP, all text, the block in base64.

    A client that reads a missing one as the text "undefined" signs the wrong thing and its user is
    told that the password is wrong; so it is where decoders disagree about what is no base64.
    """
    started = sign_in.sign_in().start()
    assert started.challenge_name == "PASSWORD_VERIFIER", f"no PASSWORD_VERIFIER but {started.answer.described()}"
    held = set(started.parameters)
    missing, surplus = sorted(CHALLENGE_PARAMETERS - held), sorted(held - CHALLENGE_PARAMETERS)
    assert not missing, f"the challenge lacks {', '.join(missing)}"
    assert not surplus, f"the challenge also holds {', '.join(surplus)}"
    not_text = [name for name, value in started.parameters.items() if not isinstance(value, str)]
    assert not not_text, f"{', '.join(not_text)} of the challenge is no text"
    assert BASE64.fullmatch(started.parameters["SECRET_BLOCK"]), "SECRET_BLOCK is not base64"


@check(
    "SRP-17",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, USER_ID_FOR_SRP",
    evidence=MEASURED,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.srp.alias-as-user-id-for-srp": "USER_ID_FOR_SRP is not the user's name",
        "pool.srp.alias-refused": "the e-mail alias brought no challenge",
    },
)
def test_an_alias_signs_in_under_the_users_name(arrangements: Arrangements, honest_of: HonestOf) -> None:
    """An e-mail alias signs in, and the challenge names the user, not the alias.

    x is a hash over the user's name. A pool that echoes the alias makes every client derive another
    password key than the pool's.
    """
    pool = arrangements.pool(AliasAttributes=["email"])
    client: AppClient = pool.client()
    username = pool.names.username()
    user = pool.new_user(username=username, email=pool.address_of(username))
    twin = honest_of(pool, client, user)
    twin.must_succeed("before")
    attempt = twin.sign_in(Change(starting_username=user.email))
    started = attempt.start()
    assert started.challenge_name, f"the e-mail alias brought no challenge but {started.answer.described()}"
    challenge = PasswordVerifier.read(started)
    named = {challenge.user_id_for_srp, challenge.username}
    assert named == {username}, f"USER_ID_FOR_SRP is not the user's name: the challenge names {sorted(named)}"
    attempt.answer(challenge).must_yield_tokens("the e-mail alias")
