"""How many codes there are, and how they are drawn: OTP-01 and OTP-02."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MUST, RFC, TRIGGERS, check
from harness.findings import Finding

if TYPE_CHECKING:
    from harness.fixtures import Observe

SampledCodes = Callable[[int], list[str]]

SMALLEST_SPACE = 10**6
"""Six random digits, or 20 bits (ASVS 5.0 6.5.4; SP 800-63B 5.1.3.2)."""

FIRST, SECOND, LAST = 80, 240, 400
"""Codes that are looked at: the first ones, and more when those leave a doubt."""

FALSE_ALARM = 1e-10
"""Greatest chance that uniform codes are found skewed by one look at them; there are three looks."""

MOST_TWINS = 5
"""Pairs of equal codes. Of 400 drawn from a million 0.08 are expected; six or more come once in 2.8 thousand million.

The number of pairs is at most Poisson's: (0.0798 ** 6) / 6! = 3.6e-10.
"""


@check(
    "OTP-01",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.5.4; NIST SP 800-63B section 5.1.3.2",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-events", "invocation", "no-delivery"},
    killed_by={
        "triggers.codes.digits-zero-to-eight": "out of 9 different ones",
        "triggers.codes.four-digits": "have 4 characters",
    },
)
def test_there_are_a_million_codes(sampled_codes: SampledCodes, observe: Observe) -> None:
    """Codes have six random digits, or as many possibilities otherwise, and leading zeros are kept.

    Somebody who may guess three times a session, and begins a session a minute, is let in the sooner the fewer codes
    there are. Draw each code from all of them: `randbelow(10**6)`, written with six digits.

    That one of ten digits is missing from 480 that are drawn evenly comes once in 10**21 runs.
    """
    codes = sampled_codes(FIRST)
    length, characters = min(map(len, codes)), len(set("".join(codes)))
    observe("codes", f"{length} characters out of {characters} different ones, in {len(codes)} codes")
    if characters**length < SMALLEST_SPACE:
        raise Finding(
            f"codes have {length} characters out of {characters} different ones: {characters**length:,} possibilities,"
            f" not {SMALLEST_SPACE:,}"
        )
    first = Counter(code[0] for code in codes)
    observe("first characters", "".join(sorted(first)))


@check(
    "OTP-02",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.5.3 and 11.5.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-events", "invocation", "no-delivery"},
    killed_by={
        "triggers.codes.digits-from-half-bytes": "do not come equally often",
        "triggers.codes.from-the-clock": "pairs of equal codes",
    },
)
def test_codes_are_drawn_evenly(sampled_codes: SampledCodes, observe: Observe) -> None:
    """Every digit comes equally often, and codes of one instant differ: a cryptographic source draws them.

    A code that follows from the time is no secret to who knows the time. A byte modulo 10 makes some codes likelier
    than others. Use the platform's secure source, and its function for a number below a bound.

    480 digits are looked at, and up to 2,400 when they leave a doubt. What is found is no chance: a bound on the
    relative entropy of counts, which holds for every number of digits, and the expected number of equal codes
    leave a false alarm less than once in a thousand million runs.
    """
    for count in (FIRST, SECOND, LAST):
        codes = sampled_codes(count)
        twins = sum(math.comb(times, 2) for times in Counter(codes).values())
        observe("equal codes", f"{twins} pairs among {count}")
        if twins > MOST_TWINS:
            raise Finding(f"among {count} codes of different users there are {twins} pairs of equal codes")
        digits = Counter("".join(codes))
        skew = relative_entropy(digits)
        observe("skew", f"{skew:.1f} nats in {digits.total()} digits")
        if skew > most_by_chance(len(digits)):
            often = ", ".join(f"{digit}: {times}" for digit, times in sorted(digits.items()))
            raise Finding(f"the digits of {count} codes do not come equally often: {often}")
        if skew < len(digits) - 2:
            return


def relative_entropy(counts: Counter[str]) -> float:
    """The relative entropy of the counts to even ones, in nats, for all draws: if even, half the degrees of freedom."""
    even = counts.total() / len(counts)
    return sum(times * math.log(times / even) for times in counts.values())


def most_by_chance(kinds: int) -> float:
    """What even draws exceed with a chance of FALSE_ALARM at most, however many they are.

    P(t or more) <= exp(-t) (e t / (k - 1)) ** (k - 1) for t > k - 1 (R. Agrawal, Finite-sample concentration of the
    multinomial in relative entropy, IEEE Transactions on Information Theory 66, 2020).
    """
    free = kinds - 1
    return next(t for t in itertools.count(free + 1.0) if -t + free * (1 + math.log(t / free)) <= math.log(FALSE_ALARM))
