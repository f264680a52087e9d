"""A CUSTOM_AUTH sign-in at the wire, step by step, in which a check can change exactly one thing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from harness.findings import Finding, Inconclusive
from harness.sign_in import Left, Outcome, Text, learn_tokens
from protocol.claims import secret_hash

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.dialects import Say

Result = TypeVar("Result")

CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
_SECONDS_TO_BEGIN = 30


@dataclass(frozen=True)
class CustomChange:
    """The one departure from an honest sign-in that a negative makes. None leaves the honest value.

    `starting_*` members change InitiateAuth, the others RespondToAuthChallenge. `metadata` is laid over the
    ClientMetadata of every answer (Left.OUT takes a member away); `all_metadata` takes its place whole. `headers`
    are HTTP headers sent with every request.
    """

    starting_username: str | None = None
    starting_client_id: str | None = None
    starting_metadata: Mapping[str, str] | None = None
    starting_parameters: Mapping[str, str] | None = None
    username: Text = None
    client_id: str | None = None
    challenge_name: str | None = None
    session: Text = None
    answer: Text = None
    metadata: Mapping[str, Any] | None = None
    all_metadata: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None

    def described(self) -> str:
        """The names of what is changed."""
        changed = (each.name.replace("_", " ") for each in fields(self) if getattr(self, each.name) is not None)
        return ", ".join(changed) or "nothing"


HONEST = CustomChange()


class CustomAuthSignIn:
    """One CUSTOM_AUTH sign-in of one user at one client.

    `initiate`, then `respond` once a challenge; `say` does several. The newest Session and the challenge's USERNAME
    are used on their own. `change` may be set between steps.
    """

    def __init__(self, pool: UserPool, client: AppClient, user: TestUser, *, change: CustomChange = HONEST) -> None:
        self.pool, self.client, self.user, self.change = pool, client, user, change
        self.session: str | None = None
        self.username = user.username
        self.outcome: Outcome | None = None
        """The newest answer."""
        self.outcomes: list[Outcome] = []
        """All of them, oldest first."""

    def initiate(self) -> Outcome:
        """InitiateAuth with CUSTOM_AUTH."""
        change = self.change
        username = change.starting_username or self.user.username
        parameters = {"USERNAME": username, **self._secret_hash(username), **(change.starting_parameters or {})}
        request: dict[str, Any] = {
            "AuthFlow": "CUSTOM_AUTH",
            "ClientId": change.starting_client_id or self.client.client_id,
            "AuthParameters": parameters,
        }
        if change.starting_metadata is not None:
            request["ClientMetadata"] = dict(change.starting_metadata)
        return self._keep(self._send("InitiateAuth", request))

    def respond(self, said: Say) -> Outcome:
        """RespondToAuthChallenge. A further challenge brings a new Session, which the next answer carries."""
        return self._keep(self.send(self.prepare(said)))

    def prepare(self, said: Say) -> dict[str, Any]:
        """The request of an answer, made and not sent, so that several can be sent at once."""
        change = self.change
        username = self.username if change.username is None else change.username
        responses: dict[str, str] = {}
        if isinstance(username, str):
            responses |= {"USERNAME": username, **self._secret_hash(username)}
        answer = said.answer if change.answer is None else change.answer
        if isinstance(answer, str):
            responses["ANSWER"] = answer
        request: dict[str, Any] = {
            "ChallengeName": change.challenge_name or CUSTOM_CHALLENGE,
            "ClientId": change.client_id or self.client.client_id,
            "ChallengeResponses": responses,
        }
        session = self.session if change.session is None else change.session
        if isinstance(session, str):
            request["Session"] = session
        metadata = self._metadata(said)
        if metadata:
            request["ClientMetadata"] = metadata
        return request

    def send(self, request: dict[str, Any]) -> Outcome:
        """RespondToAuthChallenge with a prepared request; the sign-in does not move on. For any thread."""
        return self._send("RespondToAuthChallenge", request)

    async def send_at_once(self, requests: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Send prepared answers in parallel; their outcomes, in the order of the requests."""
        return await at_once([partial(self.send, request) for request in requests])

    def say(self, *said: Say) -> Outcome:
        """Start if nothing was sent yet, then give the answers one after the other.

        Ends early when an answer brings no further challenge; then that is the outcome.
        """
        outcome = self.outcome or self.initiate()
        for each in said:
            if outcome.challenge_name != CUSTOM_CHALLENGE:
                return outcome
            outcome = self.respond(each)
        return outcome

    def _metadata(self, said: Say) -> dict[str, Any]:
        if self.change.all_metadata is not None:
            return dict(self.change.all_metadata)
        merged: dict[str, Any] = {**said.metadata, **(self.change.metadata or {})}
        return {name: value for name, value in merged.items() if value is not Left.OUT}

    def _secret_hash(self, username: str) -> dict[str, str]:
        if self.client.secret is None:
            return {}
        made = secret_hash(client_secret=self.client.secret, username=username, client_id=self.client.client_id)
        return {"SECRET_HASH": made}

    def _keep(self, outcome: Outcome) -> Outcome:
        self.outcome = outcome
        self.outcomes.append(outcome)
        if outcome.challenge_name == CUSTOM_CHALLENGE:
            self.session = outcome.session
            named = outcome.parameters.get("USERNAME")
            self.username = named if isinstance(named, str) and named else self.username
        return outcome

    def _send(self, operation: str, request: dict[str, Any]) -> Outcome:
        outcome = Outcome(self.pool.wire.call(operation, request, headers=self.change.headers))
        learn_tokens(outcome, self.pool)
        return outcome


async def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make calls in parallel, each in a thread of its own, begun together; their results, in the order of the calls."""
    begin = threading.Barrier(len(calls))

    def call(function: Callable[[], Result]) -> Result:
        begin.wait(_SECONDS_TO_BEGIN)
        return function()

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=len(calls)) as threads:
        return list(await asyncio.gather(*(loop.run_in_executor(threads, call, each) for each in calls)))


def must_not_sign_in(outcome: Outcome, why: str) -> None:
    """The requirement of a negative: no tokens, and either a clean refusal or the challenge to try again.

    Args:
        outcome: what the sign-in came to.
        why: what was sent, to complete "tokens were issued for …".

    Raises:
        Finding: tokens, or an answer that is no clean one.
    """
    if outcome.has_tokens:
        raise Finding(f"tokens were issued for {why}")
    if outcome.refusal is None and outcome.challenge_name is None:
        raise Finding(f"no clean refusal of {why}: the target answered {outcome.answer.described()}")


def must_be_challenged(outcome: Outcome, what: str) -> None:
    """Raise Inconclusive when a step that a check builds upon did not bring CUSTOM_CHALLENGE."""
    if outcome.challenge_name != CUSTOM_CHALLENGE:
        raise Inconclusive(f"{what} did not bring {CUSTOM_CHALLENGE}: the target answered {outcome.answer.described()}")
