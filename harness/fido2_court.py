"""Puts the WebAuthn cases before triggers and their credential API, each beside its honest twin.

All cases of a check are put to one user, between honest ceremonies with one credential: cheap enough to be asked of
functions that run far away. A sign-in that is refused is asked of VerifyAuthChallengeResponse itself, with the event
that Cognito would send; the twin signs in through the pool first. At a live pool, which is not to be passed, each case
is a sign-in of its own: what is right then brings tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from harness.court import NOUNS, mistake
from harness.findings import Finding, Inconclusive
from harness.webauthn_cases.cases import USUAL, Case, Setting, bad
from harness.webauthn_cases.custom_auth import NEEDS, is_bad_for
from harness.webauthn_cases.edits import ES256, Manner

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.fido2_flow import Asked, Fido2Flow, Holder, Started
    from harness.sign_in import Outcome
    from harness.webauthn_cases.cases import Kind
    from harness.webauthn_cases.edits import Edits

_FUNCTION_FAILED = frozenset(
    {"InvalidLambdaResponseException", "UnexpectedLambdaException", "UserLambdaValidationException"}
)
"""What Cognito answers when a function did not."""

_SECONDS_FOR_A_MOMENT = 2
_MOST_NAMED = 40
"""Cases that a finding names."""

_TWIN = "the honest twin"


@dataclass(frozen=True)
class Verdict:
    """What was made of one response: taken or not, and in which form it was refused."""

    accepted: bool
    is_clean: bool
    how: str

    def described(self) -> str:
        """For findings."""
        return "accepted" if self.accepted else f"refused ({self.how})"


@dataclass
class Registered:
    """A user with a registered credential."""

    holder: Holder
    credential: Credential


class Fido2Court:
    """What a check asks of triggers that sign in with passkeys."""

    def __init__(
        self, flow: Fido2Flow, *, observe: Callable[[str, str], None], needing: Callable[[str], NoReturn]
    ) -> None:
        self.flow = flow
        self._observe = observe
        self._needing = needing
        self.telling = False
        """Whether a challenge has to be one that base64 writes otherwise than base64url."""

    # whole rows

    def must_be_right_about_registering(
        self, cases: Mapping[str, Case], *, cleanly: bool = False, quickly: bool = False
    ) -> None:
        """Accept the good registrations, refuse the bad ones between honest twins, record the others.

        Args:
            cases: by name.
            cleanly: whether a refusal has to be a 4xx.
            quickly: whether it has to come within a moment.
        """
        holder = self.flow.new_holder()

        def judge(case: Case) -> Verdict:
            return self.register(holder, case.edits, case.setting)

        self._judge_all("register", cases, judge, cleanly=cleanly, quickly=quickly)

    def must_be_right_about_authenticating(self, cases: Mapping[str, Case], *, cleanly: bool = False) -> None:
        """The same of sign-ins, with credentials that were registered for them."""
        known: dict[str, Registered] = {}

        def judge(case: Case) -> Verdict:
            return self.authenticate(self._registered(case, known), case.edits, case.setting)

        def before(setting: Setting) -> None:
            self.twin_must_sign_in(self._registered(Case(_TWIN, (), True, setting), known), setting)

        self._judge_all("authenticate", cases, judge, before=before, cleanly=cleanly)

    def must_refuse_each(self, kind: Kind, variants: Mapping[str, Edits], *, cleanly: bool = False) -> None:
        """Refuse every variant of one response; one honest twin before all of them and one after."""
        cases = {what: bad(what, edits) for what, edits in variants.items()}
        if kind == "register":
            self.must_be_right_about_registering(cases, cleanly=cleanly)
        else:
            self.must_be_right_about_authenticating(cases, cleanly=cleanly)

    def must_not_accept_both(self, kind: Kind, pairs: Mapping[str, tuple[Case, Case]]) -> None:
        """Of two responses that contradict themselves in opposite order, accept one at most."""
        holder = self.flow.new_holder()
        known: dict[str, Registered] = {}
        both = []
        for what, pair in pairs.items():
            verdicts = []
            for case in pair:
                if kind == "register":
                    verdicts.append(self.register(holder, case.edits, case.setting))
                else:
                    verdicts.append(self.authenticate(self._registered(case, known), case.edits, case.setting))
                self._observe(case.what, verdicts[-1].described())
            if all(verdict.accepted for verdict in verdicts):
                both.append(what)
        if both:
            raise Finding(f"{NOUNS[kind]} was accepted whichever came first ({'; '.join(both)})")

    def must_sign_in_after_registering(self, cases: Mapping[str, Case]) -> None:
        """Accept a good registration, and a sign-in with what was registered, through the pool."""
        for case in cases.values():
            if not self._is_offered(case):
                continue
            holder, manner = self.flow.new_holder(), case.setting.manner
            started = self.flow.start(holder)
            credential = self.flow.maker.credential(started.ceremony, manner)
            response = self.flow.maker.registration(started.ceremony, credential, manner, case.edits)
            answer = self.flow.complete(holder, response)
            if not answer.succeeded:
                raise Finding(f"refused a registration ({case.what}): {answer.described()}")
            plain = replace(manner, format="none", extensions={}, sign_count=1)
            outcome = self.flow.sign_in(holder, credential, plain)
            if not outcome.has_tokens:
                raise Finding(
                    f"refused a sign-in with a passkey that it registered ({case.what}): {outcome.answer.described()}"
                )

    # single ceremonies

    def register(self, holder: Holder, edits: Edits = (), setting: Setting = USUAL) -> Verdict:
        """Put one registration before the API."""
        started = self.flow.start_telling(holder) if self.telling else self.flow.start(holder)
        credential = self.flow.maker.credential(started.ceremony, setting.manner)
        return self.complete(holder, started, credential, edits, setting.manner)

    def complete(
        self, holder: Holder, started: Started, credential: Credential, edits: Edits, manner: Manner
    ) -> Verdict:
        """Put the response to options before the API."""
        response = self.flow.maker.registration(started.ceremony, credential, manner, edits)
        answer = self.flow.complete(holder, response)
        return Verdict(answer.succeeded, answer.succeeded or answer.is_clean_refusal, answer.described())

    def registered(self, setting: Setting = USUAL) -> Registered:
        """A user with a credential that is as the setting wants it. Raises Inconclusive."""
        stored = setting.stored or replace(setting.manner, sign_count=0, extensions={})
        holder = self.flow.new_holder()
        return Registered(holder, self.flow.register(holder, replace(stored, format="none")))

    def authenticate(self, registered: Registered, edits: Edits = (), setting: Setting = USUAL) -> Verdict:
        """Put one assertion before VerifyAuthChallengeResponse, or into a sign-in, over fresh options."""
        asked = self.flow.ask(registered.holder)
        for _ in range(40 if self.telling else 0):  # until base64 writes the challenge otherwise than base64url
            if {"-", "_"} & set(asked.options["challenge"]):
                break
            asked = self.flow.ask(registered.holder)
        response = self.flow.response(asked.options, registered.credential, setting.manner, edits)
        return self.answer(registered, asked, self.flow.spoken.answer(response).answer)

    def answer(self, registered: Registered, asked: Asked, said: str) -> Verdict:
        """Put any answer before VerifyAuthChallengeResponse, or into the sign-in that asked. For any thread."""
        if asked.sign_in is not None:
            return _verdict_of(asked.sign_in.send(asked.sign_in.prepare(self.flow.spoken.said(said))))
        call = self.flow.verify(asked, said, registered.holder)
        correct = call.response.get("answerCorrect")
        how = "the function failed" if call.failed is not None else f"answerCorrect {correct!r:.20}"
        return Verdict(bool(correct) and call.failed is None, call.failed is None and correct in (True, False), how)

    def twin_must_sign_in(self, registered: Registered, setting: Setting = USUAL) -> None:
        """The honest sign-in through the pool. Raises Inconclusive."""
        outcome = self.flow.sign_in(registered.holder, registered.credential, setting.manner)
        if not outcome.has_tokens:
            raise Inconclusive(f"the honest twin did not sign in: {outcome.answer.described()}")

    def twin_must_sign_in_or(self, registered: Registered, sign_count: int, finding: str) -> None:
        """A finding when the honest sign-in with this counter does not get through."""
        outcome = self.flow.sign_in(registered.holder, registered.credential, Manner(sign_count=sign_count))
        if not outcome.has_tokens:
            raise Finding(f"{finding}: the target answered {outcome.answer.described()}")

    # within

    def _judge_all(
        self,
        kind: Kind,
        cases: Mapping[str, Case],
        judge: Callable[[Case], Verdict],
        *,
        before: Callable[[Setting], None] | None = None,
        cleanly: bool = False,
        quickly: bool = False,
    ) -> None:
        """Judge every case; what is wrong counts also where the twin fails afterwards, spoilt by it."""
        before = before or (lambda setting: self._twin(kind, setting, judge, "before"))
        wrong: list[str] = []
        honest: dict[str, Setting] = {}
        try:
            for case in cases.values():
                if not self._is_offered(case):
                    continue
                counts = case.setting.manner.sign_count > 0
                if case.acceptable is False and not counts and repr(case.setting) not in honest:
                    honest[repr(case.setting)] = case.setting
                    before(case.setting)
                began = self._clock()
                wrong += self._weigh(kind, case, judge(case), cleanly)
                took = self._clock() - began
                if quickly and took > _SECONDS_FOR_A_MOMENT:
                    wrong.append(f"took {took:.0f} s over {case.what}")
                if case.acceptable is False and counts:
                    self._twin(kind, case.setting, judge, "after")
            for setting in honest.values():
                self._twin(kind, setting, judge, "after")
        except Inconclusive:
            if not wrong:
                raise
        if wrong:
            more = f"; and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
            raise Finding("; ".join(wrong[:_MOST_NAMED]) + more)

    def _clock(self) -> float:
        """Seconds, without those in which a request waited for its turn."""
        return time.monotonic() - self.flow.triggers.apis.waited_seconds

    def _weigh(self, kind: Kind, case: Case, verdict: Verdict, cleanly: bool) -> list[str]:
        noun = f"{NOUNS[kind]} ({case.what})"
        if wrong := mistake(kind, case, verdict):
            return [wrong]
        if case.acceptable is None:
            self._observe(noun, verdict.described())
        if case.acceptable is not False or verdict.is_clean:
            return []
        self._observe(noun, verdict.described())
        return [f"no clean refusal of {noun}: {verdict.how}"] if cleanly else []

    def _twin(self, kind: Kind, setting: Setting, judge: Callable[[Case], Verdict], when: str) -> None:
        verdict = judge(Case(_TWIN, (), True, setting))
        if not verdict.accepted:
            raise Inconclusive(f"the honest twin failed {when} the change: {verdict.described()} {NOUNS[kind]}")

    def _registered(self, case: Case, known: dict[str, Registered]) -> Registered:
        """Who has a credential for the case: where counters count, somebody new; the twin's is the case's."""
        setting = case.setting
        counts = setting.manner.sign_count > 0
        key = repr((setting.stored, setting.manner))
        if key not in known or (counts and case.what != _TWIN):
            known[key] = self.registered(setting)
        return known[key]

    def _is_offered(self, case: Case) -> bool:
        """Whether the case can be asked: its algorithm is offered, or, of a bad key, is not."""
        offered = self.offered()
        if case.setting.user_verification == "required" and not self.requires_verification:
            self._needing("fido2.verification")
        need = NEEDS.get(case.setting.manner.algorithm)
        if case.setting.manner.algorithm != ES256 and case.setting.manner.algorithm not in offered:
            self._observe(case.what, f"not asked: {need} is not offered")
            return False
        return case.acceptable is not False or is_bad_for(case, offered)

    @cached_property
    def _creation_options(self) -> dict[str, Any]:
        return self.flow.start(self.flow.new_holder()).options

    @property
    def requires_verification(self) -> bool:
        """Whether the creation options require user verification."""
        selection = self._creation_options.get("authenticatorSelection") or {}
        return selection.get("userVerification") == "required"

    def offered(self) -> frozenset[int]:
        """The algorithms of the creation options."""
        return frozenset(each.get("alg") for each in self._creation_options.get("pubKeyCredParams", []))


def _verdict_of(outcome: Outcome) -> Verdict:
    """What a sign-in came to: a wrong answer is refused in words of Cognito's own, or asked for anew."""
    refused = outcome.refusal is not None and outcome.refusal.type not in _FUNCTION_FAILED
    is_clean = outcome.has_tokens or outcome.challenge_name is not None or refused
    return Verdict(outcome.has_tokens, is_clean, outcome.answer.described())
