"""The answers SMS_MFA, EMAIL_OTP and SMS_OTP: a code that was sent comes back."""

from __future__ import annotations

from collections.abc import Mapping

from fakes.faults import FaultSwitches
from fakes.pool.errors import CodeMismatch
from fakes.pool.one_time_codes import is_code
from fakes.pool.session_answers import SessionAnswers
from fakes.pool.sessions import Sessions, Stage
from fakes.pool.sign_in import Answer, Caller, SignIn


class CodeAnswers:
    """Judges codes that were sent."""

    def __init__(self, *, answers: SessionAnswers, faults: FaultSwitches, sessions: Sessions, sign_in: SignIn) -> None:
        self._answers = answers
        self._faults = faults
        self._sessions = sessions
        self._sign_in = sign_in

    async def sms_mfa(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """SMS_MFA. Raises CodeMismatch."""
        return await self._answer("SMS_MFA", caller, responses, session)

    async def email_otp(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """EMAIL_OTP, as a second factor or, in USER_AUTH, as the first. Raises CodeMismatch."""
        return await self._answer("EMAIL_OTP", caller, responses, session)

    async def sms_otp(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """SMS_OTP, the first factor of USER_AUTH. Raises CodeMismatch."""
        return await self._answer("SMS_OTP", caller, responses, session)

    async def _answer(self, name: str, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """Go on when the code is right. A wrong one leaves the Session open, as was `measured`."""
        member = f"{name}_CODE"
        resumed = self._answers.resume(caller, name, responses, session, wanted=(member,), flow="USER_AUTH")
        first_factor = resumed.waiting.stage is Stage.FIRST_FACTOR
        right = is_code(name, resumed.waiting.code, responses[member], first_factor=first_factor, faults=self._faults)
        if not (right and resumed.user.exists):
            raise CodeMismatch("Invalid code or auth state for the user.")
        self._sessions.close(resumed.session)
        if first_factor:
            return await self._sign_in.continue_after_first_factor(resumed.proved)
        return await self._sign_in.finish(resumed.proved)
