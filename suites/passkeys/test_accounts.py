"""Whose account a passkey opens: WA-REG-29, and what it means for the other ways in, TRG-D-10b and ENR-05c."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MUST, OWN, SHOULD, TRIGGERS, W3C, check
from harness.custom_auth import CustomChange
from harness.fido2_court import Registered
from harness.fido2_flow import PLAIN
from harness.findings import Finding, Inconclusive
from harness.strangers import address_of_nobody, attributes_of, sign_up, stranger, with_password
from harness.trigger_flows import must_sign_in
from harness.webauthn_cases.cases import Setting, response_members
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow, Holder
    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow
    from harness.webauthn_cases.edits import Edits

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-REG-29",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 29",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.kept-for-whom-the-response-names": "kept for another user"},
)
def test_a_credential_is_kept_for_the_user_of_the_options(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """What is registered is kept for the user whom the options named: it is listed there, and signs in there only.

    A name or id beside the response is whatever the page wrote. Keep the credential for the user of the token, who
    is the one that the options were made for; the user handle that they gave is then the account's.
    """
    alice, bob = fido2_court.registered(), fido2_court.registered()
    for edits in ((), _naming(bob)):
        started = fido2.start(alice.holder)
        credential = fido2.maker.credential(started.ceremony, PLAIN)
        answer = fido2.complete(
            alice.holder, fido2.maker.registration(started.ceremony, credential, PLAIN, edits), "Another key"
        )
        id = base64url.encode(credential.id)
        if id in _listed(fido2, bob.holder):
            raise Finding("a credential was kept for another user than the one whom the options named")
        if fido2_court.authenticate(replace(bob, credential=credential)).accepted:
            raise Finding("a credential signs in to another account than the one that the options named")
        if not answer.succeeded and not edits:
            raise Inconclusive(f"the honest registration was refused: {answer.described()}")
        if answer.succeeded:
            if id not in _listed(fido2, alice.holder):
                raise Finding("a credential is not listed for the user whom the options named")
            fido2_court.twin_must_sign_in(
                replace(alice, credential=credential), Setting(manner=Manner(user_handle=True))
            )
    fido2_court.twin_must_sign_in(bob)


def _naming(other: Registered) -> Edits:
    """The other user, in every member in which a service might look for one."""
    who, handle = other.holder.user, base64url.encode(other.credential.user_handle)
    return response_members(
        sub=other.holder.sub,
        userId=other.holder.sub,
        username=who.username,
        email=who.email,
        userHandle=handle,
        user={"id": handle, "name": who.username},
    )


def _listed(fido2: Fido2Flow, holder: Holder) -> list[str]:
    return [each.id for each in fido2.listed(holder)]


@check(
    "TRG-D-10b",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 5.0 6.3.4",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"magic-links", "passkey-policy", "clock", "trigger-clock"},
    killed_by={
        "triggers.verify.passkey-policy-only-when-asking": "redeems a link",
        "triggers.sign-up.strangers-passkeys-stay": "is sent a link",
    },
)
def test_a_passkey_that_was_registered_ends_the_links(
    links: LinkFlow, fido2: Fido2Flow, fido2_court: Fido2Court
) -> None:
    """From the moment when a user has registered a passkey, no link signs them in: neither a new one nor an old one.

    The policy has to look where the credential API writes, under the same name of the user. What is told by a row
    that a check made (TRG-D-10) may be another row than the one that a registration makes.
    """
    user = links.new_user()
    link = links.ask(user)
    holder = fido2.holder_of(user, links.pool)
    registered = Registered(holder, fido2.register(holder))
    wrong = []
    if links.redeem(link, same_session=True).has_tokens:
        wrong.append("redeems a link that was sent before")
    links.later()
    asked = links.request(user)
    if asked.was_sent or asked.outcome.has_tokens:
        wrong.append("is sent a link")
    fido2_court.twin_must_sign_in(registered)
    must_sign_in(links.sign_in(), "a user without a passkey")
    if wrong:
        raise Finding(f"a user who has registered a passkey {' and '.join(wrong)}")


@check(
    "ENR-05c",
    level=SHOULD,
    severity=CRITICAL,
    clause="Sudhodanan and Paverd, Pre-hijacked accounts (USENIX Security 2022); ASVS 5.0 6.6.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"pre-sign-up", "magic-links"},
    killed_by={"triggers.sign-up.strangers-passkeys-stay": "the stranger's passkey still"},
)
def test_a_strangers_passkey_does_not_wait_in_an_account(
    links: LinkFlow, fido2: Fido2Flow, fido2_court: Fido2Court, observe: Observe
) -> None:
    """A user who comes by link into an account that a stranger made with their address is alone in it.

    The stranger signs up with the victim's address, registers a passkey, and waits. When the victim comes by link the
    account is theirs, and the stranger's passkey opens it for good: changing a password does not help. Send no links
    to addresses that are not verified; and where the first link is what verifies one, remove what was there before.
    """
    pool, client = links.pool, links.client
    honest = fido2_court.registered()
    thief = stranger(pool, address_of_nobody(pool))
    signed_up = sign_up(pool, client, thief)
    if signed_up.status != 200:
        raise Inconclusive(f"signing up was refused: {signed_up.described()}")
    holder = fido2.holder_of(thief, pool)
    holder.claims["email_verified"] = attributes_of(pool, thief.username).get("email_verified", "false")
    signed_in = with_password(pool, client, thief)
    observe("the stranger, who has signed up", "signs in" if signed_in.has_tokens else "does not sign in")
    passkey = fido2.register(holder) if signed_in.has_tokens else None
    asked = links.request(thief, change=CustomChange(starting_username=thief.email))
    observe("a link to the owner of the address", "is sent" if asked.was_sent else "is not sent")
    came_in = asked.was_sent and links.redeem(links.link_of(asked)).has_tokens
    if came_in and passkey is not None and fido2.sign_in(holder, passkey).has_tokens:
        raise Finding("the owner of an address came by link into an account that the stranger's passkey still opens")
    fido2_court.twin_must_sign_in(honest)
    must_sign_in(links.sign_in(), "a user with a verified address")
