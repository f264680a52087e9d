"""What users are known by, and who may change it: POS-19 to POS-24."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, INFO, LOW, MEDIUM, MUST, NONE, POOL, SHOULD, check
from harness.posture import CONTACTS, demand_none

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture

VERIFICATIONS = frozenset(f"{contact}_verified" for contact in CONTACTS)
ROLE_LIKE = re.compile(
    r"(?:^|[_.:-])(?:is_?)?(?:admin|role|roles|group|groups|permission|permissions|privilege|privileges|scope|scopes|"
    r"tenant|tenants|tenant_?id|org|org_?id|organi[sz]ation|organi[sz]ation_?id|account_?id|plan|tier|entitlements?|"
    r"access_?level)$"
)


@check(
    "POS-19",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Working with user attributes (only administrators set email_verified)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.writable-verification": "may write email_verified"},
)
def test_users_do_not_verify_themselves(posture: PoolPosture) -> None:
    """No app client lets its users write email_verified or phone_number_verified.

    Who could would take anybody's address for their own: to sign in with, to recover a password with, and for every
    service that goes by a verified address. Take them out of the client's WriteAttributes.
    """
    demand_none(
        (
            f"{client}: its users may write {', '.join(sorted(told))}"
            for client in posture.clients
            if (told := VERIFICATIONS & (client.writable or frozenset()))
        ),
        "take email_verified and phone_number_verified out of WriteAttributes",
    )


@check(
    "POS-20",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, Attribute permissions and scopes; ASVS 5.0 8.2.3 (access to fields)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.writable-role": "may write custom:role"},
)
def test_users_do_not_write_their_rights(posture: PoolPosture) -> None:
    """No app client lets its users write a custom attribute that is named like a right: a role, a tenant, a plan.

    What is in WriteAttributes every signed-in user sets for themself with UpdateUserAttributes, and at sign-up; an API
    that goes by the claim lets them in. Take the attribute out of WriteAttributes and set it as administrator, or from
    a trigger. The judgement goes by the name: waive it for an attribute that nothing depends on.
    """
    demand_none(
        (
            f"{client}: its users may write {attribute}"
            for client in posture.clients
            for attribute in sorted(client.writable or ())
            if attribute.startswith("custom:") and _is_like_a_right(attribute.removeprefix("custom:"))
        ),
        "take it out of WriteAttributes",
    )


@check(
    "POS-21",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Verifying updates to email addresses and phone numbers; ASVS 5.0 7.5.1",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.unverified-updates": "a new email counts before it is verified"},
)
def test_new_addresses_are_verified_before_they_count(posture: PoolPosture) -> None:
    """A new address or number counts only once its code has come back.

    Otherwise one wrong letter, or a stolen session, moves the account to somebody else's address at once, and its
    owner can neither sign in with the old one nor recover the password. Set UserAttributeUpdateSettings to
    AttributesRequireVerificationBeforeUpdate with each attribute that users sign in or recover with.
    """
    used = posture.sign_in_contacts | (posture.auto_verified & CONTACTS)
    demand_none(
        (f"a new {contact} counts before it is verified" for contact in sorted(used - posture.verified_before_update)),
        "name it in UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
    )


@check(
    "POS-22",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API reference, AutoVerifiedAttributes; developer guide, Customizing sign-in attributes",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.unverified-names": "is signed in with, and nobody verifies it"},
)
def test_addresses_to_sign_in_with_are_verified(posture: PoolPosture) -> None:
    """Every address or number that users sign in with is verified by Cognito when they sign up.

    Without that, who signs up first with your address has an account in your name; an alias that was never verified
    does not sign in at all; and a forgotten password cannot be recovered. Name each attribute of UsernameAttributes and
    AliasAttributes in AutoVerifiedAttributes.
    """
    demand_none(
        (
            f"{contact} is signed in with, and nobody verifies it"
            for contact in sorted(posture.sign_in_contacts - posture.auto_verified)
        ),
        "name it in AutoVerifiedAttributes",
    )


@check(
    "POS-23",
    level=SHOULD,
    severity=LOW,
    clause="Cognito API reference, UsernameConfigurationType (case insensitive as a best practice)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.case-sensitive": "names that differ by case are two users"},
)
def test_names_do_not_differ_by_case(posture: PoolPosture) -> None:
    """User names, addresses included, are the same in capitals and in small letters.

    Otherwise Ann@example.org and ann@example.org are two accounts of one person, or one of them is somebody else's; a
    phone that puts a capital first cannot sign in. The setting, UsernameConfiguration.CaseSensitive = false, is for
    good: it takes a new pool. (Case-sensitive is the API's default.)
    """
    told = (posture.settings.get("UsernameConfiguration") or {}).get("CaseSensitive", True)
    demand_none(
        ["names that differ by case are two users (CaseSensitive)"] if told else [],
        "UsernameConfiguration.CaseSensitive = false, in a new pool",
    )


@check(
    "POS-24",
    level=INFO,
    severity=NONE,
    clause="Cognito developer guide, Security best practices (self-service sign-up)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.self-sign-up": "may sign up: anybody"},
)
def test_who_may_sign_up_is_recorded(posture: PoolPosture, observe: Observe) -> None:
    """Who may become a user is recorded: administrators' users only, or anybody.

    Both are right in their place. Where it is not meant, AdminCreateUserConfig.AllowAdminCreateUserOnly = true closes
    SignUp; where it is, a PreSignUp trigger can say whom to take, and AWS WAF keeps scripts out.
    """
    if not posture.users_sign_themselves_up:
        observe("may sign up", "nobody: administrators make users")
        return
    guarded = "PreSignUp" in posture.triggers
    observe("may sign up", "anybody whom the PreSignUp trigger takes" if guarded else "anybody")


def _is_like_a_right(attribute: str) -> bool:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", attribute).lower()
    return ROLE_LIKE.search(name) is not None
