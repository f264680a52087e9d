"""What redeems a link, and how often: ML-01, ML-02, ML-06 to ML-11."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, OWN, REPORTED, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import at_once, must_not_sign_in
from harness.findings import Finding, Inconclusive
from harness.link_keys import LinkKeys
from harness.link_probes import unharmed
from harness.link_tampering import TAMPERINGS, Tamper
from harness.trigger_flows import must_sign_in, verify_event
from harness.triggers import VERIFY

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from typing import Any

    from harness.bench import Bench
    from harness.fixtures import Observe
    from harness.trigger_flows import CodeFlow, Link, LinkFlow
    from harness.triggers import TriggersUnderTest

REDEMPTIONS_FAR = 10
"""At most so many at once of functions that run for others too."""


@check(
    "ML-01",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.5.1; OWASP Forgot Password Cheat Sheet; NIST SP 800-63B 3.1.3 (only once)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.never-marked-used": "tokens were issued for a link that was used before"},
)
def test_a_link_is_good_once(links: LinkFlow) -> None:
    """A link signs in once. Whoever finds it later in a mailbox, a history or a log gets nowhere.

    Mark it used in the store, in the same conditional write that finds it unused, before the verdict is true.
    """
    link = links.ask()
    must_sign_in(links.redeem(link), "a link")
    must_not_sign_in(links.redeem(link), "a link that was used before")
    must_sign_in(links.sign_in(), "another user's link")


@check(
    "ML-02",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-107276, CVE-2026-82761 (one-time secrets redeemed twice in a race); ASVS 5.0 6.5.1, 15.4.2",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.marked-after-a-read": "sign-ins by one link at once"},
)
@cases("redemptions", {"20 at once": 20, "50 at once": 50})
async def test_of_parallel_redemptions_one_wins(links: LinkFlow, redemptions: int) -> None:
    """Of many sign-ins that redeem one link at the same moment exactly one gets tokens.

    A link that is read, found unused and then marked is good for everybody who comes in between. Let the
    database decide: one conditional write, and whoever it fails for is refused.
    """
    if not links.triggers.is_near:
        redemptions = min(redemptions, REDEMPTIONS_FAR)
    link = links.ask()
    if links.spoken.come_back(link.redirect_uri) is None:
        said = links.spoken.redeem(link.secret, link.redirect_uri, elsewhere=False)
        waiting = [link.sign_in] * redemptions
    else:
        said = links.spoken.redeem(link.secret, link.redirect_uri, elsewhere=True)
        waiting = [links.come_back(link.user) for _ in range(redemptions)]
    outcomes = await at_once([partial(each.send, each.prepare(said)) for each in waiting])
    won = sum(outcome.has_tokens for outcome in outcomes)
    if won == 0:
        raise Inconclusive(f"none of {redemptions} redemptions at once got tokens: {outcomes[0].answer.described()}")
    assert won == 1, f"{won} sign-ins by one link at once got tokens, of {redemptions}"
    for outcome in outcomes:
        if not outcome.has_tokens:
            must_not_sign_in(outcome, "a link that another sign-in has just used")
    must_not_sign_in(links.redeem(link), "a link that was used in a race")


@check(
    "ML-06",
    level=MUST,
    severity=CRITICAL,
    clause="GHSA-4rxr-27mm-mxq9 (the token was not compared, only the user)",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.compares-only-the-user": "a secret made up by somebody who knows the user's name"},
)
def test_the_secret_is_compared_and_not_only_the_user(links: LinkFlow, randomness: random.Random) -> None:
    """For a user who has an unused link a made-up secret of the right form is refused.

    The store finds a link by its user. Then the secret itself has to be held against it.
    """
    with unharmed(links) as link:
        opened = links.spoken.opened(link.secret)
        if opened:
            guesses = [
                links.spoken.closed(randomness.randbytes(len(opened[0])), randomness.randbytes(len(opened[1]))),
                links.spoken.closed(opened[0], randomness.randbytes(len(opened[1]))),
            ]
        else:
            guesses = ["".join(randomness.sample(link.secret, len(link.secret)))]
        for guess in guesses:
            must_not_sign_in(links.redeem(link, secret=guess), "a secret made up by somebody who knows the user's name")


@check(
    "ML-07",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.5.1 (bound to the authentication that asked); RFC 9700 4.5 (codes are bound to the client)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={
        "triggers.links.any-user": "tokens were issued for another user's link",
        "triggers.links.any-client": "tokens were issued for another app client's link",
        "triggers.links.any-pool": "is right in another user pool",
    },
)
@cases("bound_to", {"user": "user", "app client": "client", "user pool": "pool"})
def test_a_link_is_bound_to_user_client_and_pool(
    links: LinkFlow,
    links_at: Callable[..., LinkFlow],
    triggers: TriggersUnderTest,
    require: Callable[[str | None], None],
    bound_to: str,
) -> None:
    """A link that was asked for by one user at one app client of one user pool is good nowhere else.

    Sign all three into the link, or keep them beside its hash, and compare them with the event that redeems it.
    """
    if bound_to == "pool":
        for need in ("trigger-events", "invocation"):
            require(need)
        _in_another_pool(links, links_at, triggers)
        return
    with unharmed(links) as link:
        if bound_to == "user":
            must_not_sign_in(links.redeem(link, user=links.new_user()), "another user's link")
        else:
            other = links.pool.client(reveals_unknown_users=False, which="another")
            must_not_sign_in(links.redeem(link, client=other), "another app client's link")


def _in_another_pool(links: LinkFlow, links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest) -> None:
    there = links_at(pool=triggers.pool(MfaConfiguration="OFF"))
    with unharmed(links) as link:
        namesake = there.new_user(username=link.user.username, email=link.user.email)
        must_not_sign_in(there.redeem(link, user=namesake), "a link of another user pool")
    pending, control = links.pending(), links.pending()
    there.new_user(username=pending.user.username, email=pending.user.email)
    event = verify_event(pending, triggers) | {"userPoolId": there.pool.user_pool_id}
    told = triggers.invoke(VERIFY, event).response.get("answerCorrect")
    assert told is not True, "a link is right in another user pool, for a user of the same sub"
    if triggers.invoke(VERIFY, verify_event(control, triggers)).response.get("answerCorrect") is not True:
        raise Inconclusive("the same event in the link's own user pool is not answered with true")


@check(
    "ML-08",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 5.0 6.6.2 (bound to the original authentication request)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.good-in-any-session": "in a browser that did not ask for it"},
)
def test_a_link_is_redeemed_where_it_was_asked_for(links: LinkFlow, observe: Observe) -> None:
    """A link is good in the session that asked for it; elsewhere only when the user has confirmed that, knowingly.

    Otherwise who gets a victim to forward a link, or reads their mail for a moment, signs in on a device of
    their own; a scanner that opens links and runs their scripts uses them up; and who gets a victim to open the
    attacker's link has them work in the attacker's account. Keep something of the asking session with the link
    and compare it; let another browser ask the user before it says so.
    """
    here = links.ask()
    must_sign_in(links.redeem(here, same_session=True), "a link in the session that asked for it")
    if links.spoken.come_back(here.redirect_uri) is None:
        observe("elsewhere", "the flow knows no way to redeem a link in another session")
        return
    with unharmed(links) as link:
        outcome = links.redeem(link, confirmed=False)
        if outcome.has_tokens:
            raise Finding("a link signed in, without a question, in a browser that did not ask for it")
        must_not_sign_in(outcome, "a link in a browser that did not ask for it")


@check(
    "ML-09",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-110862 (another flow's token was taken for a magic link); RFC 8725 3.12",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.any-signed-message": "tokens were issued for what the signing key signed for"},
)
@cases(
    "presented",
    {
        "signed for something else": ("signed",),
        "codes": ("password reset code", "SMS code"),
        "tokens": ("access token", "id token", "session", "password"),
    },
)
def test_what_another_flow_gives_out_is_no_link(
    links: LinkFlow,
    bench: Bench,
    require: Callable[[str | None], None],
    request: Any,
    presented: tuple[str, ...],
) -> None:
    """Codes, tokens and signed messages that other flows gave the same user do not redeem as a link.

    Each proves something else, to somebody else, often for longer. Write the purpose into what is signed and
    compare it; take nothing that was not sent as a link.
    """
    for what in presented:
        if what == "SMS code" and "codes" not in bench.capabilities():
            continue
        if what == "signed":
            require("signing-keys")
        with unharmed(links) as link:
            if what == "signed":
                for value in _signed_for_something_else(links, link):
                    must_not_sign_in(
                        links.redeem(link, secret=value), "what the signing key signed for another purpose"
                    )
                continue
            value = _of_another_flow(links, link, what, request)
            must_not_sign_in(links.redeem(link, secret=value), f"a {what}")
            if opened := links.spoken.opened(link.secret):
                in_its_place = links.spoken.closed(opened[0], value.encode())
                must_not_sign_in(links.redeem(link, secret=in_its_place), f"a {what} in a signature's place")


def _of_another_flow(links: LinkFlow, link: Link, presented: str, request: Any) -> str:
    if presented == "password reset code":
        before = links.post.moment()
        links.pool.wire.ask("ForgotPassword", {"ClientId": links.client.client_id, "Username": link.user.username})
        for message in links.post.came(before, links.address_of(link.user)):
            digits = "".join(filter(str.isdigit, message.text))
            return digits[:6]
        return "123456"  # it went to the user's phone
    if presented == "SMS code":
        codes: CodeFlow = request.getfixturevalue("codes")
        return codes.ask(link.user).value
    if presented == "session":
        return link.sign_in.session or ""
    if presented == "password":
        return link.user.password
    outcome = links.sign_in()
    must_sign_in(outcome, "another user's link")
    return outcome.tokens.access if presented == "access token" else outcome.tokens.id


def _signed_for_something_else(links: LinkFlow, link: Link) -> list[str]:
    """Messages that the links' own key signed, as the team's other functions might have it do."""
    keys = LinkKeys(links)
    opened = links.spoken.opened(link.secret)
    signer = keys.signer_of(link)
    if opened is None or signer is None:
        return []
    try:
        said = json.loads(opened[0])
    except ValueError:
        said = {}
    messages = [
        b'{"verify":"address"}',
        json.dumps({**said, "purpose": "verify-address", "aud": "verify-address"}, separators=(",", ":")).encode(),
    ]
    return [
        links.spoken.closed(each, keys.sign(signer.key_id, keys.to_be_signed(signer, each), signer.algorithm))
        for each in messages
    ]


@check(
    "ML-10",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 8725 3.2, 3.3; ASVS 5.0 9.1.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={
        "triggers.links.believes-the-message": "tokens were issued for a link changed in one thing",
        "triggers.links.signature-not-verified": "tokens were issued for a link changed in one thing",
    },
)
@cases(
    "tamperings",
    {
        part: {name: tamper for name, tamper in TAMPERINGS.items() if part in name}
        for part in ("message", "signature", "times", "user")
    }
    | {"characters": {name: TAMPERINGS[name] for name in ("first character", "character in the middle", "cut short")}},
)
def test_a_changed_link_is_refused(links: LinkFlow, tamperings: Mapping[str, Tamper]) -> None:
    """A link whose message or signature was changed is refused.

    Verify the signature over the very bytes that came, before reading them, and compare with what was stored and not
    with what the link says of itself.
    """
    _must_all_be_refused(links, tamperings, "a link changed in one thing")


@check(
    "ML-10b",
    level=MUST,
    severity=LOW,
    clause="RFC 7515 5.2 (exactly so many parts); RFC 4648 3.3 (other characters are refused)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.takes-any-encoding": "tokens were issued for a link in another form"},
)
def test_a_link_in_another_form_is_refused(links: LinkFlow) -> None:
    """A link with a third part, a second separator or nothing in it is refused.

    What was added is passed over now; what reads it tomorrow may see another link. Take exactly what was sent.
    """
    forms = {name: TAMPERINGS[name] for name in ("a third part", "two separators", "empty")}
    _must_all_be_refused(links, forms, "a link in another form")


def _must_all_be_refused(links: LinkFlow, tamperings: Mapping[str, Tamper], what: str) -> None:
    link = links.ask()
    for name, tamper in tamperings.items():
        changed = tamper(links.spoken, link.secret)
        if changed is not None:
            must_not_sign_in(links.redeem(link, secret=changed), f"{what}: {name}")
    if links.redeem(link).has_tokens:
        return
    for name, tamper in tamperings.items():  # these triggers void a link on a wrong answer: one link for each change
        with unharmed(links) as another:
            changed = tamper(links.spoken, another.secret)
            if changed is not None:
                must_not_sign_in(links.redeem(another, secret=changed), f"{what}: {name}")


@check(
    "ML-11",
    level=SHOULD,
    severity=MEDIUM,
    clause="fail-safe ordering; ASVS 5.0 6.1.1 (malicious lockout)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.failed-attempt-burns-the-link": "is no longer good after"},
)
@cases("attempt", {"another app client": "client", "changed signature": "signature", "made up": "made up"})
def test_a_failed_attempt_leaves_the_link_good(links: LinkFlow, randomness: random.Random, attempt: str) -> None:
    """After a failed attempt, at another client or with a spoilt secret, the user's own link still signs in.

    A user's name is no secret. Triggers that void the link before they have looked at what came let anybody who
    knows the name keep its owner out. Verify first, then use the link up.
    """
    link = links.ask()
    if attempt == "client":
        other = links.pool.client(reveals_unknown_users=False, which="another")
        must_not_sign_in(links.redeem(link, client=other), "another app client's link")
    else:
        opened = links.spoken.opened(link.secret)
        if attempt == "signature":
            spoilt = TAMPERINGS["last bit of the signature" if opened else "first character"](links.spoken, link.secret)
        elif opened:
            spoilt = links.spoken.closed(*(randomness.randbytes(len(part)) for part in opened))
        else:
            spoilt = "".join(randomness.sample(link.secret, len(link.secret)))
        must_not_sign_in(links.redeem(link, secret=spoilt), "a spoilt secret")
    outcome = links.redeem(link)
    assert outcome.has_tokens, (
        f"the genuine link is no longer good after a failed attempt: {outcome.answer.described()}"
    )
