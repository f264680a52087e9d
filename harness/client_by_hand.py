"""A driver tried by hand: hello, one sign-in that should go well, one that should not, each line shown."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from harness.catalogue import all_checks
from harness.client import ClientIdentity, ClientUnderTest, Twins
from harness.findings import Inconclusive
from harness.peer import Peer
from reports.vocabulary import ExitCode, Subject

if TYPE_CHECKING:
    from harness.client_attempt import Attempt

_LONGEST_TEXT = 60


class _Shown:
    """A driver whose lines are shown as they go to and fro."""

    def __init__(self, peer: Peer, say: Callable[[str], None]) -> None:
        self._peer = peer
        self._say = say

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Ask, and show the request and the answer."""
        self._say(f"→ {_line({'op': op, **members})}")
        answer = self._peer.ask(op, **members)
        self._say(f"← {_line(answer)}")
        return answer


def try_client(command: Sequence[str], *, timeout_seconds: float, say: Callable[[str], None]) -> int:
    """Start a pool and the driver, and show what they say to each other.

    Returns CLEAN when the right password signs in and a wrong one does not, FINDINGS when it is otherwise, and
    INCONCLUSIVE when the driver does not speak the protocol.
    """
    with ExitStack() as open_things:
        peer = Peer(command, timeout_seconds=timeout_seconds)
        open_things.callback(peer.close)
        driver = _Shown(peer, say)
        try:
            identity = ClientIdentity.of(driver)
            say(f"{identity} can: {', '.join(sorted(identity.capabilities)) or 'nothing beyond a sign-in'}")
            well = _sign_in_twice(driver, identity, say, open_things)
        except Inconclusive as problem:
            say(f"! {problem}")
            return ExitCode.INCONCLUSIVE
    _show_what_would_be_judged(identity, say)
    return ExitCode.CLEAN if well else ExitCode.FINDINGS


def _sign_in_twice(
    driver: _Shown, identity: ClientIdentity, say: Callable[[str], None], open_things: ExitStack
) -> bool:
    from harness.arrangement import Names
    from harness.client_stage import Stage
    from harness.transcript import Transcript

    transcript, seed = Transcript(), secrets.randbelow(2**32)
    names = Names(random.Random(seed), "canary")  # noqa: S311 - a user that lives as long as this command
    stage = Stage(transcript, seed=seed, names=names, run_name="by-hand", region="us-east-1")
    open_things.callback(stage.close)
    trial = ClientUnderTest(
        driver,
        identity,
        stage,
        twins=Twins(),
        transcript=transcript,
        observe=lambda _name, _value: None,
        seconds=600,
    )
    account = stage.account()
    say("\nThe right password:")
    right = trial.attempt(account)
    _show_the_wire(right, say)
    say("\nA wrong password:")
    wrong = trial.attempt(account, password=account.user.password + "x")
    _show_the_wire(wrong, say)
    say("")
    went_in, kept_out = right.signed_in, not wrong.claims_success
    say(f"{'ok ' if went_in else '! '} the right password {'signed in' if went_in else 'did not sign in'}")
    say(f"{'ok ' if kept_out else '! '} a wrong password {'was an error' if kept_out else 'was reported as success'}")
    return went_in and kept_out


def _show_the_wire(attempt: Attempt, say: Callable[[str], None]) -> None:
    for exchange in attempt.exchanges:
        answered = exchange.reply.json.get("ChallengeName") or exchange.reply.json.get("__type") or "tokens"
        members = exchange.request.json.get("AuthParameters") or exchange.request.json.get("ChallengeResponses") or {}
        say(f"  the pool was sent {exchange.request.operation} ({', '.join(members)}) and answered {answered}")
    if not attempt.exchanges:
        say("  the pool was sent nothing")


def _show_what_would_be_judged(identity: ClientIdentity, say: Callable[[str], None]) -> None:
    checks = [check for check in all_checks() if check.subject is Subject.CLIENT]
    say("\nWhat `run --only CLI` would judge:")
    for check in checks:
        missing = sorted(check.needs - identity.needs_met)
        say(f"  {check.id:<9}{f'not applicable, lacks {missing[0]}' if missing else 'judged':<46}{check.summary}")


def _line(members: Mapping[str, Any]) -> str:
    return json.dumps(_shortened(members), ensure_ascii=False)


def _shortened(value: Any) -> Any:
    """Long texts, such as tokens, cut."""
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[: _LONGEST_TEXT // 2]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {name: _shortened(member) for name, member in value.items()}
    return value
