"""SOFTWARE_TOKEN_MFA: setting a software token up, and answering with its codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.access_tokens import AccessTokens
from fakes.pool.errors import InvalidParameter, NotAuthorized, ResourceNotFound, SoftwareTokenMfaNotFound
from fakes.pool.moto_directory import MotoDirectory, User, UserPool
from fakes.pool.second_factors import MFA_SETUP, SELECT_MFA_TYPE, SOFTWARE_TOKEN_MFA, SecondFactors
from fakes.pool.session_answers import SessionAnswers
from fakes.pool.sessions import PendingChallenge, Sessions
from fakes.pool.sign_in import Answer, Caller, SignIn
from fakes.pool.software_tokens import SoftwareTokens

UNVERIFIED_SETUP = declare_fault("pool.mfa.setup-without-verification", "MFA_SETUP is answered by its first Session")
SELECTS_ANYTHING = declare_fault(
    "pool.mfa.selects-what-was-not-offered", "SELECT_MFA_TYPE takes factors that the user does not have"
)

Request = Mapping[str, Any]


class SoftwareTokenFlow:
    """AssociateSoftwareToken, VerifySoftwareToken, and the answers of those who have or choose a software token."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        answers: SessionAnswers,
        directory: MotoDirectory,
        faults: FaultSwitches,
        second_factors: SecondFactors,
        sessions: Sessions,
        sign_in: SignIn,
        software_tokens: SoftwareTokens,
    ) -> None:
        self._access_tokens = access_tokens
        self._answers = answers
        self._directory = directory
        self._faults = faults
        self._second_factors = second_factors
        self._sessions = sessions
        self._sign_in = sign_in
        self._software_tokens = software_tokens

    # Setting it up

    async def associate(self, request: Request) -> Answer:
        """AssociateSoftwareToken, with an access token or the Session of MFA_SETUP, not both."""
        pool, user, waiting = self._whose(request)
        if SOFTWARE_TOKEN_MFA not in pool.second_factors:
            raise SoftwareTokenMfaNotFound("Software Token MFA has not been enabled by the userPool")
        secret = self._software_tokens.associate(user)
        if waiting is None:
            return {"SecretCode": secret}
        return {"SecretCode": secret, "Session": self._next_session(request, waiting, user, token_verified=False)}

    async def verify(self, request: Request) -> Answer:
        """VerifySoftwareToken. Raises EnableSoftwareTokenMfa for a wrong code; the Session then stays open."""
        _, user, waiting = self._whose(request)
        self._software_tokens.verify(user, request["UserCode"])
        if waiting is None:
            return {"Status": "SUCCESS"}
        return {"Status": "SUCCESS", "Session": self._next_session(request, waiting, user, token_verified=True)}

    def _whose(self, request: Request) -> tuple[UserPool, User, PendingChallenge | None]:
        token, session = request.get("AccessToken"), request.get("Session")
        if (token is None) == (session is None):
            raise InvalidParameter("Give either an access token or a session.")
        if token is not None:
            bearer = self._access_tokens.bearer(token)
            return bearer.pool, bearer.user, None
        waiting = self._sessions.of_challenge(session, MFA_SETUP)
        pool = self._directory.user_pool(waiting.user_pool_id)
        if pool is None:
            raise ResourceNotFound(f"User pool {waiting.user_pool_id} does not exist.")
        return pool, self._answers.user_of(pool, waiting), waiting

    def _next_session(self, request: Request, waiting: PendingChallenge, user: User, *, token_verified: bool) -> str:
        client = self._directory.client(waiting.client_id)
        if client is None:
            raise NotAuthorized("Invalid session for the user.")
        self._sessions.close(request["Session"])
        return self._sessions.open(
            MFA_SETUP,
            client,
            user,
            waiting.typed_username,
            token_verified=token_verified,
            device_key=waiting.device_key,
        )

    # Answering

    async def answer(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """SOFTWARE_TOKEN_MFA. Raises CodeMismatch and ExpiredCode; the Session then stays open (`reported`)."""
        resumed = self._answers.resume(
            caller, SOFTWARE_TOKEN_MFA, responses, session, wanted=("SOFTWARE_TOKEN_MFA_CODE",)
        )
        self._software_tokens.judge(resumed.user, responses["SOFTWARE_TOKEN_MFA_CODE"])
        self._sessions.close(resumed.session)
        return await self._sign_in.finish(resumed.proved)

    async def answer_select(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """SELECT_MFA_TYPE: the challenge of the factor that ANSWER names. Raises InvalidParameter."""
        resumed = self._answers.resume(caller, SELECT_MFA_TYPE, responses, session, wanted=("ANSWER",))
        chosen = responses["ANSWER"]
        offered = caller.pool.second_factors if self._faults.on(SELECTS_ANYTHING) else resumed.waiting.offered
        if chosen not in offered:
            raise InvalidParameter("The selected MFA type is not one of those that can be chosen.")
        self._sessions.close(resumed.session)
        return self._second_factors.ask_for(chosen, resumed.proved)

    async def answer_setup(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """MFA_SETUP, with the Session of VerifySoftwareToken; the token is the user's factor from then on."""
        resumed = self._answers.resume(caller, MFA_SETUP, responses, session, wanted=())
        if not (resumed.waiting.token_verified or self._faults.on(UNVERIFIED_SETUP)):
            raise NotAuthorized("Invalid session for the user.")
        self._sessions.close(resumed.session)
        self._directory.set_second_factors(
            resumed.user, resumed.user.second_factors | {SOFTWARE_TOKEN_MFA}, preferred=SOFTWARE_TOKEN_MFA
        )
        return await self._sign_in.finish(resumed.proved)
