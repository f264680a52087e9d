"""Answers that arrive at once: SRP-22."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from harness.check import HIGH, MUST, OWN, POOL, check
from harness.sign_in import PasswordVerifier

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.sign_in import HonestTwin

AT_ONCE = 20


@check(
    "SRP-22",
    level=MUST,
    severity=HIGH,
    clause="RFC 5054 section 2.6, under concurrency",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.srp.single-use-with-a-race": "signed in"},
)
async def test_parallel_answers_do_not_outrun_the_replay_rule(honest: HonestTwin, observe: Observe) -> None:
    """Twenty answers to one challenge at once sign in no oftener than the pool allows one after the other.

    A pool that lets a challenge be answered once, and looks before it marks, is outrun by parallel
    requests. (AWS lets one challenge be answered again within its lifetime; then any number is right.)
    """
    attempt = honest.sign_in()
    challenge = PasswordVerifier.read(attempt.start())
    attempt.answer(challenge).must_yield_tokens("the first answer")
    replay_is_allowed = attempt.answer(challenge).has_tokens
    observe("one challenge answered twice", "accepted" if replay_is_allowed else "refused")

    attempt = honest.sign_in()
    challenge = PasswordVerifier.read(attempt.start())
    request = attempt.prepare_answer(challenge)
    outcomes = await asyncio.gather(*(asyncio.to_thread(attempt.send_answer, request) for _ in range(AT_ONCE)))
    signed_in = sum(outcome.has_tokens for outcome in outcomes)
    observe(f"{AT_ONCE} answers at once", f"{signed_in} signed in")
    assert signed_in >= 1, f"none of {AT_ONCE} parallel answers signed in: {outcomes[0].answer.described()}"
    assert replay_is_allowed or signed_in == 1, (
        f"one challenge signed in {signed_in} times when answered {AT_ONCE} times at once; one after the other, once"
    )
