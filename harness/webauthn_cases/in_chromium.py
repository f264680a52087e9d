"""Making responses with Chromium: its honest ones, and the builder's changes for credentials that Chromium made."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import load_der_private_key

from fakes.authenticator import ClientRefused
from fakes.authenticator.credential import Credential
from fakes.authenticator.keys import PrivateKey, SigningKey
from harness.findings import Inconclusive
from harness.webauthn_cases.edits import EDDSA, ES256, RS256, Ceremony, Edits, Manner
from harness.webauthn_cases.making import ResponseMaker
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags, parse_authenticator_data

if TYPE_CHECKING:
    from harness.chromium_authenticator import ChromiumAuthenticator, KeptCredential

_USUAL = Manner()
_ALGORITHMS = (ES256, EDDSA, RS256)
_VERIFICATION: Mapping[int, str] = {int(Flags.UP | Flags.UV): "required", int(Flags.UP): "discouraged"}
"""What a page asks for at a sign-in, to have these flags. At a registration Chromium always verifies the user."""


def can_register(manner: Manner) -> bool:
    """Whether Chromium's authenticator makes a credential in this manner; its counter then stands at 1, not at 0."""
    usual = replace(manner, algorithm=_USUAL.algorithm, user_handle=_USUAL.user_handle)
    return manner.algorithm in _ALGORITHMS and usual == _USUAL


def can_sign_in(manner: Manner, *, discoverable: bool) -> bool:
    """Whether it signs in in this manner with a credential of its own; the counter can be had by counting to it."""
    otherwise_usual = replace(manner, flags=_USUAL.flags, sign_count=_USUAL.sign_count)
    has_handle = discoverable or not manner.user_handle
    return has_handle and manner.flags in _VERIFICATION and can_register(otherwise_usual)


@dataclass
class _Made:
    """A credential of Chromium's, as it is by now, and the registration that it came with."""

    kept: KeptCredential
    ceremony: Ceremony
    manner: Manner
    registration: dict[str, Any]


class ChromiumShelf:
    """Every credential that Chromium made, of which one at a time is in its authenticator, which has room for few."""

    def __init__(self, chromium: ChromiumAuthenticator) -> None:
        self._chromium = chromium
        self._made: dict[bytes, _Made] = {}
        self._inside: bytes | None = None

    def of(self, credential: Credential) -> _Made | None:
        """What is known of a credential, if it is Chromium's."""
        return self._made.get(credential.id)

    def register(self, ceremony: Ceremony, manner: Manner) -> Credential:
        """A new credential, registered in this ceremony."""
        self._inside = None
        self._chromium.forget_all()
        options = {
            "rp": {"id": ceremony.rp_id, "name": "Example"},
            "user": {"id": base64url.encode(ceremony.user_handle), "name": "alice", "displayName": "Alice"},
            "challenge": base64url.encode(ceremony.challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": manner.algorithm}],
            "authenticatorSelection": {
                "residentKey": "required" if manner.user_handle else "discouraged",
                "userVerification": "required",
            },
        }
        response = self._chromium.register(options, ceremony.origin)
        [kept] = self._chromium.credentials
        self._made[kept.id] = _Made(kept, ceremony, manner, response)
        self._inside = kept.id
        return Credential(
            id=kept.id,
            rp_id=kept.rp_id,
            user_handle=ceremony.user_handle,
            key=SigningKey(manner.algorithm, _private_key(kept)),
            discoverable=kept.discoverable,
            sign_count=kept.sign_count,
            backup_eligible=False,
            backed_up=False,
        )

    def count_to(self, made: _Made, sign_count: int) -> None:
        """Let a credential's counter stand at no less."""
        if sign_count > made.kept.sign_count:
            made.kept = replace(made.kept, sign_count=sign_count)
            self._inside = None

    def authenticate(self, made: _Made, ceremony: Ceremony, manner: Manner) -> dict[str, Any]:
        """A sign-in with a credential; its counter grows by one, or to what the manner says if that is more."""
        self.count_to(made, manner.sign_count - 1)
        if self._inside != made.kept.id:
            self._chromium.forget_all()
            self._chromium.remember(made.kept)
            self._inside = made.kept.id
        options = {
            "rpId": ceremony.rp_id,
            "challenge": base64url.encode(ceremony.challenge),
            "allowCredentials": [{"type": "public-key", "id": base64url.encode(made.kept.id)}],
            "userVerification": _VERIFICATION[manner.flags],
        }
        response = self._chromium.authenticate(options, ceremony.origin)
        data = parse_authenticator_data(base64url.decode(response["response"]["authenticatorData"]))
        made.kept = replace(made.kept, sign_count=data.sign_count)
        return response


class ChromiumResponseMaker(ResponseMaker):
    """Chromium's responses where it can be as the manner says and nothing is changed; else the builder's.

    What is changed is signed by the builder with the key of Chromium's credential, and counts on from its counter.
    """

    def __init__(self, seed: str, randomness: random.Random, shelf: ChromiumShelf) -> None:
        super().__init__(seed, randomness)
        self._shelf = shelf

    def credential(self, ceremony: Ceremony, manner: Manner, *, whose: str = "the user's") -> Credential:
        """A new credential, Chromium's where it can be."""
        if not can_register(manner):
            return super().credential(ceremony, manner, whose=whose)
        try:
            return self._shelf.register(ceremony, manner)
        except ClientRefused as error:
            raise Inconclusive(f"Chromium makes no credential for these options: {error}") from error

    def registration(self, ceremony: Ceremony, credential: Credential, manner: Manner, edits: Edits = ()) -> Any:
        """RegistrationResponseJSON. Raises ChangeNotMade."""
        made = self._shelf.of(credential)
        if made and not edits and (made.ceremony, made.manner) == (ceremony, manner):
            return made.registration
        return super().registration(ceremony, credential, manner, edits)

    def authentication(self, ceremony: Ceremony, credential: Credential, manner: Manner, edits: Edits = ()) -> Any:
        """AuthenticationResponseJSON. Raises ChangeNotMade."""
        made = self._shelf.of(credential)
        if made is None:
            return super().authentication(ceremony, credential, manner, edits)
        if not edits and can_sign_in(manner, discoverable=credential.discoverable):
            try:
                return self._shelf.authenticate(made, ceremony, manner)
            except ClientRefused as error:
                raise Inconclusive(f"Chromium does not sign in with these options: {error}") from error
        count = manner.sign_count or made.kept.sign_count + 1
        self._shelf.count_to(made, count)
        return super().authentication(ceremony, credential, replace(manner, sign_count=count), edits)


def _private_key(kept: KeptCredential) -> PrivateKey:
    key = load_der_private_key(kept.private_key, None)
    if not isinstance(key, PrivateKey):
        raise Inconclusive(f"Chromium made a key of a kind that it was not asked for: {type(key).__name__}")
    return key
