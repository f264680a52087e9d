"""How many links are sent, to whom and how often: ML-12 to ML-16, ML-39."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, HIGH, MEDIUM, MUST, OWN, REPORTED, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import CustomChange, at_once, must_be_challenged, must_not_sign_in
from harness.findings import Finding, Inconclusive
from harness.link_probes import life_of_links, next_link
from harness.trigger_flows import LinkRequest, must_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import TestUser
    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest

REQUESTS_AT_ONCE, AT_ONCE_FAR = 20, 5
"""So many, and of functions that run for others too, and whose mails are delivered."""

ACCOUNTS = 200
"""How many accounts one source asks for, where no budget is documented."""

OFTEN, MORE_OFTEN = timedelta(seconds=61), timedelta(seconds=30)
"""How often the attacker asks: as often as a usual throttle lets by, and so that some requests send nothing."""


@check(
    "ML-12",
    level=MUST,
    severity=HIGH,
    clause="OWASP Forgot Password Cheat Sheet; ASVS 5.0 6.5.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={"triggers.links.older-links-stay-good": "tokens were issued for an older link"},
)
def test_a_new_link_ends_the_older_one(links: LinkFlow) -> None:
    """Once a new link was sent, the one before is refused, and the new one signs in.

    A user who asks again has one mail in mind; the others are keys that lie about. Keep one link an account, and put
    the new one in its place.
    """
    user = links.new_user()
    older = links.ask(user)
    newer = next_link(links, user)
    must_not_sign_in(links.redeem(older), "an older link")
    outcome = links.redeem(newer)
    assert outcome.has_tokens, f"the newest link does not sign in: {outcome.answer.described()}"


@check(
    "ML-13",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.1.1 (malicious account lockout)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={
        "triggers.links.window-outgrows-the-link": "keeps the owner out",
        "triggers.links.refused-requests-supersede": "keeps the owner out",
    },
)
@cases("owner_opens", {"after every request": True, "at the end": False})
def test_nobody_is_kept_out_by_others_requests(links: LinkFlow, observe: Observe, owner_opens: bool) -> None:
    """Whatever an attacker asks for in a user's name, the newest mail in the user's mailbox signs them in.

    Throttle and superseding are turned against the user when a request that sends nothing ends the link that was
    sent, or when the wait grows beyond a link's life: then the mailbox holds only dead links, and no new one
    comes. Let only a link that was sent end the one before, and keep the wait shorter than a link's life.
    """
    user = links.new_user()
    newest = links.ask(user)
    if links.spoken.come_back(newest.redirect_uri) is None:
        observe("measured", "not: the flow redeems a link only in the session that asked, which here is an attacker's")
        return
    sent = 0
    every = MORE_OFTEN if owner_opens else OFTEN
    requests = life_of_links(links) // every + 2  # a link that came at the beginning is over at the end
    for _ in range(requests):
        links.later(every)
        asked = links.request(user)
        if asked.was_sent:
            sent, newest = sent + 1, links.link_of(asked)
        elif owner_opens:
            outcome = links.redeem(newest)
            assert outcome.has_tokens, (
                f"a request that sent nothing keeps the owner out: their newest link is dead, "
                f"{outcome.answer.described()}"
            )
            break
    observe("mails that an attacker can cause", f"{sent} in {requests * every}")
    if not owner_opens:
        outcome = links.redeem(newest)
        assert outcome.has_tokens, (
            f"who asks for another's links every {every.seconds} seconds keeps the owner out: their "
            f"newest link is dead, and no other comes: {outcome.answer.described()}"
        )


@check(
    "ML-14",
    level=MUST,
    severity=MEDIUM,
    clause="OWASP Forgot Password Cheat Sheet (flooding); aws-samples #175",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={
        "triggers.links.no-throttle": "a second link was sent",
        "triggers.links.throttle-forgets-used-links": "a second link was sent",
    },
)
@cases("after", {"a link not used": False, "a used link": True})
def test_an_account_gets_one_link_in_a_while(
    links: LinkFlow, advance: Callable[[timedelta], None], after: bool
) -> None:
    """A second request within seconds sends nothing, whether the first link was used or not; a while later one does.

    Names are known, requests are free: without a wait anybody fills a user's mailbox and the sender's bill. A record
    that is deleted with the used link lets whoever reads the mails ask on and on.
    """
    user = links.new_user()
    link = links.ask(user)
    if after:
        must_sign_in(links.redeem(link), "the first link")
    advance(timedelta(seconds=5))
    soon = links.request(user)
    assert not soon.was_sent, f"a second link was sent five seconds after {'a used' if after else 'an unused'} one"
    must_not_sign_in(soon.outcome, "a request that came too soon")
    must_sign_in(links.redeem(next_link(links, user)), "a link after the wait")


@check(
    "ML-15",
    level=SHOULD,
    severity=MEDIUM,
    clause="OWASP Forgot Password Cheat Sheet (rate limiting); OWASP API4:2023",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={"triggers.links.no-mail-budget": "accounts in one second, a mail to each"},
)
def test_mails_in_all_are_limited(
    links: LinkFlow,
    triggers: TriggersUnderTest,
    set_clock: Any,
    target: Any,
    observe: Observe,
) -> None:
    """A source that asks for the links of hundreds of accounts is stopped before each of them got a mail.

    A wait for each account does not help against somebody who has a list of accounts: a thousand mails go out in a
    minute, and the sender's reputation with them. Count what goes out for each app client and in all, and say how
    much that may be (`triggers.mails_per_minute`).
    """
    most = triggers.settings.mails_per_minute
    accounts = most + 1 if most else ACCOUNTS
    set_clock(target.now().replace(second=0, microsecond=0))
    for number in range(accounts):
        if not links.request(links.new_user()).was_sent:
            if number == 0:
                raise Inconclusive("the first account got no mail")
            observe("mails before the limit", str(number))
            return
    raise Finding(
        f"{accounts} accounts in one second, a mail to each: nothing limits what one source can have sent"
        + ("" if most else "; where there is a higher limit, write it into triggers.mails_per_minute")
    )


@check(
    "ML-16",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 15.4.2 (check and act in one step); OWASP Forgot Password Cheat Sheet",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.throttle-read-then-written": "mails went out for"},
)
async def test_requests_at_once_send_one_mail(links: LinkFlow) -> None:
    """Many requests for one account at the same moment send one mail.

    A throttle that reads when the last link was sent, and writes later, is passed by all that come in between. Claim
    the turn in one conditional write before anything is sent.
    """
    user = links.new_user()
    outcomes, mails = await _asked_at_once(links, user)
    if not mails:
        raise Inconclusive(f"no mail came of {len(outcomes)} requests at once: {outcomes[0].answer.described()}")
    assert len(mails) == 1, f"{len(mails)} mails went out for {len(outcomes)} requests at once"
    must_sign_in(links.sign_in(), "another user's link")


async def _asked_at_once(links: LinkFlow, user: TestUser) -> tuple[list[Any], list[Any]]:
    said = links.starts(user)
    waiting = [links.begin(user) for _ in range(REQUESTS_AT_ONCE if links.triggers.is_near else AT_ONCE_FAR)]
    before = links.post.moment()
    if said:
        for each in waiting:
            must_be_challenged(each.say(*said[:-1]), "InitiateAuth")
        outcomes = await at_once([partial(each.send, each.prepare(said[-1])) for each in waiting])
    else:
        outcomes = await at_once([each.initiate for each in waiting])
    links.post.expect(before, links.address_of(user))
    return outcomes, [links.read(message) for message in links.post.came_in_all(before, links.address_of(user))]


@check(
    "ML-39",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito developer guide, user pool attributes (aliases, case sensitivity)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.keyed-by-the-name-that-was-typed": "under another name"},
)
def test_every_name_of_a_user_leads_to_one_link(links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest) -> None:
    """Asked for by name, by alias or in capitals, a user has one throttle and one link.

    Who types ALICE, alice or alice@example.com is one user. What is kept for each spelling is kept several times:
    several mails a minute, several links that are good. Keep it for the user's `sub`, which never changes.
    """
    links = links_at(pool=triggers.pool(UsernameConfiguration={"CaseSensitive": False}))
    user = links.new_user()
    address = user.email or ""
    first = _under(links, user, user.username)
    must_be_challenged(first.outcome, "a request by name")
    link = links.link_of(first)
    for typed in (user.username.upper(), address, address.upper()):
        again = _under(links, user, typed)
        if again.was_sent:
            raise Finding("a second link was sent at once to a user who was asked for under another name")
    other = _typed(address.upper())
    outcome = links.redeem(link, change=other)
    assert outcome.has_tokens, f"a link is not good for its user under another name: {outcome.answer.described()}"
    must_not_sign_in(links.redeem(link, change=_typed(user.username)), "a link that was used under another name")


def _under(links: LinkFlow, user: TestUser, typed: str) -> LinkRequest:
    return links.request(user, change=_typed(typed))


def _typed(name: str) -> CustomChange:
    """The name as a front end sends it: to Cognito, and beside it to the triggers."""
    return CustomChange(starting_username=name, metadata={"username": name})
