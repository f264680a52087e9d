"""DefineAuthChallenge, asked directly about every history: TRG-D-01 to TRG-D-05."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, HIGH, MUST, OWN, TRIGGERS, cases, check
from harness.findings import Finding
from harness.histories import CUSTOM_CHALLENGE, FOREIGN, Round, described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.dialects import Dialect
    from harness.histories import Decision, Definer, History
    from harness.properties import ForAll


@check(
    "TRG-D-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Define auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.define.flags-left-null": "leaves issueTokens"},
)
def test_a_sign_in_begins_with_a_challenge(definer: Definer) -> None:
    """An empty session is answered with CUSTOM_CHALLENGE, no tokens and no failure.

    Nothing has been proved yet. Tokens here are tokens for anybody who knows a user name; a failure locks
    everybody out.
    """
    decision = definer.decide(())
    assert decision.failed is None, f"DefineAuthChallenge fails on an empty session: {decision.failed}"
    assert not decision.issues_tokens, "an empty session is given tokens"
    assert not decision.fails, "an empty session is answered with failAuthentication"
    for flag in ("issueTokens", "failAuthentication"):
        assert decision.response.get(flag) is False, (
            f"an empty session leaves {flag} at {decision.response.get(flag)!r}, where it is to be false"
        )
    assert decision.challenge_name == CUSTOM_CHALLENGE, (
        f"an empty session is answered with the challenge {decision.challenge_name!r}, not {CUSTOM_CHALLENGE}"
    )


def contradicts_itself(decision: Decision) -> None:
    """Tokens and failure, tokens and a challenge, or neither of the three."""
    response = decision.response
    if decision.failed is not None:
        return
    for flag in ("issueTokens", "failAuthentication"):
        if not isinstance(response.get(flag), bool | None):
            raise Finding(f"{flag} is {response.get(flag)!r}, which is no boolean")
    if decision.issues_tokens and decision.fails:
        raise Finding("issueTokens and failAuthentication are both true")
    if decision.issues_tokens and decision.challenge_name:
        raise Finding(f"issueTokens is true beside a challengeName ({decision.challenge_name})")
    if not decision.issues_tokens and not decision.fails and not decision.challenge_name:
        raise Finding("there is no challengeName, no tokens and no failure")


@check(
    "TRG-D-02",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Define auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={
        "triggers.define.both-flags": "issueTokens and failAuthentication are both true",
        "triggers.define.challenge-name-beside-tokens": "issueTokens is true beside a challengeName",
    },
)
def test_a_decision_is_one_of_three(decisions: Iterable[Decision], definer: Definer, for_all: ForAll) -> None:
    """Whatever the history: tokens, or failure, or a further challenge, and only one of them.

    What Cognito makes of a decision that contradicts itself is nowhere promised. Set both flags on every
    path, and the challenge's name only where there is one.
    """
    wrong = first_against(decisions, contradicts_itself)
    assert wrong is None, wrong
    for_all(definer.wider(), lambda history: contradicts_itself(definer.decide(history)))


@check(
    "TRG-D-03",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Define auth challenge Lambda trigger (session is ordered)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={
        "triggers.define.tokens-for-any-success": "whose last round was not met",
        "triggers.define.first-round-counts": "which end in a round that proves nothing",
    },
)
def test_tokens_are_for_a_last_round_that_was_met(
    decisions: Iterable[Decision], definer: Definer, dialect: Dialect, for_all: ForAll
) -> None:
    """Tokens follow only on a history whose last round is a success of the challenge that honest sign-ins end with.

    The session is ordered. A trigger that looks for any success in it, or at how many rounds there were, lets
    a later failure pass, or a round in which nothing was proved. Look at the last entry: its name, its metadata
    and its result.
    """

    def ends_met(decision: Decision) -> None:
        if decision.issues_tokens and decision.history and not decision.history[-1].result:
            raise Finding("tokens are issued on histories whose last round was not met")

    def ends_in_proof(decision: Decision) -> None:
        if decision.issues_tokens and decision.history:
            last = decision.history[-1]
            password = dialect.password_first and last.name == "PASSWORD_VERIFIER"
            if last.result and not password and not decision.ends_honestly:
                raise Finding("tokens are issued on histories which end in a round that proves nothing")

    wrong = [finding for holds in (ends_met, ends_in_proof) if (finding := first_against(decisions, holds))]
    assert not wrong, "; ".join(wrong)

    def holds_both(history: History) -> None:
        decision = definer.decide(history)
        ends_met(decision)
        ends_in_proof(decision)

    for_all(definer.wider(), holds_both)
    for winner in definer.winners:
        assert definer.decide(winner).issues_tokens, f"no tokens are issued on the honest history {described(winner)}"


@check(
    "TRG-D-04",
    level=MUST,
    severity=CRITICAL,
    clause="an incident in a released package (a define trigger that trusts any challenge name)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.define.trusts-any-challenge-name": "only what Cognito itself asks was met"},
)
@cases("name", {name: name for name in FOREIGN})
def test_challenges_of_cognitos_own_are_no_success(definer: Definer, dialect: Dialect, name: str) -> None:
    """A proved password, device or text-message code is no success of the custom challenge.

    A client may ask for SRP first, or sign in on a remembered device; the session then holds rounds of Cognito's
    own. Compare the challenge's name with CUSTOM_CHALLENGE before its result counts. (A flow that means the
    password to be enough says so in its dialect: `password_first`.)
    """
    if dialect.password_first and name == "PASSWORD_VERIFIER":
        return
    foreign = Round(name, True)
    histories: list[History] = [(foreign,), (foreign, foreign), (Round("SRP_A", True), foreign)]
    for winner in definer.winners:
        histories.append((*(Round(each.name, False, each.metadata) for each in winner[:-1]), foreign))
        histories.append((*winner[:-1], Round(name, True, winner[-1].metadata)))
    for history in histories:
        assert not definer.decide(history).issues_tokens, (
            f"tokens are issued where only what Cognito itself asks was met: {described(history)}"
        )


@check(
    "TRG-D-05",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Define auth challenge Lambda trigger (userNotFound)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.define.ignores-user-not-found": "tokens are issued for a user who does not exist"},
)
def test_nobody_is_given_tokens(decisions: Iterable[Decision], definer: Definer) -> None:
    """With userNotFound there are no tokens, whatever the history says.

    The triggers run for unknown names too, so that names cannot be told apart. Whatever VerifyAuthChallenge makes
    of an answer in a name that nobody has, the sign-in must fail at its end.
    """
    winning = [decision.history for decision in decisions if decision.issues_tokens]
    assert winning, "no history at all is given tokens, not even an honest one"
    for history in (*definer.winners, *winning):
        assert not definer.decide(history, userNotFound=True).issues_tokens, (
            f"tokens are issued for a user who does not exist: {described(history)}"
        )


def first_against(decisions: Iterable[Decision], holds: Callable[[Decision], None]) -> str | None:
    """What is wrong with the shortest history that breaks a property, and which that is; None when none does."""
    for decision in decisions:
        try:
            holds(decision)
        except Finding as finding:
            return f"{finding}: {decision.described()}"
    return None
