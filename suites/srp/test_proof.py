"""What the pool takes for a proof of the password: SRP-01 to SRP-03 and SRP-13."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.check import COMPUTED, CRITICAL, HIGH, MUST, OWN, POOL, RFC, cases, check
from harness.flows import initiate
from harness.properties import chosen_by_a_client
from harness.sign_in import between_honest
from protocol.timestamps import format_timestamp

if TYPE_CHECKING:
    from harness.arrangement import TestUser, UserPool
    from harness.properties import ForAll
    from harness.sign_in import HonestTwin, Outcome


@check(
    "SRP-01",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito SRP profile",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={"pool.srp.refuses-every-proof": "did not sign in"},
)
def test_an_honest_exchange_yields_tokens(sign_in: HonestTwin) -> None:
    """A user with the right password signs in.

    If this fails, nobody gets in: the pool and the published SRP profile disagree about the group,
    the hashes, the padding of a number or the order of the fields that are signed.
    """
    assert sign_in.but().must_yield_tokens("the right password").access


def by_srp(twin: HonestTwin, password: str) -> Outcome:
    """USER_SRP_AUTH with a proof of this password."""
    return twin.but(password=password)


def by_password(twin: HonestTwin, password: str) -> Outcome:
    """USER_PASSWORD_AUTH with this password."""
    parameters = {"USERNAME": twin.user.username, "PASSWORD": password}
    return initiate(twin.pool, twin.client, "USER_PASSWORD_AUTH", parameters)


WRONG_PASSWORDS: dict[str, Callable[[TestUser, TestUser], str]] = {
    "another word": lambda user, other: "Xy9#correct-horse-battery",
    "of another user": lambda user, other: other.password,
    "other case": lambda user, other: user.password.swapcase(),
    "trailing space": lambda user, other: user.password + " ",
    "leading space": lambda user, other: " " + user.password,
    "last character missing": lambda user, other: user.password[:-1],
}


@check(
    "SRP-02",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.6",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.accepts-any-signature": "tokens were issued for a wrong password",
        "pool.passwords.ignore-case": "tokens were issued for a wrong password",
        "pool.passwords.trimmed": "tokens were issued for a wrong password",
    },
)
@cases("flow", {"USER_SRP_AUTH": by_srp, "USER_PASSWORD_AUTH": by_password})
@cases("wrong", {**WRONG_PASSWORDS, "empty": lambda user, other: ""})
def test_a_wrong_password_yields_no_tokens(
    sign_in: HonestTwin,
    pool: UserPool,
    wrong: Callable[[TestUser, TestUser], str],
    flow: Callable[[HonestTwin, str], Outcome],
) -> None:
    """Whoever does not know the password gets nothing.

    A pool that takes a wrong password checks no proof, or checks it against something looser than
    the password: emulators have been found to do both. Verify PASSWORD_CLAIM_SIGNATURE against the
    key derived from the stored verifier, and normalise nothing.
    """
    user, other = sign_in.user, pool.new_user()
    with between_honest(lambda: flow(sign_in, user.password)):
        flow(sign_in, wrong(user, other)).must_be_refused("a wrong password")


def _with_bit_flipped(bit: int) -> Callable[[bytes], str]:
    def flip(signature: bytes) -> str:
        changed = bytearray(signature)
        changed[bit // 8] ^= 0x80 >> bit % 8
        return base64.b64encode(changed).decode()

    return flip


def _encoded(change: Callable[[bytes], bytes]) -> Callable[[bytes], str]:
    return lambda signature: base64.b64encode(change(signature)).decode()


@check(
    "SRP-03",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.6",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.accepts-any-signature": "tokens were issued for a claim signature that is wrong",
        "pool.srp.compares-eight-bytes-of-the-signature": "tokens were issued for a claim signature that is wrong",
        "pool.srp.accepts-an-empty-signature": "tokens were issued for a claim signature that is wrong",
    },
)
@cases(
    "wrong_signature",
    {f"bit {bit} flipped": _with_bit_flipped(bit) for bit in (0, 7, 64, 100, 127, 128, 200, 255)}
    | {
        "half of it": _encoded(lambda signature: signature[:16]),
        "last byte missing": _encoded(lambda signature: signature[:-1]),
        "doubled": _encoded(lambda signature: signature * 2),
        "zeros": _encoded(lambda signature: bytes(len(signature))),
        "empty": lambda signature: "",
        "not base64": lambda signature: "!" + base64.b64encode(signature).decode()[1:],
        "hex": lambda signature: signature.hex(),
    },
)
def test_every_bit_of_the_claim_signature_counts(honest: HonestTwin, wrong_signature: Callable[[bytes], str]) -> None:
    """A claim signature that differs in one bit is no proof.

    A pool that compares a part of it, or stops at the shorter of two texts, can be guessed. Compare
    all 32 bytes, in constant time.
    """
    outcome = honest.but(claim_signature=wrong_signature)
    outcome.must_be_refused("a claim signature that is wrong")


@check(
    "SRP-13",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, PASSWORD_CLAIM_SIGNATURE",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.timestamp-not-bound": "tokens were issued for a proof that was signed with another time"},
)
@cases("earlier", {"a second": timedelta(seconds=1), "a minute": timedelta(minutes=1), "a day": timedelta(days=1)})
def test_the_proof_covers_the_timestamp(honest: HonestTwin, earlier: timedelta) -> None:
    """A proof signed with one time does not count beside another.

    Otherwise whoever captures one answer can send it again at any later time, with a fresh TIMESTAMP.
    Compute the HMAC over the timestamp that was received, and over no other.
    """
    signed = format_timestamp(honest.now() - earlier)
    outcome = honest.but(signed_timestamp=signed)
    outcome.must_be_refused("a proof that was signed with another time", with_error=("NotAuthorizedException",))


@check(
    "CLM-02b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito SRP profile",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.passwords.latin-1": "did not sign in",
        "pool.srp.no-sign-byte-on-a": "did not sign in",
    },
)
def test_any_password_and_any_a_sign_in(sign_in: HonestTwin, pool: UserPool, for_all: ForAll) -> None:
    """Client and pool agree on the key for whatever password was set and whatever `a` was drawn.

    The part of CLM-02 that only a pool can show: its side of the same arithmetic, over generated passwords
    of every script and values of `a` of every length, edges over-weighted.
    """

    def signs_in(chosen: tuple[str, int]) -> None:
        password, a = chosen
        pool.set_password(sign_in.user.username, password)
        sign_in.but(password=password, a=a).must_yield_tokens("a generated password with a generated a")

    for_all(chosen_by_a_client(), signs_in)


@check(
    "CLM-03b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito SRP profile, PASSWORD_CLAIM_SIGNATURE",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.takes-a-proof-without-the-pool-name": "tokens were issued for a claim signature that leaves out",
        "pool.srp.takes-a-proof-without-the-user-id": "tokens were issued for a claim signature that leaves out",
        "pool.srp.takes-a-proof-without-the-secret-block": "tokens were issued for a claim signature that leaves out",
        "pool.srp.takes-a-proof-without-the-timestamp": "tokens were issued for a claim signature that leaves out",
    },
)
@cases(
    "left_out",
    {
        "the pool name": {"signed_pool_name": ""},
        "the user id": {"signed_user_id": ""},
        "the secret block": {"signed_secret_block": b""},
        "the timestamp": {"signed_timestamp": ""},
    },
)
def test_the_pool_demands_every_field_of_the_claim(honest: HonestTwin, left_out: dict[str, Any]) -> None:
    """A claim signature that leaves out the pool, the user, the secret block or the time is no proof.

    Each field binds the proof to something: without the pool's name it counts in another pool, without the
    block in another exchange, without the time at any time. Compute the HMAC over all four, in their order.
    """
    honest.but(**left_out).must_be_refused("a claim signature that leaves out a field")
