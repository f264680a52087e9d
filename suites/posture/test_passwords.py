"""What is asked of passwords, and what replaces a forgotten one: POS-25 to POS-28."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, INFO, LOW, MEDIUM, MUST, NONE, OWN, POOL, SHOULD, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture

SHORTEST_PASSWORD = 8
BETTER_PASSWORD = 15
DEFAULT_TEMPORARY_DAYS = 7
_RULES = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")


@check(
    "POS-25",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 6.2.1; NIST SP 800-63B 5.1.1.1; Security Hub Cognito.3 (8 characters at least)",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.short-passwords": "passwords of 6 characters are taken"},
)
def test_passwords_are_long_enough(posture: PoolPosture, observe: Observe) -> None:
    """A password has at least eight characters.

    All three sources have that as the floor; ASVS strongly recommends fifteen, which is recorded. Set MinimumLength of
    the PasswordPolicy to 15, to 8 at the very least. It holds for new passwords only.
    """
    shortest = posture.password_policy.get("MinimumLength")
    if shortest is None:
        observe("shortest password", "not told")
        return
    observe("shortest password", f"{shortest} characters; {BETTER_PASSWORD} are recommended (ASVS 6.2.1)")
    demand_none(
        [f"passwords of {shortest} characters are taken"] if shortest < SHORTEST_PASSWORD else [],
        f"PasswordPolicy.MinimumLength = {BETTER_PASSWORD}, or {SHORTEST_PASSWORD} at the least",
    )


@check(
    "POS-26",
    level=SHOULD,
    severity=LOW,
    clause="Security Hub Cognito.3 (7 days at most); ASVS 5.0 6.4.1 (initial secrets expire soon)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.long-temporary-passwords": "a temporary password lasts 30 days"},
)
def test_temporary_passwords_expire_soon(posture: PoolPosture) -> None:
    """The temporary password of an account that an administrator made lasts seven days at most.

    It goes by mail or text, lies there, and whoever finds it first chooses the real one. Set
    TemporaryPasswordValidityDays of the PasswordPolicy to 7 (the default) or less.
    """
    days = posture.password_policy.get("TemporaryPasswordValidityDays") or DEFAULT_TEMPORARY_DAYS
    demand_none(
        [f"a temporary password lasts {days} days"] if days > DEFAULT_TEMPORARY_DAYS else [],
        f"PasswordPolicy.TemporaryPasswordValidityDays = {DEFAULT_TEMPORARY_DAYS} or less",
    )


@check(
    "POS-27",
    level=INFO,
    severity=NONE,
    clause="Security Hub Cognito.3 (four kinds of characters) against ASVS 5.0 6.2.5 and NIST SP 800-63B (none)",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={
        "pool.posture.composition-rules": "characters that must be there: RequireSymbols",
        "pool.posture.password-history": "passwords that may not come again: the last 5",
    },
)
def test_rules_about_characters_are_recorded(posture: PoolPosture, observe: Observe) -> None:
    """Which kinds of characters a password must hold, and how many old ones may not come again, is recorded.

    The sources contradict each other: Security Hub wants upper and lower case, digits and symbols; ASVS and NIST forbid
    such rules, for people then end in `1!`. Length and a look into lists of compromised passwords (POS-36) do more.
    Decide, and write down which you follow. PasswordHistorySize keeps old passwords from coming back.
    """
    policy = posture.password_policy
    observe("characters that must be there", ", ".join(rule for rule in _RULES if policy.get(rule)) or "none")
    history = policy.get("PasswordHistorySize")
    observe("passwords that may not come again", f"the last {history}" if history else "none")


@check(
    "POS-28",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API reference, AccountRecoverySetting; ASVS 5.0 6.4.3, 6.6.1",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.legacy-recovery": "AccountRecoverySetting is not set"},
)
def test_passwords_are_not_recovered_by_text_first(posture: PoolPosture) -> None:
    """A forgotten password is recovered by mail before text, and not with the factor that is also the second one.

    Texts are read by who has taken over the number. Without AccountRecoverySetting Cognito prefers the text, also where
    the same phone gets the codes of sign-in: the phone alone is then the account. Set RecoveryMechanisms to
    verified_email first (or to admin_only), verified_phone_number second if at all.
    """
    order = posture.recovery
    found = []
    if order is None:
        found.append("AccountRecoverySetting is not set: texts are preferred to mails, whatever the second factor is")
    elif order[0] == "verified_phone_number":
        found.append(f"a forgotten password is recovered by text {'first' if len(order) > 1 else 'alone'}")
    demand_none(found, "AccountRecoverySetting with verified_email at priority 1, or admin_only")
