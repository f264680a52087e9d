"""What a sign-in by link is worth: ML-37, ML-38."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, INFO, NONE, OWN, SHOULD, TRIGGERS, UNKNOWN, check
from harness.findings import Inconclusive
from harness.second_factors import SMS
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest


@check(
    "ML-37",
    level=INFO,
    severity=NONE,
    clause="NIST SP 800-63B 3.1.3.1 (e-mail shall not be used for out-of-band authentication); ASVS 5.0 6.3.6 (L3)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.good-in-any-session": "any browser that has it"},
)
def test_links_by_mail_are_no_authenticator(links: LinkFlow, observe: Observe) -> None:
    """Links by e-mail are no out-of-band authenticator under NIST SP 800-63B, and do not reach ASVS level 3.

    A mailbox proves neither possession of a device nor anything that its provider and its password do not. For accounts
    that need more, ask for a passkey or a second factor beside the link.
    """
    observe("assurance", "e-mail is excluded as out-of-band by SP 800-63B 3.1.3.1, and by ASVS 6.3.6 at level 3")
    link = links.ask()
    alone = links.redeem(link, confirmed=False).has_tokens
    observe(
        "a link signs in", "any browser that has it" if alone else "the session that asked, or where it is confirmed"
    )


@check(
    "ML-38",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 5.0 6.3.3, 6.4.3",
    evidence=UNKNOWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "sms"},
    killed_by={"triggers.links.pass-over-second-factors": "by link alone: tokens"},
)
def test_what_becomes_of_a_second_factor(
    links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest, observe: Observe
) -> None:
    """Recorded: whether a user who has set up a second factor signs in by link alone.

    What Cognito asks for after custom challenges nobody has measured; the triggers are not told of second factors and
    have to ask (AdminGetUser). A link that signs in past a second factor makes the mailbox the only one. Send no link
    to such users, or have a step-up follow.
    """
    pool = triggers.pool(UserPoolTags={"second-factor": "SMS"})
    pool.wire.ask("SetUserPoolMfaConfig", {"UserPoolId": pool.user_pool_id, "MfaConfiguration": "OPTIONAL", **SMS})
    links = links_at(pool=pool)
    user = links.new_user()
    must_sign_in(links.sign_in(user), "a user without a second factor")
    careful = links.new_user()
    pool.administer(
        "AdminSetUserMFAPreference", careful.username, SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    try:
        outcome = links.sign_in(careful)
    except Inconclusive:
        observe("a user with a second factor, by link alone", "no link is sent")
        return
    told = "tokens" if outcome.has_tokens else outcome.challenge_name or outcome.answer.described()
    observe("a user with a second factor, by link alone", told)
