"""CUSTOM_AUTH: a pool's own triggers say which challenge comes next, what it is, and whether it was met.

After each round DefineAuthChallenge is shown every round so far, and says whether there is another,
tokens, or the end. A Session stands for one challenge and is used up by its answer, right or wrong,
also when a trigger then fails: the next challenge has a new one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.custom_auth_rounds import CustomAuth, Round, session_of
from fakes.pool.errors import (
    InvalidParameter,
    NotAuthorized,
    ServiceError,
    incorrect_username_or_password,
    missing_parameter,
    unrecognizable_lambda_output,
)
from fakes.pool.moto_directory import UserPool
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.session_answers import SessionAnswers
from fakes.pool.sessions import Sessions, Stage
from fakes.pool.sign_in import Answer, Caller, FirstFactor, SignIn
from fakes.pool.srp_flow import SrpFlow
from fakes.pool.trigger_events import flag_in, given, object_in, text_in, texts_in
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup
from fakes.pool.user_states import CUSTOM_AUTH, demand_may_start
from fakes.pool.wire_format import JsonObject

INVENTED = declare_fault(
    "pool.custom-auth.challenge-without-triggers",
    "without triggers there is a CUSTOM_CHALLENGE all the same, and every answer to it brings tokens",
)
PRIVATE_SHOWN = declare_fault(
    "pool.custom-auth.private-parameters-shown", "ChallengeParameters hold the private challenge parameters too"
)
ANY_PARAMETERS = declare_fault(
    "pool.custom-auth.parameters-of-any-type", "challenge parameters that are no texts are let through, as JSON"
)
NULL_SESSION = declare_fault("pool.custom-auth.session-null-at-first", "the first request.session is null, not empty")
OLD_SURVIVES = declare_fault(
    "pool.custom-auth.old-session-after-a-wrong-answer", "a Session goes on being good after a wrong answer"
)
TAKEN_LATE = declare_fault(
    "pool.custom-auth.session-taken-late", "a Session is used up only once its answer was judged: parallel ones all are"
)
FAILURE_KEEPS = declare_fault(
    "pool.custom-auth.session-survives-a-failure", "a Session goes on being good after a trigger has failed"
)
BOTH_FLAGS = declare_fault(
    "pool.custom-auth.tokens-despite-failure", "issueTokens and failAuthentication together bring tokens"
)

CUSTOM_CHALLENGE, PASSWORD_VERIFIER, SRP_A = "CUSTOM_CHALLENGE", "PASSWORD_VERIFIER", "SRP_A"
DEFINE, CREATE, VERIFY = "DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"


@dataclass(frozen=True)
class _Decision:
    """What DefineAuthChallenge said."""

    challenge_name: str | None
    issue_tokens: bool
    fail: bool


class CustomAuthFlow:
    """Takes a sign-in from one round to the next."""

    def __init__(
        self,
        *,
        answers: SessionAnswers,
        faults: FaultSwitches,
        lookup: UserLookup,
        secret_hashes: SecretHashes,
        sessions: Sessions,
        sign_in: SignIn,
        srp: SrpFlow,
        triggers: Triggers,
    ) -> None:
        self._answers = answers
        self._faults = faults
        self._lookup = lookup
        self._secret_hashes = secret_hashes
        self._sessions = sessions
        self._sign_in = sign_in
        self._srp = srp
        self._triggers = triggers

    async def start(self, caller: Caller, parameters: Mapping[str, str]) -> Answer:
        """The first challenge. With CHALLENGE_NAME=SRP_A the password's proof can come first.

        Raises InvalidParameter without triggers, and whatever a user's state and the triggers demand.
        """
        typed, first = parameters.get("USERNAME", ""), parameters.get("CHALLENGE_NAME")
        if not typed:
            raise missing_parameter("USERNAME")
        if first not in {None, SRP_A, CUSTOM_CHALLENGE}:
            raise InvalidParameter(f"CHALLENGE_NAME is {SRP_A} or {CUSTOM_CHALLENGE}")
        srp_a = parameters.get("SRP_A") if first == SRP_A else None
        if first == SRP_A and not srp_a:
            raise missing_parameter("SRP_A")
        self._secret_hashes.demand(caller.client, parameters.get("SECRET_HASH"), username=typed, step=Step.START)
        self._demand_triggers(caller.pool)
        user = self._lookup.at_sign_in(caller.pool, caller.client, typed)
        demand_may_start(user, self._faults, flow=CUSTOM_AUTH)
        await self._triggers.pre_authentication(caller.pool, caller.client, user, caller.validation_data)
        begun = FirstFactor(
            caller=caller,
            user=user,
            typed_username=typed,
            device_key=parameters.get("DEVICE_KEY"),
            flow=CUSTOM_AUTH,
        )
        return await self._go_on(begun, (Round(SRP_A, result=True),) if srp_a else (), srp_a=srp_a)

    async def answer(self, caller: Caller, responses: Mapping[str, str], session: str | None) -> Answer:
        """CUSTOM_CHALLENGE. Raises NotAuthorized for a Session that is not this user's, or not any more."""
        resumed = self._answers.resume(
            caller, CUSTOM_CHALLENGE, responses, session, wanted=("ANSWER",), flow=CUSTOM_AUTH
        )
        begun, challenge = resumed.proved, resumed.waiting.custom or CustomAuth(())
        if not any(self._faults.on(late) for late in (OLD_SURVIVES, TAKEN_LATE, FAILURE_KEEPS)):
            self._sessions.close(resumed.session)
        try:
            correct = await self._is_correct(begun, challenge, responses["ANSWER"])
        except ServiceError:
            if not self._faults.on(FAILURE_KEEPS):
                self._sessions.close(resumed.session)
            raise
        if correct or not self._faults.on(OLD_SURVIVES):
            self._sessions.close(resumed.session)
        done = Round(CUSTOM_CHALLENGE, result=correct, metadata=challenge.metadata)
        return await self._go_on(begun, (*challenge.rounds, done))

    async def answer_password_verifier(
        self, caller: Caller, responses: Mapping[str, str], session: str | None
    ) -> Answer:
        """PASSWORD_VERIFIER, which is a round here and the first factor of other flows."""
        proof = await self._srp.prove(caller, responses, session)
        if proof.proved.flow != CUSTOM_AUTH:
            return await self._sign_in.continue_after_first_factor(proof.proved)
        before = proof.waiting.custom if proof.waiting is not None else None
        if before is None:
            raise NotAuthorized("Invalid session for the user.")
        return await self._go_on(proof.proved, (*before.rounds, Round(PASSWORD_VERIFIER, result=True)))

    async def _go_on(self, begun: FirstFactor, rounds: tuple[Round, ...], *, srp_a: str | None = None) -> Answer:
        """What DefineAuthChallenge says comes next. Raises NotAuthorized when that is the end."""
        decision = await self._decision(begun, rounds)
        if decision.fail and not (decision.issue_tokens and self._faults.on(BOTH_FLAGS)):
            raise incorrect_username_or_password()
        if decision.issue_tokens:
            if not begun.user.exists:
                raise incorrect_username_or_password()
            return await self._sign_in.finish(begun)
        if decision.challenge_name == CUSTOM_CHALLENGE:
            return await self._challenge(begun, rounds)
        if decision.challenge_name == PASSWORD_VERIFIER and srp_a is not None:
            return self._srp.challenge_within(begun, srp_a, custom=CustomAuth(rounds))
        raise unrecognizable_lambda_output()

    async def _decision(self, begun: FirstFactor, rounds: tuple[Round, ...]) -> _Decision:
        session = session_of(rounds, self._faults)
        response = await self._call(
            DEFINE,
            begun,
            {"session": None if not session and self._faults.on(NULL_SESSION) else session},
            {"challengeName": None, "issueTokens": None, "failAuthentication": None},
        )
        if response is None:  # under a fault only
            return _Decision(None if rounds else CUSTOM_CHALLENGE, issue_tokens=bool(rounds), fail=False)
        return _Decision(
            text_in(response, "challengeName"),
            issue_tokens=flag_in(response, "issueTokens"),
            fail=flag_in(response, "failAuthentication"),
        )

    async def _challenge(self, begun: FirstFactor, rounds: tuple[Round, ...]) -> Answer:
        response = await self._call(
            CREATE,
            begun,
            {"challengeName": CUSTOM_CHALLENGE, "session": session_of(rounds, self._faults)},
            {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None},
        )
        response = response or {}
        shown = self._parameters(response, "publicChallengeParameters")
        private = self._parameters(response, "privateChallengeParameters")
        custom = CustomAuth(rounds, private, text_in(response, "challengeMetadata"))
        if self._faults.on(PRIVATE_SHOWN):
            shown = private | shown
        session = self._sessions.open(
            CUSTOM_CHALLENGE,
            begun.caller.client,
            begun.user,
            begun.typed_username,
            stage=Stage.FIRST_FACTOR,
            device_key=begun.device_key,
            custom=custom,
        )
        return {
            "ChallengeName": CUSTOM_CHALLENGE,
            "Session": session,
            "ChallengeParameters": shown | {"USERNAME": begun.user.username},
        }

    async def _is_correct(self, begun: FirstFactor, challenge: CustomAuth, answer: str) -> bool:
        response = await self._call(
            VERIFY,
            begun,
            {"privateChallengeParameters": dict(challenge.private_parameters), "challengeAnswer": answer},
            {"answerCorrect": None},
        )
        return response is None or flag_in(response, "answerCorrect")  # None under a fault only

    async def _call(
        self, trigger: str, begun: FirstFactor, about: Mapping[str, Any], response: Mapping[str, Any]
    ) -> JsonObject | None:
        caller = begun.caller
        return await self._triggers.call(
            trigger,
            "Authentication",
            pool=caller.pool,
            client=caller.client,
            username=begun.user.username,
            request=self._triggers.about(caller.client, begun.user)
            | dict(about)
            | given("clientMetadata", caller.client_metadata),
            response=response,
        )

    def _parameters(self, response: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Challenge parameters, which are texts. Raises InvalidLambdaResponse."""
        if not self._faults.on(ANY_PARAMETERS):
            return texts_in(response, name)
        found = object_in(response, name)
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in found.items()}

    def _demand_triggers(self, pool: UserPool) -> None:
        if self._faults.on(INVENTED):
            return
        if any(trigger not in pool.triggers for trigger in (DEFINE, CREATE, VERIFY)):
            raise InvalidParameter("Custom auth lambda trigger is not configured for the user pool.")
