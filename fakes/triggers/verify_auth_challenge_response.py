"""VerifyAuthChallengeResponse: right or wrong, and nothing else. A wrong answer of any form is an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.codes import StepUpCodes
from fakes.triggers.events import SignInEvent
from fakes.triggers.fido2.signing_in import PasskeySignIn
from fakes.triggers.link_message import from_fragment
from fakes.triggers.links import MagicLinks
from fakes.triggers.rounds import FIDO2, MAGIC_LINK, METHODS, PROVIDE_AUTH_PARAMETERS, SMS_OTP_STEPUP

LEFT_UNSET = declare_fault(
    "triggers.verify.answer-correct-left-unset",
    "answerCorrect stays as it came (null) for a challenge that is neither link nor code",
)
AS_TEXT = declare_fault("triggers.verify.text-for-a-flag", 'a wrong link or code makes answerCorrect the text "false"')
RAISES = declare_fault(
    "triggers.verify.raises-on-malformed-answers",
    "an answer that is not of the right form raises ValueError, where a wrong one is answered false",
)
METHOD_FROM_CLIENT = declare_fault(
    "triggers.verify.method-from-the-client",
    "signInMethod of the client's metadata decides how the answer is judged, not the challenge that was set; for a "
    "method that is neither link nor code (FIDO2) any answer is right",
)
LOGS_ANSWER = declare_fault("triggers.verify.logs-the-answer", "the answer (link, code, JWT) is logged")
DUMMY_IS_RIGHT = declare_fault(
    "triggers.verify.dummy-is-right",
    "the answer to PROVIDE_AUTH_PARAMETERS is judged right where no link answers it, and honest sign-ins then fail",
)


class MalformedAnswer(ValueError):
    """Raised under a fault only."""


def verify_auth_challenge_response(
    event: SignInEvent,
    links: MagicLinks,
    codes: StepUpCodes,
    verified: Callable[[str], None],
    faults: FaultSwitches,
    log: Callable[[str], None],
    passkeys: PasskeySignIn | None = None,
) -> dict[str, Any]:
    """The `response` of the trigger; `verified` is told the method of a right answer.

    The challenge that was set decides what the answer is held against, whatever the client says now. The first one
    asks for nothing yet; a client that has a link already may answer it with that link, and one that has a passkey with
    an assertion over the options beside it; with nothing else.
    """
    challenge = event.challenge
    if challenge == PROVIDE_AUTH_PARAMETERS and event.has_a_link:
        challenge = MAGIC_LINK
    if challenge == PROVIDE_AUTH_PARAMETERS and event.method == FIDO2 and passkeys is not None:
        challenge = FIDO2
    if faults.on(METHOD_FROM_CLIENT) and challenge in METHODS:
        challenge = event.method
    if faults.on(LOGS_ANSWER):
        log(f"verifying {event.answer}")
    if faults.on(RAISES) and challenge in METHODS and _is_malformed(event, faults):
        raise MalformedAnswer("the answer cannot be read")
    if challenge == MAGIC_LINK:
        correct = links.redeem(event)
    elif challenge == SMS_OTP_STEPUP:
        correct = codes.verify(event)
    elif challenge == FIDO2 and passkeys is not None:
        correct = passkeys.verify(event)
    elif faults.on(LEFT_UNSET):
        return {"answerCorrect": None}
    elif challenge == PROVIDE_AUTH_PARAMETERS:
        correct = faults.on(DUMMY_IS_RIGHT)
    else:
        correct = faults.on(METHOD_FROM_CLIENT)
    if correct and challenge in {*METHODS, FIDO2}:
        verified(str(challenge))
    return {"answerCorrect": "false" if faults.on(AS_TEXT) and challenge in METHODS and not correct else correct}


def _is_malformed(event: SignInEvent, faults: FaultSwitches) -> bool:
    if event.challenge != SMS_OTP_STEPUP:
        return from_fragment(event.answer, faults) is None
    try:
        return not isinstance(json.loads(str(event.answer)), dict)
    except ValueError:
        return True
