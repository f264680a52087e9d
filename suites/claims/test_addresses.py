"""Signing up with somebody's address, and changing to it: ENR-04 to ENR-06."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, LOW, MUST, OWN, POOL, REPORTED, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import CustomChange
from harness.findings import Finding, Inconclusive
from harness.strangers import address_of_nobody, attributes_of, sign_up, stranger, with_password
from harness.token_calls import get_user, must_be_taken
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest
    from harness.wire import Answer

BEFORE_UPDATE = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}
"""The setting under which a new address counts only once it is verified."""


@check(
    "ENR-04",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.8; reported: SignUp as an oracle of users",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-sign-up"},
    killed_by={"triggers.sign-up.tells-who-exists": "is told at sign-up"},
)
def test_signing_up_does_not_tell_who_is_there(triggers: TriggersUnderTest, observe: Observe) -> None:
    """Who signs up with an address that a user has is answered as with one that nobody has.

    The sign-up form is open to everybody, and PreventUserExistenceErrors does not reach it. A PreSignUp trigger that
    looks for the address and refuses in words says whose accounts are here. Take the sign-up, and tell the owner by
    mail. (That a user *name* is taken, Cognito says by itself: let clients make names up.)
    """
    pool, client = triggers.pool(), triggers.client()
    known = triggers.new_user(pool)
    fresh = sign_up(pool, client, stranger(pool, address_of_nobody(pool)))
    again = sign_up(pool, client, stranger(pool, known.email))
    observe("sign-up with a fresh address", fresh.described())
    observe("sign-up with a user's address", again.described())
    if _told(fresh) != _told(again):
        raise Finding(f"that an address is a user's is told at sign-up: {again.described()}, else {fresh.described()}")


def _told(answer: Answer) -> object:
    """What tells two answers apart: the error, or the members and what is confirmed."""
    if answer.error is not None:
        return answer.error
    return sorted(answer.json or {}), (answer.json or {}).get("UserConfirmed")


@check(
    "ENR-04b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, SignUp (UsernameExistsException)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users"},
    killed_by={"pool.sign-up.takes-names-over": "the name of a user who exists"},
)
def test_signing_up_takes_nobodys_name(pool: UserPool, client: AppClient, observe: Observe) -> None:
    """Signing up in the name of a user who exists is refused, and leaves that user as they were.

    The refusal tells that the name is taken, whatever PreventUserExistenceErrors says; that much is by design, and is
    recorded. With names that say nothing of their users it tells nothing.
    """
    user = pool.new_user()
    must_sign_in(with_password(pool, client, user), "the user")
    thief = stranger(pool, None, username=user.username)
    answer = sign_up(pool, client, thief)
    observe("sign-up in a taken name", answer.described())
    if answer.status == 200:
        raise Finding("signing up in the name of a user who exists is taken")
    if with_password(pool, client, thief).has_tokens:
        raise Finding("signing up in the name of a user who exists changes the password")
    with_password(pool, client, user).must_yield_tokens("the user, after somebody signed up in their name,")


@check(
    "ENR-05",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, Pre sign-up Lambda trigger; ASVS 5.0 6.6.1",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-sign-up", "users"},
    killed_by={"triggers.sign-up.verifies-addresses": "is verified by signing up alone"},
)
def test_signing_up_verifies_no_address(triggers: TriggersUnderTest, observe: Observe) -> None:
    """Who signs up with an address or number has it unverified until a code has come back from there.

    autoConfirmUser spares users a step, and is harmless alone. With autoVerifyEmail beside it anybody owns the address
    of anybody, gets their links, and takes the alias away from them.
    """
    pool, client = triggers.pool(), triggers.client()
    user = stranger(pool, address_of_nobody(pool), number=triggers.number_of(pool.names.username()))
    answer = sign_up(pool, client, user)
    observe("sign-up", answer.described())
    if answer.status != 200:
        raise Inconclusive(f"signing up was refused: {answer.described()}")
    observe("confirmed at once", str(bool((answer.json or {}).get("UserConfirmed"))))
    attributes = attributes_of(pool, user.username)
    for name in ("email", "phone_number"):
        if attributes.get(f"{name}_verified") == "true":
            raise Finding(f"{name} is verified by signing up alone")


@check(
    "ENR-05b",
    level=SHOULD,
    severity=CRITICAL,
    clause="Sudhodanan and Paverd, Pre-hijacked accounts (USENIX Security 2022); ASVS 5.0 6.6.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-sign-up", "magic-links"},
    killed_by={"triggers.sign-up.verifies-addresses": "the stranger's password still"},
)
def test_nobody_moves_into_a_strangers_account(links: LinkFlow, triggers: TriggersUnderTest, observe: Observe) -> None:
    """A user whose address a stranger has signed up with does not come, by link, into an account of the stranger's.

    The stranger makes the account first, with a password of their own, and waits. The owner of the address asks for a
    link, one day, and finds an account ready for them; whatever they put there the stranger reads. Send no links to
    addresses that are not verified; and where the first link is what verifies one, take away every older way in.
    """
    pool, client = links.pool, links.client
    thief = stranger(pool, address_of_nobody(pool))
    signed_up = sign_up(pool, client, thief)
    if signed_up.status != 200:
        raise Inconclusive(f"signing up was refused: {signed_up.described()}")
    asked = links.request(thief, change=CustomChange(starting_username=thief.email))
    came_in = asked.was_sent and links.redeem(links.link_of(asked)).has_tokens
    observe("a link to the owner of the address", "is sent" if asked.was_sent else "is not sent")
    if came_in and with_password(pool, client, thief).has_tokens:
        raise Finding("the owner of an address came by link into an account that the stranger's password still opens")
    must_sign_in(links.sign_in(), "a user with a verified address")


def change_address(pool: UserPool, access_token: str, **attributes: str) -> Answer:
    """UpdateUserAttributes."""
    changed = [{"Name": name, "Value": value} for name, value in attributes.items()]
    return pool.wire.call("UpdateUserAttributes", {"AccessToken": access_token, "UserAttributes": changed})


@check(
    "ENR-06",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, UpdateUserAttributes; ASVS 5.0 6.6.1",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.mails-unverified-addresses": "was mailed to an address"},
)
def test_links_wait_until_a_new_address_is_verified(links: LinkFlow) -> None:
    """After a user has changed their e-mail address no link goes to the new one until it is verified.

    Who holds a token for a moment, from a borrowed phone or a leaked log, changes the address and has the next link
    come to themselves. Look at email_verified each time a link is sent.
    """
    user = links.new_user()
    outcome = with_password(links.pool, links.client, user)
    must_sign_in(outcome, "the password")
    address = address_of_nobody(links.pool)
    must_be_taken(change_address(links.pool, outcome.tokens.access, email=address), "a new address")
    asked = links.request(replace(user, email=address))
    if any(mail.to == address for mail in asked.mails):
        raise Finding("a link was mailed to an address that the user has not verified")
    must_sign_in(links.sign_in(), "a user with a verified address")


def waits(pool: UserPool, access_token: str) -> str:
    """A new address where the setting is on: the old one stays until then."""
    before = _own_attributes(pool, access_token)
    address = address_of_nobody(pool)
    must_be_taken(change_address(pool, access_token, email=address), "a new address")
    after = _own_attributes(pool, access_token)
    if after.get("email") != before.get("email"):
        return "a new address counts before it is verified, where the pool demands verification first"
    return ""


def is_unverified(pool: UserPool, access_token: str) -> str:
    """A new address where the setting is off: it counts, and is unverified."""
    address = address_of_nobody(pool)
    must_be_taken(change_address(pool, access_token, email=address), "a new address")
    after = _own_attributes(pool, access_token)
    if after.get("email") == address and after.get("email_verified") == "true":
        return "a new address counts as verified at once"
    return ""


def by_saying_so(pool: UserPool, access_token: str) -> str:
    """email_verified and phone_number_verified, written by the user."""
    address = address_of_nobody(pool)
    for attributes in ({"email_verified": "true"}, {"email": address, "email_verified": "true"}):
        change_address(pool, access_token, **attributes)
        after = _own_attributes(pool, access_token)
        if after.get("email") == address and after.get("email_verified") == "true":
            return "a new address is verified by the user's word"
    must_be_taken(change_address(pool, access_token, email=address), "a new address")
    answer = change_address(pool, access_token, email_verified="true")
    if answer.status == 200 or _own_attributes(pool, access_token).get("email_verified") == "true":
        return "a new address is verified by the user's word"
    return ""


def _own_attributes(pool: UserPool, access_token: str) -> dict[str, str]:
    answer = get_user(pool, access_token)
    must_be_taken(answer, "the user's token")
    found: list[dict[str, Any]] = (answer.json or {}).get("UserAttributes") or []
    return {each["Name"]: each.get("Value", "") for each in found}


@check(
    "ENR-06b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, UpdateUserAttributes; UserAttributeUpdateSettingsType",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure"},
    killed_by={
        "pool.attributes.new-address-counts-unverified": "a new address counts",
        "pool.attributes.verified-by-the-user": "by the user's word",
    },
)
@cases(
    "how",
    {
        "verified first": (BEFORE_UPDATE, waits),
        "unverified": ({}, is_unverified),
        "by the user's word": ({}, by_saying_so),
    },
)
def test_a_new_address_is_unverified(
    arrangements: Arrangements, how: tuple[dict[str, Any], Callable[[UserPool, str], str]]
) -> None:
    """A user's new e-mail address is unverified until its code comes back; where the pool says so, the old one stays.

    Links, codes and forgotten passwords go to the address of record. A user, or who holds their token, that could
    verify an address by a word would take every account that trusts it, and the alias of whoever owns it.
    """
    settings, change = how
    pool = arrangements.pool(AliasAttributes=["email"], **settings)
    client = pool.client()
    name = pool.names.username()
    user = pool.new_user(username=name, email=f"{name}@users.example.com")
    outcome = with_password(pool, client, user)
    must_sign_in(outcome, "the user")
    if found := change(pool, outcome.tokens.access):
        raise Finding(found)
    must_sign_in(with_password(pool, client, user), "the user, afterwards")
