"""What the pool keeps of passkeys, and makes of odd registrations: WA-REG-06bn, WA-REG-26n to WA-REG-LEAKn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.check import HIGH, LOW, MEDIUM, MUST, POOL, SHOULD, W3C, cases, check
from harness.custom_auth import at_once
from harness.findings import Finding
from harness.passkeys import between_registrations, must_not_register
from harness.sign_in import Left, between_honest
from harness.webauthn_cases import client_data
from harness.webauthn_cases.cases import Case, inner_members, response_members
from harness.webauthn_cases.cases import client_data as change_client_data
from harness.webauthn_cases.client_data import RP_ID
from harness.webauthn_cases.edits import Manner
from harness.webauthn_requirements import client_data_of_registrations
from harness.webauthn_requirements.requirement import check_of_pool
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.passkeys import Passkeys, PasskeyUser

_SECONDS = 5
"""For one request of a megabyte, on a busy machine too."""


@check_of_pool("WA-REG-06bn", client_data_of_registrations.REG_06B, severity=LOW, evidence=W3C)
@cases("pair", client_data.duplicates({"type": "webauthn.get", "challenge": "AAAA", "origin": "https://evil.example"}))
def test_of_two_members_of_one_name_one_counts(native_passkeys: PasskeyCourt, pair: tuple[Case, Case]) -> None:
    """Of client data in which a member stands twice, the pool takes one order at most.

    A pool that takes both looks for what it wants to see, and lets anything stand beside it. Refuse them, or let the
    same one count everywhere.
    """
    native_passkeys.must_not_accept_both("register", pair)


@check(
    "WA-REG-26n",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 26 and its note",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.ignores-who-has-the-id": "a credential id that another user has"},
)
def test_a_credential_id_is_one_users(passkeys: Passkeys) -> None:
    """A credential id that a user has is not registered again: not by another user, and not by the same.

    Who registers somebody's id with a key of their own may take over the sign-in, or lock the owner out. Refuse it,
    and leave the first owner's passkey as it is.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    owned = one.register()
    with between_registrations(other), between_honest(lambda: one.sign_in(owned)):
        for user, what in (
            (other, "a credential id that another user has"),
            (one, "a credential id that the user has"),
        ):
            started = user.start()
            theirs = user.new_credential(started, whose="a thief's")
            theirs.id = owned.id
            response = user.maker.registration(started.ceremony, theirs, Manner())
            must_not_register(user.complete(response), f"a credential id {what}")
        if base64url.encode(owned.id) in other.listed_ids():
            raise Finding("a passkey that was refused is listed")


@check(
    "WA-REG-26bn",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 26 (concurrency)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.looks-before-it-waits": "users registered one credential id at once"},
)
async def test_a_credential_id_is_one_users_at_once(passkeys: Passkeys) -> None:
    """Of several users who register one credential id at once, one succeeds at most.

    Looking whether an id is free and taking it are one step, or two users have it.
    """
    pool = passkeys.pool()
    users = [passkeys.user(pool) for _ in range(4)]
    with between_registrations(users[0]):
        shared = users[0].new_credential(users[0].start()).id
        calls: list[Callable[[], Any]] = []
        for number, user in enumerate(users):
            started = user.start()
            credential = user.new_credential(started, whose=f"user {number}")
            credential.id = shared
            response = user.maker.registration(started.ceremony, credential, Manner())
            calls.append(functools.partial(user.complete, response))
        registered = sum(answer.succeeded for answer in await at_once(calls))
        if registered > 1:
            raise Finding(f"{registered} users registered one credential id at once")


@check(
    "WA-REG-27n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 27; Cognito API, WebAuthnCredentialDescription",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.loses-transports": "transports are listed as",
        "pool.passkeys.lists-another-rp-id": "the RP ID is listed as",
    },
)
def test_a_passkey_is_listed_as_it_was_registered(holder: PasskeyUser) -> None:
    """The list shows a passkey's id, RP ID and transports as they were registered.

    Users tell their passkeys apart by it, and browsers find them. Keep what came, and show it.
    """
    credential = holder.register()
    listed = holder.listed()
    if [each.get("CredentialId") for each in listed] != [base64url.encode(credential.id)]:
        raise Finding("the passkey is not listed under its credential id")
    if listed[0].get("AuthenticatorTransports") != ["internal"]:
        raise Finding(f"transports are listed as {listed[0].get('AuthenticatorTransports')!r}")
    if listed[0].get("RelyingPartyId") != RP_ID:
        raise Finding(f"the RP ID is listed as {listed[0].get('RelyingPartyId')!r}")


@check(
    "WA-REG-27bn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.4 (unknown values are stored)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.knows-every-transport": "a transport that is new"},
)
@cases("transports", {"smart-card": ["smart-card"], "a transport that is new": ["telepathy", "internal"]})
def test_new_transports_are_kept(holder: PasskeyUser, transports: list[str]) -> None:
    """A transport that the standard does not name is no reason to refuse a passkey.

    Browsers know new ones before services do. Store what comes, within bounds.
    """
    started = holder.start()
    credential = holder.new_credential(started)
    edits = inner_members(transports=transports)
    answer = holder.complete(holder.maker.registration(started.ceremony, credential, Manner(), edits))
    if not answer.succeeded:
        raise Finding(f"a transport that is new ({transports[0]}) is refused: {answer.described()}")


@check(
    "WA-REG-28n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 28",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.refuses-extensions": "an extension that nobody asked for"},
)
@cases(
    "manner",
    {
        "of the authenticator": (Manner(extensions={"exampleExtension": "output"}), ()),
        "of the client": (Manner(), response_members(clientExtensionResults={"example": {"of": [1, None]}})),
        "credProps": (Manner(), response_members(clientExtensionResults={"credProps": {"rk": True}})),
    },
)
def test_extensions_that_nobody_asked_for_change_nothing(holder: PasskeyUser, manner: tuple[Manner, Any]) -> None:
    """Extension outputs that nobody asked for are passed over.

    Authenticators and browsers add them of their own accord; who refuses them locks users out. Ignore what is not
    known.
    """
    how, edits = manner
    started = holder.start()
    credential = holder.new_credential(started)
    answer = holder.complete(holder.maker.registration(started.ceremony, credential, how, edits))
    if not answer.succeeded:
        raise Finding(f"an extension that nobody asked for is refused: {answer.described()}")


@check(
    "WA-REG-SZn",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.robustness.large-value-crashes": "no clean refusal"},
)
@cases("member", {"clientDataJSON": "clientDataJSON", "attestationObject": "attestationObject"})
def test_huge_responses_are_cleanly_refused(holder: PasskeyUser, member: str) -> None:
    """A response of a megabyte is refused, soon, and leaves nothing behind.

    Any signed-in user can send one. Bound what is read.
    """
    with between_registrations(holder):
        started = holder.start()
        credential = holder.new_credential(started)
        edits = inner_members(**{member: "A" * 1_000_000})
        answer = holder.complete(holder.maker.registration(started.ceremony, credential, Manner(), edits))
        must_not_register(answer, f"a {member} of a megabyte")
        if answer.seconds > _SECONDS:
            raise Finding(f"the refusal of a {member} of a megabyte took {answer.seconds:.0f} s")
        if base64url.encode(credential.id) in holder.listed_ids():
            raise Finding("a passkey that was refused is listed")


@check(
    "WA-REG-LEAKn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 14.6.2; CWE-209",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.tells-its-secrets": "the challenge that was expected"},
)
@cases(
    "edits",
    {
        "another challenge": change_client_data(challenge="AAAA"),
        "another origin": change_client_data(origin="https://evil.example"),
        "no client data": inner_members(clientDataJSON=Left.OUT),
    },
)
def test_refusals_tell_no_secrets(holder: PasskeyUser, edits: Any) -> None:
    """The refusal of a registration shows neither what was expected nor how the service is made.

    What a challenge should have been is what an attacker lacks. Say which step refused, and no values or traces.
    """
    with between_registrations(holder):
        started = holder.start()
        credential = holder.new_credential(started)
        answer = holder.complete(holder.maker.registration(started.ceremony, credential, Manner(), edits))
        must_not_register(answer, "a changed response")
        text = answer.body.decode("utf-8", "replace")
        if started.options["challenge"] in text:
            raise Finding("the refusal shows the challenge that was expected")
        if "Traceback" in text or "\tat " in text:
            raise Finding("the refusal shows a stack trace")
