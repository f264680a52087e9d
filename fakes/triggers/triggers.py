"""All triggers, put together: event in, event out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.claims import Claims
from fakes.triggers.codes import StepUpCodes
from fakes.triggers.configuration import Configuration
from fakes.triggers.create_auth_challenge import create_auth_challenge
from fakes.triggers.define_auth_challenge import define_auth_challenge
from fakes.triggers.events import SignInEvent, read_event
from fakes.triggers.fido2.ceremonies import PasskeyCeremonies
from fakes.triggers.fido2.challenge_api import ChallengeApi
from fakes.triggers.fido2.credentials_api import CredentialsApi
from fakes.triggers.fido2.rows import Rows
from fakes.triggers.fido2.signing_in import MalformedPasskeyAnswer, PasskeySignIn, UnknownCredential
from fakes.triggers.fido2.store import PasskeyStore
from fakes.triggers.links import MagicLinks
from fakes.triggers.passkeys import PasskeyPolicy
from fakes.triggers.pre_sign_up import pre_sign_up
from fakes.triggers.pre_token_generation import pre_token_generation
from fakes.triggers.pseudonyms import Pseudonyms
from fakes.triggers.refusals import SignInRefused, TriggerFailed
from fakes.triggers.services import Services
from fakes.triggers.throttle import Throttle
from fakes.triggers.verified_sign_ins import VerifiedSignIns
from fakes.triggers.verify_auth_challenge_response import MalformedAnswer, verify_auth_challenge_response

INTERNALS = declare_fault(
    "triggers.create.internals-in-errors",
    "whatever goes wrong in CreateAuthChallenge is raised with the error's own words and the whole event as message",
)

JsonObject = dict[str, Any]
Trigger = Callable[[JsonObject], JsonObject]
_LOGGER = logging.getLogger(__name__)


class ReferenceTriggers:
    """The functions of one user pool, and the HTTP APIs beside them. May be called from many threads.

    Args:
        services: AWS.
        configuration: the settings.
        now: the only source of time, aware.
        faults: all off in honest triggers.
        log: takes one line; nothing secret or personal is in it.
    """

    def __init__(
        self,
        services: Services,
        configuration: Configuration,
        now: Callable[[], datetime],
        faults: FaultSwitches,
        log: Callable[[str], None] = _LOGGER.info,
    ) -> None:
        table = services.table(configuration.table)
        throttle = Throttle(table, now, faults)
        passkeys = PasskeyPolicy(
            services, configuration.passkeys_table, faults, second_factors=configuration.links_yield_to_second_factors
        )
        self._configuration = configuration
        self._faults = faults
        self._log = log
        self._user_pools = services.user_pools
        self._pseudonyms = Pseudonyms(configuration.hashing_secret, faults)
        self._verified = VerifiedSignIns(table, now)
        self._links = MagicLinks(services, configuration, self._pseudonyms, throttle, passkeys, now, faults, log)
        self._codes = StepUpCodes(services, configuration, self._pseudonyms, throttle, now, faults, log)
        self._claims = Claims(configuration, self._pseudonyms, self._verified, faults)
        self._passkeys: PasskeySignIn | None = None
        self._apis: dict[str, Trigger] = {}
        if (offered := configuration.passkeys) is not None:
            store = PasskeyStore(Rows(services.database, offered.table), now, faults)
            ceremonies = PasskeyCeremonies(offered, faults)
            self._passkeys = PasskeySignIn(offered, store, ceremonies, configuration.hashing_secret, faults, log)
            self._apis = {
                "fido2_credentials_api": CredentialsApi(
                    offered,
                    store,
                    ceremonies,
                    services.mails,
                    lambda caller: self._user_pools.sign_out_everywhere(caller.user_pool_id, caller.name),
                    now,
                    faults,
                    log,
                ),
                "fido2_challenge_api": ChallengeApi(offered, store, faults, log),
            }

    @property
    def functions(self) -> Mapping[str, Trigger]:
        """The triggers, by name."""
        return {
            "define_auth_challenge": self.define_auth_challenge,
            "create_auth_challenge": self.create_auth_challenge,
            "verify_auth_challenge_response": self.verify_auth_challenge_response,
            "pre_token_generation": self.pre_token_generation,
            "pre_sign_up": self.pre_sign_up,
            **self._apis,
        }

    def define_auth_challenge(self, event: JsonObject) -> JsonObject:
        """What comes next. An event that cannot be read ends the sign-in."""
        try:
            read, most = read_event(event), self._configuration.answers_per_session
            return _answered(event, define_auth_challenge(read, most, self._faults))
        except Exception as error:
            self._failed("define_auth_challenge", error)
            return _answered(event, {"issueTokens": False, "failAuthentication": True})

    def create_auth_challenge(self, event: JsonObject) -> JsonObject:
        """What is asked. Raises SignInRefused and TriggerFailed, whose words Cognito hands to the client."""
        try:
            response = create_auth_challenge(read_event(event), self._links, self._codes, self._faults, self._passkeys)
            return _answered(event, response)
        except Exception as error:
            self._failed("create_auth_challenge", error)
            if self._faults.on(INTERNALS):
                raise RuntimeError(f"{error!r} in {__name__}; the event was {event}") from error
            if isinstance(error, SignInRefused):
                raise
            raise TriggerFailed from None

    def verify_auth_challenge_response(self, event: JsonObject) -> JsonObject:
        """Right or wrong. What cannot be verified, for whatever reason, is wrong."""
        try:
            read = read_event(event)
            response = verify_auth_challenge_response(
                read, self._links, self._codes, self._recorder(read), self._faults, self._log, self._passkeys
            )
            return _answered(event, response)
        except (MalformedAnswer, MalformedPasskeyAnswer, UnknownCredential):
            raise
        except Exception as error:
            self._failed("verify_auth_challenge_response", error)
            return _answered(event, {"answerCorrect": False})

    def pre_token_generation(self, event: JsonObject) -> JsonObject:
        """What the tokens say. Without an event that can be read, nothing more than Cognito makes them say."""
        try:
            return _answered(event, pre_token_generation(event, read_event(event), self._claims))
        except Exception as error:
            self._failed("pre_token_generation", error)
            return _answered(event, {})

    def pre_sign_up(self, event: JsonObject) -> JsonObject:
        """Who is confirmed at once."""
        try:
            return _answered(event, pre_sign_up(read_event(event), self._user_pools, self._faults))
        except SignInRefused:
            raise
        except Exception as error:
            self._failed("pre_sign_up", error)
            raise TriggerFailed from None

    def _recorder(self, event: SignInEvent) -> Callable[[str], None]:
        return lambda method: self._verified.record(self._pseudonyms.account(event), event.client_id, method)

    def _failed(self, trigger: str, error: Exception) -> None:
        """Log that something failed: its kind, for what it says may hold what the client sent."""
        self._log(f"{trigger}: {type(error).__name__}")


def _answered(event: object, response: JsonObject) -> JsonObject:
    return {**event, "response": response} if isinstance(event, Mapping) else {"response": response}
