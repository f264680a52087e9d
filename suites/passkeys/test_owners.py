"""Whose a credential is, and what is kept of it: WA-REG-03, 14b, 26 to LEAK, WA-AUT-05, 06, 15b, 24, 25, SH."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, W3C, check
from harness.custom_auth import CustomAuthSignIn, at_once
from harness.fido2_flow import PLAIN
from harness.fido2_moves import nobodys_answer
from harness.findings import Finding, Inconclusive
from harness.sign_in import Left
from harness.webauthn_cases import registration
from harness.webauthn_cases.cases import Setting, client_data, good, inner_members, signature
from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from harness.fido2_court import Fido2Court, Registered
    from harness.fido2_flow import Fido2Flow

NEEDS = {"custom-auth", "fido2", "credential-api"}
OTHER_RP_ID, OTHER_ORIGIN = "accounts.example.com", "https://accounts.example.com"
AT_ONCE = 8
_SHAPES = ("clientDataJSON ", "attestationObject ", "an authentication response", "a registration response")
_NAMED = Manner(user_handle=True)


@check(
    "WA-REG-03",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 3; FIDO AttResp-1 F-4 to F-8",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.crashes-on-malformed-bodies": "no clean refusal"},
)
def test_only_a_registration_response_registers(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """What is no registration response is refused with a 4xx, and does not break the API.

    A page can send anything. Demand the members that the flow names, of their types.
    """
    shapes = custom(case for case in registration.shapes() if case.what.startswith(_SHAPES))
    fido2_court.must_be_right_about_registering(shapes, cleanly=True)
    holder = fido2.new_holder()
    for body in ("", "{", "null", "[]", '"text"', "1", "{}"):
        fido2.start(holder)
        answer = fido2.complete(holder, {}, body=body)
        if answer.succeeded:
            raise Finding(f"accepted a registration (the body {body!r})")
        if not answer.is_clean_refusal:
            raise Finding(f"no clean refusal of a registration (the body {body!r}): {answer.described()}")
    fido2.register(holder)


@check(
    "WA-REG-09b",
    level=MUST,
    severity=HIGH,
    clause="URL standard (opaque origins); WebAuthn L3 section 7.1 step 9",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"fido2.app-origins"},
    killed_by={"triggers.passkeys.opaque-origins-are-null": "origin null"},
)
def test_an_apps_origin_is_not_the_opaque_one(fido2_court: Fido2Court) -> None:
    """Where an app with a scheme of its own is allowed, the origin `null` is not.

    A URL parser gives `null` for the origin of every scheme that it does not know: a page in a sandbox has that
    origin too. Compare the configured text, never a parser's origin of it.
    """
    fido2_court.must_refuse_each("register", {"origin null": client_data_with("null")})


@check(
    "WA-REG-09c",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.9",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"fido2.app-origins"},
    killed_by={"triggers.passkeys.compares-app-origins-without-case": "in the other case"},
)
def test_apps_origins_are_compared_exactly(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """An app that is allowed may register; one whose key's hash differs, by case only even, may not.

    The hash is base64: another case is another key. Compare the whole text.
    """
    head = "android:apk-key-hash:"
    listed = next((each for each in fido2.triggers.settings.app_origins if each.startswith(head)), None)
    if listed is None:
        raise Inconclusive("triggers.app_origins names no android:apk-key-hash: origin")
    hashed = listed.removeprefix(head)
    others = {
        "the hash in the other case": head + hashed.swapcase(),
        "another hash": head + hashed[::-1],
        "half the hash": head + hashed[:20],
        "the hash and more": f"{listed}A",
        "the hash alone": hashed,
    }
    fido2_court.must_be_right_about_registering(custom([good("the app's origin", client_data_with(listed))]))
    fido2_court.must_refuse_each("register", {what: client_data_with(origin) for what, origin in others.items()})


@check(
    "WA-REG-14b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 14 (several RP IDs)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.any-of-its-rp-ids": "another of the service's RP IDs"},
)
def test_a_registration_is_for_its_own_rp_id(fido2: Fido2Flow, needing: Callable[[str], NoReturn]) -> None:
    """A registration that was begun for one RP ID is not completed with another of the service's.

    Else a credential is kept under an RP ID at which it can never be used. Keep the RP ID with the challenge.
    """
    _need_two_rp_ids(fido2, needing)
    holder = fido2.new_holder()
    fido2.register(holder)
    started = fido2.start(holder)
    elsewhere = replace(started.ceremony, rp_id=OTHER_RP_ID)
    credential = fido2.maker.credential(elsewhere, PLAIN)
    answer = fido2.complete(holder, fido2.maker.registration(elsewhere, credential, PLAIN))
    fido2.register(holder, rp_id=OTHER_RP_ID, origin=OTHER_ORIGIN)
    if answer.succeeded:
        raise Finding("a registration was completed for another of the service's RP IDs")


@check(
    "WA-REG-26",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 26",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.ignores-who-has-the-id": "registered by"},
)
def test_a_credential_id_is_registered_once(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A credential id that somebody has is registered by nobody else, nor by themselves again.

    Else an attacker registers the victim's id with their own key, and whichever record is found decides who signs in.
    """
    owner = fido2_court.registered()
    other = fido2.new_holder()
    for holder, who in ((other, "another user"), (owner.holder, "the same user")):
        started = fido2.start(holder)
        stolen = replace(fido2.maker.credential(started.ceremony, PLAIN, whose="another's"), id=owner.credential.id)
        if fido2.complete(holder, fido2.maker.registration(started.ceremony, stolen, PLAIN)).succeeded:
            raise Finding(f"a credential id that is registered was registered by {who} again")
        fido2.register(holder)
    fido2_court.twin_must_sign_in(owner)


@check(
    "WA-REG-26b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 26, under concurrency",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.ids-read-then-written": "users registered"},
)
async def test_a_credential_id_is_registered_once_in_parallel(fido2: Fido2Flow) -> None:
    """Of users who register one credential id at the same moment, one at most gets it.

    An index that is read first does not know yet what is being written. Write the id under a condition, in the same
    transaction as the record.
    """
    holders = [fido2.new_holder() for _ in range(AT_ONCE)]
    started = [fido2.start(holder) for holder in holders]
    id = fido2.maker.credential(started[0].ceremony, PLAIN).id
    responses = [
        fido2.maker.registration(
            each.ceremony, replace(fido2.maker.credential(each.ceremony, PLAIN, whose=str(number)), id=id), PLAIN
        )
        for number, each in enumerate(started)
    ]
    answers = await at_once(
        [partial(fido2.complete, holder, response) for holder, response in zip(holders, responses, strict=True)]
    )
    accepted = sum(answer.succeeded for answer in answers)
    if accepted > 1:
        raise Finding(f"{accepted} users registered one credential id in parallel")
    if not accepted:
        raise Inconclusive("none of the registrations in parallel was accepted")


@check(
    "WA-REG-27",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 27",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.stores-other-backup-flags": "backup_eligible",
        "triggers.passkeys.forgets-transports": "transports",
    },
)
def test_the_record_holds_what_was_registered(fido2: Fido2Flow) -> None:
    """What is listed of a credential is what was registered: counter, transports, backup flags, RP ID, name.

    Later ceremonies are held against the record. Store each value as it came.
    """
    holder = fido2.new_holder()
    manner = Manner(flags=int(Flags.UP | Flags.UV | Flags.BE), sign_count=7)
    id = base64url.encode(fido2.register(holder, manner).id)
    found = next((each for each in fido2.listed(holder) if each.id == id), None)
    if found is None:
        raise Finding("a credential that was registered is not listed under its id")
    expected = {
        "sign_count": 7,
        "transports": ("internal",),
        "backup_eligible": True,
        "backup_state": False,
        "rp_id": fido2.relying_party.id,
    }
    wrong = [name for name, value in expected.items() if getattr(found, name) not in (None, value)]
    if wrong:
        told = ", ".join(f"{name} {getattr(found, name)!r} for {expected[name]!r}" for name in wrong)
        raise Finding(f"the list tells otherwise than was registered: {told}")


@check(
    "WA-REG-27b",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.4 (unknown transports)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.refuses-unknown-transports": "smart-card"},
)
def test_unknown_transports_are_kept(fido2_court: Fido2Court) -> None:
    """Transports that the service does not know are no reason to refuse.

    Browsers know new ones before services do. Store them, and hand them back; but bound how many.
    """
    cases = [
        good(f"the transport {name}", inner_members(transports=[name, "internal"])) for name in ("smart-card", "future")
    ]
    fido2_court.must_be_right_about_registering(custom(cases))


@check(
    "WA-REG-SZ",
    level=SHOULD,
    severity=MEDIUM,
    clause="CWE-400; ASVS 5.0 2.2.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.any-friendly-name": "friendly name"},
)
def test_registrations_are_bounded(fido2: Fido2Flow) -> None:
    """A megabyte of client data or attestation, ten thousand transports, a name of 10 kB: refused, with a 4xx.

    What is stored is read again at every sign-in, and a row has 400 kB. Bound every member before it is looked at.
    """
    holder = fido2.new_holder()
    huge: dict[str, Any] = {
        "client data": {"clientDataJSON": "A" * 1_000_000},
        "an attestation object": {"attestationObject": "A" * 1_000_000},
        "a list of transports": {"transports": ["x" * 8] * 10_000},
        "a friendly name": {},
    }
    for what, members in huge.items():
        started = fido2.start(holder)
        credential = fido2.maker.credential(started.ceremony, PLAIN)
        response = fido2.maker.registration(started.ceremony, credential, PLAIN, inner_members(**members))
        answer = fido2.complete(holder, response, "n" * 10_240 if not members else "key")
        if answer.succeeded:
            raise Finding(f"accepted a registration with {what} out of all bounds")
        if not answer.is_clean_refusal:
            raise Finding(f"no clean refusal of {what} out of all bounds: {answer.described()}")
    fido2.register(holder)


@check(
    "WA-REG-LEAK",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.2; ASVS 5.0 16.5.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.echoes-what-it-refuses": "a stack trace"},
)
def test_refusals_tell_nothing(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """The answer to a registration that is refused holds no stack trace and nothing of what is stored.

    Say that it was refused; log the rest.
    """
    holder = fido2.new_holder()
    fido2.register(holder)
    telling = {
        "Traceback": "a stack trace",
        "    at ": "a stack trace",
        '.py"': "a file's name",
        ".js:": "a file's name",
    }
    for edits in (client_data_with("https://evil.example"), inner_members(attestationObject="AAAA")):
        started = fido2.start(holder)
        credential = fido2.maker.credential(started.ceremony, PLAIN)
        answer = fido2.complete(holder, fido2.maker.registration(started.ceremony, credential, PLAIN, edits))
        for text, what in {**telling, started.options["challenge"]: "the challenge"}.items():
            if text in answer.body:
                raise Finding(f"the refusal of a registration holds {what}")
    fido2.register(holder)


@check(
    "WA-AUT-05",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.ignores-allow-credentials": "not among"},
)
def test_only_listed_credentials_sign_in(
    fido2: Fido2Flow, fido2_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """Where the options list credentials, one that is not listed does not sign in, though it is the user's.

    What is listed is what the service has decided to accept in this ceremony. Look the id up in the kept options.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    asked = fido2.ask(registered.holder)
    if not asked.options.get("allowCredentials"):
        needing("fido2.allow-credentials")
    newer = fido2.register(registered.holder)
    said = fido2.spoken.answer(fido2.response(asked.options, newer)).answer
    if fido2_court.answer(registered, asked, said).accepted:
        raise Finding("a credential that is not among allowCredentials signed in")
    fido2_court.twin_must_sign_in(registered)
    fido2_court.twin_must_sign_in(replace(registered, credential=newer))


@check(
    "WA-AUT-06x",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user identified before)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.finds-credentials-of-anybody": "another user's credential"},
)
def test_another_users_credential_does_not_sign_in(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """One user's passkey does not sign in to another user's account.

    A credential that is looked up by its id alone lets every user sign in as everybody. Look it up among the
    credentials of the user who is signing in.
    """
    alice, bob = fido2_court.registered(), fido2_court.registered()
    fido2_court.twin_must_sign_in(alice)
    for manner in (PLAIN, _NAMED):
        asked = fido2.ask(alice.holder)
        said = fido2.spoken.answer(fido2.response(asked.options, bob.credential, manner)).answer
        if fido2_court.answer(alice, asked, said).accepted:
            raise Finding("another user's credential signed in")
    fido2_court.twin_must_sign_in(alice)
    fido2_court.twin_must_sign_in(bob)


@check(
    "WA-AUT-06b",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user not identified before)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api"},
    killed_by={
        "triggers.passkeys.needs-no-user-handle": "no user handle",
        "triggers.passkeys.takes-any-user-handle-of-nobodys-challenge": "an unknown user handle",
    },
)
def test_who_was_not_named_is_named_by_the_handle(
    fido2: Fido2Flow, fido2_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """A sign-in without a user name needs the user handle, and it must be that of the credential's owner.

    There the handle is all that says who signs in. Demand it, and hold it against the account.
    """
    holder = fido2.new_holder(**_named_by_a_number(fido2))
    registered = replace(fido2_court.registered(), holder=holder)
    registered = replace(registered, credential=fido2.register(holder))
    if fido2.spoken.username_of(registered.credential.user_handle) is None:
        needing("fido2.usernameless")
    other = fido2_court.registered()
    _nobody_signs_in(fido2, registered)
    cases = {
        "no user handle": inner_members(userHandle=Left.OUT),
        "an unknown user handle": inner_members(userHandle=base64url.encode(b"u|nobody")),
        "another user's handle": inner_members(userHandle=base64url.encode(other.credential.user_handle)),
    }
    for what, edits in cases.items():
        said = nobodys_answer(fido2, registered, edits)
        if fido2_court.answer(registered, fido2.ask(holder), said).accepted:
            raise Finding(f"a sign-in without a user name was accepted with {what}")
    _nobody_signs_in(fido2, registered)


@check(
    "WA-AUT-06d",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.3 (lifecycle); WebAuthn L3 section 4 (user account)",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.belong-to-the-name": "user of that name"},
)
def test_credentials_end_with_their_user(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """When a user is deleted and another is given the same name, the old passkeys do not sign in.

    Names are given again; the sub is not. Keep credentials by the sub, also where the name is a random number.
    """
    for named in (_named_by_a_number(fido2), {"username": fido2.pool.names.username()}):
        holder = fido2.new_holder(**named)
        name = holder.user.username
        registered = replace(fido2_court.registered(), holder=holder, credential=fido2.register(holder))
        fido2_court.twin_must_sign_in(registered)
        fido2.pool.administer("AdminDeleteUser", name)
        again = replace(registered, holder=fido2.new_holder(username=name, email=holder.user.email))
        fresh = fido2.register(again.holder)
        fido2_court.twin_must_sign_in(replace(again, credential=fresh))
        for manner in (PLAIN, _NAMED):
            if fido2_court.authenticate(again, (), Setting(manner=manner)).accepted:
                raise Finding("a deleted user's credential signed in to the next user of that name")


@check(
    "WA-AUT-15b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 15 (several RP IDs)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.any-of-its-rp-ids": "another of the service's RP IDs"},
)
def test_an_assertion_is_for_its_credentials_rp_id(
    fido2: Fido2Flow, fido2_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """An assertion is about the RP ID that its credential was registered for, not any of the service's.

    Keep the RP ID in the record, and compare.
    """
    _need_two_rp_ids(fido2, needing)
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    moved = replace(registered, credential=replace(registered.credential, rp_id=OTHER_RP_ID))
    if fido2_court.authenticate(moved).accepted:
        raise Finding("an assertion for another of the service's RP IDs signed in")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AUT-24",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 24",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.updates-before-verifying": "a sign-in that was refused"},
)
def test_only_a_sign_in_moves_the_counter(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A sign-in that is refused changes nothing of the record, and one that succeeds its counter.

    Who can move the counter without the key locks the owner out. Store new values after every check has passed.
    """
    holder = fido2.new_holder()
    registered = replace(fido2_court.registered(), holder=holder, credential=fido2.register(holder))
    wrong = signature(lambda made: made[:-1] + bytes([made[-1] ^ 1]))
    refused = fido2_court.authenticate(registered, wrong, Setting(manner=Manner(sign_count=1000)))
    if refused.accepted:
        raise Finding("an authentication was accepted (a bit of the signature)")
    fido2_court.twin_must_sign_in_or(registered, 5, "a sign-in that was refused moved the counter")
    counted = next((each.sign_count for each in fido2.listed(holder)), None)
    if counted not in (None, 5):
        raise Finding(f"after a sign-in with counter 5 the record says {counted}")


@check(
    "WA-AUT-24c",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 24, under concurrency",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.counter-written-without-a-condition": "the record says"},
)
async def test_the_counter_never_goes_back(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """Of two sign-ins at the same moment the record keeps the higher counter.

    A counter that is read, compared and written loses the higher one, and a clone's next use goes unnoticed. Write it
    under the condition that it grows.
    """
    holder = fido2.new_holder()
    registered = replace(fido2_court.registered(), holder=holder, credential=fido2.register(holder))
    for round in range(3):
        low, high = 10 * round + 6, 10 * round + 7
        said = []
        for count in (low, high):
            asked = fido2.ask(holder)
            response = fido2.response(asked.options, registered.credential, Manner(sign_count=count))
            said.append((asked, fido2.spoken.answer(response).answer))
        verdicts = await at_once([partial(fido2_court.answer, registered, *each) for each in said])
        counted = next((each.sign_count for each in fido2.listed(holder)), None)
        if verdicts[1].accepted and counted is not None and counted < high:
            raise Finding(f"after sign-ins with {low} and {high} at once the record says {counted}")
    fido2_court.twin_must_sign_in(registered, Setting(manner=Manner(sign_count=100)))


@check(
    "WA-AUT-25",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.2; ASVS 5.0 6.3.8",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.tells-what-was-wrong": "is answered otherwise"},
)
def test_refusals_are_alike(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A wrong signature, an unknown credential and an unknown user are refused in the same words.

    A difference tells who has an account, and who has a passkey. Answer `false`, and let Cognito say the rest.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    stranger = replace(
        registered.holder, user=replace(registered.holder.user, username=fido2.pool.names.username()), template=None
    )
    unknown = replace(registered.credential, id=bytes(32))
    flipped = signature(lambda made: made[:-1] + bytes([made[-1] ^ 1]))
    said: dict[str, tuple[Any, ...]] = {}
    for what, holder, credential, edits in (
        ("a wrong signature", registered.holder, registered.credential, flipped),
        ("an unknown credential", registered.holder, unknown, ()),
        ("an unknown user", stranger, registered.credential, ()),
    ):
        sign_in, options = fido2.begin(holder)
        outcome = sign_in.respond(fido2.spoken.answer(fido2.response(options, credential, PLAIN, edits)))
        if outcome.has_tokens:
            raise Finding(f"tokens were issued for {what}")
        error = outcome.refusal
        said[what] = (outcome.answer.status, error and error.type, error and error.message)
    fido2_court.twin_must_sign_in(registered)
    first = said["a wrong signature"]
    for what, answer in said.items():
        if answer != first:
            raise Finding(f"{what} is answered otherwise than a wrong signature: {answer[1]} for {first[1]}")


@check(
    "WA-AUT-SH",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 3; FIDO AssResp-1 F-1 to F-19",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.raises-on-malformed-answers": "no clean refusal"},
)
def test_malformed_answers_are_wrong_answers(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """An answer that is no assertion is a wrong answer: no crash, no other words.

    What raises is told apart from what is wrong, and retried by Cognito. Answer `false`.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    asked = fido2.ask(registered.holder)
    honest = json.loads(fido2.spoken.answer(fido2.response(asked.options, registered.credential)).answer)
    answers = {"nothing": "", "an open brace": "{", "null": "null", "a list": "[]", "a number": "1", "{}": "{}"}
    answers |= {"a megabyte": "A" * 1_000_000, "deep lists": "[" * 5_000, "a text": '"assertion"'}
    wrong: dict[str, Any] = {"left out": Left.OUT, "null": None, "a number": 1, "a list": [], "an object": {}}
    for name in honest:
        for kind, value in wrong.items():
            if name in honest and honest[name] is None and value in (None, Left.OUT):
                continue
            changed = {**honest, name: value}
            answers[f"{name} {kind}"] = json.dumps({k: v for k, v in changed.items() if v is not Left.OUT})
    for what, said in answers.items():
        verdict = fido2_court.answer(registered, fido2.ask(registered.holder), said)
        if verdict.accepted:
            raise Finding(f"an answer was right that is no assertion: {what}")
        if not verdict.is_clean:
            raise Finding(f"no clean refusal of an answer that is no assertion ({what}): {verdict.how}")
    fido2_court.twin_must_sign_in(registered)


def client_data_with(origin: str) -> Any:
    """Client data of another origin."""
    return client_data(origin=origin)


def _named_by_a_number(fido2: Fido2Flow) -> dict[str, Any]:
    """A random number for a name, which a user handle may hold; none where the names of users have the run's mark."""
    digits = fido2.maker.user_handle().hex()
    number = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))
    return {} if fido2.pool.names.mark else {"username": number}


def _nobody_signs_in(fido2: Fido2Flow, registered: Registered) -> None:
    """The honest sign-in without a user name, through the pool. Raises Inconclusive."""
    name = fido2.spoken.username_of(registered.credential.user_handle)
    said = fido2.spoken.said(nobodys_answer(fido2, registered))
    user = replace(registered.holder.user, username=name or "")
    sign_in = CustomAuthSignIn(registered.holder.pool, fido2.client, user)
    sign_in.say(*fido2.spoken.ask())
    fido2.begin(registered.holder)
    outcome = sign_in.respond(said)
    if not outcome.has_tokens:
        raise Inconclusive(f"an honest sign-in without a user name was refused: {outcome.answer.described()}")


def _need_two_rp_ids(fido2: Fido2Flow, needing: Callable[[str], NoReturn]) -> None:
    if not fido2.try_start(fido2.new_holder(), OTHER_RP_ID).succeeded:
        needing("fido2.several-rp-ids")
