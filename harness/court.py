"""What is demanded of whoever judges WebAuthn ceremonies: accept the honest ones, refuse the changed ones.

A change is refused for the right reason where the honest twin, the same ceremony without it, is accepted before and
after; a twin that fails makes the case inconclusive.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from harness.findings import Finding, Inconclusive
from harness.webauthn_cases.cases import USUAL, Setting

if TYPE_CHECKING:
    from harness.webauthn_cases.cases import Case, Kind
    from harness.webauthn_cases.edits import Edits

NOUNS: Mapping[Kind, str] = {"register": "a registration", "authenticate": "an authentication"}

_SECONDS_FOR_A_MOMENT = 3
"""For three ceremonies, on a busy machine too."""


class Verdict(Protocol):
    """What was made of one response."""

    @property
    def accepted(self) -> bool:
        """Whether it was taken."""

    def described(self) -> str:
        """`accepted`, or `refused` and how."""


Given = TypeVar("Given", bound=Verdict)
Judging = Callable[["Edits", Setting], Given]
"""Puts one response before whoever is judged; in one case always with the same credential."""


def mistake(kind: Kind, case: Case, verdict: Verdict) -> str | None:
    """What is wrong with a verdict, in the words of findings; None where it is right, or nothing is required."""
    noun = f"{NOUNS[kind]} ({case.what})"
    if case.acceptable and not verdict.accepted:
        return f"{verdict.described()} {noun}"
    if case.acceptable is False and verdict.accepted:
        return f"accepted {noun}"
    return None


class Court(ABC, Generic[Given]):
    """What a check asks of one who judges, a case at a time."""

    who: ClassVar[str]
    """Who is judged here, in findings."""

    def __init__(self, *, observe: Callable[[str, str], None], require: Callable[[str | None], None]) -> None:
        self._observe = observe
        self._require = require

    def must_be_right_about_registering(self, case: Case) -> None:
        """Accept a good registration, refuse a bad one; of any other, record what becomes of it."""
        self._must_be_right("register", case)

    def must_be_quickly_right_about_registering(self, case: Case) -> None:
        """The same, and within a moment."""
        began = time.monotonic()
        self.must_be_right_about_registering(case)
        if time.monotonic() - began > _SECONDS_FOR_A_MOMENT:
            raise Finding(f"{self.who} took longer than {_SECONDS_FOR_A_MOMENT} s over {case.what}")

    def must_be_right_about_authenticating(self, case: Case) -> None:
        """The same of an authentication, with a credential that was registered for it."""
        self._must_be_right("authenticate", case)

    def must_refuse_each(self, kind: Kind, variants: Mapping[str, Edits], setting: Setting = USUAL) -> None:
        """Refuse every variant of one response; one honest twin before all of them and one after."""
        self._demand_needs(setting)
        judge = self._judging(kind, setting)
        with self._between_honest(kind, setting, judge):
            for what, edits in variants.items():
                if judge(edits, setting).accepted:
                    raise Finding(f"{self.who} accepted {NOUNS[kind]} ({what})")

    def must_not_accept_both(self, kind: Kind, cases: tuple[Case, Case]) -> None:
        """Of two responses that contradict themselves in opposite order, accept one at most."""
        setting = cases[0].setting
        judge = self._judging(kind, setting)
        with self._between_honest(kind, setting, judge):
            verdicts = [judge(case.edits, setting) for case in cases]
            for case, verdict in zip(cases, verdicts, strict=True):
                self._observe(case.what, verdict.described())
            if all(verdict.accepted for verdict in verdicts):
                raise Finding(f"{self.who} accepted {NOUNS[kind]} whichever came first ({cases[0].what})")

    def _must_be_right(self, kind: Kind, case: Case) -> None:
        self._demand_needs(case.setting)
        judge = self._judging(kind, case.setting)
        if case.acceptable is not False:
            self._weigh(kind, case, judge(case.edits, case.attempted))
            return
        with self._between_honest(kind, case.setting, judge):
            self._weigh(kind, case, judge(case.edits, case.attempted))

    def _weigh(self, kind: Kind, case: Case, verdict: Given) -> None:
        if case.acceptable is None:
            self._observe(f"{NOUNS[kind]} ({case.what})", self._noted(verdict))
        if wrong := mistake(kind, case, verdict):
            raise Finding(f"{self.who} {wrong}")

    @contextmanager
    def _between_honest(self, kind: Kind, setting: Setting, judge: Judging[Given]) -> Iterator[None]:
        """The honest twin is accepted before the block and after it, and of what was refused nothing is kept."""
        if not self._has_just_accepted_the_twin(kind, setting):
            self._twin_must_be_accepted(setting, judge, "before")
        yield
        if self._has_kept_what_it_refused(kind, setting):
            raise Finding(f"{self.who} refused {NOUNS[kind]}, and kept the passkey all the same")
        self._twin_must_be_accepted(setting, judge, "after")

    def _twin_must_be_accepted(self, setting: Setting, judge: Judging[Given], when: str) -> None:
        try:
            verdict = judge((), setting)
        except Finding as finding:
            raise Inconclusive(f"the honest twin failed {when} the change: {finding}") from finding
        if not verdict.accepted:
            raise Inconclusive(f"the honest twin failed {when} the change: {self.who} {verdict.described()} it")

    @abstractmethod
    def _demand_needs(self, setting: Setting) -> None:
        """Go on only where whoever is judged can do what the setting wants."""

    @abstractmethod
    def _judging(self, kind: Kind, setting: Setting) -> Judging[Given]:
        """Puts responses before whoever is judged; sign-ins with one credential that is as the setting wants it."""

    def _noted(self, verdict: Given) -> str:
        """A verdict, as it is recorded where nothing is required."""
        return verdict.described()

    def _has_just_accepted_the_twin(self, kind: Kind, setting: Setting) -> bool:
        """Whether the twin after the case before is the twin before this one."""
        return False

    def _has_kept_what_it_refused(self, kind: Kind, setting: Setting) -> bool:
        """Whether a credential is there that was refused, where one can look."""
        return False
