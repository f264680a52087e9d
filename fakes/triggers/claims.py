"""The claims that PreTokenGeneration adds: how the user signed in, and what the client may say about itself."""

from __future__ import annotations

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.configuration import Configuration
from fakes.triggers.events import SignInEvent
from fakes.triggers.pseudonyms import Pseudonyms
from fakes.triggers.verified_sign_ins import VerifiedSignIns

METHOD_FROM_CLIENT = declare_fault(
    "triggers.claims.method-from-the-client",
    "the claim that names the method of sign-in repeats signInMethod of the client's metadata, whatever the flow",
)
REFRESH_FROM_CLIENT = declare_fault(
    "triggers.claims.refresh-takes-the-clients-word",
    "at a refresh the claim that names the method repeats the client's metadata, or says PASSWORD when there is none",
)
EVERY_MEMBER = declare_fault(
    "triggers.claims.every-metadata-member",
    "every member of the client's metadata becomes a claim of its own name, groups, roles and custom:… among them; "
    "cognito:groups sets the groups",
)
ANY_LENGTH = declare_fault(
    "triggers.claims.any-length",
    "members of the client's metadata become claims (`client:<name>`, every name), however long they are",
)

SIGN_IN = "TokenGeneration_Authentication"


class Claims:
    """Decides on claims."""

    def __init__(
        self,
        configuration: Configuration,
        pseudonyms: Pseudonyms,
        verified: VerifiedSignIns,
        faults: FaultSwitches,
    ) -> None:
        self._configuration = configuration
        self._pseudonyms = pseudonyms
        self._verified = verified
        self._faults = faults

    def added(self, event: SignInEvent, source: object) -> dict[str, str]:
        """Claims to add.

        The method is the one that the triggers have just verified. It is dropped at a refresh, on purpose: a claim
        says how these tokens were obtained, and what a refresh event tells does not say which sign-in it goes back to.
        """
        method = self._verified.take(self._pseudonyms.account(event), event.client_id) if source == SIGN_IN else None
        if self._faults.on(METHOD_FROM_CLIENT):
            method = event.method
        if source != SIGN_IN and self._faults.on(REFRESH_FROM_CLIENT):
            method = event.method or "PASSWORD"
        added = {} if method is None else {self._configuration.method_claim: method}
        return self._from_metadata(event) | added

    def groups(self, event: SignInEvent) -> list[str] | None:
        """Groups to set; only a fault does."""
        said = event.metadata.get("cognito:groups")
        return [said] if said is not None and self._faults.on(EVERY_MEMBER) else None

    def _from_metadata(self, event: SignInEvent) -> dict[str, str]:
        """Only listed members, under a prefix that no claim of Cognito's and no attribute has, and none too long."""
        if self._faults.on(EVERY_MEMBER):
            return dict(event.metadata)
        configuration, any_length = self._configuration, self._faults.on(ANY_LENGTH)
        return {
            f"client:{name}": value
            for name, value in event.metadata.items()
            if any_length
            or (name in configuration.persisted_metadata and len(value) <= configuration.longest_persisted)
        }
