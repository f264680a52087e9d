"""DefineAuthChallenge: what comes after the rounds so far. Nothing but the history decides."""

from __future__ import annotations

from enum import Enum
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent
from fakes.triggers.rounds import (
    CUSTOM_CHALLENGE,
    FIDO2,
    MAGIC_LINK,
    METHODS,
    PROVIDE_AUTH_PARAMETERS,
    Round,
    read_rounds,
)

ANY_SUCCESS = declare_fault(
    "triggers.define.tokens-for-any-success",
    "a right answer anywhere in the history yields tokens, also when wrong ones came after it",
)
ANY_CHALLENGE_NAME = declare_fault(
    "triggers.define.trusts-any-challenge-name",
    "challengeName is not looked at: a last round of PASSWORD_VERIFIER, SRP_A or DEVICE_… that is true yields tokens",
)
IGNORES_USER_NOT_FOUND = declare_fault(
    "triggers.define.ignores-user-not-found", "userNotFound is not looked at: a history that ends in true yields tokens"
)
NO_CAP = declare_fault(
    "triggers.define.no-attempts-cap", "wrong answers are not counted: a session is challenged again without end"
)
METHOD_MAY_CHANGE = declare_fault(
    "triggers.define.method-may-change",
    "the method that the client names is not compared with the challenges that were set: a right answer to one "
    "method's challenge counts for another",
)
UNKNOWN_IS_A_LINK = declare_fault(
    "triggers.define.unknown-method-is-a-link", "a missing or unknown signInMethod is taken for MAGIC_LINK"
)
BOTH_FLAGS = declare_fault(
    "triggers.define.both-flags",
    "issueTokens is copied from the last challengeResult also where failAuthentication is true",
)
NAME_BESIDE_TOKENS = declare_fault(
    "triggers.define.challenge-name-beside-tokens", "challengeName stays CUSTOM_CHALLENGE where issueTokens is true"
)
FIRST_ROUND_COUNTS = declare_fault(
    "triggers.define.first-round-counts", "a true result of PROVIDE_AUTH_PARAMETERS yields tokens for every method"
)
FLAGS_LEFT_NULL = declare_fault(
    "triggers.define.flags-left-null", "the answer to an empty session leaves issueTokens and failAuthentication null"
)


class Decision(Enum):
    """What comes next; exactly one of three."""

    CHALLENGE = "challenge"
    TOKENS = "tokens"
    FAIL = "fail"


def define_auth_challenge(event: SignInEvent, answers_per_session: int, faults: FaultSwitches) -> dict[str, Any]:
    """The `response` of the trigger."""
    rounds = read_rounds(event.session)
    if rounds is None:
        return {"issueTokens": False, "failAuthentication": True}
    user_not_found = event.user_not_found and not faults.on(IGNORES_USER_NOT_FOUND)
    decision = decide(rounds, event.method, event.has_a_link, user_not_found, answers_per_session, faults)
    response: dict[str, Any] = {
        "issueTokens": decision is Decision.TOKENS,
        "failAuthentication": decision is Decision.FAIL,
    }
    if decision is Decision.CHALLENGE or (decision is Decision.TOKENS and faults.on(NAME_BESIDE_TOKENS)):
        response["challengeName"] = CUSTOM_CHALLENGE
    if faults.on(BOTH_FLAGS) and decision is Decision.FAIL and rounds and rounds[-1].result:
        response["issueTokens"] = True
    if faults.on(FLAGS_LEFT_NULL) and not rounds:
        response |= {"issueTokens": None, "failAuthentication": None}
    return response


def decide(
    rounds: tuple[Round, ...],
    method: str | None,
    has_a_link: bool,
    user_not_found: bool,
    most: int,
    faults: FaultSwitches,
) -> Decision:
    """What comes after these rounds.

    A session is one round of PROVIDE_AUTH_PARAMETERS, not right, then at most `most` rounds of one method, which the
    client must name each time; tokens follow a right answer in the last of them. Or it is that one round alone, which
    a client that has a link already answers with it, and one that has a passkey always.
    """
    if not rounds:
        return Decision.CHALLENGE
    if _wrongly_right(rounds, user_not_found, faults):
        return Decision.TOKENS
    if method == FIDO2 or (has_a_link and len(rounds) == 1):
        at_once = len(rounds) == 1 and _is_met_at_once(rounds[0])
        return Decision.TOKENS if at_once and not user_not_found else Decision.FAIL
    if faults.on(UNKNOWN_IS_A_LINK) and method not in METHODS:
        method = MAGIC_LINK
    answers = rounds[1:]
    right = bool(answers) and answers[-1].result
    used_up = len(answers) >= most + right and not faults.on(NO_CAP)
    if not _is_sound(rounds, method, faults) or used_up or (right and user_not_found):
        return Decision.FAIL
    return Decision.TOKENS if right else Decision.CHALLENGE


def _is_met_at_once(only: Round) -> bool:
    """Whether the first challenge was met; VerifyAuthChallengeResponse finds only a link or a passkey right there."""
    return only.challenge_name == CUSTOM_CHALLENGE and only.asked == PROVIDE_AUTH_PARAMETERS and only.result


def _is_sound(rounds: tuple[Round, ...], method: str | None, faults: FaultSwitches) -> bool:
    """Whether the triggers can have set these rounds, for the method that the client names, and gone on after each."""
    first, *answers = rounds
    expected = METHODS if faults.on(METHOD_MAY_CHANGE) else {method}
    return (
        method in METHODS
        and all(each.challenge_name == CUSTOM_CHALLENGE for each in rounds)
        and first.asked == PROVIDE_AUTH_PARAMETERS
        and not first.result
        and all(each.asked in expected for each in answers)
        and not any(each.result for each in answers[:-1])
    )


def _wrongly_right(rounds: tuple[Round, ...], user_not_found: bool, faults: FaultSwitches) -> bool:
    """What yields tokens under a fault."""
    any_success = not user_not_found and any(each.result for each in rounds[1:])
    return (
        (rounds[-1].result and faults.on(ANY_CHALLENGE_NAME))
        or (any_success and faults.on(ANY_SUCCESS))
        or (rounds[0].result and faults.on(FIRST_ROUND_COUNTS))
    )
