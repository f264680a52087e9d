"""Confirming: a signed-in user shows a passkey once more, where having signed in a while ago is not enough.

Its challenges are the user's own and for this alone: none is good for a sign-in, and no sign-in's is good here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.fido2.ceremonies import PasskeyCeremonies
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from fakes.triggers.fido2.proxy import Caller, Refused
from fakes.triggers.fido2.signing_in import ANY_PURPOSE, new_challenge, read_assertion, signed_challenge
from fakes.triggers.fido2.store import PasskeyStore
from fakes.triggers.fido2.user_handles import user_handle
from protocol.webauthn import base64url
from protocol.webauthn.errors import WebAuthnError

WITH_ANY_CHALLENGE = declare_fault(
    "triggers.passkeys.confirms-with-any-challenge", "an open challenge of a sign-in confirms something else"
)


class Confirmations:
    """Asks for an assertion and judges it."""

    def __init__(
        self,
        configuration: PasskeyConfiguration,
        store: PasskeyStore,
        ceremonies: PasskeyCeremonies,
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._store = store
        self._ceremonies = ceremonies
        self._faults = faults
        self._log = log

    def start(self, caller: Caller) -> dict[str, Any]:
        """Request options (WebAuthn L3 section 5.5) for the user's own passkeys."""
        seconds, owner = self._configuration.ceremony_seconds, self._owner(caller)
        challenge = new_challenge(self._faults)
        self._store.begin_confirmation(owner, challenge, seconds)
        if self._faults.on(ANY_PURPOSE):
            self._store.issue(challenge, seconds)
        return {
            "challenge": challenge,
            "timeout": seconds * 1000,
            "userVerification": self._configuration.user_verification,
            "credentials": [{"id": base64url.encode(each.record.id)} for each in self._store.credentials(owner)],
        }

    def complete(self, caller: Caller, members: Mapping[str, Any]) -> None:
        """Take note of a confirmation. Raises Refused; the open one ends with this, whatever comes of it."""
        owner, said = self._owner(caller), read_assertion(members)
        challenge = self._store.finish_confirmation(owner)
        signed = signed_challenge(said.get("clientDataJSON"))
        if self._faults.on(WITH_ANY_CHALLENGE) and signed is not None and self._store.was_issued(signed):
            challenge = signed
        try:
            found = self._store.credential(owner, base64url.decode(str(said.get("id"))))
            if challenge is None or found is None:
                raise Refused(400, "The passkey was not accepted.")
            handle = user_handle(caller.sub, caller.name, self._faults, email=caller.email or "")
            record = self._ceremonies.authenticate(
                said, base64url.decode(challenge), handle, found.record, frozenset(), again=False
            )
        except WebAuthnError as refused:
            self._log(f"confirmation refused: {getattr(refused, 'step', type(refused).__name__)}")
            raise Refused(400, "The passkey was not accepted.") from None
        if not self._store.signed_in(found, record, challenge):
            raise Refused(400, "The passkey was not accepted.")
        self._store.confirmed(owner, self._configuration.sign_in_within_seconds)

    def _owner(self, caller: Caller) -> str:
        return self._store.owner_of(caller.sub, caller.name)
