"""Challenges are random, used once, in time, by whom they were made for: WA-REG-08c to 08h, WA-AUT-11c to 11e, REP."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, SHOULD, TRIGGERS, W3C, check
from harness.custom_auth import at_once, must_not_sign_in
from harness.fido2_flow import PLAIN
from harness.fido2_moves import GIVING_A_HANDLE, nobodys_answer, nobodys_options
from harness.findings import Finding, Inconclusive
from harness.webauthn_cases.edits import Ceremony
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from harness.fido2_court import Fido2Court, Registered
    from harness.fido2_flow import Fido2Flow, Holder

NEEDS = {"custom-auth", "fido2", "credential-api"}
AT_ONCE = 20
A_DAY = timedelta(days=1)


@check(
    "WA-REG-08c",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; CVE-2022-42731",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.registration-challenge-stays-open": "another authenticator"},
)
def test_a_registration_is_completed_once(fido2: Fido2Flow) -> None:
    """The challenge of a registration that was completed completes no other.

    Whoever sees one completed registration could else add a passkey of their own under it. Take the challenge out of
    the store, in one step, before anything is verified.
    """
    holder = fido2.new_holder()
    started = fido2.start(holder)
    first, second = (fido2.maker.credential(started.ceremony, PLAIN) for _ in range(2))
    response = fido2.maker.registration(started.ceremony, first, PLAIN)
    if not fido2.complete(holder, response).succeeded:
        raise Inconclusive("the honest registration was refused")
    again = fido2.complete(holder, response)
    other = fido2.complete(holder, fido2.maker.registration(started.ceremony, second, PLAIN))
    fido2.register(holder)
    if again.succeeded:
        raise Finding("the same registration was accepted a second time")
    if other.succeeded:
        raise Finding("a challenge that was answered registered another authenticator")


@check(
    "WA-REG-08d",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.3; DynamoDB time to live deletes within days",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"clock", "trigger-clock"},
    killed_by={"triggers.passkeys.expiry-left-to-the-table": "a day after"},
)
def test_a_registration_ends_in_time(fido2: Fido2Flow) -> None:
    """A registration that was begun a day ago is not completed.

    A table's time to live deletes rows days after they have expired, so that it enforces nothing. Compare the time in
    code.
    """
    holder = fido2.new_holder()
    fido2.register(holder)
    started = fido2.start(holder)
    credential = fido2.maker.credential(started.ceremony, PLAIN)
    fido2.later(A_DAY)
    late = fido2.complete(holder, fido2.maker.registration(started.ceremony, credential, PLAIN))
    fido2.register(fido2.signed_in_now(holder))
    if late.succeeded:
        raise Finding("a registration was completed a day after it was begun")


@check(
    "WA-REG-08f",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; section 7.1 steps 8 and 29",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.ignores-the-challenge": "another user"},
)
def test_a_registration_is_the_users_own(fido2: Fido2Flow) -> None:
    """What one user began, another cannot complete, with a registration of their own open or without.

    Else an attacker has a victim's browser add the attacker's passkey, or the reverse. Keep challenges by user.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    for own_is_open in (False, True):
        started = fido2.start(alice)
        if own_is_open:
            fido2.start(bob)
        credential = fido2.maker.credential(started.ceremony, PLAIN)
        response = fido2.maker.registration(started.ceremony, credential, PLAIN)
        if fido2.complete(bob, response).succeeded:
            raise Finding("a registration that another user began was completed")
        fido2.register(alice)
        fido2.register(bob)


@check(
    "WA-REG-08g",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3, under concurrency",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.registration-challenge-read-then-taken": "in parallel"},
)
async def test_parallel_completions_register_once(fido2: Fido2Flow) -> None:
    """Of twenty completions of one registration at the same moment, at most one is accepted.

    A challenge that is read, compared and then deleted is there for all who come meanwhile. Delete it under a
    condition, and go on with what the deletion gives back.
    """
    holder = fido2.new_holder()
    started = fido2.start(holder)
    credentials = [fido2.maker.credential(started.ceremony, PLAIN) for _ in range(AT_ONCE)]
    responses = [fido2.maker.registration(started.ceremony, each, PLAIN) for each in credentials]
    answers = await at_once([partial(fido2.complete, holder, response) for response in responses])
    accepted = sum(answer.succeeded for answer in answers)
    fido2.register(holder)
    if accepted > 1:
        raise Finding(f"{accepted} of {AT_ONCE} registrations in parallel were accepted for one challenge")
    if not accepted:
        raise Inconclusive("none of the registrations in parallel was accepted")


@check(
    "WA-REG-08h",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api"},
    killed_by={"triggers.passkeys.any-purpose": "a challenge of"},
)
def test_each_challenge_is_for_one_ceremony(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A challenge that was made for a sign-in completes no registration, and the reverse.

    A challenge says what the user agreed to. Keep what each was made for, and look.
    """
    registered = fido2_court.registered()
    holder = registered.holder
    fido2_court.twin_must_sign_in(registered)
    challenge = base64url.decode(nobodys_options(fido2)["challenge"])
    handle = registered.credential.user_handle
    ceremony = Ceremony(challenge, fido2.relying_party.origin, registered.credential.rp_id, handle)
    response = fido2.maker.registration(ceremony, fido2.maker.credential(ceremony, PLAIN), PLAIN)
    if fido2.complete(holder, response).succeeded:
        raise Finding("a challenge of a sign-in completed a registration")
    started, asked = fido2.start(holder), fido2.ask(holder)
    crossed = {**asked.options, "challenge": started.options["challenge"]}
    with_handle = fido2.response(crossed, registered.credential, GIVING_A_HANDLE)
    if fido2_court.answer(registered, asked, fido2.spoken.answer(with_handle).answer).accepted:
        raise Finding("a challenge of a registration signed in")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AUT-11c",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; CVE-2026-28787",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.sign-in-challenge-stays-open": "parallel"},
)
async def test_an_assertion_counts_once(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """Of twenty redemptions of one challenge at the same moment, at most one is right.

    An assertion that counts twice is a password. Note each challenge as answered under a condition, also where the
    authenticator keeps no counter.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    asked = fido2.ask(registered.holder)
    said = fido2.spoken.answer(fido2.response(asked.options, registered.credential)).answer
    verdicts = await at_once([partial(fido2_court.answer, registered, asked, said)] * AT_ONCE)
    right = sum(verdict.accepted for verdict in verdicts)
    fido2_court.twin_must_sign_in(registered)
    if right > 1:
        raise Finding(f"one assertion was right {right} times in {AT_ONCE} parallel redemptions")
    if not right:
        raise Inconclusive("none of the parallel redemptions was right")


@check(
    "WA-AUT-11cc",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3 (usernameless)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api"},
    killed_by={"triggers.passkeys.sign-in-challenge-stays-open": "a second time"},
)
def test_a_challenge_of_nobody_in_particular_counts_once(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A challenge that was given out before anybody said who they are signs in once.

    Such a challenge is in no session that ends with it: whoever gets hold of the assertion could sign in as long as
    it lives. Close it with the first answer.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    said = nobodys_answer(fido2, registered)
    first, again = (fido2_court.answer(registered, fido2.ask(registered.holder), said) for _ in range(2))
    if not first.accepted:
        raise Inconclusive(f"an honest answer to a challenge of nobody in particular: {first.described()}")
    fido2_court.twin_must_sign_in(registered)
    if again.accepted:
        raise Finding("an assertion over a challenge of nobody in particular was right a second time")


@check(
    "WA-AUT-11d",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; DynamoDB time to live deletes within days",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api", "clock", "trigger-clock"},
    killed_by={"triggers.passkeys.expiry-left-to-the-table": "a day after"},
)
def test_challenges_of_sign_ins_expire(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A challenge that was given out a day ago signs nobody in.

    A table's time to live deletes rows days after they have expired, so that it enforces nothing. Compare the time in
    code.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    said = nobodys_answer(fido2, registered)
    fido2.later(A_DAY)
    late = fido2_court.answer(registered, fido2.ask(registered.holder), said)
    fido2_court.twin_must_sign_in(registered)
    if late.accepted:
        raise Finding("an assertion was right a day after its challenge was given out")


@check(
    "WA-AUT-11e",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; section 7.2 step 11",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.any-purpose": "own registration"},
)
def test_what_a_signed_in_user_was_asked_signs_nobody_in(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A challenge that a signed-in user was given, to add a passkey, is none for a sign-in.

    It was asked of somebody who had signed in, for something else: an assertion over it, had by a page that asks for
    one step more, must not begin a session. Keep the challenges of each purpose apart.
    """
    registered, other = fido2_court.registered(), fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    for holder, whose in ((registered.holder, "the user's own"), (other.holder, "another user's")):
        for manner in (PLAIN, GIVING_A_HANDLE):
            started, asked = fido2.start(holder), fido2.ask(registered.holder)
            crossed = {**asked.options, "challenge": started.options["challenge"]}
            said = fido2.spoken.answer(fido2.response(crossed, registered.credential, manner)).answer
            if fido2_court.answer(registered, asked, said).accepted:
                raise Finding(f"an assertion over the challenge of {whose} registration signed in")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AUT-11eb",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; section 7.2 step 11",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api"},
    killed_by={
        "triggers.passkeys.any-purpose": "an assertion over the challenge of a confirmation signed in",
        "triggers.passkeys.confirms-with-any-challenge": "confirmed something else",
    },
)
def test_a_confirmation_and_a_sign_in_are_two_things(
    fido2: Fido2Flow, fido2_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """A challenge by which a signed-in user confirms something signs nobody in, and a sign-in's confirms nothing.

    Else a page that has a user sign in has them agree to a payment, and one that asks for a small confirmation gets a
    session. Keep what each challenge was made for beside it, and look.
    """
    registered = fido2_court.registered()
    holder = registered.holder
    fido2_court.twin_must_sign_in(registered)
    call = fido2.spoken.confirmation()
    if call is None or not fido2.call(call, holder).succeeded:
        needing("fido2.step-up")
    _must_confirm(fido2, registered)
    options, asked = _confirmation(fido2, holder), fido2.ask(holder)
    options["rpId"] = rp_id = fido2.relying_party.id
    said = fido2.spoken.answer(fido2.response(options, registered.credential, GIVING_A_HANDLE))
    if fido2_court.answer(registered, asked, said.answer).accepted:
        raise Finding("an assertion over the challenge of a confirmation signed in")
    others = {
        "a sign-in": fido2.ask(holder).options,
        "a sign-in of nobody in particular": nobodys_options(fido2),
        "a registration": fido2.start(holder).options,
    }
    for what, other in others.items():
        crossed = {**_confirmation(fido2, holder), "challenge": other["challenge"], "rpId": rp_id}
        response = fido2.response(crossed, registered.credential, GIVING_A_HANDLE)
        if fido2.call(fido2.spoken.confirm(response), holder).succeeded:
            raise Finding(f"an assertion over the challenge of {what} confirmed something else")
    _must_confirm(fido2, registered)
    fido2_court.twin_must_sign_in(registered)


def _confirmation(fido2: Fido2Flow, holder: Holder) -> dict[str, Any]:
    call = fido2.spoken.confirmation()
    options = fido2.spoken.confirmation_options(fido2.call(call, holder).json) if call else None
    if options is None:
        raise Inconclusive("no options to confirm something with")
    return options


def _must_confirm(fido2: Fido2Flow, registered: Registered) -> None:
    """The honest twin. Raises Inconclusive."""
    options = {**_confirmation(fido2, registered.holder), "rpId": fido2.relying_party.id}
    response = fido2.response(options, registered.credential, GIVING_A_HANDLE)
    answer = fido2.call(fido2.spoken.confirm(response), registered.holder)
    if not answer.succeeded:
        raise Inconclusive(f"an honest confirmation was refused: {answer.described()}")


@check(
    "WA-AUT-REP",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; section 7.2 step 11",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.ignores-the-challenge": "replayed"},
)
def test_an_assertion_is_good_in_its_own_session_only(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """An assertion that has signed in, sent again in a new sign-in, is refused.

    It proves that somebody had the key then, not now. Compare the challenge with this session's own.
    """
    registered = fido2_court.registered()
    sign_in, options = fido2.begin(registered.holder)
    said = fido2.spoken.answer(fido2.response(options, registered.credential))
    if not sign_in.respond(said).has_tokens:
        raise Inconclusive("the honest sign-in was refused")
    replayed, _ = fido2.begin(registered.holder)
    must_not_sign_in(replayed.respond(said), "an assertion that was replayed in a new sign-in")
    fido2_court.twin_must_sign_in(registered)
