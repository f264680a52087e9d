"""CreateAuthChallenge: what is asked, and where the secret goes that answers it.

What leaves for the client is the same for everybody. The secret goes to mailbox or phone and nowhere else: not
into public parameters, not into challengeMetadata, which comes back in every later event, and not into private
parameters either, where the session's identity is enough to find its hash in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.codes import StepUpCodes
from fakes.triggers.events import SignInEvent
from fakes.triggers.fido2.signing_in import PasskeySignIn
from fakes.triggers.links import MagicLinks
from fakes.triggers.refusals import SignInRefused
from fakes.triggers.rounds import (
    MAGIC_LINK,
    METHODS,
    PROVIDE_AUTH_PARAMETERS,
    SMS_OTP_STEPUP,
    Round,
    new_session_id,
    read_rounds,
    session_id,
)

LINK_PUBLIC = declare_fault(
    "triggers.links.secret-in-public-parameters", "the link's fragment stands in publicChallengeParameters (`link`)"
)
LINK_IN_METADATA = declare_fault(
    "triggers.links.secret-in-metadata", "challengeMetadata is MAGIC_LINK: and the link's fragment"
)
CODE_PUBLIC = declare_fault(
    "triggers.codes.code-in-public-parameters", "the code stands in publicChallengeParameters (`hint`)"
)
CODE_IN_METADATA = declare_fault(
    "triggers.codes.code-in-metadata", "challengeMetadata is SMS_OTP_STEPUP:CODE- and the code"
)
NUMBER_AMONG_PARAMETERS = declare_fault(
    "triggers.create.number-among-parameters", "publicChallengeParameters.attemptsLeft is a number, not a text"
)
RAISES_FOR_UNKNOWN = declare_fault(
    "triggers.create.raises-for-unknown-users", "for an unknown user (userNotFound) a link or code is refused in words"
)
OTHER_SHAPE = declare_fault(
    "triggers.create.other-shape-for-unknown-users",
    "for an unknown user (userNotFound) publicChallengeParameters is empty",
)


@dataclass(frozen=True)
class _Challenge:
    """What is asked, what the client is shown beside it, and what is written behind it in the metadata."""

    asked: str
    session: str
    shown: dict[str, str]
    note: str = ""

    def response(self) -> dict[str, Any]:
        return {
            "publicChallengeParameters": {"challenge": self.asked, **self.shown},
            "privateChallengeParameters": {
                "challenge": self.asked,
                "session": self.session,
            },
            "challengeMetadata": f"{self.asked}:{self.note}" if self.note else self.asked,
        }


def create_auth_challenge(
    event: SignInEvent,
    links: MagicLinks,
    codes: StepUpCodes,
    faults: FaultSwitches,
    passkeys: PasskeySignIn | None = None,
) -> dict[str, Any]:
    """The `response` of the trigger. Raises SignInRefused for a history or a method that is none.

    The options for a passkey stand beside the first challenge, before the client has said how it signs in.
    """
    rounds = read_rounds(event.session)
    if rounds is None or (rounds and (rounds[0].asked != PROVIDE_AUTH_PARAMETERS or event.method not in METHODS)):
        raise SignInRefused("This sign-in cannot be continued. Please start again.")
    if not rounds:
        session = new_session_id()
        response = _Challenge(PROVIDE_AUTH_PARAMETERS, session, {}, session).response()
        if passkeys is not None:
            shown, kept = passkeys.options(event)
            response["publicChallengeParameters"]["fido2options"] = shown
            response["privateChallengeParameters"]["fido2options"] = kept
        return response
    if event.user_not_found and faults.on(RAISES_FOR_UNKNOWN):
        raise SignInRefused("There is no such user.")
    earlier = [each for each in rounds[1:] if each.asked == event.method]
    make = _link_challenge if event.method == MAGIC_LINK else _code_challenge
    made = make(event, session_id(rounds), earlier, links, codes, faults)
    response = made.response()
    if faults.on(NUMBER_AMONG_PARAMETERS):
        response["publicChallengeParameters"]["attemptsLeft"] = 3
    if faults.on(OTHER_SHAPE) and event.user_not_found:
        response["publicChallengeParameters"] = {}
    return response


def _link_challenge(
    event: SignInEvent, session: str, earlier: list[Round], links: MagicLinks, codes: StepUpCodes, faults: FaultSwitches
) -> _Challenge:
    """A link goes out once a session, and to nobody who has one already."""
    if earlier or event.has_a_link:
        return _Challenge(MAGIC_LINK, session, {})
    sent = links.ask(event, session)
    shown = {"link": sent} if sent and faults.on(LINK_PUBLIC) else {}
    return _Challenge(MAGIC_LINK, session, shown, sent if faults.on(LINK_IN_METADATA) else "")


def _code_challenge(
    event: SignInEvent, session: str, earlier: list[Round], links: MagicLinks, codes: StepUpCodes, faults: FaultSwitches
) -> _Challenge:
    """The code that the session has stays the code after a wrong answer."""
    sent = codes.ask(event, session, again=bool(earlier))
    shown = {"phoneNumber": sent.masked} | ({"hint": sent.code} if sent.code and faults.on(CODE_PUBLIC) else {})
    return _Challenge(
        SMS_OTP_STEPUP, session, shown, f"CODE-{sent.code}" if sent.code and faults.on(CODE_IN_METADATA) else ""
    )
