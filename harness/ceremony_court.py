"""Puts the WebAuthn cases before a relying-party library, each beside its honest twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.court import NOUNS, Court, Judging
from harness.findings import Finding, Inconclusive
from harness.relying_party import Judgement, RelyingPartyUnderTest
from harness.webauthn_cases.cases import USUAL, Setting
from harness.webauthn_cases.client_data import ORIGINS, RP_ID
from harness.webauthn_cases.edits import Ceremony, Edits
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.webauthn_cases.cases import Case, Kind
    from harness.webauthn_cases.making import ResponseMaker

FORMATS = ("none", "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "compound")

AT_ONCE = 20
"""How many responses come at the same moment."""


@dataclass(frozen=True)
class Registered:
    """A credential that the relying party accepted, and the record that it would keep."""

    credential: Credential
    record: Mapping[str, Any]
    user_handle: bytes


class CeremonyCourt(Court[Judgement]):
    """What a check asks of the relying party under test."""

    who = "the relying party"

    def __init__(
        self,
        relying_party: RelyingPartyUnderTest,
        maker: ResponseMaker,
        *,
        observe: Callable[[str, str], None],
        require: Callable[[str | None], None],
    ) -> None:
        super().__init__(observe=observe, require=require)
        self.maker = maker
        self._relying_party = relying_party

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
        with self._between_honest("register", USUAL, self._judging("register", USUAL)):
            request = self._request("register", (), USUAL, None)[0]
            other = self._request("register", (), USUAL, None)[0]
            if self._relying_party.judge("register", {**request, "response": other["response"]}).accepted:
                raise Finding(f"the relying party accepted a registration (the response to {whose})")

    def must_answer_a_challenge_once(self, kind: Kind, setting: Setting) -> None:
        """The same response to the same challenge is refused the second time; a fresh one is not."""
        self._demand_needs(setting)
        registered = self._known(kind, setting)
        request = self._request(kind, (), setting, registered)[0]
        first = self._relying_party.judge(kind, request)
        if not first.accepted:
            raise Inconclusive(f"the relying party {first.described()} the honest response")
        again = self._relying_party.judge(kind, request)
        self._twin_must_be_accepted(setting, self._judging_with(registered), "after")
        if again.accepted:
            raise Finding(f"the relying party accepted {NOUNS[kind]} (the same response, a second time)")

    async def must_answer_a_challenge_once_among_many(self, kind: Kind, setting: Setting) -> None:
        """Of the same response to the same challenge many times at once, one is accepted; then a fresh one is."""
        self._demand_needs(setting)
        registered = self._known(kind, setting)
        self._twin_must_be_accepted(setting, self._judging_with(registered), "before")
        request, fresh = (self._request(kind, (), setting, registered)[0] for _ in range(2))
        judgements, after = await self._relying_party.judge_at_once(kind, request, AT_ONCE, fresh)
        accepted = sum(judgement.accepted for judgement in judgements)
        if accepted > 1:
            raise Finding(f"the relying party accepted {NOUNS[kind]} {accepted} times (the same, {AT_ONCE} at once)")
        if not accepted:
            raise Inconclusive(f"the relying party {judgements[0].described()} each of {AT_ONCE} responses at once")
        if not after.accepted:
            raise Inconclusive(f"the honest twin failed after the change: the relying party {after.described()} it")

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

    def _judging(self, kind: Kind, setting: Setting) -> Judging[Judgement]:
        return self._judging_with(self._known(kind, setting))

    def _known(self, kind: Kind, setting: Setting) -> Registered | None:
        """The credential that a ceremony needs beforehand."""
        return self.registered(setting) if kind == "authenticate" else None

    def _judging_with(self, registered: Registered | None) -> Judging[Judgement]:
        if registered is None:
            return lambda edits, setting: self.register(edits, setting)[0]
        return partial(self.authenticate, registered)

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
        attested = setting.manner.format != "none" and not setting.statuses
        trusts = self._relying_party.can("trust-anchors") and attested
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
            return {**common, "registered": [], "metadata": self._metadata(setting)}
        return {**common, "user_handle": base64url.encode(ceremony.user_handle), "user_identified": True}

    def _metadata(self, setting: Setting) -> list[dict[str, Any]]:
        from harness.webauthn_cases.making import AAGUID
        from harness.webauthn_cases.metadata import metadata_entry

        return [metadata_entry(AAGUID, self.maker.root, setting.statuses)] if setting.statuses else []

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
