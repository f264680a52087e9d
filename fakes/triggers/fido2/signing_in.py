"""Signing in with a passkey: what CreateAuthChallenge asks, and what VerifyAuthChallengeResponse makes of the answer.

The options go out with the first challenge, to everybody, in one form: a user without passkeys and a name without a
user are shown an id too, always the same one (WebAuthn L3 section 14.6.2), derived with a secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.relying_party.nobody import nobodys_record
from fakes.triggers.addresses import is_confirmed
from fakes.triggers.events import SignInEvent
from fakes.triggers.fido2.ceremonies import PasskeyCeremonies
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from fakes.triggers.fido2.store import ANYBODYS, PasskeyStore, StoredCredential
from fakes.triggers.fido2.user_handles import user_handle
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import HEADER_BYTES
from protocol.webauthn.errors import WebAuthnError

ONE_CHALLENGE = declare_fault(
    "triggers.passkeys.one-challenge", "every challenge is the same one, in registrations and in sign-ins"
)
SHORT_CHALLENGE = declare_fault("triggers.passkeys.short-challenges", "challenges have eight bytes")
TELLS_WHO_HAS_SOME = declare_fault(
    "triggers.passkeys.tells-who-has-passkeys", "users without passkeys, and unknown ones, are shown no credential ids"
)
IMAGINED_ANEW = declare_fault(
    "triggers.passkeys.imagines-ids-anew", "the credential id that an unknown user is shown is another one each time"
)
PUBLIC_SALT = declare_fault(
    "triggers.passkeys.imagines-ids-with-a-public-salt",
    "the credential id that an unknown user is shown is the SHA-256 of the user pool's id and the name",
)
NO_VERIFICATION_ASKED = declare_fault(
    "triggers.passkeys.asks-for-no-verification",
    "options say that user verification is discouraged, whatever policy says",
)
BELIEVES_THE_REQUEST = declare_fault(
    "triggers.passkeys.takes-the-challenge-from-the-request", "a challenge beside the response is believed"
)
NEEDS_NO_HANDLE = declare_fault(
    "triggers.passkeys.needs-no-user-handle",
    "the answer to a challenge that was issued to nobody in particular needs no user handle",
)
ANY_HANDLE = declare_fault(
    "triggers.passkeys.takes-any-user-handle-of-nobodys-challenge",
    "in the answer to a challenge that was issued to nobody in particular the user handle is not looked at",
)
TELLS_WHAT_WAS_WRONG = declare_fault(
    "triggers.passkeys.tells-what-was-wrong", "an unknown credential id raises an error that says so"
)
SLOW_ABOUT_KNOWN = declare_fault(
    "triggers.passkeys.takes-its-time-with-what-it-knows",
    "verifying takes 40 ms, and what is no credential of the user's is refused before",
)
MARKS_BEFORE = declare_fault(
    "triggers.passkeys.updates-before-verifying", "the signature counter is stored before anything is verified"
)
RAISES = declare_fault("triggers.passkeys.raises-on-malformed-answers", "an answer that is no JSON object raises")
ANY_PURPOSE = declare_fault(
    "triggers.passkeys.any-purpose",
    "a challenge of a registration is good for a sign-in, and one of a sign-in for a registration",
)

_MOST_CHARACTERS = 20_000
_SPOKEN = {
    "credentialIdB64": "id",
    "authenticatorDataB64": "authenticatorData",
    "clientDataJSON_B64": "clientDataJSON",
    "signatureB64": "signature",
    "userHandleB64": "userHandle",
}


class UnknownCredential(Exception):
    """Raised under a fault only."""


def new_challenge(faults: FaultSwitches) -> str:
    """A challenge, as text (WebAuthn L3 section 13.4.3)."""
    if faults.on(ONE_CHALLENGE):
        return base64url.encode(bytes(range(32)))
    return base64url.encode(secrets.token_bytes(8 if faults.on(SHORT_CHALLENGE) else 32))


class PasskeySignIn:
    """Asks and verifies."""

    def __init__(
        self,
        configuration: PasskeyConfiguration,
        store: PasskeyStore,
        ceremonies: PasskeyCeremonies,
        secret: bytes,
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._store = store
        self._ceremonies = ceremonies
        self._secret = secret
        self._faults = faults
        self._log = log

    def options(self, event: SignInEvent) -> tuple[str, str]:
        """What the client is shown, and what is kept for VerifyAuthChallengeResponse; both JSON."""
        configuration, faults = self._configuration, self._faults
        credentials = self._store.credentials(self._owner(event))
        ids = [base64url.encode(each.record.id) for each in credentials]
        if not ids and not faults.on(TELLS_WHO_HAS_SOME):
            ids = [base64url.encode(self._imaginary(event))]
        shown: dict[str, Any] = {
            "challenge": new_challenge(faults),
            "timeout": configuration.ceremony_seconds * 1000,
            "userVerification": "discouraged" if faults.on(NO_VERIFICATION_ASKED) else configuration.user_verification,
            "credentials": [{"id": id} for id in ids],
        }
        if len(configuration.rp_ids) == 1:
            shown["relyingPartyId"] = configuration.rp_ids[0]
        kept = {**shown, "expires_at": self._store.in_seconds(configuration.ceremony_seconds)}
        return json.dumps(shown), json.dumps(kept)

    def verify(self, event: SignInEvent) -> bool:
        """Whether the answer is an assertion of this user's, over this session's challenge or one of nobody's."""
        said = self._read(event.answer)
        kept = _object(event.private_parameters.get("fido2options"))
        if said is None or kept is None:
            return False
        try:
            return self._verified(event, said, kept)
        except WebAuthnError as refused:
            self._log(f"passkey refused: {getattr(refused, 'step', type(refused).__name__)}")
            return False

    def _verified(self, event: SignInEvent, said: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
        faults, owner = self._faults, self._owner(event)
        id = _bytes(said.get("id"))
        found = self._store.credential(owner, id) if id else None
        if found is None and faults.on(TELLS_WHAT_WAS_WRONG) and not event.user_not_found:
            raise UnknownCredential("this credential is not registered")
        if found is None or event.user_not_found or not is_confirmed(event, faults):
            return self._as_slowly(said, kept)
        if faults.on(SLOW_ABOUT_KNOWN):
            time.sleep(0.04)
        challenge, is_nobodys = self._challenge(said, kept)
        if challenge is None:
            return False
        if is_nobodys and said.get("userHandle") is None and not faults.on(NEEDS_NO_HANDLE):
            return False
        if is_nobodys and faults.on(ANY_HANDLE):
            said = {name: value for name, value in said.items() if name != "userHandle"}
        allowed = frozenset() if is_nobodys or faults.on(ANYBODYS) else _ids(kept)
        if faults.on(MARKS_BEFORE):
            self._mark(said, challenge, found)
        record = self._ceremonies.authenticate(
            said,
            base64url.decode(challenge),
            self._handle(event),
            found.record,
            allowed,
            again=found.last_challenge == challenge,
        )
        is_first = self._store.answer(challenge, str(event.answer), self._configuration.ceremony_seconds)
        return is_first and self._store.signed_in(found, record, challenge)

    def _as_slowly(self, said: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
        """Wrong, in the time that it takes to verify a signature: how long a refusal takes tells nothing."""
        record = nobodys_record(_bytes(said.get("id")) or b"", self._configuration.rp_ids[0])
        handle = _bytes(said.get("userHandle")) or b""
        challenge = base64url.decode(self._challenge(said, kept)[0] or str(kept["challenge"]))
        with suppress(WebAuthnError):
            self._ceremonies.authenticate(said, challenge, handle, record, frozenset(), again=False)
        return False

    def _challenge(self, said: Mapping[str, Any], kept: Mapping[str, Any]) -> tuple[str | None, bool]:
        """The challenge that the answer has to be over, and whether it was issued to nobody in particular."""
        own = str(kept["challenge"])
        if self._faults.on(BELIEVES_THE_REQUEST) and isinstance(said.get("challenge"), str):
            return said["challenge"], False
        signed = signed_challenge(said.get("clientDataJSON"))
        if signed is not None and signed != own and self._store.was_issued(signed):
            return signed, True
        return (own if self._store.is_in_time(int(kept["expires_at"])) else None, False)

    def _mark(self, said: Mapping[str, Any], challenge: str, found: StoredCredential) -> None:
        raw = _bytes(said.get("authenticatorData")) or b""
        if len(raw) >= HEADER_BYTES:
            counted = replace(found.record, sign_count=int.from_bytes(raw[33:37], "big"))
            self._store.signed_in(found, counted, challenge)

    def _read(self, answer: object) -> dict[str, Any] | None:
        """The answer's members by WebAuthn's names, or None where it is none. Members of other names are kept."""
        try:
            members = json.loads(answer) if isinstance(answer, str) and len(answer) <= _MOST_CHARACTERS else None
        except (ValueError, RecursionError):
            members = None
        if not isinstance(members, dict):
            if self._faults.on(RAISES):
                raise MalformedPasskeyAnswer("the answer cannot be read")
            return None
        return read_assertion(members)

    def _owner(self, event: SignInEvent) -> str:
        sub = event.attributes.get("sub", "")
        return self._store.owner_of("" if event.user_not_found else sub, event.user_name)

    def _handle(self, event: SignInEvent) -> bytes:
        attributes = event.attributes
        return user_handle(attributes.get("sub", ""), event.user_name, self._faults, email=attributes.get("email", ""))

    def _imaginary(self, event: SignInEvent) -> bytes:
        who = f"{event.user_pool_id}/{event.user_name}"
        if self._faults.on(IMAGINED_ANEW):
            return secrets.token_bytes(32)
        if self._faults.on(PUBLIC_SALT):
            return hashlib.sha256(f"{event.user_pool_id}{event.user_name}".encode()).digest()
        return hmac.digest(self._secret, f"imaginary credential/{who}".encode(), "sha256")


class MalformedPasskeyAnswer(ValueError):
    """Raised under a fault only."""


def _object(text: object) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and "challenge" in found else None


def _ids(kept: Mapping[str, Any]) -> frozenset[bytes]:
    return frozenset(base64url.decode(each["id"]) for each in kept["credentials"])


def _bytes(text: object) -> bytes | None:
    try:
        return base64url.decode(text) if isinstance(text, str) else None
    except WebAuthnError:
        return None


def read_assertion(members: Mapping[Any, Any]) -> dict[str, Any]:
    """An assertion's members by WebAuthn's names; members of other names are kept."""
    return {_SPOKEN.get(str(name), str(name)): value for name, value in members.items()}


def signed_challenge(client_data: object) -> str | None:
    """What the client data names as its challenge, to look it up; the ceremony then reads it strictly."""
    raw = _bytes(client_data)
    try:
        members = json.loads(raw.decode("utf-8-sig", "replace")) if raw else None
    except (ValueError, RecursionError):
        return None
    found = members.get("challenge") if isinstance(members, dict) else None
    return found if isinstance(found, str) else None
