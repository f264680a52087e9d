"""What the time of a refusal tells: SRP-23."""

from __future__ import annotations

import base64
import statistics
from typing import TYPE_CHECKING

from harness.check import MEDIUM, OWN, POOL, SHOULD, check
from harness.sign_in import HONEST, Change, PasswordVerifier

if TYPE_CHECKING:
    import random

    from harness.fixtures import Observe
    from harness.sign_in import HonestTwin

ROUNDS = 40
SMALLEST_DIFFERENCE = 0.002
"""Seconds. A comparison that leaks less is beyond what this check can see through a busy machine."""

MOST_BY_CHANCE = 0.8
"""Share of pairs. By chance 32 of 40 go the same way once in 10 000 runs; both bounds have to be passed."""


def _wrong_at(byte: int) -> Change:
    def spoil(signature: bytes) -> str:
        changed = bytearray(signature)
        changed[byte] ^= 0x01
        return base64.b64encode(changed).decode()

    return Change(claim_signature=spoil)


@check(
    "SRP-23",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 11.2.4",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users", "in-process"},
    killed_by={"pool.srp.compares-byte-by-byte-slowly": "takes longer to refuse"},
)
def test_the_time_of_a_refusal_does_not_tell_where_the_proof_is_wrong(
    honest: HonestTwin, randomness: random.Random, observe: Observe
) -> None:
    """A claim signature wrong in its first byte and one wrong in its last are refused in the same time.

    A comparison that stops at the first difference tells an attacker how far a guess was right. Compare
    in constant time.
    """
    attempt = honest.sign_in()
    challenge = PasswordVerifier.read(attempt.start())
    early, late = _wrong_at(0), _wrong_at(31)
    seconds: dict[Change, list[float]] = {early: [], late: []}
    for _ in range(ROUNDS):
        for change in randomness.sample([early, late], 2):  # in either order, lest one always come second
            attempt.change = change
            outcome = attempt.answer(challenge)
            outcome.must_be_refused("a claim signature that is wrong")
            seconds[change].append(outcome.answer.seconds)
        attempt.change = HONEST  # a right answer between the wrong ones, lest they lock the user out
        attempt.answer(challenge).must_yield_tokens("the right answer between wrong ones")
    difference = _quiet(seconds[late]) - _quiet(seconds[early])
    slower = sum(b > a for a, b in zip(seconds[early], seconds[late], strict=True)) / ROUNDS
    observe("difference", f"{difference * 1e6:.0f} µs; the late one slower in {slower:.0%} of {ROUNDS} pairs")
    assert difference < SMALLEST_DIFFERENCE or slower < MOST_BY_CHANCE, (
        f"the pool takes longer to refuse a proof wrong in its last byte: by {difference * 1e3:.1f} ms"
    )


def _quiet(seconds: list[float]) -> float:
    """The lower quartile: what the machine was doing beside it only ever adds time."""
    return statistics.quantiles(seconds, n=4)[0]
