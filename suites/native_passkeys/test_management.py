"""A user's passkeys after they were registered: CRED-01n to CRED-10n, REF-11n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import (
    AWS_DOC,
    CRITICAL,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    MUST,
    NONE,
    POOL,
    SHOULD,
    UNKNOWN,
    W3C,
    cases,
    check,
)
from harness.findings import Finding
from harness.flows import initiate
from harness.passkeys import WITH_PASSKEYS
from harness.sign_in import between_honest
from harness.token_calls import get_user, global_sign_out, must_be_taken, must_not_be_taken, refresh
from harness.webauthn_cases.client_data import RP_ID
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.passkeys import Passkeys, PasskeyUser
    from harness.wire import Answer

_NOBODYS = base64url.encode(bytes(range(32)))


@check(
    "CRED-01n",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, ListWebAuthnCredentials (the currently signed-in user's); ASVS 8.2",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.lists-everybodys": "another user's passkey is listed",
        "pool.passkeys.lists-another-rp-id": "is listed for",
    },
)
def test_users_see_their_own_passkeys(passkeys: Passkeys) -> None:
    """A user is shown their own passkeys, of the pool's relying party, and nobody else's.

    A list of everybody's tells who has which authenticator, and gives the ids to delete. Filter it by the token's
    user.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    mine, theirs = base64url.encode(one.register().id), base64url.encode(other.register().id)
    listed = one.listed()
    ids = [each.get("CredentialId") for each in listed]
    if theirs in ids:
        raise Finding("another user's passkey is listed")
    if ids != [mine]:
        raise Finding("the user's own passkey is not listed")
    if listed[0].get("RelyingPartyId") != RP_ID:
        raise Finding(f"a passkey of {RP_ID} is listed for {listed[0].get('RelyingPartyId')!r}")


@check(
    "CRED-03n",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, DeleteWebAuthnCredential; ASVS 8.2",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.deletes-anybodys": "another user's passkey was deleted",
        "pool.passkeys.deletes-nothing": "a passkey that was deleted is listed",
    },
)
def test_users_delete_their_own_passkeys(passkeys: Passkeys) -> None:
    """A user deletes their own passkeys, and cannot touch anybody else's.

    Deleting somebody's passkey locks them out, or down to a password. Look the id up among the token's user's.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    theirs = other.register()
    with between_honest(lambda: other.sign_in(theirs)):
        one.delete(base64url.encode(theirs.id))
        if base64url.encode(theirs.id) not in other.listed_ids():
            raise Finding("another user's passkey was deleted")
    mine = base64url.encode(one.register().id)
    must_be_taken(one.delete(mine), "the deletion of the user's own passkey")
    if mine in one.listed_ids():
        raise Finding("a passkey that was deleted is listed")


@check(
    "CRED-04n",
    level=SHOULD,
    severity=LOW,
    clause="Cognito API, DeleteWebAuthnCredential (ResourceNotFoundException); ASVS 8.2",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.tells-foreign-ids": "is told apart from an unknown one"},
)
def test_foreign_ids_are_unknown_ids(passkeys: Passkeys) -> None:
    """Another user's credential id is refused like one that nobody has.

    The difference tells whether an id exists. Answer both alike.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    theirs = base64url.encode(other.register().id)
    unknown, foreign = one.delete(_NOBODYS), one.delete(theirs)
    if (unknown.status, unknown.error) != (foreign.status, foreign.error):
        raise Finding(
            f"another user's id is told apart from an unknown one: {foreign.described()}, and {unknown.described()}"
        )


def start(user: PasskeyUser, token: str) -> Answer:
    """StartWebAuthnRegistration."""
    return user.try_start(token)


def complete(user: PasskeyUser, token: str) -> Answer:
    """CompleteWebAuthnRegistration."""
    return user.complete({}, token)


def list_them(user: PasskeyUser, token: str) -> Answer:
    """ListWebAuthnCredentials."""
    return user.try_list(token)


def delete(user: PasskeyUser, token: str) -> Answer:
    """DeleteWebAuthnCredential."""
    return user.delete(_NOBODYS, token)


def factors(user: PasskeyUser, token: str) -> Answer:
    """GetUserAuthFactors."""
    return user.pool.wire.call("GetUserAuthFactors", {"AccessToken": token})


@check(
    "CRED-05n",
    level=MUST,
    severity=CRITICAL,
    clause="botocore model (AccessToken; scope aws.cognito.signin.user.admin)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.tokens.id-token-taken-for-access": "an id token was accepted by",
        "pool.tokens.forged-access-token-taken": "a forged access token was accepted by",
    },
)
@cases(
    "operation",
    {
        "StartWebAuthnRegistration": start,
        "ListWebAuthnCredentials": list_them,
        "GetUserAuthFactors": factors,
    },
)
def test_only_an_access_token_manages_passkeys(holder: PasskeyUser, operation: object) -> None:
    """The operations on passkeys take an access token of the user, and no other token.

    An id token goes to many more places. Verify the token and its use.
    """
    parameters = {"USERNAME": holder.user.username, "PASSWORD": holder.user.password}
    other = initiate(holder.pool, holder.client, "USER_PASSWORD_AUTH", parameters).tokens
    head, payload, signature = holder.access_token.split(".")
    assert callable(operation)
    must_be_taken(operation(holder, holder.access_token), "the access token, before")
    must_not_be_taken(operation(holder, other.id), "an id token")
    must_not_be_taken(operation(holder, f"{head}.{payload}.{signature[::-1]}"), "a forged access token")
    must_be_taken(operation(holder, holder.access_token), "the access token, after")


@check(
    "CRED-05bn",
    level=MUST,
    severity=CRITICAL,
    clause="botocore model (AccessToken); Cognito API, GlobalSignOut",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.sign-out.keeps-access-tokens": "a revoked access token was accepted by"},
)
@cases(
    "operation",
    {
        "StartWebAuthnRegistration": start,
        "CompleteWebAuthnRegistration": complete,
        "ListWebAuthnCredentials": list_them,
        "DeleteWebAuthnCredential": delete,
        "GetUserAuthFactors": factors,
    },
)
def test_a_revoked_access_token_manages_no_passkeys(holder: PasskeyUser, operation: object) -> None:
    """After a global sign-out the user's earlier access tokens manage no passkeys.

    A user who signs out everywhere fears that somebody else has a token, who then could still add a passkey, which
    outlives every sign-out. Look at revocation here too.
    """
    assert callable(operation)
    must_be_taken(list_them(holder, holder.access_token), "the access token, before")
    must_be_taken(global_sign_out(holder.pool, holder.access_token), "a global sign-out")
    must_not_be_taken(
        operation(holder, holder.access_token), "a revoked access token", with_error=("NotAuthorizedException",)
    )


@check(
    "CRED-07n",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 6.5.6, 7.4.3; Cognito API, DeleteWebAuthnCredential",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.deleted-in-name-only": "a passkey that was deleted"},
)
def test_a_deleted_passkey_signs_nobody_in(holder: PasskeyUser) -> None:
    """A passkey that was deleted signs nobody in, from that moment.

    It is deleted because it was lost. Forget its key with it, also for sign-ins that have begun.
    """
    kept, lost = holder.register(), holder.register()
    with between_honest(lambda: holder.sign_in(kept)):
        holder.sign_in(lost).must_yield_tokens("before it is deleted, the passkey")
        begun = holder.asked()
        must_be_taken(holder.delete(base64url.encode(lost.id)), "the deletion of the user's own passkey")
        begun.answer(lost).must_be_refused("a passkey that was deleted meanwhile")
        holder.asked().answer(lost).must_be_refused("a passkey that was deleted")


@check(
    "CRED-10n",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 section 13.4.6; catalogue CRED-10",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.keeps-the-last": "the last passkey of a user: refused"},
)
def test_what_becomes_of_the_last_passkey_is_recorded(holder: PasskeyUser, observe: Observe) -> None:
    """Whether a user can delete their last passkey is recorded.

    The API has no word for a confirmation: an application that wants one asks for it before it calls.
    """
    answer = holder.delete(base64url.encode(holder.register().id))
    observe("the last passkey of a user", "deleted" if answer.status == 200 else f"refused: {answer.described()}")


@check(
    "REF-11n",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 7.4.3; Cognito API, GlobalSignOut",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.sign-out.keeps-refresh-tokens": "tokens were issued for a sign-in that a passkey began",
        "pool.passkeys.deleting-ends-sessions": "after the deletion: over",
    },
)
def test_sessions_of_a_removed_passkey_can_be_ended(passkeys: Passkeys, observe: Observe) -> None:
    """After a passkey was deleted the user can end the sessions that were begun with it.

    Who found the lost authenticator may be signed in. Whether deleting alone ends those sessions is recorded;
    GlobalSignOut has to. Offer it to whoever deletes a passkey.
    """
    pool = passkeys.pool()
    client = pool.client(flows=(*WITH_PASSKEYS, "ALLOW_REFRESH_TOKEN_AUTH"))
    user = passkeys.user(pool, client)
    credential = user.register()
    thief = user.sign_in(credential).tokens
    must_be_taken(get_user(pool, thief.access), "an access token of a sign-in with a passkey")
    must_be_taken(user.delete(base64url.encode(credential.id)), "the deletion of the user's own passkey")
    alive = refresh(pool, client, user.user.username, thief.refresh or "").has_tokens
    observe("a session that the passkey began, after the deletion", "alive" if alive else "over")
    parameters = {"USERNAME": user.user.username, "PASSWORD": user.user.password}
    owner = initiate(pool, client, "USER_PASSWORD_AUTH", parameters).tokens
    must_be_taken(global_sign_out(pool, owner.access), "a global sign-out")
    refresh(pool, client, user.user.username, thief.refresh or "").must_be_refused("a sign-in that a passkey began")
    must_not_be_taken(get_user(pool, thief.access), "an access token of a sign-in with a deleted passkey")
