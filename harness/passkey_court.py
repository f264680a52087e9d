"""Puts the WebAuthn cases before a user pool's own passkeys, each beside its honest twin.

Which exception a refusal brings is not judged here: what is asserted is that nobody registered or signed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from harness.findings import Finding, Inconclusive
from harness.webauthn_cases.cases import USUAL, Setting
from harness.webauthn_cases.edits import ES384
from harness.webauthn_cases.native import needs_of
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.arrangement import UserPool
    from harness.passkeys import Passkeys, PasskeyUser
    from harness.webauthn_cases.cases import Case
    from harness.webauthn_cases.edits import Edits, Manner
    from harness.wire import Answer

Kind = Literal["register", "authenticate"]

_NOUNS: Mapping[Kind, str] = {"register": "a registration", "authenticate": "an authentication"}
_NAMED = {"ES384": ES384}
"""The algorithms of keys that must be refused unless they were offered, as the cases name them."""

_SECONDS_FOR_A_MOMENT = 3
"""For three ceremonies, on a busy machine too."""

_MOST_PASSKEYS = 12
"""What one user is given before another takes over; a user may have 20 in AWS."""


@dataclass(frozen=True)
class Verdict:
    """What the pool made of one response."""

    accepted: bool
    answer: Answer

    def described(self) -> str:
        """`accepted`, or `refused` and how."""
        return "accepted" if self.accepted else f"refused ({self.answer.described()})"


@dataclass
class Registrar:
    """A user who registers one passkey after the other, and how many they have by now."""

    user: PasskeyUser
    registered: int = 0
    honest: Manner | None = None
    """How the latest registration was, if it was honest and accepted."""
    refused: set[str] = field(default_factory=set)
    """The credential ids that were refused, in base64url."""


@dataclass
class Holder:
    """A user with a registered passkey."""

    user: PasskeyUser
    credential: Credential
    honest: Manner | None = None
    """How the latest sign-in was, if it was honest and accepted."""


@dataclass
class Cast:
    """The pools and users of one worker that serve several cases, by what they are made for."""

    pools: dict[str, UserPool] = field(default_factory=dict)
    registrars: dict[object, Registrar] = field(default_factory=dict)
    holders: dict[object, Holder] = field(default_factory=dict)


class PasskeyCourt:
    """What a check asks of the pool's passkeys."""

    def __init__(
        self,
        passkeys: Passkeys,
        cast: Cast,
        *,
        observe: Callable[[str, str], None],
        require: Callable[[str | None], None],
        faults: frozenset[str] = frozenset(),
    ) -> None:
        self.passkeys = passkeys
        self._cast = cast
        self._observe = observe
        self._require = require
        self._faults = faults

    def must_be_right_about_registering(self, case: Case) -> None:
        """Accept a good registration, refuse a bad one; of any other, record what becomes of it."""
        self._must_be_right("register", case)

    def must_be_quickly_right_about_registering(self, case: Case) -> None:
        """The same, and within a moment."""
        began = time.monotonic()
        self.must_be_right_about_registering(case)
        if time.monotonic() - began > _SECONDS_FOR_A_MOMENT:
            raise Finding(f"the pool took longer than {_SECONDS_FOR_A_MOMENT} s over {case.what}")

    def must_be_right_about_offered_algorithms(self, case: Case) -> None:
        """The same, where the pool does not happen to offer the algorithm of a bad one."""
        algorithm = _NAMED.get(case.what.partition(" ")[0])
        options = self._registrar(case.setting).user.start().options
        if case.acceptable is False and algorithm in {each.get("alg") for each in options["pubKeyCredParams"]}:
            self._observe(case.what, "the pool offers it")
        else:
            self.must_be_right_about_registering(case)

    def must_be_right_about_authenticating(self, case: Case) -> None:
        """The same of a sign-in."""
        self._must_be_right("authenticate", case)

    def must_refuse_each(self, kind: Kind, variants: Mapping[str, Edits], setting: Setting = USUAL) -> None:
        """Refuse every variant of one response; one honest twin before all of them and one after."""
        self._demand_needs(setting)
        with self._between_honest(kind, setting):
            for what, edits in variants.items():
                if self.judge(kind, edits, setting).accepted:
                    raise Finding(f"the pool accepted {_NOUNS[kind]} ({what})")
            self._must_have_kept_nothing(kind, setting)

    def must_not_accept_both(self, kind: Kind, cases: tuple[Case, Case]) -> None:
        """Of two responses that contradict themselves in opposite order, accept one at most."""
        verdicts = []
        with self._between_honest(kind, cases[0].setting):
            for case in cases:
                verdicts.append(self.judge(kind, case.edits, case.setting))
                self._observe(case.what, verdicts[-1].described())
            if all(verdict.accepted for verdict in verdicts):
                raise Finding(f"the pool accepted {_NOUNS[kind]} whichever came first ({cases[0].what})")

    def must_sign_in_after_registering(self, case: Case) -> None:
        """Accept a good registration, and accept a sign-in with what was registered."""
        self._demand_needs(case.setting)
        user, manner = self.passkeys.user(self._pool(case.setting)), case.setting.manner
        started = user.start()
        credential = user.new_credential(started, manner)
        answer = user.complete(user.maker.registration(started.ceremony, credential, manner, case.edits))
        if not answer.succeeded:
            raise Finding(f"the pool refused a registration ({case.what}): {answer.described()}")
        outcome = user.sign_in(credential, replace(manner, format="none", extensions={}, sign_count=1))
        if not outcome.has_tokens:
            raise Finding(
                f"the pool refused a sign-in with a passkey it registered ({case.what}): {outcome.answer.described()}"
            )

    def record_each(self, kind: Kind, cases: Mapping[str, Case]) -> None:
        """Record what becomes of every response that must be refused, and in which words."""
        for what, case in cases.items():
            if case.acceptable is False:
                self._observe(f"{_NOUNS[kind]} ({what})", _short(self.judge(kind, case.edits, case.setting)))

    def judge(self, kind: Kind, edits: Edits, setting: Setting = USUAL) -> Verdict:
        """Put one response before the pool. Raises Finding unless it is taken or cleanly refused.

        A changed assertion that is taken may have changed what is kept of the passkey; the next case has another one.
        """
        if kind == "register":
            return self._register(edits, setting)
        verdict = self._authenticate(edits, setting)
        if edits and verdict.accepted:
            self._cast.holders.pop(_holder_key(setting, self._faults), None)
        return verdict

    def _must_be_right(self, kind: Kind, case: Case) -> None:
        self._demand_needs(case.setting)
        if case.acceptable is not False:
            self._weigh(kind, case, self.judge(kind, case.edits, case.setting))
            return
        with self._between_honest(kind, case.setting):
            self._weigh(kind, case, self.judge(kind, case.edits, case.setting))
            self._must_have_kept_nothing(kind, case.setting)

    def _must_have_kept_nothing(self, kind: Kind, setting: Setting) -> None:
        """Of what the pool refused to register, nothing is listed."""
        if kind == "register":
            registrar = self._registrar(setting)
            if registrar.refused & set(registrar.user.listed_ids()):
                raise Finding("the pool refused a registration, and kept the passkey all the same")

    def _weigh(self, kind: Kind, case: Case, verdict: Verdict) -> None:
        noun = f"{_NOUNS[kind]} ({case.what})"
        if case.acceptable is None:
            self._observe(noun, _short(verdict))
        elif case.acceptable and not verdict.accepted:
            raise Finding(f"the pool {verdict.described()} {noun}")
        elif verdict.accepted and not case.acceptable:
            raise Finding(f"the pool accepted {noun}")

    @contextmanager
    def _between_honest(self, kind: Kind, setting: Setting) -> Iterator[None]:
        """The honest twin is accepted before the block and after it.

        The twin after one case is also that before the next, where nothing has come between them.
        """
        if not self._has_just_been_accepted(kind, setting):
            self._twin_must_be_accepted(kind, setting, "before")
        yield
        self._twin_must_be_accepted(kind, setting, "after")

    def _twin_must_be_accepted(self, kind: Kind, setting: Setting, when: str) -> None:
        try:
            verdict = self.judge(kind, (), setting)
        except Finding as finding:
            raise Inconclusive(f"the honest twin failed {when} the change: {finding}") from finding
        if not verdict.accepted:
            raise Inconclusive(f"the honest twin failed {when} the change: the pool {verdict.described()} it")

    def _has_just_been_accepted(self, kind: Kind, setting: Setting) -> bool:
        before: Registrar | Holder | None
        if kind == "register":
            before = self._cast.registrars.get(_registrar_key(setting, self._faults))
        else:
            before = self._cast.holders.get(_holder_key(setting, self._faults))
        return before is not None and before.honest == setting.manner

    def _register(self, edits: Edits, setting: Setting) -> Verdict:
        registrar, manner = self._registrar(setting), setting.manner
        user = registrar.user
        registrar.honest = None
        started = user.start_with_a_telling_challenge() if _is_about_client_data(edits) else user.start()
        credential = user.new_credential(started, manner)
        answer = user.complete(user.maker.registration(started.ceremony, credential, manner, edits))
        _must_be_clean(answer)
        registrar.registered += answer.succeeded
        if answer.succeeded and not edits:
            registrar.honest = manner
        if not answer.succeeded:
            registrar.refused.add(base64url.encode(credential.id))
        return Verdict(answer.succeeded, answer)

    def _authenticate(self, edits: Edits, setting: Setting) -> Verdict:
        holder = self._holder(setting)
        begun = holder.user.asked()
        for _ in range(40 if _is_about_client_data(edits) else 0):  # until base64 writes the challenge otherwise
            if {"-", "_"} & set(begun.options["challenge"]):
                break
            begun = holder.user.asked()
        holder.honest = None
        outcome = begun.answer(holder.credential, setting.manner, edits)
        _must_be_clean(outcome.answer)
        if outcome.has_tokens and not edits:
            holder.honest = setting.manner
        return Verdict(outcome.has_tokens, outcome.answer)

    def _registrar(self, setting: Setting) -> Registrar:
        key = _registrar_key(setting, self._faults)
        known = self._cast.registrars.get(key)
        if known is None or known.registered >= _MOST_PASSKEYS:
            known = self._cast.registrars[key] = Registrar(self.passkeys.user(self._pool(setting)))
        known.user.maker = self.passkeys.maker
        return known

    def _holder(self, setting: Setting) -> Holder:
        """A user with a passkey that is as the setting wants it; a fresh one where counters count."""
        key = _holder_key(setting, self._faults)
        known = self._cast.holders.get(key)
        if known is None:
            user = self.passkeys.user(self._pool(setting))
            known = Holder(user, user.register(_stored(setting)))
            if not setting.manner.sign_count:
                self._cast.holders[key] = known
        known.user.maker = self.passkeys.maker
        return known

    def _pool(self, setting: Setting) -> UserPool:
        return self.passkeys.pool(user_verification=setting.user_verification)

    def _demand_needs(self, setting: Setting) -> None:
        for need in needs_of(setting):
            self._require(need)


def _stored(setting: Setting) -> Manner:
    """How the passkey of a sign-in was registered."""
    return replace(setting.stored or replace(setting.manner, sign_count=0, extensions={}), format="none")


def _registrar_key(setting: Setting, faults: frozenset[str]) -> object:
    return setting.user_verification, faults


def _holder_key(setting: Setting, faults: frozenset[str]) -> object:
    """What a passkey can be used for again; one that counts is registered each time."""
    return repr(_stored(setting)), setting.manner.sign_count, setting.user_verification, faults


def _is_about_client_data(edits: Edits) -> bool:
    """Whether an edit may be about how the challenge is written."""
    return any(edit.layer == "CLIENT_DATA_JSON" for edit in edits)


def _must_be_clean(answer: Answer) -> None:
    if not answer.speaks_the_protocol:
        raise Finding(f"no clean answer: the target answered {answer.described()}")


def _short(verdict: Verdict) -> str:
    if verdict.accepted:
        return "accepted"
    return f"refused with {verdict.answer.error.type}" if verdict.answer.error else "not accepted"
