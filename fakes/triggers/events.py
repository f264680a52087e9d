"""A trigger's event, read with distrust: whatever is not as it should be counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import declare_fault
from fakes.triggers.rounds import MAGIC_LINK

PRETENDS_ALL_ARE_CONFIRMED = declare_fault(
    "triggers.verify.any-user-state",
    "cognito:user_status is not looked at, neither where a link or code is asked for nor where it is answered: users "
    "in FORCE_CHANGE_PASSWORD, UNCONFIRMED, RESET_REQUIRED sign in",
)


class MalformedEvent(Exception):
    """The event is none of Cognito's."""


@dataclass(frozen=True)
class SignInEvent:
    """The parts that the triggers use."""

    user_pool_id: str
    client_id: str
    user_name: str
    attributes: Mapping[str, str]
    user_not_found: bool
    session: object = None
    """`request.session` as it came: `rounds.read_rounds` judges it."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    """ClientMetadata: the client's unverified word."""

    private_parameters: Mapping[str, str] = field(default_factory=dict)
    answer: object = None

    @property
    def method(self) -> str | None:
        """The method of sign-in that the client says it uses."""
        return self.metadata.get("signInMethod")

    @property
    def has_a_link(self) -> bool:
        """Whether the client says that it answers with a link that it has already."""
        return self.method == MAGIC_LINK and self.metadata.get("alreadyHaveMagicLink") == "yes"

    @property
    def challenge(self) -> str | None:
        """What this session's present challenge is."""
        return self.private_parameters.get("challenge")

    @property
    def session_id(self) -> str:
        """The identity of the session, as CreateAuthChallenge noted it for VerifyAuthChallengeResponse."""
        return self.private_parameters.get("session", "")


def read_event(event: object) -> SignInEvent:
    """Read an event of any trigger of the sign-in. Raises MalformedEvent."""
    if not isinstance(event, Mapping) or not isinstance(request := event.get("request"), Mapping):
        raise MalformedEvent
    caller = event.get("callerContext")
    client_id = caller.get("clientId") if isinstance(caller, Mapping) else None
    user_pool_id, user_name = event.get("userPoolId"), event.get("userName")
    if not (isinstance(client_id, str) and isinstance(user_pool_id, str) and isinstance(user_name, str)):
        raise MalformedEvent
    return SignInEvent(
        user_pool_id=user_pool_id,
        client_id=client_id,
        user_name=user_name,
        attributes=_texts(request.get("userAttributes")),
        user_not_found=request.get("userNotFound") not in {None, False},
        session=request.get("session"),
        metadata=_texts(request.get("clientMetadata")),
        private_parameters=_texts(request.get("privateChallengeParameters")),
        answer=request.get("challengeAnswer"),
    )


def _texts(found: Any) -> dict[str, str]:
    if not isinstance(found, Mapping):
        return {}
    return {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, str)}
