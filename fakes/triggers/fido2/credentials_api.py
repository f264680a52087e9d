"""The API by which a signed-in user registers, lists, renames and removes passkeys, and confirms with one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.fido2.ceremonies import PasskeyCeremonies
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from fakes.triggers.fido2.confirming import Confirmations
from fakes.triggers.fido2.proxy import Answer, Caller, ProxyRequest, Refused, answered
from fakes.triggers.fido2.signing_in import (
    ANY_PURPOSE,
    BELIEVES_THE_REQUEST,
    NO_VERIFICATION_ASKED,
    new_challenge,
    signed_challenge,
)
from fakes.triggers.fido2.store import PasskeyStore, StoredCredential
from fakes.triggers.fido2.user_handles import user_handle
from fakes.triggers.services import Mails
from protocol.webauthn import base64url
from protocol.webauthn.errors import WebAuthnError

EXCLUDES_NOTHING = declare_fault("triggers.passkeys.excludes-nothing", "excludeCredentials is empty")
ANY_RP_ID_ASKED = declare_fault(
    "triggers.passkeys.options-for-any-rp-id", "a registration is begun for whatever RP ID the query names"
)
OFFERS_UNKNOWN = declare_fault(
    "triggers.passkeys.offers-no-es256", "pubKeyCredParams names RS1 and algorithms that nobody verifies, and no ES256"
)
OFFERS_LITTLE = declare_fault("triggers.passkeys.offers-no-eddsa", "pubKeyCredParams does not name EdDSA")
OTHER_ATTESTATION = declare_fault("triggers.passkeys.asks-for-attestation", "options ask for direct attestation")
RESIDENT_BOTH = declare_fault(
    "triggers.passkeys.contradicts-itself-about-resident-keys",
    "residentKey is required and requireResidentKey is false",
)
NO_TIMEOUT = declare_fault("triggers.passkeys.timeout-of-a-day", "options have a timeout of a day")
ANY_AGE = declare_fault(
    "triggers.passkeys.adds-after-any-sign-in", "how long ago the user signed in who adds a passkey is not looked at"
)
KNOWN_TRANSPORTS = declare_fault(
    "triggers.passkeys.refuses-unknown-transports", "a transport that is not one of five is an error"
)
LISTS_ALL = declare_fault("triggers.passkeys.lists-every-rp-id", "the list is not filtered by RP ID")
TELLS_FOREIGN = declare_fault(
    "triggers.passkeys.tells-foreign-credentials",
    "removing somebody else's credential is refused otherwise than an unknown one",
)
STAYS = declare_fault(
    "triggers.passkeys.removed-credentials-stay", "a credential that is removed is answered 204, and stays"
)
SILENT = declare_fault("triggers.passkeys.tells-nobody", "no mail says that a passkey was added or removed")
ANY_NAME = declare_fault(
    "triggers.passkeys.any-friendly-name", "a friendly name may have any length and any characters"
)
ECHOES = declare_fault(
    "triggers.passkeys.echoes-what-it-refuses",
    "what refuses a registration is told with its trace and the stored options",
)
FORGETS_DETAILS = declare_fault("triggers.passkeys.forgets-transports", "transports and signature counter are not kept")

DEMANDS_CRED_PROPS = declare_fault(
    "triggers.passkeys.demands-what-it-asked-for",
    "options ask for the extension credProps, and a registration that says nothing of it is refused",
)
FOR_WHOM_IT_SAYS = declare_fault(
    "triggers.passkeys.kept-for-whom-the-response-names",
    "a credential is kept for the user whom a member `sub` beside the response names, where there is one",
)
LAST_STAYS = declare_fault("triggers.passkeys.keeps-the-last", "a user's last passkey cannot be removed")
ENDS_SESSIONS = declare_fault(
    "triggers.passkeys.removing-ends-sessions", "who removes a passkey is signed out everywhere"
)
SORT_KEYS = declare_fault(
    "triggers.passkeys.ids-are-sort-keys",
    "what is removed is the row of the user whose sort key ends in the credential id, as it came: ../X removes X",
)

_MOST_NAME_CHARACTERS = 64
_KNOWN = {"usb", "nfc", "ble", "internal", "hybrid"}
_SPOKEN = {"attestationObjectB64": "attestationObject", "clientDataJSON_B64": "clientDataJSON"}
_NOT_OF_THE_RESPONSE = {"friendlyName"}


class CredentialsApi:
    """Answers proxy events."""

    def __init__(
        self,
        configuration: PasskeyConfiguration,
        store: PasskeyStore,
        ceremonies: PasskeyCeremonies,
        mails: Mails,
        end_sessions: Callable[[Caller], None],
        now: Callable[[], datetime],
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._store = store
        self._ceremonies = ceremonies
        self._mails = mails
        self._end_sessions = end_sessions
        self._now = now
        self._faults = faults
        self._log = log
        self._confirmations = Confirmations(configuration, store, ceremonies, faults, log)
        self._paths: Mapping[str, Callable[[Caller, ProxyRequest], tuple[int, object]]] = {
            "/register-authenticator/start": self._start,
            "/register-authenticator/complete": self._complete,
            "/confirm/start": self._start_confirming,
            "/confirm/complete": self._confirm,
            "/authenticators/list": self._list,
            "/authenticators/update": self._update,
            "/authenticators/delete": self._delete,
        }

    def __call__(self, event: Any) -> Answer:
        """The answer to a proxy event."""
        return answered(event, self._answer, self._configuration.origins, self._faults, self._log)

    def _answer(self, request: ProxyRequest) -> tuple[int, object]:
        caller = request.caller(self._faults)
        found = self._paths.get(request.path)
        if found is None:
            raise Refused(404, "There is nothing here.")
        return found(caller, request)

    def _start(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        """Creation options (WebAuthn L3 section 5.4)."""
        configuration, faults = self._configuration, self._faults
        age, owner = self._now().timestamp() - caller.signed_in_at, self._owner(caller)
        is_fresh = age <= configuration.sign_in_within_seconds or faults.on(ANY_AGE)
        if not is_fresh and not self._store.has_confirmed(owner):
            raise Refused(403, "Please sign in again, or confirm with a passkey, before you add one.")
        rp_id, challenge = self._rp_id(request), new_challenge(faults)
        mine = [] if faults.on(EXCLUDES_NOTHING) else self._store.credentials(owner)
        handle = user_handle(caller.sub, caller.name, faults, email=caller.email or "", nonce=challenge)
        algorithms = configuration.algorithms
        if faults.on(OFFERS_UNKNOWN):
            algorithms = (-65535, -260, *(each for each in algorithms if each != -7))
        if faults.on(OFFERS_LITTLE):
            algorithms = tuple(each for each in algorithms if each != -8)
        options = {
            "rp": {"id": rp_id, "name": configuration.rp_name},
            "user": {
                "id": base64url.encode(handle),
                "name": caller.email or caller.name,
                "displayName": caller.email or caller.name,
            },
            "challenge": challenge,
            "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in algorithms],
            "timeout": 86_400_000 if faults.on(NO_TIMEOUT) else configuration.ceremony_seconds * 1000,
            "excludeCredentials": [{"type": "public-key", "id": base64url.encode(each.record.id)} for each in mine],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": not faults.on(RESIDENT_BOTH),
                "userVerification": "discouraged"
                if faults.on(NO_VERIFICATION_ASKED)
                else configuration.user_verification,
            },
            "attestation": "direct" if faults.on(OTHER_ATTESTATION) else "none",
            **({"extensions": {"credProps": True}} if faults.on(DEMANDS_CRED_PROPS) else {}),
        }
        seconds = configuration.ceremony_seconds
        self._store.begin_registration(owner, {"challenge": challenge, "rp_id": rp_id}, seconds)
        if faults.on(ANY_PURPOSE):
            self._store.issue(challenge, seconds)
        return 200, options

    def _complete(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        """Register. The user's open registration ends with this, whatever comes of it."""
        members = request.members()
        name = self._friendly_name(members.get("friendlyName"))
        said = {_SPOKEN.get(key, key): value for key, value in members.items() if key not in _NOT_OF_THE_RESPONSE}
        transports = said.get("transports")
        if transports is None:
            said.pop("transports", None)
        elif self._faults.on(KNOWN_TRANSPORTS) and not set(map(str, transports)) <= _KNOWN:
            raise Refused(400, "An unknown transport.")
        owner = self._owner(caller)
        begun = self._store.finish_registration(owner)
        challenge: str | None = None if begun is None else begun["challenge"]
        if self._believes(said):
            challenge = said["challenge"]
        if begun is None and self._faults.on(ANY_PURPOSE):
            begun, challenge = self._issued(said)
        if begun is None or challenge is None:
            raise Refused(400, "The registration has ended. Please begin again.")
        try:
            record = self._ceremonies.register(
                said, base64url.decode(challenge), begun["rp_id"], self._store.registered_ids
            )
        except WebAuthnError as refused:
            self._log(f"registration refused: {getattr(refused, 'step', type(refused).__name__)}")
            if self._faults.on(ECHOES):
                raise Refused(400, f"Traceback (most recent call last): {refused!r}; stored options: {begun}") from None
            raise Refused(400, "The passkey could not be registered.") from None
        if self._faults.on(FORGETS_DETAILS):
            record = replace(record, transports=(), sign_count=0)
        if self._faults.on(DEMANDS_CRED_PROPS) and "clientExtensionResults" not in said:
            raise Refused(400, "The extension credProps is missing.")
        if self._faults.on(FOR_WHOM_IT_SAYS) and isinstance(members.get("sub"), str):
            owner = members["sub"]
        over = self._faults.on("triggers.passkeys.ignores-who-has-the-id")
        stored = self._store.add(owner, record, name, over=over)
        if stored is None:
            raise Refused(400, "The passkey could not be registered.")
        self._tell(caller, "A passkey was added to your account", f"The passkey {name} can now sign in.")
        return 200, _shown(stored)

    def _start_confirming(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        return 200, self._confirmations.start(caller)

    def _confirm(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        self._confirmations.complete(caller, request.members())
        return 204, None

    def _list(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        rp_id = self._rp_id(request)
        every = self._faults.on(LISTS_ALL)
        mine = self._store.credentials(self._owner(caller))
        return 200, {"authenticators": [_shown(each) for each in mine if every or each.record.rp_id == rp_id]}

    def _update(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        members = request.members()
        name = self._friendly_name(members.get("friendlyName"))
        if not self._store.rename(self._owner(caller), _credential_id(members), name):
            raise Refused(404, "You have no such passkey.")
        return 200, None

    def _delete(self, caller: Caller, request: ProxyRequest) -> tuple[int, object]:
        """Remove; the same answer whether there was one, so that nobody learns of others'."""
        members, owner = request.members(), self._owner(caller)
        if self._faults.on(SORT_KEYS) and str(members.get("credentialId")).startswith("../"):
            self._store.remove_any(owner, str(members["credentialId"]).removeprefix("../"))
        id = _credential_id(members)
        if (
            self._faults.on(TELLS_FOREIGN)
            and id in self._store.registered_ids
            and not self._store.credential(owner, id)
        ):
            raise Refused(403, "This is somebody else's.")
        if self._faults.on(LAST_STAYS) and len(self._store.credentials(owner)) == 1:
            raise Refused(409, "This is your last passkey.")
        removed = None if self._faults.on(STAYS) else self._store.remove(owner, id)
        if self._faults.on(ENDS_SESSIONS):
            self._end_sessions(caller)
        if removed is not None:
            self._tell(caller, "A passkey was removed from your account", f"The passkey {removed.name} is gone.")
        return 204, None

    def _rp_id(self, request: ProxyRequest) -> str:
        rp_id = request.query.get("rpId")
        if rp_id in self._configuration.rp_ids or (rp_id is not None and self._faults.on(ANY_RP_ID_ASKED)):
            return rp_id
        raise Refused(400, "rpId is missing or unknown.")

    def _owner(self, caller: Caller) -> str:
        return self._store.owner_of(caller.sub, caller.name)

    def _believes(self, said: Mapping[str, Any]) -> bool:
        return self._faults.on(BELIEVES_THE_REQUEST) and isinstance(said.get("challenge"), str)

    def _issued(self, said: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        """Under a fault: a challenge that was issued for a sign-in."""
        challenge = signed_challenge(said.get("clientDataJSON"))
        if challenge is None or not self._store.was_issued(challenge):
            return None, None
        return {"rp_id": self._configuration.rp_ids[0]}, challenge

    def _friendly_name(self, name: object) -> str:
        """What is shown wherever passkeys are listed: short, printable, and no markup whoever forgets to escape it."""
        if not isinstance(name, str) or not name.strip():
            raise Refused(400, "friendlyName is missing.")
        if self._faults.on(ANY_NAME):
            return name
        strange = any(unicodedata.category(each).startswith("C") for each in name) or set(name) & set("<>")
        if strange or len(name) > _MOST_NAME_CHARACTERS:
            raise Refused(400, "friendlyName is too long, or holds what is no plain text.")
        return name.strip()

    def _tell(self, caller: Caller, subject: str, text: str) -> None:
        """Tell the user, who may not be the one who did it (ASVS 5.0, 6.3.7)."""
        if caller.email is None or not self._configuration.sender or self._faults.on(SILENT):
            return
        text += " If that was not you, please write to us at once."
        self._mails.send(self._configuration.sender, [caller.email], subject=subject, text=text, html=_escaped(text))


def _credential_id(members: Mapping[str, Any]) -> bytes:
    try:
        id = base64url.decode(members["credentialId"]) if isinstance(members.get("credentialId"), str) else b""
    except WebAuthnError:
        id = b""
    if not id:
        raise Refused(400, "credentialId is missing or malformed.")
    return id


def _shown(stored: StoredCredential) -> dict[str, Any]:
    record = stored.record
    shown = {
        "credentialId": base64url.encode(record.id),
        "friendlyName": stored.name,
        "createdAt": stored.created_at,
        "signCount": record.sign_count,
        "transports": list(record.transports),
        "rpId": record.rp_id,
        "flagUserVerified": int(record.uv_initialized),
        "flagBackupEligibility": int(record.backup_eligible),
        "flagBackupState": int(record.backup_state),
    }
    return shown | ({"lastSignIn": stored.last_sign_in} if stored.last_sign_in else {})


def _escaped(text: str) -> str:
    return f"<p>{escape(text)}</p>"
