"""Puts the WebAuthn cases before a user pool's own passkeys, each beside its honest twin.

Which exception a refusal brings is not judged here: what is asserted is that nobody registered or signed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from harness.court import NOUNS, Court, Judging
from harness.findings import Finding
from harness.webauthn_cases.cases import USUAL, Setting
from harness.webauthn_cases.edits import ES384
from harness.webauthn_cases.native import needs_of
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.arrangement import UserPool
    from harness.passkeys import Passkeys, PasskeyUser
    from harness.webauthn_cases.cases import Case, Kind
    from harness.webauthn_cases.edits import Edits, Manner
    from harness.wire import Answer

_NAMED = {"ES384": ES384}
"""The algorithms of keys that must be refused unless they were offered, as the cases name them."""

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

    def in_short(self) -> str:
        """The same, with the exception's name only."""
        if self.accepted:
            return "accepted"
        return f"refused with {self.answer.error.type}" if self.answer.error else "not accepted"


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


class PasskeyCourt(Court[Verdict]):
    """What a check asks of the pool's passkeys."""

    who = "the pool"

    def __init__(
        self,
        passkeys: Passkeys,
        cast: Cast,
        *,
        observe: Callable[[str, str], None],
        require: Callable[[str | None], None],
        faults: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(observe=observe, require=require)
        self.passkeys = passkeys
        self._cast = cast
        self._faults = faults

    def must_be_right_about_offered_algorithms(self, case: Case) -> None:
        """Be right about a registration, where the pool does not happen to offer the algorithm of a bad one."""
        algorithm = _NAMED.get(case.what.partition(" ")[0])
        if case.acceptable is False and algorithm in self._offered(case.setting):
            self._observe(case.what, "the pool offers it")
        else:
            self.must_be_right_about_registering(case)

    def must_be_right_where_offered(self, case: Case) -> None:
        """The same, where the pool offers the algorithm of the honest credential; that it does not, is recorded."""
        if case.setting.manner.algorithm in self._offered(case.setting):
            self.must_be_right_about_registering(case)
        else:
            self._observe(case.what, "not offered")

    def _offered(self, setting: Setting) -> set[object]:
        options = self._registrar(setting).user.start().options
        return {each.get("alg") for each in options["pubKeyCredParams"]}

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
                self._observe(f"{NOUNS[kind]} ({what})", self.judge(kind, case.edits, case.setting).in_short())

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

    def _judging(self, kind: Kind, setting: Setting) -> Judging[Verdict]:
        return partial(self.judge, kind)

    def _noted(self, verdict: Verdict) -> str:
        return verdict.in_short()

    def _has_kept_what_it_refused(self, kind: Kind, setting: Setting) -> bool:
        if kind == "authenticate":
            return False
        registrar = self._registrar(setting)
        return bool(registrar.refused & set(registrar.user.listed_ids()))

    def _has_just_accepted_the_twin(self, kind: Kind, setting: Setting) -> bool:
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
