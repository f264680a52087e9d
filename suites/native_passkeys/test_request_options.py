"""What the pool asks an authenticator for at a sign-in: WA-AOP-01n to WA-AOP-05n."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.check import (
    CRITICAL,
    INFO,
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
from harness.passkeys import WEB_AUTHN, PasskeySignIn, decoded
from harness.webauthn_cases.client_data import RP_ID
from harness.webauthn_cases.edits import EDDSA, ES256, RS256

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.passkeys import Passkeys, PasskeyUser

_SIGNABLE = {ES256: "ES256", RS256: "RS256", EDDSA: "EdDSA"}


def asked_options(user: PasskeyUser) -> dict[str, Any]:
    """CREDENTIAL_REQUEST_OPTIONS of a new sign-in. Raises Finding."""
    options = user.asked().options
    if not isinstance(options, dict):
        raise Finding("WEB_AUTHN comes without CREDENTIAL_REQUEST_OPTIONS")
    return options


@check(
    "WA-AOP-01n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; FIDO GetOpt Req-1 P-1c, P-2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.same-challenge": "challenges are the same",
        "pool.passkeys.short-challenge": "a challenge has 8 bytes",
    },
)
def test_challenges_of_sign_ins_are_fresh(holder: PasskeyUser) -> None:
    """Each sign-in has a challenge of its own, of 16 bytes and more.

    A challenge that comes again takes an assertion that was recorded. Draw it anew each time.
    """
    holder.register()
    challenges = [decoded(asked_options(holder)["challenge"], "the challenge") for _ in range(20)]
    if len(set(challenges)) < len(challenges):
        raise Finding("two sign-ins' challenges are the same")
    if len(challenges[0]) < 16:
        raise Finding(f"a challenge has {len(challenges[0])} bytes")


@check(
    "WA-AOP-02n",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.2; section 14.6.3; GHSA-875x-g8p7-5w27",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.simulated-ids-change": "has other passkeys each time",
        "pool.passkeys.simulated-ids-shorter": "ids of another length",
        "pool.passkeys.simulates-nothing": "has no passkey",
    },
)
def test_an_unknown_name_has_plausible_passkeys(passkeys: Passkeys) -> None:
    """Where the pool hides which names exist, an unknown one that is asked for a passkey has the same ones each time.

    Names whose passkeys change, are missing or look different are known not to exist, for everybody who asks. Derive
    imaginary ones from the name and a secret.
    """
    pool = passkeys.pool()
    client = passkeys.client(pool, reveals_unknown_users=False)
    known = passkeys.user(pool, client)
    known.register()
    real = _allowed(asked_options(known))
    asked = 0
    for _ in range(6):
        name = pool.names.username()
        seen = [_imaginary(known, name) for _ in range(3)]
        if any(each is None for each in seen):
            if any(each is not None for each in seen):
                raise Finding("an unknown name is asked for a passkey now and then")
            continue
        asked += 1
        if not seen[0]:
            raise Finding("an unknown name that is asked for a passkey has no passkey")
        if any(each != seen[0] for each in seen):
            raise Finding("an unknown name has other passkeys each time")
        if _lengths(real) != _lengths(seen[0]):
            raise Finding("an unknown name's passkeys have ids of another length than a user's")
        if {tuple(sorted(one)) for one in real} != {tuple(sorted(one)) for one in seen[0] or []}:
            raise Finding("an unknown name's passkeys have other members than a user's")
    if not asked:
        raise Inconclusive("no unknown name was asked for a passkey, so there was nothing to compare")


def _allowed(options: dict[str, Any]) -> list[dict[str, Any]]:
    return list(options.get("allowCredentials") or [])


def _lengths(credentials: list[dict[str, Any]]) -> set[int]:
    return {len(decoded(one.get("id"), "a credential id")) for one in credentials}


def _imaginary(known: PasskeyUser, name: str) -> list[dict[str, Any]] | None:
    """The passkeys that an unknown name is asked for; None where it is asked for something else."""
    parameters = {"USERNAME": name, "PREFERRED_CHALLENGE": WEB_AUTHN}
    outcome = initiate(known.pool, known.client, "USER_AUTH", parameters)
    if outcome.challenge_name is None:
        raise Finding(f"an unknown name is told: {outcome.answer.described()}")
    options = PasskeySignIn(known, outcome).options if outcome.challenge_name == WEB_AUTHN else None
    return None if options is None else _allowed(options)


@check(
    "WA-AOP-04n",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 section 13.4.7; catalogue WA-AOP-04",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.user-auth.offers-what-is-not-configured": "a user of a pool with passwords only: EMAIL_OTP"},
)
def test_what_tells_who_has_a_passkey_is_recorded(passkeys: Passkeys, observe: Observe) -> None:
    """What AvailableChallenges says of users with a passkey, without one, and of nobody, is recorded.

    USER_AUTH offers what a user has, so whoever knows a name learns whether it has a passkey. That is the service's
    design: an application that must not tell begins another flow.
    """
    pool = passkeys.pool()
    client = passkeys.client(pool, reveals_unknown_users=False)
    with_one, without = passkeys.user(pool, client), passkeys.user(pool, client)
    with_one.register()
    plain = passkeys.arrangements.pool()
    for what, user in {
        "a user with a passkey": with_one,
        "a user without": without,
        "a user of a pool with passwords only": passkeys.user(plain, email="someone@example.org"),
    }.items():
        offered = (user.begin(None).outcome.answer.json or {}).get("AvailableChallenges") or []
        observe(what, ", ".join(sorted(offered)))


@check(
    "WA-AOP-05n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.5 (userVerification); FIDO GetOpt P-1g",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.asks-for-no-verification": "a pool that says"},
)
@cases("wanted", {"required": "required", "preferred": "preferred"})
def test_the_request_asks_for_the_pools_user_verification(passkeys: Passkeys, wanted: str) -> None:
    """UserVerification in the request options is what the pool is set to, and the RP ID is the pool's.

    A pool that requires what it does not ask for locks its users out. Write the setting into the options.
    """
    user = passkeys.user(passkeys.pool(user_verification=wanted))
    user.register()
    options = asked_options(user)
    if options.get("userVerification") != wanted:
        raise Finding(f"a pool that says {wanted} asks for user verification {options.get('userVerification')!r}")
    if options.get("rpId") != RP_ID:
        raise Finding(f"a pool for {RP_ID} asks for a passkey of {options.get('rpId')!r}")
