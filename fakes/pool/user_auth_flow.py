"""USER_AUTH: the user, or the app for them, chooses which first factor it shall be (`aws-doc`).

What can be chosen is what the pool's sign-in policy allows and the user has. Where a second factor
is owed no one-time password is offered: one code more would be the only proof (`measured`). A
temporary password is proved by a password and by nothing else (`measured`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.credentials import Credentials
from fakes.pool.errors import InvalidParameter, missing_parameter
from fakes.pool.moto_directory import User, UserPool
from fakes.pool.one_time_codes import EMAIL_OTP, SMS_OTP, OneTimeCodes
from fakes.pool.passkey_asked import PasskeyAsked
from fakes.pool.passkey_settings import WEB_AUTHN
from fakes.pool.passkey_sign_in import PasskeySignIn
from fakes.pool.password_flow import PasswordFlow
from fakes.pool.second_factors import owes_second_factor
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.session_answers import SessionAnswers
from fakes.pool.sessions import WITHOUT_SESSION, Sessions, Stage
from fakes.pool.sign_in import Answer, Caller, FirstFactor
from fakes.pool.srp_flow import SrpFlow
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup
from fakes.pool.user_states import demand_may_start, must_choose_new_password

OFFERS_EVERYTHING = declare_fault(
    "pool.user-auth.offers-what-is-not-configured", "every first factor is offered, whatever the pool allows"
)
OFFERS_UNVERIFIED = declare_fault(
    "pool.user-auth.offers-unverified-addresses", "codes are offered to addresses that were never verified"
)
OTP_DESPITE_MFA = declare_fault(
    "pool.user-auth.otp-despite-mfa", "one-time passwords are offered where a second factor is owed"
)
IGNORES_PREFERENCE = declare_fault("pool.user-auth.ignores-the-preference", "PREFERRED_CHALLENGE is not looked at")
WANTS_SRP_SETTING = declare_fault(
    "pool.user-auth.wants-allow-user-srp-auth", "PASSWORD_SRP is refused unless the client has ALLOW_USER_SRP_AUTH too"
)
SELECTS_ANYTHING = declare_fault(
    "pool.user-auth.selects-what-was-not-offered", "SELECT_CHALLENGE takes factors that were not offered"
)

COME_AND_GO = declare_fault(
    "pool.passkeys.imaginary-ones-come-and-go", "an unknown name can be asked for a passkey every other time only"
)
NOT_WITHIN_SELECT = declare_fault(
    "pool.passkeys.not-within-select-challenge", "CREDENTIAL within SELECT_CHALLENGE is passed over"
)

SRP_SETTING = "ALLOW_USER_SRP_AUTH"
SELECT_CHALLENGE = "SELECT_CHALLENGE"
PASSWORD, PASSWORD_SRP = "PASSWORD", "PASSWORD_SRP"
_CHALLENGES = (PASSWORD_SRP, PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN)
_VERIFIED_BY = {EMAIL_OTP: "email_verified", SMS_OTP: "phone_number_verified"}
_ADDRESSES = {EMAIL_OTP: "email", SMS_OTP: "phone_number"}


class UserAuthFlow:
    """Offers first factors, and takes the choice."""

    def __init__(
        self,
        *,
        answers: SessionAnswers,
        codes: OneTimeCodes,
        credentials: Credentials,
        faults: FaultSwitches,
        lookup: UserLookup,
        passkeys: PasskeySignIn,
        password: PasswordFlow,
        secret_hashes: SecretHashes,
        sessions: Sessions,
        srp: SrpFlow,
        triggers: Triggers,
    ) -> None:
        self._answers = answers
        self._codes = codes
        self._credentials = credentials
        self._faults = faults
        self._lookup = lookup
        self._passkeys = passkeys
        self._password = password
        self._secret_hashes = secret_hashes
        self._sessions = sessions
        self._srp = srp
        self._triggers = triggers
        self._asked_about_nobody = 0

    async def start(self, caller: Caller, parameters: Mapping[str, str]) -> Answer:
        """The preferred challenge where it is available, else the choice. Raises what a user's state demands."""
        typed, preferred = parameters.get("USERNAME", ""), parameters.get("PREFERRED_CHALLENGE", "")
        if not typed:
            raise missing_parameter("USERNAME")
        self._secret_hashes.demand(caller.client, parameters.get("SECRET_HASH"), username=typed, step=Step.START)
        user = self._lookup.at_sign_in(caller.pool, caller.client, typed)
        demand_may_start(user, self._faults)
        await self._triggers.pre_authentication(caller.pool, caller.client, user, caller.validation_data)
        offered = self._offered(caller.pool, user, preferred)
        begun = FirstFactor(
            caller=caller,
            user=user,
            typed_username=typed,
            device_key=parameters.get("DEVICE_KEY"),
            flow="USER_AUTH",
        )
        if preferred in offered and not self._faults.on(IGNORES_PREFERENCE):
            answer = await self._begin(preferred, begun, parameters)
        else:
            shown, asked = self._passkeys.ask(begun) if WEB_AUTHN in offered else ({}, None)
            answer = self._challenge(SELECT_CHALLENGE, begun, shown, offered=offered, passkey=asked)
        return answer if "AuthenticationResult" in answer else answer | {"AvailableChallenges": list(offered)}

    async def answer_select(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """SELECT_CHALLENGE: begin what ANSWER names. Raises InvalidParameter for what was not offered."""
        begun, offered, asked = self._resume(caller, SELECT_CHALLENGE, responses, session, wanted=("ANSWER",))
        chosen = responses["ANSWER"]
        if chosen not in (_CHALLENGES if self._faults.on(SELECTS_ANYTHING) else offered):
            raise InvalidParameter("The selected challenge is not one of the available challenges.")
        if chosen == WEB_AUTHN and responses.get("CREDENTIAL") and not self._faults.on(NOT_WITHIN_SELECT):
            return await self._judge_passkey(begun, asked, responses, session)
        self._sessions.close(session or "")
        return await self._begin(chosen, begun, responses)

    async def answer_web_authn(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """WEB_AUTHN: the passkey's assertion in CREDENTIAL. Raises NotAuthorized."""
        begun, _, asked = self._resume(caller, WEB_AUTHN, responses, session, wanted=("CREDENTIAL",))
        return await self._judge_passkey(begun, asked, responses, session)

    async def _judge_passkey(
        self, begun: FirstFactor, asked: PasskeyAsked | None, responses: Mapping[str, str], session: str | None
    ) -> Answer:
        await self._passkeys.before_closing()
        self._sessions.close(session or "")
        return await self._passkeys.judge(begun, asked, responses["CREDENTIAL"])

    async def answer_password(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """PASSWORD. Raises NotAuthorized."""
        begun, _, _ = self._resume(caller, PASSWORD, responses, session, wanted=("PASSWORD",))
        self._sessions.close(session or "")
        return await self._password.judge(begun, responses["PASSWORD"])

    async def answer_password_srp(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """PASSWORD_SRP: the client's SRP_A, which brings PASSWORD_VERIFIER."""
        begun, _, _ = self._resume(caller, PASSWORD_SRP, responses, session, wanted=("SRP_A",))
        self._sessions.close(session or "")
        return self._srp.challenge_within(begun, responses["SRP_A"])

    async def _begin(self, chosen: str, begun: FirstFactor, parameters: Mapping[str, str]) -> Answer:
        """The chosen challenge, or what follows it when the request already holds its answer."""
        if chosen == PASSWORD and parameters.get("PASSWORD"):
            return await self._password.judge(begun, parameters["PASSWORD"])
        if chosen == PASSWORD_SRP and parameters.get("SRP_A"):
            if self._faults.on(WANTS_SRP_SETTING) and SRP_SETTING not in begun.caller.client.explicit_auth_flows:
                raise InvalidParameter("USER_SRP_AUTH is not enabled for the client.")
            return self._srp.challenge_within(begun, parameters["SRP_A"])
        if chosen in {PASSWORD, PASSWORD_SRP}:
            return self._challenge(chosen, begun, {})
        if chosen == WEB_AUTHN:
            shown, asked = self._passkeys.ask(begun)
            return self._challenge(WEB_AUTHN, begun, shown, passkey=asked)
        sent = self._codes.send(chosen, begun.user, begun.typed_username)
        return self._challenge(chosen, begun, sent.parameters, code=sent.code)

    def _challenge(
        self,
        name: str,
        begun: FirstFactor,
        parameters: Mapping[str, str],
        *,
        code: str | None = None,
        offered: tuple[str, ...] = (),
        passkey: PasskeyAsked | None = None,
    ) -> Answer:
        session = self._sessions.open(
            name,
            begun.caller.client,
            begun.user,
            begun.typed_username,
            stage=Stage.FIRST_FACTOR,
            code=code,
            offered=offered,
            device_key=begun.device_key,
            passkey=passkey,
        )
        return {
            "ChallengeName": name,
            "Session": session,
            "ChallengeParameters": {"USERNAME": begun.user.username, **parameters},
        }

    def _resume(
        self,
        caller: Caller,
        name: str,
        responses: Mapping[str, str],
        session: str | None,
        *,
        wanted: tuple[str, ...],
    ) -> tuple[FirstFactor, tuple[str, ...], PasskeyAsked | None]:
        """Who answers, what they were offered, and the passkey that they were asked for."""
        if session is None and self._faults.on(WITHOUT_SESSION):
            typed = responses.get("USERNAME", "")
            user = self._lookup.at_sign_in(caller.pool, caller.client, typed)
            begun = FirstFactor(caller=caller, user=user, typed_username=typed, flow="USER_AUTH")
            newest = self._sessions.newest(name, caller.client, user.username)
            return begun, _CHALLENGES, self._sessions.of_challenge(newest, name).passkey if newest else None
        resumed = self._answers.resume(caller, name, responses, session, wanted=wanted, flow="USER_AUTH")
        return resumed.proved, resumed.waiting.offered, resumed.waiting.passkey

    def _offered(self, pool: UserPool, user: User, preferred: str) -> tuple[str, ...]:
        """What can be chosen, in the order that was `measured`."""
        return tuple(name for name in _CHALLENGES if self._is_available(name, pool, user, preferred))

    def _is_available(self, name: str, pool: UserPool, user: User, preferred: str) -> bool:
        faults = self._faults
        by_password = name in {PASSWORD, PASSWORD_SRP}
        if ("PASSWORD" if by_password else name) not in pool.first_factors and not faults.on(OFFERS_EVERYTHING):
            return False
        if not user.exists:
            return by_password or name == preferred or self._has_by_chance(name, user)
        if by_password:
            return user.password is not None
        return not must_choose_new_password(user) and self._can_be_asked_for(name, pool, user)

    def _can_be_asked_for(self, name: str, pool: UserPool, user: User) -> bool:
        if name == WEB_AUTHN:
            return self._passkeys.is_available(pool, user)
        if owes_second_factor(pool, user) and not self._faults.on(OTP_DESPITE_MFA):
            return False
        return _has_address(user, name, verified=not self._faults.on(OFFERS_UNVERIFIED))

    def _has_by_chance(self, name: str, user: User) -> bool:
        """Which other factors a simulated user has: chosen at random, and the same each time (`aws-doc`)."""
        if name == WEB_AUTHN and self._faults.on(COME_AND_GO):
            self._asked_about_nobody += 1
            return self._asked_about_nobody % 2 == 0
        return self._credentials.simulated(user.user_pool_id, user.sub, name)[0] % 2 == 0


def factors_set_up(pool: UserPool, user: User, *, has_passkeys: bool) -> list[str]:
    """What of the pool's first factors the user has, by the names of AllowedFirstAuthFactors."""
    has = {
        PASSWORD: user.password is not None,
        EMAIL_OTP: _has_address(user, EMAIL_OTP, verified=True),
        SMS_OTP: _has_address(user, SMS_OTP, verified=True),
        WEB_AUTHN: has_passkeys,
    }
    return [name for name in has if has[name] and name in pool.first_factors]


def _has_address(user: User, name: str, *, verified: bool) -> bool:
    if not user.attributes.get(_ADDRESSES[name]):
        return False
    return not verified or user.attributes.get(_VERIFIED_BY[name]) == "true"
