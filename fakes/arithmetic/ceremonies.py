"""WebAuthn's two ceremonies with their faults: a step left out, or one too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fakes.faults import FaultSwitches, declare_fault

if TYPE_CHECKING:
    from protocol.webauthn.authentication import Authentication, AuthenticationExpectations
    from protocol.webauthn.ceremony import Ceremony, Step
    from protocol.webauthn.registration import Registration, RegistrationExpectations

    AnyCeremony = TypeVar("AnyCeremony", bound=Ceremony)

FORGETS_THE_ASSERTION_SIGNATURE = declare_fault(
    "arithmetic.webauthn.forgets-the-assertion-signature", "an assertion's signature is not verified"
)
FORGETS_THE_ATTESTATION_STATEMENT = declare_fault(
    "arithmetic.webauthn.forgets-the-attestation-statement", "no attestation statement is verified"
)
FORGETS_THE_TRUST_PATH = declare_fault(
    "arithmetic.webauthn.forgets-the-trust-path", "attestation certificates are not chained up to a root"
)
REFUSES_UNKNOWN_MEMBERS = declare_fault(
    "arithmetic.webauthn.refuses-unknown-members",
    "client data with a member unknown to the standard are refused",
)

_LEFT_OUT = {
    FORGETS_THE_ASSERTION_SIGNATURE: {"signature"},
    FORGETS_THE_ATTESTATION_STATEMENT: {"attestation-statement", "attestation-trust"},
    FORGETS_THE_TRUST_PATH: {"attestation-trust"},
}
"""The steps that a fault leaves out."""


class Ceremonies:
    """Registration and authentication as a relying party judges them, honest unless a fault is on."""

    def __init__(self, switches: FaultSwitches) -> None:
        self._switches = switches

    def register(self, json: object, expected: RegistrationExpectations) -> Registration:
        """Run the registration ceremony on a RegistrationResponseJSON. Raises CeremonyRefused."""
        from protocol.webauthn.registration import REGISTRATION_STEPS, verify_registration

        return verify_registration(json, expected, self._spoilt(REGISTRATION_STEPS))

    def authenticate(self, json: object, expected: AuthenticationExpectations) -> Authentication:
        """Run the authentication ceremony on an AuthenticationResponseJSON. Raises CeremonyRefused."""
        from protocol.webauthn.authentication import AUTHENTICATION_STEPS, verify_authentication

        return verify_authentication(json, expected, self._spoilt(AUTHENTICATION_STEPS))

    def _spoilt(self, steps: tuple[Step[AnyCeremony], ...]) -> tuple[Step[AnyCeremony], ...]:
        left_out = {name for fault, names in _LEFT_OUT.items() if self._switches.on(fault) for name in names}
        kept = tuple(step for step in steps if step.name not in left_out)
        return (_no_unknown_members(), *kept) if self._switches.on(REFUSES_UNKNOWN_MEMBERS) else kept


def _no_unknown_members() -> Step[Any]:
    from protocol.webauthn.ceremony import Step, demand

    return Step(
        "no-unknown-members",
        "nowhere",
        "",
        lambda ceremony: demand(not ceremony.client_data.others, "the client data have a member that is not known"),
    )
