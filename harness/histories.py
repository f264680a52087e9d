"""The histories of a custom-auth sign-in that DefineAuthChallenge can be shown, and its decisions on them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.properties import Domain
from harness.triggers import DEFINE

if TYPE_CHECKING:
    from harness.triggers import Call, TriggersUnderTest

CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
FOREIGN = ("PASSWORD_VERIFIER", "SRP_A", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "SMS_MFA")
"""Challenges that Cognito answers itself. Their success is no success of the custom one."""

_CODES = re.compile(r"\d{4,}")
"""What may be a one-time code, in metadata that should hold none (TRG-C-02); a finding does not show it."""


@dataclass(frozen=True)
class Round:
    """One completed round, as `request.session` tells it. Only a CUSTOM_CHALLENGE has metadata."""

    name: str
    result: bool
    metadata: str | None = None

    def __str__(self) -> str:
        told = f" {_CODES.sub('…', self.metadata)}" if self.metadata is not None else ""
        return f"{self.name}{told} {'met' if self.result else 'not met'}"

    def entry(self) -> dict[str, Any]:
        """The entry of the session."""
        return {"challengeName": self.name, "challengeResult": self.result, "challengeMetadata": self.metadata}


History = tuple[Round, ...]


@dataclass(frozen=True)
class Decision:
    """What DefineAuthChallenge said about a history."""

    history: History
    response: Mapping[str, Any]
    failed: Exception | None = None
    ends_honestly: bool = False
    """Whether an honest sign-in by the method that the client named ends in a round like the last one, met."""

    @property
    def challenge_name(self) -> object:
        """challengeName, whatever stands there."""
        return self.response.get("challengeName")

    @property
    def issues_tokens(self) -> bool:
        """Whether issueTokens is there and not false."""
        return bool(self.response.get("issueTokens"))

    @property
    def fails(self) -> bool:
        """Whether the sign-in is over: failAuthentication is there and not false, or the function raised."""
        return bool(self.response.get("failAuthentication")) or self.failed is not None

    def described(self) -> str:
        """The history in words, for a finding."""
        return described(self.history)


def described(history: Iterable[Round]) -> str:
    """A history in words."""
    return "[" + ", ".join(map(str, history)) + "]"


def history_of(call: Call, first: Round | None = None) -> History:
    """The history that a call of DefineAuthChallenge was shown.

    `first` is the first round of another sign-in, whose metadata this one's is given: before the first round nobody
    has said anything, so it is the same question, also where a session's own number stands in its metadata.
    """
    history = tuple(
        Round(entry["challengeName"], entry["challengeResult"], entry.get("challengeMetadata"))
        for entry in call.request.get("session") or ()
    )
    if not history or first is None:
        return history
    return (replace(history[0], metadata=first.metadata), *history[1:])


class Definer:
    """Asks DefineAuthChallenge about histories, with everything else as in honest sign-ins.

    Args:
        triggers: whose function is asked.
        honest: its calls in honest sign-ins, from which the events and the words are taken.
    """

    def __init__(self, triggers: TriggersUnderTest, honest: Sequence[Call]) -> None:
        self._triggers = triggers
        first = next((history[0] for call in honest if (history := history_of(call))), None)
        self._ends = {history_of(call, first)[-1]: call for call in honest if call.response.get("issueTokens")}
        self._templates = list(self._ends.values()) or [honest[-1]]
        self.seen = tuple(dict.fromkeys(each for call in honest for each in history_of(call, first)))
        """The rounds of the honest sign-ins."""
        self.winners = tuple(history_of(call, first) for call in self._ends.values())
        """The histories on which they were given tokens."""
        self._ends_of: dict[object, set[Round]] = {}
        for end, call in self._ends.items():
            self._ends_of.setdefault(self._method(call.request), set()).add(end)

    def decide(self, history: History, **request: Any) -> Decision:
        """The decision on a history; members of the request in place of the honest ones.

        The client's metadata is that of the honest sign-in whose last round the history ends with, met or not.
        """
        return self._ask(self._like(history), history, request)

    def decide_in_other_words(self, history: History) -> Iterator[Decision]:
        """The same with the client's metadata of every other honest sign-in, and with none: a client chooses it."""
        for template in self._templates:
            if template is not self._like(history):
                yield self._ask(template, history, {})
        yield self._ask(self._like(history), history, {"clientMetadata": {}})

    def _like(self, history: History) -> Call:
        for each in reversed(history):
            if (call := self._ends.get(replace(each, result=True))) is not None:
                return call
        return self._templates[0]

    def _ask(self, template: Call, history: History, request: Mapping[str, Any]) -> Decision:
        changed = {**template.request, "session": [each.entry() for each in history], **request}
        call = self._triggers.invoke(DEFINE, {**template.event, "request": changed})  # which copies it
        honest = bool(history) and history[-1] in self._ends_of.get(self._method(call.request), ())
        return Decision(history, call.response, call.failed, honest)

    def _method(self, request: Mapping[str, Any]) -> object:
        """The method that the client names, where the flow has several."""
        member = self._triggers.dialect.method_member
        return (request.get("clientMetadata") or {}).get(member) if member else None

    def alphabet(self) -> tuple[Round, ...]:
        """Each round of one honest sign-in, met and not met; the last ones of the others; a proven password.

        Rounds are told apart by their metadata; one without is there too.
        """
        first = self.winners[0] if self.winners else ()
        own = [replace(each, result=met) for each in first for met in (True, False)]
        others = [winner[-1] for winner in self.winners[1:]]
        return tuple(dict.fromkeys([*own, *others, Round(CUSTOM_CHALLENGE, True), Round("PASSWORD_VERIFIER", True)]))

    def histories(self, longest: int) -> Iterator[History]:
        """Every history over the alphabet up to a length, the shortest first."""
        for length in range(longest + 1):
            yield from itertools.product(self.alphabet(), repeat=length)

    def wider(self) -> Domain[History]:
        """Histories of up to twelve rounds over more names and metadata than an honest sign-in has."""
        from hypothesis import strategies as st

        words = sorted({each.metadata for each in self.seen if each.metadata is not None})
        metadata = [*words, *(word.lower() for word in words), *(f" {word}" for word in words), "NOPE", "", None]
        custom = st.builds(Round, st.just(CUSTOM_CHALLENGE), st.booleans(), st.sampled_from(metadata))
        foreign = st.builds(Round, st.sampled_from(FOREIGN), st.booleans())
        generated = st.lists(st.one_of(custom, foreign), min_size=0, max_size=12).map(tuple)
        edges = tuple((*winner, loser) for winner in self.winners for loser in (Round(winner[-1].name, False),))
        return Domain(edges=edges, generated=generated)
