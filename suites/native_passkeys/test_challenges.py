"""What a challenge is good for: once, for one user and one ceremony. WA-REG-08cn to -08hn, -29n, WA-AUT-11cn, -REPn."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MUST, POOL, W3C, check
from harness.custom_auth import at_once
from harness.findings import Finding, Inconclusive
from harness.passkeys import Started, between_registrations, must_not_register
from harness.sign_in import between_honest
from harness.webauthn_cases.cases import response_members
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.passkeys import Passkeys, PasskeyUser


@check(
    "WA-REG-08cn",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; CVE-2022-42731",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-a-challenge-twice": "a second authenticator's answer to a challenge that was answered",
    },
)
def test_a_challenge_registers_once(holder: PasskeyUser) -> None:
    """A challenge that was answered registers nothing more: neither the same response again nor another passkey.

    Whoever has seen one registration could add a passkey of their own to the account. Forget a challenge when it is
    answered.
    """
    with between_registrations(holder):
        started = holder.start()
        first, second = holder.new_credential(started), holder.new_credential(started, whose="another authenticator")
        response = holder.maker.registration(started.ceremony, first, Manner())
        if not holder.complete(response).succeeded:
            raise Inconclusive("the first answer did not register")
        must_not_register(holder.complete(response), "a response that was registered before")
        other = holder.maker.registration(started.ceremony, second, Manner())
        must_not_register(holder.complete(other), "a second authenticator's answer to a challenge that was answered")


@check(
    "WA-REG-08fn",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; section 7.1 step 29",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.challenge-of-any-user": "the answer to another user's challenge"},
)
def test_a_challenge_is_one_users(passkeys: Passkeys) -> None:
    """The answer to one user's challenge registers nothing for another user.

    Otherwise somebody has a passkey made on a page of theirs that signs in to their account, or to somebody else's.
    Keep the challenge with the user whom the options name.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    with between_registrations(other):
        other.start()
        started = one.start()
        credential = one.new_credential(started)
        response = one.maker.registration(started.ceremony, credential, Manner())
        must_not_register(other.complete(response), "the answer to another user's challenge")
        if base64url.encode(credential.id) in other.listed_ids():
            raise Finding("a passkey that was refused is listed")


@check(
    "WA-REG-29n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 29",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.kept-for-whom-the-response-names": "kept for another user"},
)
def test_a_passkey_is_kept_for_the_user_of_the_options(passkeys: Passkeys) -> None:
    """What is registered is kept for the user whom the options named, and signs in there only.

    What a response says of a user is whatever the page wrote. Keep the passkey for the user of the access token, who
    is the one that the options were made for.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    theirs = other.register()
    name = other.user.username
    named = response_members(userHandle=base64url.encode(theirs.user_handle), username=name, user={"name": name})
    for edits in ((), named):
        started = one.start()
        credential = one.new_credential(started)
        answer = one.complete(one.maker.registration(started.ceremony, credential, Manner(), edits))
        id = base64url.encode(credential.id)
        if id in other.listed_ids():
            raise Finding("a passkey was kept for another user than the one whom the options named")
        other.sign_in(credential).must_be_refused("a passkey that the options of another user made")
        if not answer.succeeded and not edits:
            raise Inconclusive(f"the honest registration was refused: {answer.described()}")
        if answer.succeeded and id not in one.listed_ids():
            raise Finding("a passkey is not listed for the user whom the options named")
        if answer.succeeded:
            one.sign_in(credential, Manner(user_handle=True)).must_yield_tokens("the user of the options")
    other.sign_in(theirs).must_yield_tokens("the other user, with a passkey of their own")


@check(
    "WA-REG-08gn",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3 (concurrency)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.looks-before-it-waits": "passkeys were registered with one challenge"},
)
async def test_a_challenge_registers_once_at_once(holder: PasskeyUser) -> None:
    """Of several answers to one challenge that come at once, one registers at most.

    Between looking whether a challenge is open and closing it there must be no time. Take it out and look at it in
    one step.
    """
    with between_registrations(holder):
        started = holder.start()
        responses = [
            holder.maker.registration(
                started.ceremony, holder.new_credential(started, whose=f"authenticator {number}"), Manner()
            )
            for number in range(6)
        ]
        answers = await at_once([functools.partial(holder.complete, response) for response in responses])
        registered = sum(answer.succeeded for answer in answers)
        if registered > 1:
            raise Finding(f"{registered} passkeys were registered with one challenge")


@check(
    "WA-REG-08hn",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.challenge-of-any-ceremony": "the answer to a sign-in's challenge"},
)
def test_a_challenge_is_one_ceremonys(holder: PasskeyUser) -> None:
    """The challenge of a sign-in registers nothing, and that of a registration signs nobody in.

    Anybody can begin a sign-in; if its challenge registers, so can anybody with a stolen access token and no user.
    Keep the two apart.
    """
    credential = holder.register()
    with between_registrations(holder), between_honest(lambda: holder.sign_in(credential)):
        asked = Started.of(holder.asked().options, credential.user_handle)
        new = holder.new_credential(asked)
        response = holder.maker.registration(asked.ceremony, new, Manner())
        must_not_register(holder.complete(response), "the answer to a sign-in's challenge")
        started, begun = holder.start(), holder.asked()
        assertion = holder.maker.authentication(started.ceremony, credential, Manner())
        begun.send(assertion).must_be_refused("an assertion over a registration's challenge")


@check(
    "WA-AUT-11cn",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; CVE-2026-28787",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.sessions.reusable": "an assertion that has signed in before",
        "pool.passkeys.closes-sessions-late": "of several at once signed in",
    },
)
async def test_an_assertion_signs_in_once(holder: PasskeyUser) -> None:
    """An assertion signs in once: not again, and not twice at once.

    Whoever sees one could be the user too, as often as they like. Close the Session before the assertion is judged.
    """
    credential = holder.register()
    with between_honest(lambda: holder.sign_in(credential)):
        begun = holder.asked()
        assertion = begun.assertion(credential)
        begun.send(assertion).must_yield_tokens("the first time, an assertion")
        begun.send(assertion).must_be_refused("an assertion that has signed in before")
        begun = holder.asked()
        assertion = begun.assertion(credential)
        outcomes = await at_once([functools.partial(begun.send, assertion)] * 6)
        signed_in = sum(outcome.has_tokens for outcome in outcomes)
        if signed_in > 1:
            raise Finding(f"{signed_in} of several at once signed in with one assertion")


@check(
    "WA-AUT-REPn",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.ignores-the-challenge": "an assertion of an earlier sign-in"},
)
def test_an_assertion_does_not_sign_in_elsewhere(holder: PasskeyUser) -> None:
    """An assertion that answered one sign-in does not answer the next, whether it was used there or not.

    It is all that a page in between sees. Compare the challenge with this sign-in's own.
    """
    credential = holder.register()
    with between_honest(lambda: holder.sign_in(credential)):
        earlier = holder.asked()
        assertion = earlier.assertion(credential)
        holder.asked().send(assertion).must_be_refused("an assertion of an earlier sign-in")
        earlier.send(assertion).must_yield_tokens("in its own sign-in, the assertion")
        holder.asked().send(assertion).must_be_refused("an assertion that has been used")
