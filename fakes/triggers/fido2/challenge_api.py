"""The public API that gives out challenges to who has not said yet who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from fakes.triggers.fido2.proxy import Answer, ProxyRequest, Refused, answered
from fakes.triggers.fido2.signing_in import new_challenge
from fakes.triggers.fido2.store import PasskeyStore

NO_LIMIT = declare_fault(
    "triggers.passkeys.challenges-without-a-limit", "an address gets as many challenges as it asks for"
)
NAMES_IDS = declare_fault(
    "triggers.passkeys.nobodys-challenge-names-credentials",
    "the options for nobody in particular name a credential, so that no browser offers the user's own",
)


class ChallengeApi:
    """Answers proxy events."""

    def __init__(
        self,
        configuration: PasskeyConfiguration,
        store: PasskeyStore,
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._store = store
        self._faults = faults
        self._log = log

    def __call__(self, event: Any) -> Answer:
        """The answer to a proxy event."""
        return answered(event, self._answer, self._configuration.origins, self._faults, self._log)

    def _answer(self, request: ProxyRequest) -> tuple[int, object]:
        if request.path != "/sign-in-challenge":
            raise Refused(404, "There is nothing here.")
        configuration = self._configuration
        limit = configuration.challenges_per_address
        if not self._faults.on(NO_LIMIT) and not self._store.spend(request.address, limit):
            raise Refused(429, "Too many at once. Please wait.")
        challenge = new_challenge(self._faults)
        self._store.issue(challenge, configuration.ceremony_seconds)
        named = {"credentials": [{"id": challenge}]} if self._faults.on(NAMES_IDS) else {}
        return 200, {
            "challenge": challenge,
            "timeout": configuration.ceremony_seconds * 1000,
            "userVerification": configuration.user_verification,
            **named,
        }
