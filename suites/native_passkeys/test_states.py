"""Whose passkeys sign in, what is kept of a sign-in, and what a refusal tells: WA-AUT-05n, -06dn, -24n, -25n, -SHn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, POOL, W3C, check
from harness.findings import Finding, Inconclusive
from harness.flows import initiate
from harness.passkeys import PasskeySignIn
from harness.sign_in import between_honest
from harness.webauthn_cases.authentication import count, signed_by_another
from harness.webauthn_cases.edits import ES256, Manner, together
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.passkeys import Passkeys, PasskeyUser

_SECONDS = 5
"""For one request of a megabyte, on a busy machine too."""


@check(
    "WA-AUT-05n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 steps 5 and 6",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-allow-credentials": "a passkey that was registered after the sign-in began",
        "pool.passkeys.of-any-user": "another user's passkey",
    },
)
def test_only_the_passkeys_that_were_asked_for_sign_in(passkeys: Passkeys) -> None:
    """A sign-in takes one of the passkeys that its options name, and never another user's.

    Otherwise one user's passkey opens another user's account. Look the credential up among those of the user who is
    signing in, as they were asked for.
    """
    pool = passkeys.pool()
    user, other = passkeys.user(pool), passkeys.user(pool)
    mine, theirs = user.register(), other.register()
    with between_honest(lambda: user.sign_in(mine)), between_honest(lambda: other.sign_in(theirs)):
        user.sign_in(theirs).must_be_refused("another user's passkey")
        begun = user.asked()
        later = user.register()
        begun.answer(later).must_be_refused("a passkey that was registered after the sign-in began")


@check(
    "WA-AUT-06dn",
    level=MUST,
    severity=HIGH,
    clause="lifecycle; WebAuthn L3 section 7.2 step 6",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.kept-by-name": "a deleted user's passkey"},
)
def test_passkeys_go_with_their_user(passkeys: Passkeys) -> None:
    """Who is made anew under a deleted user's name does not have that user's passkeys.

    The name may be another person's by now. Keep passkeys by the account, not by its name, and delete them with it.
    """
    pool = passkeys.pool()
    former = passkeys.user(pool)
    old = former.register()
    former.sign_in(old).must_yield_tokens("before the user is deleted, the passkey")
    gone = {"UserPoolId": pool.user_pool_id, "Username": former.user.username}
    if not pool.wire.call("AdminDeleteUser", gone).succeeded:
        raise Inconclusive("set-up failed: the user could not be deleted")
    present = passkeys.user(pool, username=former.user.username)
    new = present.register()
    with between_honest(lambda: present.sign_in(new)):
        if base64url.encode(old.id) in present.listed_ids():
            raise Finding("a deleted user's passkey is listed for the new user of the name")
        present.asked().answer(old).must_be_refused("a deleted user's passkey")


@check(
    "WA-AUT-24n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 24",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.counts-before-it-verifies": "does not sign in after a refused assertion",
        "pool.passkeys.keeps-no-counter": "an assertion whose counter has been used",
    },
)
def test_the_counter_is_kept_after_all_steps(holder: PasskeyUser) -> None:
    """The counter is kept when a sign-in succeeds, and only then.

    A counter that a forged assertion can raise locks the owner out; one that is never kept finds no copy. Store it
    after the last step.
    """
    credential = holder.register(Manner(sign_count=5))
    holder.sign_in(credential, Manner(sign_count=6)).must_yield_tokens("a passkey that counts")
    forged = together(count(2**31), signed_by_another(ES256))
    holder.sign_in(credential, Manner(sign_count=7), forged).must_be_refused("a forged assertion")
    after = holder.sign_in(credential, Manner(sign_count=7))
    if not after.has_tokens:
        raise Finding(f"a passkey does not sign in after a refused assertion: {after.answer.described()}")
    holder.sign_in(credential, Manner(sign_count=7)).must_be_refused("an assertion whose counter has been used")
    holder.sign_in(credential, Manner(sign_count=8)).must_yield_tokens("afterwards, a passkey that counts on")


@check(
    "WA-AUT-25n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.2; ASVS 6.3.8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.tells-unknown-credentials": "is refused with"},
)
def test_refused_assertions_look_the_same(passkeys: Passkeys) -> None:
    """A bad signature, an unknown credential and an unknown user are refused in the same words.

    Whoever tries learns otherwise which names and passkeys exist. Answer every assertion that is refused alike,
    where the client hides which users exist.
    """
    pool = passkeys.pool()
    client = passkeys.client(pool, reveals_unknown_users=False)
    user, other = passkeys.user(pool, client), passkeys.user(pool, client)
    mine, theirs = user.register(), other.register()
    with between_honest(lambda: user.sign_in(mine)):
        refusals = {
            "a bad signature": user.sign_in(mine, edits=signed_by_another(ES256)),
            "an unknown credential": user.sign_in(theirs),
            "an unknown user": _of_nobody(user).answer(mine),
        }
        told = {what: (outcome.answer.status, outcome.must_be_refused(what)) for what, outcome in refusals.items()}
        usual = told["a bad signature"]
        for what, refusal in told.items():
            if refusal != usual:
                raise Finding(f"{what} is refused with {refusal[1]}, a bad signature with {usual[1]}")


def _of_nobody(user: PasskeyUser) -> PasskeySignIn:
    """A sign-in of an unknown name that asks for a passkey. Raises Inconclusive where none does."""
    for _ in range(8):
        name = user.pool.names.username()
        parameters = {"USERNAME": name, "PREFERRED_CHALLENGE": "WEB_AUTHN"}
        begun = PasskeySignIn(user, initiate(user.pool, user.client, "USER_AUTH", parameters), name)
        if begun.options is not None and begun.outcome.challenge_name == "WEB_AUTHN":
            return begun
    raise Inconclusive("no unknown name was asked for a passkey, so there was nothing to compare")


@check(
    "WA-AUT-SHn",
    level=MUST,
    severity=MEDIUM,
    clause="FIDO AssResp-1 F-1 to F-19; robustness",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.breaks-on-malformed-credentials": "no clean refusal of {"},
)
def test_malformed_credentials_are_cleanly_refused(holder: PasskeyUser) -> None:
    """CREDENTIAL that is no AuthenticationResponseJSON is a plain failure: no tokens, no 5xx.

    What breaks the service for one request may break it for all. Read it as what it is, text from anywhere.
    """
    credential = holder.register()
    with between_honest(lambda: holder.sign_in(credential)):
        honest = holder.asked().assertion(credential)
        texts = ["{", "null", "[]", "1", '""', "{}", " ", "\ud83d\ude00", '{"id":' * 500, "A" * 100_000]
        for text in texts:
            holder.asked().send_text(text).must_be_refused(f"{text:.20}")
        wrong: list[Any] = [None, 1, [], {}, ""]
        for name in ("id", "rawId", "type", "response"):
            for value in wrong:
                holder.asked().send({**honest, name: value}).must_be_refused(f"{name} {json.dumps(value)}")
        for name in ("clientDataJSON", "authenticatorData", "signature"):
            for value in (*wrong, "="):
                inner = {**honest["response"], name: value}
                holder.asked().send({**honest, "response": inner}).must_be_refused(f"{name} {json.dumps(value)}")
