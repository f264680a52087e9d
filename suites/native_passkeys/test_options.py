"""What the pool asks an authenticator for: WA-OPT-01n to WA-OPT-16n."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import (
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
from harness.findings import Finding, Inconclusive
from harness.flows import initiate
from harness.passkeys import decoded
from harness.token_calls import must_not_be_taken
from harness.webauthn_cases.edits import EDDSA, ES256, RS256, Manner
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.passkeys import Passkeys, PasskeyUser

_SIGNABLE = {ES256: "ES256", RS256: "RS256", EDDSA: "EdDSA"}


@check(
    "WA-OPT-01n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; section 7.1 step 1; FIDO Req-1 P-3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.same-challenge": "challenges are the same"},
)
def test_challenges_are_fresh(holder: PasskeyUser) -> None:
    """No two registrations have the same challenge.

    A challenge that comes again takes a response that was recorded. Draw it anew each time.
    """
    challenges = [holder.start().options["challenge"] for _ in range(20)]
    if len(set(challenges)) < len(challenges):
        raise Finding(f"of {len(challenges)} registrations, some challenges are the same")


@check(
    "WA-OPT-02n",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.3; FIDO Req-1 P-1e; ASVS 6.7.2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.short-challenge": "a challenge has 8 bytes"},
)
def test_challenges_have_16_bytes(holder: PasskeyUser) -> None:
    """A challenge has 16 bytes and more.

    Shorter ones come again by chance, or can be collected. Draw 16 bytes at least.
    """
    length = len(decoded(holder.start().options["challenge"], "the challenge"))
    if length < 16:
        raise Finding(f"a challenge has {length} bytes")


@check(
    "WA-OPT-03n",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 13.4.3; section 15.1 (300 to 600 s)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.no-timeout": "do not say how long"},
)
def test_the_options_say_how_long_they_are_good(holder: PasskeyUser, observe: Observe) -> None:
    """The options say how long the user has.

    Without a timeout a browser chooses its own, and gives up before the pool does or long after. How long it is, is
    recorded: the standard recommends five to ten minutes, and only the service can change it.
    """
    timeout = holder.start().options.get("timeout")
    if not isinstance(timeout, int) or isinstance(timeout, bool) or timeout <= 0:
        raise Finding(f"the options do not say how long they are good: timeout is {timeout!r}")
    observe("timeout", f"{timeout / 1000:g} s")


@check(
    "WA-OPT-04n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.4.3 (user.id has 1 to 64 bytes)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.name-as-user-handle": "a user handle has 128 bytes"},
)
@cases("length", {"a short name": 12, "the longest name": 128})
def test_a_user_handle_has_up_to_64_bytes(passkeys: Passkeys, length: int) -> None:
    """The user handle has 1 to 64 bytes, however long the user's name is.

    With a longer one no authenticator makes a passkey, and users with long names have none. Do not make it of the
    name.
    """
    pool = passkeys.pool()
    name = pool.names.username().ljust(length, "x")[:128]
    handle = decoded(passkeys.user(pool, username=name).start().options["user"]["id"], "the user handle")
    if not 1 <= len(handle) <= 64:
        raise Finding(f"a user handle has {len(handle)} bytes")


@check(
    "WA-OPT-05n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.name-as-user-handle": "the user handle holds the user's name"},
)
def test_a_user_handle_says_nothing_of_the_user(passkeys: Passkeys) -> None:
    """The user handle holds neither the name nor the address of the user, nor a plain hash of them.

    Authenticators give it out to whoever asks for a passkey of the site, before the user has agreed to anything.
    Make it of random bytes.
    """
    pool = passkeys.pool()
    name = pool.names.username()
    user = passkeys.user(pool, username=name, email=f"{name}@example.org")
    handle = decoded(user.start().options["user"]["id"], "the user handle")
    for what, text in {"name": name, "address": f"{name}@example.org"}.items():
        raw = text.encode()
        hashes = [hashlib.new(kind, raw, usedforsecurity=False).digest() for kind in ("md5", "sha1", "sha256")]
        if raw in handle or text in base64url.encode(handle):
            raise Finding(f"the user handle holds the user's {what}")
        if any(hash in (handle, handle[: len(hash)]) or hash.hex().encode() in handle for hash in hashes):
            raise Finding(f"the user handle is a hash of the user's {what}")


@check(
    "WA-OPT-06n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.4.3 (user.id)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.fresh-handle-each-time": "a user has two user handles",
        "pool.passkeys.same-handle-for-everybody": "two users have one user handle",
    },
)
def test_a_user_handle_is_one_users(passkeys: Passkeys) -> None:
    """A user has one user handle, and nobody else has it.

    Authenticators keep one passkey a handle: with one for all, the second user on a device takes the first one's
    away; with a new one each time, the passkeys pile up. Keep it with the account.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    first = one.start().options["user"]["id"]
    one.register()
    if one.start().options["user"]["id"] != first:
        raise Finding("a user has two user handles")
    if other.start().options["user"]["id"] == first:
        raise Finding("two users have one user handle")


@check(
    "WA-OPT-07n",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.6; FIDO AttResp-1 P-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.excludes-nothing": "a passkey of the user is not excluded",
        "pool.passkeys.excludes-everybodys": "another user's passkey is excluded",
    },
)
def test_the_users_passkeys_are_excluded(passkeys: Passkeys) -> None:
    """ExcludeCredentials names the passkeys that the user has, and no others.

    Without them a user registers the same authenticator twice; with somebody else's, one user learns of another's,
    and cannot register on a shared device. List the user's own.
    """
    pool = passkeys.pool()
    one, other = passkeys.user(pool), passkeys.user(pool)
    mine = {base64url.encode(one.register().id) for _ in range(2)}
    others = base64url.encode(other.register().id)
    excluded = {each["id"] for each in one.start().options.get("excludeCredentials") or []}
    if not mine <= excluded:
        raise Finding("a passkey of the user is not excluded from registering again")
    if others in excluded:
        raise Finding("another user's passkey is excluded")


@check(
    "WA-OPT-08n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.4 (pubKeyCredParams); FIDO Req-1 P-1f",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.offers-what-it-cannot-verify": "RS1 (SHA-1) is offered"},
)
def test_what_is_offered_can_be_registered(holder: PasskeyUser, observe: Observe) -> None:
    """PubKeyCredParams names ES256 and algorithms that the pool then takes, each of type public-key.

    A user whose authenticator chooses another one is told that their passkey was made, and has none. Offer what is
    verified.
    """
    offered = holder.start().options["pubKeyCredParams"]
    if any(each.get("type") != "public-key" or not isinstance(each.get("alg"), int) for each in offered):
        raise Finding("an algorithm is offered without the type public-key, or is no number")
    algorithms = [each["alg"] for each in offered]
    observe("algorithms", ", ".join(map(str, algorithms)))
    if ES256 not in algorithms:
        raise Finding("ES256 is not offered, which every authenticator has")
    if -65535 in algorithms:
        raise Finding("RS1 (SHA-1) is offered")
    for algorithm in algorithms:
        if algorithm in _SIGNABLE:
            try:
                holder.register(Manner(algorithm=algorithm))
            except Inconclusive as refused:
                raise Finding(f"{_SIGNABLE[algorithm]} is offered, and cannot be registered: {refused}") from refused


@check(
    "WA-OPT-09n",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.4 (note on pubKeyCredParams)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.offers-no-eddsa": "EdDSA is not offered"},
)
def test_eddsa_and_rs256_are_offered(holder: PasskeyUser) -> None:
    """Beside ES256, EdDSA and RS256 are offered.

    Some authenticators have one of them only. The standard recommends the three. What a service offers, its users
    cannot change: know whom you leave out.
    """
    offered = {each.get("alg") for each in holder.start().options["pubKeyCredParams"]}
    for algorithm in (EDDSA, RS256):
        if algorithm not in offered:
            raise Finding(f"{_SIGNABLE[algorithm]} is not offered")


@check(
    "WA-OPT-11n",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.6; section 5.4.4",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.asks-for-no-verification": "a pool that says"},
)
@cases("wanted", {"required": "required", "preferred": "preferred"})
def test_the_options_ask_for_the_pools_user_verification(passkeys: Passkeys, wanted: str) -> None:
    """UserVerification in the options is what the pool is set to.

    A pool that requires what it does not ask for refuses users whose devices would have verified them. Write the
    setting into the options. WA-REG-16n shows that it is enforced.
    """
    options = passkeys.user(passkeys.pool(user_verification=wanted)).start().options
    asked = (options.get("authenticatorSelection") or {}).get("userVerification")
    if asked != wanted:
        raise Finding(f"a pool that says {wanted} asks for user verification {asked!r}")


@check(
    "WA-OPT-12n",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.4.7; FIDO Req-1 P-2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.asks-for-attestation": "attestation 'direct' is asked for"},
)
def test_no_attestation_is_asked_for(holder: PasskeyUser) -> None:
    """Attestation is not asked for, which no setting of a pool assesses.

    Browsers ask users whether the site may see their device's make, and some passkeys cannot be made with it. Ask
    for none.
    """
    asked = holder.start().options.get("attestation", "none")
    if asked != "none":
        raise Finding(f"attestation {asked!r} is asked for")


def no_token(user: PasskeyUser) -> str:
    """Something that never was a token."""
    del user
    return "not-a-token"


def an_id_token(user: PasskeyUser) -> str:
    """The id token of the same sign-in."""
    parameters = {"USERNAME": user.user.username, "PASSWORD": user.user.password}
    return initiate(user.pool, user.client, "USER_PASSWORD_AUTH", parameters).tokens.id


def a_forged_token(user: PasskeyUser) -> str:
    """The user's own access token with its signature changed."""
    head, payload, signature = user.access_token.split(".")
    return f"{head}.{payload}.{signature[::-1]}"


@check(
    "WA-OPT-14n",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, StartWebAuthnRegistration (AccessToken); ASVS 8.2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.tokens.id-token-taken-for-access": "an id token was accepted by StartWebAuthnRegistration",
        "pool.tokens.forged-access-token-taken": "a forged access token was accepted by StartWebAuthnRegistration",
    },
)
@cases(
    "token",
    {
        "no token": ("no token", no_token),
        "an id token": ("an id token", an_id_token),
        "a forged access token": ("a forged access token", a_forged_token),
    },
)
def test_only_an_access_token_starts_a_registration(
    holder: PasskeyUser, token: tuple[str, Callable[[PasskeyUser], str]]
) -> None:
    """A registration starts with an access token of the user, and with nothing else.

    Whoever registers a passkey in somebody's name can sign in as them from then on. Verify the token as every other
    operation of the user's does.
    """
    what, make = token
    holder.start()
    must_not_be_taken(holder.try_start(make(holder)), what)
    holder.start()


@check(
    "WA-OPT-15n",
    level=INFO,
    severity=NONE,
    clause="ASVS 7.5.1; catalogue WA-OPT-15 (a pool has no setting for it)",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys", "clock"},
    killed_by={"pool.passkeys.demands-a-fresh-sign-in": "50 minutes after the sign-in: refused"},
)
def test_how_fresh_a_sign_in_must_be_is_recorded(
    holder: PasskeyUser, observe: Observe, advance: Callable[[timedelta], None]
) -> None:
    """Whether an access token of 50 minutes still registers a passkey is recorded.

    ASVS asks for a recent sign-in before an authenticator is added. No pool has a setting for that: an application
    that wants it asks for the sign-in itself.
    """
    advance(timedelta(minutes=50))
    answer = holder.try_start()
    observe("50 minutes after the sign-in", "accepted" if answer.succeeded else f"refused: {answer.described()}")


@check(
    "WA-OPT-16n",
    level=INFO,
    severity=NONE,
    clause="robustness; catalogue WA-OPT-16",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.keeps-every-challenge": "of 8 that were started: 8"},
)
def test_how_many_registrations_wait_is_recorded(holder: PasskeyUser, observe: Observe) -> None:
    """How many of the registrations that a user has started can still be completed is recorded.

    Each that waits is something that the service has to keep, for anybody with an account. Keep few, or the latest.
    """
    completed = 0
    for started in [holder.start() for _ in range(8)]:
        credential = holder.new_credential(started)
        completed += holder.complete(holder.maker.registration(started.ceremony, credential, Manner())).succeeded
    observe("completed of 8 that were started", str(completed))
