"""Whether names that exist can be told from names that do not: STA-03."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.arrangement import TestUser
from harness.check import MEDIUM, OWN, POOL, SHOULD, check
from harness.findings import Finding
from harness.sign_in import Change, PasswordVerifier, between_honest
from harness.timing import Compared

if TYPE_CHECKING:
    from harness.arrangement import UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin, Outcome

OF_EACH = 40
WRONG = "Xy9#not-the-password"

TOLD_APART = 0.3
"""How far from one half the chance may be that a value of one kind exceeds one of the other.

With 40 of each kind that are alike it stays within 0.07 in two runs of three, and leaves 0.3 in one of 100,000.
"""

FASTER_BY = 0.25
"""The part of its time that a request for one kind may save beside the other, in the median of the pairs."""

SMALLEST_DIFFERENCE = 0.0003
"""Seconds. Less than this is not told apart over a network."""


@dataclass
class Seen:
    """What was seen of all names of one kind, name after name."""

    parameters: list[frozenset[str]] = field(default_factory=list)
    stable: list[frozenset[str]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    is_what_was_typed: list[frozenset[str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"challenge": [], "refusal": []})

    def ask(self, twin: HonestTwin) -> None:
        """Begin two sign-ins in one user's name and answer the second wrongly."""
        first = _challenged(twin.sign_in().start())
        attempt = twin.sign_in(Change(password=WRONG))
        started = attempt.start()
        second = _challenged(started)
        self.parameters.append(frozenset(second))
        self.stable.append(frozenset(name for name in second if first.get(name) == second[name]))
        self.is_what_was_typed.append(frozenset(name for name, text in second.items() if text == twin.user.username))
        for name, text in second.items():
            self.texts.setdefault(name, []).append(text)
        request = attempt.prepare_answer(PasswordVerifier.read(started))
        refused = attempt.send_answer(request)
        refusal = refused.must_be_refused("a wrong password")
        self.refusals.append(f"{refusal.type}: {refusal.message}")
        self.seconds["challenge"].append(started.answer.seconds)
        self.seconds["refusal"].append(refused.answer.seconds)


def _challenged(started: Outcome) -> dict[str, str]:
    if started.challenge_name != "PASSWORD_VERIFIER":
        raise Finding(f"a name was not challenged but answered {started.answer.described()}")
    return {name: str(text) for name, text in started.parameters.items()}


@check(
    "STA-03",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.3.8",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.enumeration.salt-changes": "SALT is the same again for known names and changes for unknown ones",
        "pool.enumeration.salt-shorter": "SALT has another length for unknown names",
        "pool.enumeration.answers-unknown-names-faster": "unknown names are answered faster",
        "pool.enumeration.another-message": "unknown names are refused in other words",
        "pool.enumeration.another-user-id": "USER_ID_FOR_SRP is what was typed for known names",
    },
)
def test_names_of_nobody_look_like_names_of_somebody(pool: UserPool, honest_of: HonestOf, observe: Observe) -> None:
    """Forty names that exist and forty that do not are answered alike: members, lengths, alphabets, words and time.

    Whoever can tell them apart needs no password to learn who is a customer. A simulated salt must be
    made from the name, as long as a real one, and the arithmetic done for nobody too.
    """
    client = pool.client(reveals_unknown_users=False)
    known, unknown = Seen(), Seen()
    somebody = honest_of(pool, client, pool.new_user())
    with between_honest(somebody.but):
        for number in range(OF_EACH):
            pair = [
                (known, somebody.of(pool.new_user())),
                (unknown, somebody.of(TestUser(pool.names.username(), pool.names.password()))),
            ]
            for seen, twin in pair if number % 2 else reversed(pair):
                seen.ask(twin)
    differences = [*_in_form(known, unknown), *_in_time(known, unknown, observe)]
    assert not differences, "known and unknown names can be told apart: " + "; ".join(differences)


def _in_form(known: Seen, unknown: Seen) -> Iterable[str]:
    if set(known.parameters) != set(unknown.parameters):
        yield "their challenges have other members"
    for name in sorted(known.texts.keys() & unknown.texts.keys()):
        if _share(name, known.stable) != _share(name, unknown.stable):
            yield f"{name} {_described(name, known.stable, unknown.stable, 'is the same again', 'changes')}"
        if _share(name, known.is_what_was_typed) != _share(name, unknown.is_what_was_typed):
            yield (
                f"{name} "
                f"{_described(name, known.is_what_was_typed, unknown.is_what_was_typed, 'is what was typed', 'is not')}"
            )
        lengths = [[len(text) for text in seen.texts[name]] for seen in (known, unknown)]
        if abs(_chance_of_more(*lengths) - 0.5) > TOLD_APART:
            medians = [statistics.median(each) for each in lengths]
            yield f"{name} has another length for unknown names: {medians[1]:g} characters, not {medians[0]:g}"
        alphabets = [_alphabet("".join(seen.texts[name])) for seen in (known, unknown)]
        if alphabets[0] != alphabets[1]:
            yield f"{name} is written in {alphabets[0]} for known names and in {alphabets[1]} for unknown ones"
    if set(known.refusals) != set(unknown.refusals):
        yield f"unknown names are refused in other words: {sorted(set(unknown.refusals) - set(known.refusals))}"


def _in_time(known: Seen, unknown: Seen, observe: Observe) -> Iterable[str]:
    """Each pair is measured back to back, in changing order, so that a busy machine slows both alike."""
    for step in known.seconds:
        compared = Compared.of(known.seconds[step], unknown.seconds[step])
        observe(f"{step}: known less unknown", compared.described())
        if compared.is_told_apart(SMALLEST_DIFFERENCE, by=FASTER_BY, apart=TOLD_APART):
            word = "faster" if compared.difference > 0 else "more slowly"
            milliseconds = abs(compared.difference) * 1e3
            yield f"unknown names are answered {word}: the {step} by {milliseconds:.1f} ms in the median"


def _share(name: str, names: list[frozenset[str]]) -> float:
    return sum(name in each for each in names) / len(names)


def _described(name: str, known: list[frozenset[str]], unknown: list[frozenset[str]], yes: str, no: str) -> str:
    if _share(name, known) > _share(name, unknown):
        return f"{yes} for known names and {no} for unknown ones"
    return f"{no} for known names and {yes} for unknown ones"


def _chance_of_more(ones: list[int], others: list[int]) -> float:
    """The chance that one of the others is more than one of the ones, ties counted as half."""
    wins = sum((other > one) + 0.5 * (other == one) for one in ones for other in others)
    return wins / (len(ones) * len(others))


_CLASSES: dict[str, Callable[[str], bool]] = {
    "digits": str.isdigit,
    "a-f": lambda char: char in "abcdef",
    "g-z": lambda char: "g" <= char <= "z",
    "A-F": lambda char: char in "ABCDEF",
    "G-Z": lambda char: "G" <= char <= "Z",
}


def _alphabet(text: str) -> str:
    """The classes of characters that a text holds; others are named one by one, but for padding."""
    classes = [name for name, holds in _CLASSES.items() if any(map(holds, text))]
    others = sorted({char for char in text if char != "=" and not any(holds(char) for holds in _CLASSES.values())})
    return " ".join(classes + others)
