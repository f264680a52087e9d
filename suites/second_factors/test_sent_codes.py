"""Second factors other than an app at hand: STA-08."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.findings import Finding
from harness.flows import respond
from harness.mail import newest_code, wrong_code
from harness.second_factors import (
    EMAIL,
    SMS,
    SOFTWARE_TOKEN,
    AuthenticatorApp,
    pool_with_mfa,
    set_up_software_token,
)
from harness.sign_in import Outcome, between_honest

if TYPE_CHECKING:
    from harness.arrangement import Arrangements, UserPool
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin
    from harness.targets import Target


@dataclass(frozen=True)
class Surroundings:
    """What a case needs beside a pool."""

    arrangements: Arrangements
    target: Target
    twin_in: Callable[[UserPool], HonestTwin]
    """Sign-ins of a fresh user with a verified address and number."""
    advance: Callable[[timedelta], None] | None


def answer(twin: HonestTwin, challenged: Outcome, **responses: str) -> Outcome:
    """The answer to whatever challenge there is."""
    named = {"USERNAME": twin.user.username, **responses}
    return respond(twin.pool, twin.client, challenged.challenge_name or "", challenged.session, named)


def must_be_challenged(outcome: Outcome, name: str) -> Outcome:
    """The outcome has to be this challenge."""
    if outcome.challenge_name != name:
        raise Finding(f"{name} was owed, and this came: {outcome.answer.described()} ({outcome.challenge_name})")
    return outcome


def enable(twin: HonestTwin, **settings: Any) -> None:
    """AdminSetUserMFAPreference."""
    twin.pool.administer("AdminSetUserMFAPreference", twin.user.username, **settings)


def sent_code(around: Surroundings, twin: HonestTwin, challenge: str) -> str:
    """The code that went out for a challenge."""
    if challenge == "EMAIL_OTP":
        return newest_code(around.target.mailbox, twin.user.email or "")
    return newest_code(around.target.phone, twin.user.phone_number or "")


def by_code(challenge: str, setting: str, factor: dict[str, Any]) -> Callable[[Surroundings], None]:
    """A challenge that is answered with a code that was sent."""

    def case(around: Surroundings) -> None:
        pool = pool_with_mfa(around.arrangements, "OPTIONAL", factor)
        twin, other = around.twin_in(pool), around.twin_in(pool)
        for each in (twin, other):
            enable(each, **{setting: {"Enabled": True, "PreferredMfa": True}})

        def challenged(of: HonestTwin) -> Outcome:
            return must_be_challenged(of.but(), challenge)

        def honest() -> Outcome:
            asked = challenged(twin)
            return answer(twin, asked, **{f"{challenge}_CODE": sent_code(around, twin, challenge)})

        with between_honest(honest):
            asked = challenged(twin)
            right = sent_code(around, twin, challenge)
            for wrong in (wrong_code(right), "", "0" * len(right) if right != "0" * len(right) else "1" * len(right)):
                refused = answer(twin, asked, **{f"{challenge}_CODE": wrong})
                refused.must_be_refused(f"a wrong {challenge} code")
            challenged(other)
            of_another = sent_code(around, other, challenge)
            asked = challenged(twin)
            if of_another != sent_code(around, twin, challenge):
                refused = answer(twin, asked, **{f"{challenge}_CODE": of_another})
                refused.must_be_refused(f"a {challenge} code that was sent to another user")
            else:
                raise Finding(f"two users were sent the same {challenge} code")

    return case


def select(around: Surroundings) -> None:
    """Two factors and no preference: SELECT_MFA_TYPE, and then the one that was chosen."""
    pool = pool_with_mfa(around.arrangements, "OPTIONAL", SOFTWARE_TOKEN, SMS, EMAIL)
    twin = around.twin_in(pool)
    app = set_up_software_token(pool, twin.user, twin.but(), now=twin.now, advance=around.advance)
    enable(twin, SoftwareTokenMfaSettings={"Enabled": True}, SMSMfaSettings={"Enabled": True})

    def choose(factor: str) -> Outcome:
        asked = must_be_challenged(twin.but(), "SELECT_MFA_TYPE")
        offered = json.loads(str(asked.parameters.get("MFAS_CAN_CHOOSE", "null")))
        assert sorted(offered or ()) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], f"MFAS_CAN_CHOOSE is {offered}"
        return answer(twin, asked, ANSWER=factor)

    def by_app() -> Outcome:
        asked = must_be_challenged(choose("SOFTWARE_TOKEN_MFA"), "SOFTWARE_TOKEN_MFA")
        return answer(twin, asked, SOFTWARE_TOKEN_MFA_CODE=app.fresh_code())

    with between_honest(by_app):
        asked = must_be_challenged(choose("SMS_MFA"), "SMS_MFA")
        right = sent_code(around, twin, "SMS_MFA")
        answer(twin, asked, SMS_MFA_CODE=wrong_code(right)).must_be_refused("a wrong SMS_MFA code")
        answer(twin, asked, SMS_MFA_CODE=right).must_yield_tokens("the SMS_MFA code that was sent")
        for factor in ("EMAIL_OTP", "PASSWORD", ""):
            chosen = choose(factor)
            assert chosen.challenge_name is None, (
                f"a factor that was not offered was chosen: {factor} brought {chosen.challenge_name}"
            )
            chosen.must_be_refused("a factor that was not offered")


def setup(around: Surroundings) -> None:
    """MFA is demanded and the user has none: MFA_SETUP, in which one is set up."""
    pool = pool_with_mfa(around.arrangements, "ON", SOFTWARE_TOKEN)
    twin, app = _with_app(around, pool)

    def honest() -> Outcome:
        asked = must_be_challenged(twin.but(), "SOFTWARE_TOKEN_MFA")
        return answer(twin, asked, SOFTWARE_TOKEN_MFA_CODE=app.fresh_code())

    with between_honest(honest):
        fresh = around.twin_in(pool)
        asked = must_be_challenged(fresh.but(), "MFA_SETUP")
        answer(fresh, asked).must_be_refused("MFA_SETUP without having set anything up")
        asked = must_be_challenged(fresh.but(), "MFA_SETUP")
        associated = pool.wire.ask("AssociateSoftwareToken", {"Session": asked.session})
        pool.wire.transcript.redactor.learn(associated["SecretCode"])
        own = AuthenticatorApp.reading(associated["SecretCode"], twin.now, around.advance)
        wrong = {"Session": associated["Session"], "UserCode": wrong_code(own.code_of(0))}
        refused = Outcome(pool.wire.call("VerifySoftwareToken", wrong))
        refused.must_be_refused("a wrong code to VerifySoftwareToken")
        verified = pool.wire.ask("VerifySoftwareToken", wrong | {"UserCode": own.fresh_code()})
        done = respond(pool, fresh.client, "MFA_SETUP", verified["Session"], {"USERNAME": fresh.user.username})
        done.must_yield_tokens("MFA_SETUP after a software token was set up")
        must_be_challenged(fresh.but(), "SOFTWARE_TOKEN_MFA")


def _with_app(around: Surroundings, pool: UserPool) -> tuple[HonestTwin, AuthenticatorApp]:
    twin = around.twin_in(pool)
    return twin, set_up_software_token(pool, twin.user, twin.but(), now=twin.now, advance=around.advance)


@check(
    "STA-08",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, SMS and email message MFA; RespondToAuthChallenge",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "totp", "sms", "mailbox"},
    killed_by={
        "pool.mfa.any-sms-code": "tokens were issued for a wrong SMS_MFA code",
        "pool.mfa.any-email-code": "tokens were issued for a wrong EMAIL_OTP code",
        "pool.mfa.same-code-for-everybody": "two users were sent the same",
        "pool.mfa.selects-what-was-not-offered": "a factor that was not offered was chosen",
        "pool.mfa.setup-without-verification": "tokens were issued for MFA_SETUP without having set anything up",
        "pool.mfa.verifies-any-software-token": "no clean refusal of a wrong code to VerifySoftwareToken",
    },
)
@cases(
    "factor",
    {
        "SMS_MFA": by_code("SMS_MFA", "SMSMfaSettings", SMS),
        "EMAIL_OTP": by_code("EMAIL_OTP", "EmailMfaSettings", EMAIL),
        "SELECT_MFA_TYPE": select,
        "MFA_SETUP": setup,
    },
)
def test_each_second_factor_is_answered_rightly_or_not_at_all(
    arrangements: Arrangements,
    target: Target,
    honest_of: HonestOf,
    movable: Callable[[timedelta], None] | None,
    factor: Callable[[Surroundings], None],
) -> None:
    """SMS_MFA, EMAIL_OTP, SELECT_MFA_TYPE and MFA_SETUP sign in with the right answer and with no other.

    A code that is not compared, one that is the same for everybody, a factor chosen that the user does
    not have, a set-up that is never verified: each turns two factors into one. Compare the code with
    the one that this Session's challenge sent, and offer what the user has.
    """

    def twin_in(pool: UserPool) -> HonestTwin:
        username = pool.names.username()
        number = f"+1555{abs(hash_of(username)) % 10**7:07}"
        user = pool.new_user(username=username, email=pool.address_of(username), phone_number=number)
        return honest_of(pool, pool.client(), user)

    factor(Surroundings(arrangements, target, twin_in, movable))


def hash_of(name: str) -> int:
    """A number that follows from a name, the same in every process."""
    return int.from_bytes(name.encode()[-6:], "big")
