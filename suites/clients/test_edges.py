"""The rare values of the exchange, forced, and the ways in which numbers can be written: CLI-02 and CLI-03."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.check import CLIENT, COMPUTED, HIGH, LOW, MUST, REPORTED, SHOULD, cases, check
from harness.client_moves import challenge_with

if TYPE_CHECKING:
    from harness.client import ClientUnderTest
    from harness.client_attempt import Attempt
    from protocol.shapes import Quantity, Shape

SIGN_INS = 8
"""How often each edge is met."""

SHAPES: Mapping[Shape, str] = {
    "leading-zero-nibble": "a leading zero digit",
    "leading-zero-byte": "a leading zero byte",
    "two-zero-bytes": "two leading zero bytes",
    "high-bit": "a high bit",
}


@dataclass(frozen=True)
class Value:
    """A quantity and the shape that it is forced into."""

    quantity: Quantity
    shape: Shape

    def __str__(self) -> str:
        return f"{SHAPES[self.shape]} in {self.quantity}"


# Each edge of B, u, S, K and the salt, several in one sign-in where that is found quickly. Two zero bytes of S or K
# would take 65,536 exponentiations each time.
MIXES = {
    ", ".join(f"{value.quantity} {value.shape}" for value in mix): mix
    for mix in (
        (
            Value("u", "leading-zero-byte"),
            Value("B", "leading-zero-nibble"),
            Value("S", "high-bit"),
            Value("salt", "leading-zero-nibble"),
        ),
        (Value("B", "leading-zero-byte"), Value("u", "leading-zero-nibble"), Value("salt", "leading-zero-byte")),
        (Value("B", "two-zero-bytes"), Value("u", "high-bit"), Value("salt", "two-zero-bytes")),
        (Value("u", "two-zero-bytes"), Value("B", "high-bit"), Value("salt", "high-bit")),
        (Value("S", "leading-zero-nibble"), Value("B", "high-bit"), Value("u", "high-bit")),
        (Value("S", "leading-zero-byte"),),
        (Value("K", "leading-zero-byte"),),
    )
}


@check(
    "CLI-02",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: every number is hashed as P(n), minimal two's complement",
    evidence=COMPUTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.srp.u-at-fixed-width": "did not sign in with a leading zero byte in u",
        "client.srp.b-at-fixed-width": "did not sign in with a leading zero byte in B",
        "client.srp.premaster-secret-at-fixed-width": "did not sign in with a leading zero byte in S",
        "client.srp.key-stripped-of-leading-zeros": "did not sign in with a leading zero byte in K",
        "client.srp.salt-as-raw-bytes": "did not sign in with a high bit in salt",
        "client.srp.odd-digit-dropped": "did not sign in with a leading zero digit in B",
        "client.srp.truncating-modulus": "did not sign in with",
    },
)
@cases("mix", {name: name for name in MIXES})
def test_every_edge_signs_in(trial: ClientUnderTest, mix: str) -> None:
    """Sign-ins succeed when B, u, S, the password key K or the salt has leading zeros, or a high bit.

    Leading zero bytes come up in one sign-in of 256 for each value, high bits in every second one. A client that
    pads where it should not, or forgets the sign byte, fails there: its users see a right password refused now and
    then, and nobody can reproduce it. Write each number that is hashed in the fewest bytes, with one 00 in front
    when the top bit is set, and K at its 16 bytes.

    Each edge is met eight times, several of them in one sign-in. Where such a one fails, each is tried alone to find
    out which it was; the others are then met without it.
    """
    left, failed, last = list(MIXES[mix]), [], None
    for number in range(1, SIGN_INS + 1):
        attempt = _at_the_edges(trial, left)
        if attempt.signed_in:
            continue
        alone = [value for value in left if len(left) == 1 or not _at_the_edges(trial, [value]).signed_in]
        blamed = [[value] for value in alone] or [left]
        failed += [f"with {' and '.join(map(str, values))} (sign-in {number} of {SIGN_INS})" for values in blamed]
        last, left = attempt, [value for value in left if alone and value not in alone]
        if not left:
            break
    if last:
        trial.judge_sign_in("; it did not sign in ".join(failed), last)


def _at_the_edges(trial: ClientUnderTest, values: Sequence[Value]) -> Attempt:
    """A sign-in of a fresh user, who has a fresh salt, with these edges and no other."""
    from harness.client_stage import edges

    return trial.attempt(trial.stage.account(), edges=edges({value.quantity: value.shape for value in values}))


@check(
    "CLI-02b",
    level=MUST,
    severity=HIGH,
    clause="Cognito's SRP profile: the salt is a number, hashed as P(salt)",
    evidence=COMPUTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={"client.srp.odd-digit-dropped": "did not sign in with the salt 0x1"},
)
@cases("salt", {f"{salt:#x}": salt for salt in (0x1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xABC)})
def test_tiny_salts_sign_in(trial: ClientUnderTest, salt: int) -> None:
    """A salt of one or two bytes is a salt.

    Nothing says how long a salt is: it is a number, and what counts is its minimal form. A client that cuts or
    fills it to a width of its own computes another x.
    """
    entropy = trial.stage.pool.entropy
    account = trial.stage.account()
    entropy.salt = salt
    try:
        attempt = trial.attempt(account)
    finally:
        entropy.salt = None
    trial.judge_sign_in(f"with the salt {salt:#x}", attempt)


@dataclass(frozen=True)
class Writing:
    """A way to write a number in hex, and the names of the parameters that are written so."""

    write: Callable[[str], str]
    what: str


def padded_to(digits: int) -> Callable[[str], str]:
    """The number with zeros in front, so many digits in all."""
    return lambda text: text.zfill(digits)


WRITINGS = {
    "SRP_B in upper case": Writing(str.upper, "SRP_B"),
    "SALT in upper case": Writing(str.upper, "SALT"),
    "SRP_B of 768 digits": Writing(padded_to(768), "SRP_B"),
    "SALT of 32 digits": Writing(padded_to(32), "SALT"),
    "SRP_B with a sign byte": Writing(padded_to(770), "SRP_B"),
    "SALT with a sign byte": Writing(padded_to(34), "SALT"),
    "SRP_B with an odd number of digits": Writing(padded_to(769), "SRP_B"),
    "SALT with an odd number of digits": Writing(padded_to(33), "SALT"),
}


@check(
    "CLI-03",
    level=SHOULD,
    severity=LOW,
    clause="Cognito's SRP profile: SRP_B and SALT are numbers in hex; seen in the wild with other digits",
    evidence=REPORTED,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.srp.upper-case-refused": "did not sign in with SRP_B in upper case",
        "client.srp.leading-zeros-kept": "did not sign in with SRP_B of 768 digits",
        "client.srp.odd-digit-dropped": "did not sign in with SALT with an odd number of digits",
    },
)
@cases("writing", {name: name for name in WRITINGS})
def test_numbers_are_numbers_however_they_are_written(trial: ClientUnderTest, writing: str) -> None:
    """SRP_B and SALT are taken in upper case, with zeros in front, and with an odd number of digits.

    Services and emulators differ in how they write hex. A client that hashes the digits, or their bytes, in the
    place of the number depends on one way. Read the number first.
    """
    from harness.client_stage import edges

    way = WRITINGS[writing]
    account = trial.stage.account()
    shapes: tuple[Shape, ...] = ("leading-zero-byte", "leading-zero-nibble")
    for shape in shapes:
        quantity: Quantity = "B" if way.what == "SRP_B" else "salt"
        trial.must_sign_in(
            f"with {writing}",
            account,
            script=challenge_with(**{way.what: way.write}),
            edges=edges({quantity: shape}),
        )
