"""Puts the WebAuthn cases before a relying-party library, each beside its honest twin."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.findings import Finding, Inconclusive
from harness.relying_party import Ceremony as Kind
from harness.relying_party import Judgement, RelyingPartyUnderTest
from harness.webauthn_cases.cases import USUAL, Setting
from harness.webauthn_cases.client_data import ORIGINS, RP_ID
from harness.webauthn_cases.edits import Ceremony, Edits
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.webauthn_cases.cases import Case
    from harness.webauthn_cases.making import ResponseMaker

FORMATS = ("none", "packed", "fido-u2f", "tpm", "android-key", "apple")

_SECONDS_FOR_A_MOMENT = 3
"""For three ceremonies, on a busy machine too."""

_NOUNS: Mapping[Kind, str] = {"register": "a registration", "authenticate": "an authentication"}


@dataclass(frozen=True)
class Registered:
    """A credential that the relying party accepted, and the record that it would keep."""

    credential: Credential
    record: Mapping[str, Any]
    user_handle: bytes


class CeremonyCourt:
    """What a check asks of the relying party under test."""

    def __init__(
        self,
        relying_party: RelyingPartyUnderTest,
        maker: ResponseMaker,
        *,
        observe: Callable[[str, str], None],
        require: Callable[[str | None], None],
    ) -> None:
        self.maker = maker
        self._relying_party = relying_party
        self._observe = observe
        self._require = require

    def must_be_right_about_registering(self, case: Case) -> None:
        """Accept a good registration, refuse a bad one; of any other, record the judgement."""
        self._demand_needs(case.setting)
        with self._between_honest("register", case.setting, case.acceptable is False):
            self._weigh("register", case, self.register(case.edits, case.attempted)[0])

    def must_be_quickly_right_about_registering(self, case: Case) -> None:
        """The same, and within a moment."""
        began = time.monotonic()
        self.must_be_right_about_registering(case)
        if time.monotonic() - began > _SECONDS_FOR_A_MOMENT:
            raise Finding(f"the relying party took longer than {_SECONDS_FOR_A_MOMENT} s over {case.what}")

    def must_be_right_about_authenticating(self, case: Case) -> None:
        """The same of an authentication, with a credential that it has accepted."""
        self._demand_needs(case.setting)
        registered = self.registered(case.setting)
        with self._between_honest("authenticate", case.setting, case.acceptable is False, registered):
            self._weigh("authenticate", case, self.authenticate(registered, case.edits, case.attempted))

    def must_refuse_each(self, kind: Kind, variants: Mapping[str, Edits], setting: Setting) -> None:
        """Refuse every variant of one response; one honest twin before all of them and one after."""
        self._demand_needs(setting)
        registered = self.registered(setting) if kind == "authenticate" else None
        with self._between_honest(kind, setting, True, registered):
            for what, edits in variants.items():
                judgement = self._judged(kind, edits, setting, registered)
                if judgement.accepted:
                    raise Finding(f"the relying party accepted {_NOUNS[kind]} ({what})")

    def must_sign_in_after_registering(self, case: Case) -> None:
        """Accept a good registration, write down what was registered, and accept a sign-in with it."""
        self._demand_needs(case.setting)
        judgement, registered = self.register(case.edits, case.setting)
        self._weigh("register", case, judgement)
        self.must_have_written_down(case.what, judgement, registered)
        manner = replace(case.setting.manner, format="none", extensions={}, sign_count=1)
        signed_in = self.authenticate(registered, (), replace(case.setting, manner=manner))
        if not signed_in.accepted:
            raise Finding(
                f"the relying party {signed_in.described()} a sign-in with a credential it registered ({case.what})"
            )

    def must_have_written_down(self, what: str, judgement: Judgement, registered: Registered) -> None:
        """The record has the credential's id and public key, as they were registered."""
        from protocol.webauthn import cbor

        credential = registered.credential
        true = {"id": credential.id, "public_key": cbor.encode(credential.key.cose_members)}
        for member, value in true.items():
            if registered.record.get(member) != base64url.encode(value):
                raise Finding(f"the relying party wrote down another {member} than was registered ({what})")

    def must_refuse_what_answers_other_options(self, whose: str) -> None:
        """Refuse an honest response to other options than those of the ceremony."""
        with self._between_honest("register", USUAL, True):
            request = self._request("register", (), USUAL, None)[0]
            other = self._request("register", (), USUAL, None)[0]
            if self._relying_party.judge("register", {**request, "response": other["response"]}).accepted:
                raise Finding(f"the relying party accepted a registration (the response to {whose})")

    def must_not_accept_both(self, kind: Kind, cases: tuple[Case, Case]) -> None:
        """Of two responses that contradict themselves in opposite order, accept one at most."""
        judgements = []
        for case in cases:
            registered = self.registered(case.setting) if kind == "authenticate" else None
            judgements.append(self._judged(kind, case.edits, case.setting, registered))
            self._observe(case.what, judgements[-1].described())
        if all(judgement.accepted for judgement in judgements):
            raise Finding(f"the relying party accepted {_NOUNS[kind]} whichever came first ({cases[0].what})")

    def must_answer_a_challenge_once(self, kind: Kind, setting: Setting) -> None:
        """The same response to the same challenge is refused the second time; a fresh one is not."""
        self._demand_needs(setting)
        registered = self.registered(setting) if kind == "authenticate" else None
        request = self._request(kind, (), setting, registered)[0]
        first = self._relying_party.judge(kind, request)
        if not first.accepted:
            raise Inconclusive(f"the relying party {first.described()} the honest response")
        again = self._relying_party.judge(kind, request)
        self._twin_must_be_accepted(kind, setting, registered, "after")
        if again.accepted:
            raise Finding(f"the relying party accepted {_NOUNS[kind]} (the same response, a second time)")

    def register(self, edits: Edits, setting: Setting) -> tuple[Judgement, Registered]:
        """Put one registration before the relying party."""
        request, credential, ceremony = self._request("register", edits, setting, None)
        judgement = self._relying_party.judge("register", request)
        record = judgement.told.get("credential", {})
        if judgement.accepted and not (isinstance(record, dict) and isinstance(record.get("public_key"), str)):
            raise Inconclusive(f"the driver accepted a registration and answered without a credential: {record!r:.200}")
        return judgement, Registered(credential, record, ceremony.user_handle)

    def authenticate(self, registered: Registered, edits: Edits, setting: Setting) -> Judgement:
        """Put one authentication before the relying party."""
        return self._relying_party.judge("authenticate", self._request("authenticate", edits, setting, registered)[0])

    def registered(self, setting: Setting) -> Registered:
        """A credential that the relying party has accepted. Raises Inconclusive when it accepts none."""
        stored = setting.stored or replace(setting.manner, sign_count=0, extensions={})
        plain = replace(setting, manner=replace(stored, format="none"), expected={}, options={})
        judgement, registered = self.register((), plain)
        if not judgement.accepted:
            raise Inconclusive(
                f"no credential to sign in with: the relying party {judgement.described()} its registration"
            )
        return replace(registered, record={**registered.record, "sign_count": stored.sign_count})

    def _judged(self, kind: Kind, edits: Edits, setting: Setting, registered: Registered | None) -> Judgement:
        return self._relying_party.judge(kind, self._request(kind, edits, setting, registered)[0])

    def _weigh(self, kind: Kind, case: Case, judgement: Judgement) -> None:
        noun = f"{_NOUNS[kind]} ({case.what})"
        if case.acceptable is None:
            self._observe(noun, judgement.described())
        elif case.acceptable and not judgement.accepted:
            raise Finding(f"the relying party {judgement.described()} {noun}")
        elif judgement.accepted and not case.acceptable:
            raise Finding(f"the relying party accepted {noun}")

    @contextmanager
    def _between_honest(
        self, kind: Kind, setting: Setting, wanted: bool, registered: Registered | None = None
    ) -> Iterator[None]:
        """For a negative: the honest twin is accepted before the block and after it."""
        if not wanted:
            yield
            return
        self._twin_must_be_accepted(kind, setting, registered, "before")
        yield
        self._twin_must_be_accepted(kind, setting, registered, "after")

    def _twin_must_be_accepted(self, kind: Kind, setting: Setting, registered: Registered | None, when: str) -> None:
        judgement = self._judged(kind, (), setting, registered)
        if not judgement.accepted:
            raise Inconclusive(
                f"the honest twin failed {when} the change: the relying party {judgement.described()} it"
            )

    def _request(
        self, kind: Kind, edits: Edits, setting: Setting, registered: Registered | None
    ) -> tuple[dict[str, Any], Credential, Ceremony]:
        handle = registered.user_handle if registered else self.maker.user_handle()
        ceremony = Ceremony(self.maker.challenge(), ORIGINS[0], RP_ID, handle)
        if registered is None:
            credential = self.maker.credential(ceremony, setting.manner)
            response = self.maker.registration(ceremony, credential, setting.manner, edits)
            options = _creation_options(ceremony, setting)
        else:
            credential = registered.credential
            response = self.maker.authentication(ceremony, credential, setting.manner, edits)
            options = _request_options(ceremony, credential, setting)
        request = {
            "options": {**options, **setting.options},
            "expected": {**self._expected(kind, ceremony, setting), **_told(setting, credential)},
            "response": response,
        }
        if registered is not None:
            request["credential"] = dict(registered.record)
        return request, credential, ceremony

    def _expected(self, kind: Kind, ceremony: Ceremony, setting: Setting) -> dict[str, Any]:
        trusts = self._relying_party.can("trust-anchors") and setting.manner.format != "none"
        common = {
            "challenge": base64url.encode(ceremony.challenge),
            "origins": list(ORIGINS),
            "rp_id": ceremony.rp_id,
            "user_verification": setting.user_verification,
            "algorithms": [setting.manner.algorithm, *setting.offered],
            "roots": [base64url.encode(self.maker.root)] if trusts else [],
            "formats": list(FORMATS),
            "cross_origin": False,
            "top_origins": [],
            "mediation": "optional",
        }
        if kind == "register":
            return {**common, "registered": []}
        return {**common, "user_handle": base64url.encode(ceremony.user_handle), "user_identified": True}

    def _demand_needs(self, setting: Setting) -> None:
        for need in setting.all_needs:
            self._require(f"relying-party.{need}")


def _told(setting: Setting, credential: Credential) -> dict[str, Any]:
    id = base64url.encode(credential.id)
    return {name: value(id) if callable(value) else value for name, value in setting.expected.items()}


def _creation_options(ceremony: Ceremony, setting: Setting) -> dict[str, Any]:
    return {
        "rp": {"id": ceremony.rp_id, "name": "Example"},
        "user": {"id": base64url.encode(ceremony.user_handle), "name": "alice", "displayName": "Alice"},
        "challenge": base64url.encode(ceremony.challenge),
        "pubKeyCredParams": [
            {"type": "public-key", "alg": algorithm} for algorithm in (setting.manner.algorithm, *setting.offered)
        ],
        "timeout": 300_000,
        "excludeCredentials": [],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": setting.user_verification},
        "attestation": "none" if setting.manner.format == "none" else "direct",
    }


def _request_options(ceremony: Ceremony, credential: Credential, setting: Setting) -> dict[str, Any]:
    return {
        "challenge": base64url.encode(ceremony.challenge),
        "timeout": 300_000,
        "rpId": ceremony.rp_id,
        "allowCredentials": [{"type": "public-key", "id": base64url.encode(credential.id)}],
        "userVerification": setting.user_verification,
    }
