"""Sign-ins with native passkeys as the service documents them: NP-07 to NP-12; WA-AUT-24bn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import (
    AWS_DOC,
    CRITICAL,
    HIGH,
    INFO,
    MEDIUM,
    MUST,
    NONE,
    POOL,
    SHOULD,
    UNKNOWN,
    cases,
    check,
)
from harness.findings import Finding
from harness.flows import initiate
from harness.passkeys import SELECT_CHALLENGE, WEB_AUTHN, PasskeySignIn, between_registrations, must_not_register
from harness.second_factors import SOFTWARE_TOKEN, set_up_software_token
from harness.sign_in import Left, Outcome, between_honest
from harness.token_calls import must_be_taken, must_not_be_taken
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags

if TYPE_CHECKING:
    from datetime import datetime

    from harness.fixtures import Observe
    from harness.passkeys import Passkeys, PasskeyUser

_UNVERIFIED = Manner(flags=int(Flags.UP))


@check(
    "NP-07",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, WebAuthnConfigurationType.UserVerification",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.ignores-user-verification": "without user verification, which the pool requires"},
)
def test_required_user_verification_is_enforced(passkeys: Passkeys) -> None:
    """A pool that requires user verification demands it when a passkey is registered, and at every sign-in.

    With one of the two left out, a key that was found signs in.
    """
    user = passkeys.user(passkeys.pool(user_verification="required"))
    credential = user.register()
    why = "a passkey without user verification, which the pool requires"
    with between_registrations(user), between_honest(lambda: user.sign_in(credential)):
        started = user.start()
        response = user.maker.registration(started.ceremony, user.new_credential(started), _UNVERIFIED)
        must_not_register(user.complete(response), why)
        user.sign_in(credential, _UNVERIFIED).must_be_refused(why)


def _must_owe_a_second_factor(outcome: Outcome, what: str) -> None:
    """No tokens: a second factor's challenge, or a refusal. Raises Finding."""
    if outcome.has_tokens:
        raise Finding(f"tokens were issued without a second factor for {what}")
    if outcome.challenge_name is None and outcome.refusal is None:
        raise Finding(f"no clean answer to {what}: {outcome.answer.described()}")


@check(
    "NP-08",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, WebAuthnConfigurationType.FactorConfiguration",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys", "passkeys.as-mfa", "totp"},
    killed_by={
        "pool.passkeys.always-two-factors": "for a passkey where it is a single factor",
        "pool.passkeys.two-factors-without-verification": "for a passkey whose user was not verified",
        "pool.passkeys.never-two-factors": "a verified passkey, which stands for both factors",
    },
)
@cases("factor", {"one": "SINGLE_FACTOR", "two": "MULTI_FACTOR_WITH_USER_VERIFICATION"})
def test_a_passkey_is_two_factors_only_where_it_says_so(
    passkeys: Passkeys, now: Callable[[], datetime], movable: Callable[[timedelta], None] | None, factor: str
) -> None:
    """A user who owes a second factor signs in with a passkey alone only where the pool says so, and was verified.

    SINGLE_FACTOR leaves a second one to be asked for, or passkeys out; MULTI_FACTOR_WITH_USER_VERIFICATION lets a
    passkey stand for both, and only with the flag UV.
    """
    pool = passkeys.pool(factor=factor, mfa={"MfaConfiguration": "OPTIONAL", **SOFTWARE_TOKEN})
    user = passkeys.user(pool)
    credential = user.register()
    user.sign_in(credential).must_yield_tokens("before MFA is set up, a passkey")
    parameters = {"USERNAME": user.user.username, "PASSWORD": user.user.password}
    signed_in = initiate(pool, user.client, "USER_PASSWORD_AUTH", parameters)
    set_up_software_token(pool, user.user, signed_in, now=now, advance=movable)
    begun = user.begin()
    if factor == "SINGLE_FACTOR":
        outcome = begun.answer(credential) if begun.outcome.challenge_name == WEB_AUTHN else begun.outcome
        return _must_owe_a_second_factor(outcome, "a passkey where it is a single factor")
    if begun.outcome.challenge_name != WEB_AUTHN:
        raise Finding(f"a passkey that stands for both factors is not asked for: {begun.outcome.answer.described()}")
    _verified(user.sign_in(credential))
    with between_honest(lambda: user.sign_in(credential)):
        unverified = user.asked().answer(credential, _UNVERIFIED)
        _must_owe_a_second_factor(unverified, "a passkey whose user was not verified")
    return None


@check(
    "WA-AUT-24bn",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 section 7.2 step 24 (uvInitialized); Cognito API, FactorConfiguration",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys", "passkeys.as-mfa", "totp"},
    killed_by={"pool.passkeys.never-two-factors": "a second factor is asked for"},
)
def test_what_a_passkey_counts_for_that_was_made_unverified_is_recorded(
    passkeys: Passkeys,
    now: Callable[[], datetime],
    movable: Callable[[timedelta], None] | None,
    observe: Observe,
) -> None:
    """Whether a passkey that was registered without user verification stands for two factors once it is used with it.

    Who finds a key without a PIN sets one: the standard wants another factor behind the first verification. The API
    shows nothing of the record, so what it counts for is recorded; a pool that requires verification has no such key.
    """
    pool = passkeys.pool(
        factor="MULTI_FACTOR_WITH_USER_VERIFICATION", mfa={"MfaConfiguration": "OPTIONAL", **SOFTWARE_TOKEN}
    )
    user = passkeys.user(pool)
    credential = user.register(_UNVERIFIED)
    parameters = {"USERNAME": user.user.username, "PASSWORD": user.user.password}
    signed_in = initiate(pool, user.client, "USER_PASSWORD_AUTH", parameters)
    set_up_software_token(pool, user.user, signed_in, now=now, advance=movable)
    outcome = user.begin().answer(credential)
    observe(
        "a passkey that was registered unverified, used with verification",
        "stands for two factors" if outcome.has_tokens else "a second factor is asked for, or nothing comes of it",
    )


def _verified(outcome: Outcome) -> None:
    """Raises Finding where a verified passkey does not stand for both factors."""
    if not outcome.has_tokens:
        raise Finding(f"a verified passkey, which stands for both factors, brought {outcome.answer.described()}")


@check(
    "NP-09",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, RespondToAuthChallenge (WEB_AUTHN; SELECT_CHALLENGE with CREDENTIAL)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.not-within-select-challenge": "chosen and answered at once, did not sign in",
        "pool.passkeys.breaks-on-malformed-credentials": "no clean refusal of CREDENTIAL that is no JSON",
    },
)
def test_a_passkey_answers_web_authn(passkeys: Passkeys, observe: Observe) -> None:
    """WEB_AUTHN is answered with CREDENTIAL: when it was preferred, when it was chosen, and within SELECT_CHALLENGE.

    Clients do each of the three. What is malformed, or in another user's name, brings nothing.
    """
    pool = passkeys.pool()
    user, other = passkeys.user(pool), passkeys.user(pool)
    credential = user.register()
    other.register()
    with between_honest(lambda: user.sign_in(credential)):
        chosen = _chosen(user)
        chosen.answer(credential).must_yield_tokens("WEB_AUTHN, chosen in SELECT_CHALLENGE,")
        within = user.begin(None)
        if within.options is None:
            observe("SELECT_CHALLENGE", "comes without CREDENTIAL_REQUEST_OPTIONS, so it cannot be answered at once")
        else:
            assertion = within.assertion(credential)
            within.send(assertion, ANSWER=WEB_AUTHN).must_yield_tokens("WEB_AUTHN, chosen and answered at once,")
        user.asked().send_text("{").must_be_refused("CREDENTIAL that is no JSON")
        user.asked().send_text(Left.OUT).must_be_refused("WEB_AUTHN without CREDENTIAL")
        begun = user.asked()
        assertion = begun.assertion(credential)
        begun.send(assertion, username=other.user.username).must_be_refused("another user's USERNAME")
        user.asked().send(assertion).must_be_refused("another Session's assertion")


def _chosen(user: PasskeyUser) -> PasskeySignIn:
    """A sign-in in which WEB_AUTHN was chosen among those offered."""
    offered = user.begin(None)
    if offered.outcome.challenge_name != SELECT_CHALLENGE:
        raise Finding(f"without a preference, no SELECT_CHALLENGE: {offered.outcome.answer.described()}")
    outcome = offered.send_text(Left.OUT, ANSWER=WEB_AUTHN)
    if outcome.challenge_name != WEB_AUTHN:
        raise Finding(f"WEB_AUTHN, chosen in SELECT_CHALLENGE, brought {outcome.answer.described()}")
    return PasskeySignIn(user, outcome)


@check(
    "NP-10",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, managing user existence errors (USER_AUTH)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.imaginary-ones-come-and-go": "is offered one thing and then another"},
)
def test_what_an_unknown_name_is_offered_does_not_change(passkeys: Passkeys) -> None:
    """Where the pool hides which names exist, one unknown name is offered the same first factors each time.

    A known one is, so whoever asks twice tells them apart. Derive the choice from the name.
    """
    pool = passkeys.pool()
    client = passkeys.client(pool, reveals_unknown_users=False)
    known = passkeys.user(pool, client)
    known.register()
    for what, name in {"a known name": known.user.username, "an unknown name": pool.names.username()}.items():
        offered = {_offered(known, name) for _ in range(20)}
        if len(offered) > 1:
            raise Finding(f"{what} is offered one thing and then another")


def _offered(user: PasskeyUser, name: str) -> tuple[str, ...]:
    outcome = initiate(user.pool, user.client, "USER_AUTH", {"USERNAME": name})
    if outcome.challenge_name is None:
        raise Finding(f"USER_AUTH was answered by {outcome.answer.described()}")
    return tuple((outcome.answer.json or {}).get("AvailableChallenges") or ())


@check(
    "NP-11",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, RespondToAuthChallenge (Session); AuthSessionValidity",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.user-auth.answers-without-session": "an answer without its Session",
        "pool.sessions.any-client": "another client's Session",
        "pool.sessions.never-expire": "a Session that has expired",
    },
)
def test_every_answer_needs_its_session(passkeys: Passkeys, movable: Callable[[timedelta], None] | None) -> None:
    """A passkey answers with the Session of its own sign-in: not without one, not another user's or client's, not late.

    The Session holds the challenge. Without it, an assertion answers whatever was asked last.
    """
    pool = passkeys.pool()
    user, other = passkeys.user(pool), passkeys.user(pool)
    credential = user.register()
    other.register()
    second = passkeys.client(pool, which="second")
    with between_honest(lambda: user.sign_in(credential)):
        begun = user.asked()
        begun.send(begun.assertion(credential), session=Left.OUT).must_be_refused("an answer without its Session")
        foreign = other.asked()
        assertion = PasskeySignIn(user, foreign.outcome).assertion(credential)
        user.asked().send(assertion, session=foreign.outcome.session).must_be_refused("another user's Session")
        begun = user.asked()
        begun.send(begun.assertion(credential), client=second).must_be_refused("another client's Session")
        if movable is not None:
            begun = user.asked()
            movable(timedelta(minutes=16))
            begun.answer(credential).must_be_refused("a Session that has expired")


@check(
    "NP-12",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, DeleteWebAuthnCredential: ResourceNotFoundException; GetUserAuthFactors",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.unknown-ids-deleted": "an unknown credential id was accepted by DeleteWebAuthnCredential",
        "pool.passkeys.deletes-anybodys": "another user's credential id was accepted by DeleteWebAuthnCredential",
        "pool.passkeys.untold-factor": "GetUserAuthFactors does not name WEB_AUTHN",
    },
)
def test_what_is_not_the_users_is_not_found(passkeys: Passkeys) -> None:
    """What is not the user's is not found (ResourceNotFoundException), and GetUserAuthFactors names what is.

    Applications show by the one what went wrong, and by the other whether to offer a passkey.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    theirs = base64url.encode(other.register().id)
    mine = base64url.encode(one.register().id)
    told = pool.wire.call("GetUserAuthFactors", {"AccessToken": one.access_token})
    if WEB_AUTHN not in ((told.json or {}).get("ConfiguredUserAuthFactors") or []):
        raise Finding("GetUserAuthFactors does not name WEB_AUTHN for a user with a passkey")
    for what, id in {
        "an unknown credential id": base64url.encode(bytes(32)),
        "another user's credential id": theirs,
    }.items():
        must_not_be_taken(one.delete(id), what, with_error=("ResourceNotFoundException",))
    must_be_taken(one.delete(mine), "the deletion of the user's own passkey")
