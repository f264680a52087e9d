"""A and B, the values that travel in the clear: SRP-04 to SRP-08, SRP-19 and SRP-20."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import COMPUTED, CRITICAL, HIGH, MEDIUM, MUST, OWN, POOL, RFC, SHOULD, cases, check
from harness.edges import private_value_with_public
from harness.sign_in import Change, PasswordVerifier
from protocol.cognito_srp import COGNITO
from protocol.numbers import hex_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from harness.edges import Edges
    from harness.sign_in import HonestTwin
    from protocol.shapes import Quantity, Shape

N = COGNITO.group.prime


@check(
    "SRP-04",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.5.4",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.accepts-zero-a": "tokens were issued for A ≡ 0"},
)
@cases(
    "multiple_of_n",
    {
        "0": "0",
        "N": hex_of(N),
        "2N": hex_of(2 * N),
        "0 at full width": "0" * 768,
        "N with leading zeros": "0000" + hex_of(N),
    },
)
def test_a_congruent_to_zero_never_yields_tokens(honest: HonestTwin, multiple_of_n: str) -> None:
    """A server that skips A mod N = 0 lets anyone in without the password: the shared secret is then 0.

    Abort the exchange when A is a multiple of N, at InitiateAuth.
    """
    outcome = honest.but(a_sent=multiple_of_n, premaster_secret=0)
    outcome.must_be_refused("A ≡ 0 (mod N) and a proof computed from S = 0")


@check(
    "SRP-05",
    level=MUST,
    severity=MEDIUM,
    clause="robustness",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.malformed-a-crashes": "no clean refusal of a malformed SRP_A"},
)
@cases(
    "malformed",
    {
        "not hex": "xyz",
        "empty": "",
        "negative": "-1",
        "with 0x": "0x1f",
        "whitespace": " ",
        "hex with a space": "ab cd",
        "with a newline": "abcd\n",
        "full-width digits": "１２３４",
        "decimal point": "1.5",
        "underscore": "ab_cd",
    },
)
def test_a_malformed_srp_a_is_a_clean_refusal(honest: HonestTwin, malformed: str) -> None:
    """What is no hex number is refused with a 4xx, not with a crash.

    A pool that fails with a 5xx hands its stack to whoever sends garbage, and its users an outage.
    Check SRP_A against `^[0-9a-fA-F]+$` before it is parsed.
    """
    started = honest.sign_in(Change(a_sent=malformed)).start()
    assert started.challenge_name is None, f"a challenge was issued for a malformed SRP_A ({malformed!r})"
    started.must_be_refused("a malformed SRP_A")


@check(
    "SRP-06",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness; an emulator computed a 10-million-digit SRP_A",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.computes-an-oversized-a": "an SRP_A of"},
)
@cases("digits", {"10^5": 10**5, "10^6": 10**6})
def test_an_oversized_srp_a_costs_nothing(honest: HonestTwin, digits: int) -> None:
    """A number far longer than N is refused, and as fast as an honest one is taken.

    Anybody may call InitiateAuth. A pool that parses and exponentiates whatever it is sent can be
    stopped by one client. Bound the length of SRP_A before it is parsed.
    """
    fastest_honest = min(honest.sign_in().start().answer.seconds for _ in range(3))
    started = honest.sign_in(Change(a_sent="f" * digits)).start()
    assert started.challenge_name is None, f"an SRP_A of {digits} digits was taken"
    started.must_be_refused(f"an SRP_A of {digits} digits")
    allowed = 10 * fastest_honest + 0.25  # the quarter second is for carrying a megabyte, not for computing
    taken = started.answer.seconds
    assert taken < allowed, (
        f"an SRP_A of {digits} digits was refused after {taken:.2f} s; an honest one takes {fastest_honest:.3f} s"
    )


@check(
    "SRP-07",
    level=SHOULD,
    severity=MEDIUM,
    clause="interoperability: forms of SRP_A seen in released clients",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.hashes-a-as-sent": "was taken and then mis-hashed"},
)
@cases(
    "form",
    {
        "upper case": lambda a: hex_of(a).upper(),
        "leading zero": lambda a: "0" + hex_of(a),
        "full width": lambda a: hex_of(a).rjust(770, "0"),
        "A + N": lambda a: hex_of(a + N),
    },
)
def test_the_form_of_srp_a_does_not_change_the_hash(sign_in: HonestTwin, form: Callable[[int], str]) -> None:
    """The same number in another form is taken or refused, and never mis-hashed.

    u is a hash over P(A), a number; a pool that hashes the text as it was sent refuses clients that
    write upper case or a leading zero, some of them one time in sixteen. (A + N is another number
    with the same residue: taken, it has to be hashed as it was sent.)
    """
    honest = sign_in.sign_in()
    sent = form(honest.client_public)
    changed = sign_in.sign_in(Change(a=honest.a, a_sent=sent))
    started = changed.start()
    if started.challenge_name is None:
        started.must_be_refused("another form of SRP_A")
        return
    challenge = PasswordVerifier.read(started)
    outcome = changed.answer_with_public(challenge, int(sent, 16))
    assert outcome.has_tokens, (
        f"SRP_A was taken and then mis-hashed: the right password got {outcome.answer.described()}"
    )


@check(
    "SRP-08",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.5.3",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={
        "pool.srp.reuses-b": "sent the same SRP_B",
        "pool.srp.sends-b-congruent-to-zero": "SRP_B ≡ 0",
    },
)
def test_b_is_fresh_and_not_congruent_to_zero(sign_in: HonestTwin) -> None:
    """Each challenge has its own B, a hex number that is no multiple of N.

    A B that comes again makes an old answer valid again; a multiple of N makes every client abort,
    or, worse, go on with a secret that everybody knows. Draw b from a secure source each time.
    """
    challenges = [PasswordVerifier.read(sign_in.sign_in().start()) for _ in range(50)]
    multiples = [challenge for challenge in challenges if challenge.server_public % N == 0]
    assert not multiples, "the pool sent SRP_B ≡ 0 (mod N)"
    distinct = {challenge.server_public for challenge in challenges}
    assert len(distinct) == len(challenges), f"the pool sent the same SRP_B {len(challenges) - len(distinct) + 1} times"


SHAPES_BY_CHANCE: tuple[Shape, ...] = ("leading-zero-nibble", "leading-zero-byte", "high-bit")


@check(
    "SRP-19",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, P(n)",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.srp.drops-the-odd-nibble-of-a": "an A with a leading-zero-nibble did not sign in",
        "pool.srp.pads-a-to-the-modulus": "an A with a leading-zero-byte did not sign in",
        "pool.srp.no-sign-byte-on-a": "an A with a high-bit did not sign in",
    },
)
@cases("shape", {shape: shape for shape in SHAPES_BY_CHANCE})
def test_edges_of_a_sign_in(sign_in: HonestTwin, randomness: random.Random, shape: Shape) -> None:
    """An A with a leading zero or a high first bit signs in like any other.

    Such values come by chance, one time in 2, 16 or 256. A pool that pads or strips them otherwise
    than P(n) does refuses a user now and then, which nobody can reproduce.
    """
    a = private_value_with_public(shape, randomness)
    sign_in.but(a=a).must_yield_tokens(f"an A with a {shape}")


@check(
    "SRP-20",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, P(n)",
    evidence=COMPUTED,
    subject=POOL,
    needs={"srp", "users", "edges"},
    killed_by={
        "pool.srp.b-at-fixed-width": "a sign-in with a leading-zero-byte in B failed",
        "pool.srp.u-at-fixed-width": "a sign-in with a leading-zero-byte in u failed",
        "pool.srp.premaster-secret-at-fixed-width": "a sign-in with a leading-zero-byte in S failed",
        "pool.srp.key-stripped-of-leading-zeros": "a sign-in with a leading-zero-byte in K failed",
    },
)
@cases("shape", {shape: shape for shape in SHAPES_BY_CHANCE})
@cases("quantity", {quantity: quantity for quantity in ("B", "u", "S", "K", "salt")})
def test_edges_on_the_pools_side_sign_in(sign_in: HonestTwin, edges: Edges, quantity: Quantity, shape: Shape) -> None:
    """A B, u, S, K or salt with a leading zero or a high first bit signs in like any other.

    One sign-in in 256 meets each; a pool that computes P(n) otherwise than its clients fails just
    those, and a test of a hundred sign-ins can miss it.
    """
    outcome = edges.sign_in_with(sign_in, quantity, shape)
    outcome.must_yield_tokens(f"a sign-in with a {shape} in {quantity} failed: it")
