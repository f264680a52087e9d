"""What a request for a link tells of the user: ML-31."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, check
from harness.custom_auth import CUSTOM_CHALLENGE
from harness.timing import Compared
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from harness.arrangement import TestUser
    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow

ROUNDS = 8
SMALLEST_DIFFERENCE = 0.004
"""Seconds, of a whole challenge, in which a mail is sent for those who get one."""


@check(
    "ML-31",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 6.3.8; OWASP Forgot Password Cheat Sheet (consistent messages)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={
        "triggers.create.tells-throttled-users": "users who asked before",
        "triggers.create.tells-users-without-an-address": "users without a verified address",
        "triggers.create.raises-for-unknown-users": "names of nobody",
    },
)
def test_everybody_is_told_the_same(links: LinkFlow, observe: Observe) -> None:
    """Known and unknown users, those who asked just now and those without a verified address are answered alike.

    A refusal in other words says who is a customer, and who of them is signing in now. Answer everybody that a link is
    on its way, if there is anybody to send it to.
    """
    known = links.new_user()
    stranger = links.nobody(known)
    unverified, owing, disabled = (links.new_user() for _ in range(3))
    attributes = [{"Name": "email_verified", "Value": "false"}]
    links.pool.administer("AdminUpdateUserAttributes", unverified.username, UserAttributes=attributes)
    links.pool.set_temporary_password(owing.username, links.pool.names.password())
    usual = _answers(links, known)
    _must_be_alike(usual, _answers(links, stranger), "names of nobody")
    _must_be_alike(usual, _answers(links, unverified), "users without a verified address")
    _must_be_alike(usual, _answers(links, owing), "users who owe a new password")
    again = _answers(links, known)
    _must_be_alike(
        _answers(links, stranger), again, "users who asked before"
    )  # who asks twice for nobody sees the same
    observe(
        "who asks twice", "is answered as before" if again == usual else "is told so, whether there is a user or not"
    )
    links.pool.administer("AdminDisableUser", disabled.username)
    observe("disabled users", "; ".join(str(answer) for answer in _answers(links, disabled)))  # the pool's own answer
    must_sign_in(links.sign_in(), "a link")


def _must_be_alike(usual: list[object], seen: list[object], who: str) -> None:
    assert seen == usual, f"{who} are answered {seen}, others {usual}"


def _answers(links: LinkFlow, user: TestUser) -> list[object]:
    """Each answer on the way: the members of a challenge and the lengths of their values, or the refusal's words."""
    sign_in = links.begin(user)
    outcome = sign_in.initiate()
    seen = [outcome]
    for said in links.starts(user):
        if outcome.challenge_name != CUSTOM_CHALLENGE:
            break
        outcome = sign_in.respond(said)
        seen.append(outcome)
    return [
        sorted((name, len(str(value))) for name, value in each.parameters.items() if name != "USERNAME")
        if each.challenge_name
        else each.answer.described()
        for each in seen
    ]


@check(
    "ML-31b",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.8; Cognito developer guide (account for latency)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "in-process"},
    killed_by={"triggers.create.unknown-users-answered-quicker": "names of nobody are answered faster"},
)
def test_everybody_waits_as_long(links: LinkFlow, observe: Observe) -> None:
    """Who gets no link, whatever for, waits as long for the answer as who gets one.

    Signing and mailing takes time that can be measured. Do the same work for everybody, or answer everybody after the
    same time. (Only a gross difference can be seen from outside; the figures are recorded for reviewers. Slower is no
    finding: mail is sent in no time here, so a wait as long as a mail service would take shows.)
    """
    for _ in range(2):
        _seconds(links, links.new_user())  # connections, caches, code that is loaded at first use
    seconds: dict[str, list[float]] = {"usual": [], "names of nobody": [], "users who asked before": []}
    for number in range(ROUNDS):
        user = links.new_user()
        seconds["usual"].append(_seconds(links, user))
        rest = [("names of nobody", links.nobody(user)), ("users who asked before", user)]
        for who, each in rest if number % 2 else reversed(rest):
            seconds[who].append(_seconds(links, each))
    differences = []
    for who, took in seconds.items():
        if who == "usual":
            continue
        compared = Compared.of(seconds["usual"], took)
        observe(f"usual less {who}", compared.described())
        if compared.is_sooner(SMALLEST_DIFFERENCE):
            differences.append(f"{who} are answered faster, by {compared.described()}")
    assert not differences, "; ".join(differences)


def _seconds(links: LinkFlow, user: TestUser) -> float:
    """How long the answer took that sends a link, or none."""
    return links.begin(user).say(*links.starts(user)).answer.seconds
