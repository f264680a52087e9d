"""How long a link is good, by which clock: ML-03, ML-04, ML-36."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, HIGH, LOW, MUST, OWN, TRIGGERS, cases, check
from harness.custom_auth import must_not_sign_in
from harness.findings import Finding
from harness.link_probes import DEFAULT_LIFE, life_of_links
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.fixtures import Observe
    from harness.targets import Target
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest

SetClock = "Callable[[datetime], None]"
SECOND = timedelta(seconds=1)
LONGEST_SESSION = 15
"""Minutes: AuthSessionValidity at its most, for flows that redeem only in the session that asked."""


def _patient(links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest) -> LinkFlow:
    return links_at(client=triggers.client(AuthSessionValidity=LONGEST_SESSION))


def _full_second(target: Target) -> datetime:
    return target.now().astimezone(UTC).replace(microsecond=0)


@check(
    "ML-03",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.5.5; NIST SP 800-63B 3.1.3 (ten minutes)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={
        "triggers.links.lives-a-day": "a link that is older than",
        "triggers.links.milliseconds-for-seconds": "a link that is older than",
    },
)
def test_a_link_dies_in_time(
    links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest, target: Target, set_clock: Any, observe: Observe
) -> None:
    """A link is good for ten minutes at most, or for as long as the team documents (`triggers.link_seconds`).

    Every link that was never opened waits in a mailbox for whoever reads it next. Ten minutes are enough to open a
    mail.
    """
    links = _patient(links_at, triggers)
    life = life_of_links(links)
    if life > DEFAULT_LIFE:
        observe("documented life", f"{life.total_seconds():.0f} s, where ASVS 6.5.5 and SP 800-63B want 600 s at most")
    asked = _full_second(target)
    set_clock(asked)
    in_time, late = links.ask(), links.ask()
    set_clock(asked + life / 2)
    must_sign_in(links.redeem(in_time), "a link in time")
    set_clock(asked + life + SECOND)
    must_not_sign_in(links.redeem(late), f"a link that is older than {life.total_seconds():.0f} seconds")
    must_sign_in(links.sign_in(), "a new link")


@check(
    "ML-04",
    level=MUST,
    severity=HIGH,
    clause="DynamoDB developer guide, Time to Live (expired items stay readable for days); RFC 7519 4.1.4",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={
        "triggers.links.expiry-left-to-the-table": "a link that expired",
        "triggers.links.tolerates-late-links": "a link that expired",
        "triggers.links.milliseconds-for-seconds": "a link that expired",
    },
)
@cases("late", {"a second": SECOND, "half a minute": 30 * SECOND, "an hour": timedelta(hours=1)})
def test_code_and_not_the_table_ends_a_link(
    links_at: Callable[..., LinkFlow],
    triggers: TriggersUnderTest,
    target: Target,
    set_clock: Any,
    observe: Observe,
    late: timedelta,
) -> None:
    """Up to its last second a link signs in, and after it no more, though its row is still in the table.

    DynamoDB deletes expired rows when it finds time, days later; until then they are read like any other. Compare
    the expiry with the clock in code, seconds with seconds.
    """
    links = _patient(links_at, triggers)
    life = life_of_links(links)
    asked = _full_second(target)
    set_clock(asked)
    expired = links.ask()
    if late == SECOND:
        last, on_time = links.ask(), links.ask()
        if triggers.settings.link_seconds:
            set_clock(asked + life - SECOND)
        outcome = links.redeem(last)
        assert outcome.has_tokens, (
            f"a link is not good for the {life.total_seconds():.0f} seconds that triggers.link_seconds promises: "
            f"{outcome.answer.described()}"
        )
        set_clock(asked + life)
        observe("in the second of expiry", "good" if links.redeem(on_time).has_tokens else "refused")
    set_clock(asked + life + late)
    must_not_sign_in(links.redeem(expired), f"a link that expired {late.total_seconds():.0f} seconds ago")
    must_sign_in(links.sign_in(), "a new link")


@check(
    "ML-36",
    level=MUST,
    severity=LOW,
    clause="RFC 7519 4.1.5, 4.1.6 (a small leeway for clock skew)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "clock", "trigger-clock"},
    killed_by={"triggers.links.any-issue-time": "made an hour in the future"},
)
def test_a_link_of_the_future_is_refused(
    links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest, target: Target, set_clock: Any, observe: Observe
) -> None:
    """A link made an hour in the future, by the clock of the function that redeems it, is refused; seconds are let by.

    Two functions run on two machines, and their clocks differ a little: that must not cost the user the link. A link
    of much later comes from a clock that is wrong, or from somebody who stores up links; its life is longer than said.
    """
    links = _patient(links_at, triggers)
    asked = _full_second(target) + timedelta(hours=2)
    set_clock(asked)
    near, policy, far = links.ask(), links.ask(), links.ask()
    _must_expire_after_issue(links.spoken.opened(near.secret))
    set_clock(asked - 2 * SECOND)
    outcome = links.redeem(near)
    if not outcome.has_tokens:
        raise Finding(
            f"a link made two seconds in the future, by the clock of the function, is refused: "
            f"{outcome.answer.described()}"
        )
    set_clock(asked - timedelta(minutes=2))
    observe("made two minutes in the future", "good" if links.redeem(policy).has_tokens else "refused")
    if links.spoken.come_back(far.redirect_uri) is None:
        observe("made an hour in the future", "not tried: a link is redeemed in the session that asked, as late as it")
        return
    set_clock(asked - timedelta(hours=1))
    must_not_sign_in(links.redeem(far), "a link made an hour in the future")
    must_sign_in(links.sign_in(), "a new link")


def _must_expire_after_issue(opened: tuple[bytes, bytes] | None) -> None:
    try:
        said = json.loads(opened[0]) if opened else None
    except ValueError:
        return
    if not isinstance(said, dict) or not all(isinstance(said.get(name), int | float) for name in ("iat", "exp")):
        return
    assert said["exp"] > said["iat"], f"a link expires before it was issued: iat {said['iat']}, exp {said['exp']}"
