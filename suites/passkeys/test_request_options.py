"""What a sign-in is begun with: WA-AOP-01 to WA-AOP-07."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.check import HIGH, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, W3C, check
from harness.fido2_moves import nobodys_options
from harness.findings import Finding, Inconclusive
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow, Holder

NEEDS = {"custom-auth", "fido2", "credential-api"}
MANY, SHORTEST = 32, 16
_MOST_CHALLENGES = 300


@check(
    "WA-AOP-01",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; FIDO GetOpt Req-1 P-1c, P-2",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.one-challenge": "the same challenge",
        "triggers.passkeys.short-challenges": "8 bytes",
    },
)
def test_every_sign_in_has_its_own_challenge(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """No two sign-ins have the same challenge, and each has sixteen bytes at least.

    A challenge that comes again accepts what was signed before. Draw it anew, at the server, each time.
    """
    registered = fido2_court.registered()
    challenges = [fido2.ask(registered.holder).options["challenge"] for _ in range(MANY)]
    if len(set(challenges)) < MANY:
        raise Finding(f"of {MANY} sign-ins {MANY - len(set(challenges))} had the same challenge as another")
    if (length := len(base64url.decode(challenges[0]))) < SHORTEST:
        raise Finding(f"the challenge has {length} bytes; {SHORTEST} is the least")


@check(
    "WA-AOP-02",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.2; GHSA-875x-g8p7-5w27",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.tells-who-has-passkeys": "an unknown user",
        "triggers.passkeys.imagines-ids-anew": "other ids",
    },
)
def test_unknown_users_are_shown_credentials_too(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A name without a user is shown options of the same form as a user with a passkey, and always the same ids.

    Else anybody learns who has an account. Derive ids for unknown names with a secret, or show none to anybody.
    """
    registered = fido2_court.registered()
    with_one, stranger = _shape(fido2, registered.holder), _stranger(fido2, registered.holder)
    unknown = _shape(fido2, stranger)
    if unknown != with_one:
        raise Finding(f"an unknown user is shown {unknown}, a user with a passkey {with_one}")
    if _ids(fido2, stranger) != _ids(fido2, stranger):
        raise Finding("an unknown user is shown other ids each time")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AOP-03",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.imagines-ids-with-a-public-salt": "can be worked out"},
)
def test_imaginary_credentials_cannot_be_recognised(
    fido2: Fido2Flow, fido2_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """The ids that an unknown user is shown cannot be worked out from what is public.

    Who can work them out tells them from real ones. Key the hash with a secret: an ARN, a pool's id are none.
    """
    registered = fido2_court.registered()
    stranger = _stranger(fido2, registered.holder)
    shown = {base64url.decode(id) for id in _ids(fido2, stranger)}
    if not shown:
        needing("fido2.allow-credentials")
    name, settings = stranger.user.username, fido2.triggers.settings
    public = {"", fido2.pool.user_pool_id, fido2.client.client_id, *settings.environment.values()}
    public |= {value for each in settings.environment_of.values() for value in each.values()}
    public = {
        fido2.triggers.stage.filled_in(each, "environment") if "{" in each else each
        for each in public
        if "{env:" not in each
    }
    secret = settings.environment.get("HASHING_SECRET")
    for salt, who in itertools.product(public - {secret}, (name, f"s|{name}", f"u|{name}", f"s|{stranger.sub}")):
        for text in (salt + who, who + salt, f"{salt}/{who}", f"{salt}:{who}"):
            if hashlib.sha256(text.encode()).digest() in shown:
                raise Finding("the credential id that an unknown user is shown can be worked out from public values")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AOP-04",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.7",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.tells-who-has-passkeys": "without a passkey"},
)
def test_nobody_is_told_who_has_a_passkey(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """A user without a passkey is shown options of the same form as one who has a passkey.

    Else an attacker finds the accounts that a stolen mailbox or a guessed password opens.
    """
    registered = fido2_court.registered()
    with_one, without = _shape(fido2, registered.holder), _shape(fido2, fido2.new_holder())
    if with_one != without:
        raise Finding(f"a user without a passkey is shown {without}, one who has a passkey {with_one}")
    fido2_court.twin_must_sign_in(registered)


@check(
    "WA-AOP-05",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.5; FIDO GetOpt P-1g",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.asks-for-no-verification": "discouraged"},
)
def test_options_say_what_is_enforced(fido2: Fido2Flow, fido2_court: Fido2Court) -> None:
    """Where a sign-in without user verification is refused, options ask for verification.

    An authenticator that was told not to bother does not verify, and its user is refused for it.
    """
    from harness.webauthn_cases.cases import flags
    from protocol.webauthn.authenticator_data import Flags

    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    wish = fido2.ask(registered.holder).options.get("userVerification", "preferred")
    taken = fido2_court.authenticate(registered, flags(off=int(Flags.UV))).accepted
    fido2_court.twin_must_sign_in(registered)
    if not taken and wish != "required":
        raise Finding(f"userVerification is {wish}, and a sign-in without it is refused")
    if taken and wish == "required":
        raise Finding("userVerification is required, and a sign-in without it is accepted")


@check(
    "WA-AOP-06",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.1.4 (conditional mediation); section 7.2 step 1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api"},
    killed_by={"triggers.passkeys.nobodys-challenge-names-credentials": "names credentials"},
)
def test_options_for_nobody_name_no_credentials(fido2: Fido2Flow) -> None:
    """Options for who has not said who they are name no credentials, and can be asked for again and again.

    A browser that fills passkeys in offers the user's own only where none are named; and while it waits, the
    challenge grows old, and the page needs another.
    """
    first, second = nobodys_options(fido2), nobodys_options(fido2)
    if first.get("allowCredentials"):
        raise Finding("the challenge for nobody in particular names credentials")
    if first["challenge"] == second["challenge"]:
        raise Finding("two challenges for nobody in particular are the same challenge")


@check(
    "WA-AOP-07",
    level=SHOULD,
    severity=LOW,
    clause="CWE-770; ASVS 5.0 2.4.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"challenge-api", "api-events"},
    killed_by={"triggers.passkeys.challenges-without-a-limit": "all answered"},
)
def test_an_address_gets_so_many_challenges(fido2: Fido2Flow) -> None:
    """An address that asks for hundreds of challenges is told to wait.

    The endpoint is public and writes a row each time. Count by address, there or in a firewall before it; in a
    firewall, waive this check.
    """
    call = fido2.spoken.challenge()
    if call is None:
        raise Inconclusive("the dialect has no challenge for nobody in particular")
    address = f"198.51.100.{1 + fido2.maker.user_handle()[0] % 250}"
    for _ in range(_MOST_CHALLENGES):
        answer = fido2.call(call, None, address=address)
        if answer.status in (403, 429):
            break
    else:
        raise Finding(f"{_MOST_CHALLENGES} requests for challenges from one address were all answered")
    nobodys_options(fido2, address="192.0.2.55")


def _shape(fido2: Fido2Flow, holder: Holder) -> str:
    """How many credentials are shown, and of which form."""
    shown: list[Any] = fido2.begin(holder)[1].get("allowCredentials") or []
    forms = sorted(f"an id of {len(each['id'])} characters and {sorted(each)}" for each in shown)
    return f"{len(shown)} credentials ({'; '.join(forms)})"


def _ids(fido2: Fido2Flow, holder: Holder) -> list[str]:
    return [each["id"] for each in fido2.begin(holder)[1].get("allowCredentials") or []]


def _stranger(fido2: Fido2Flow, like: Holder) -> Holder:
    return replace(like, user=replace(like.user, username=fido2.pool.names.username()), template=None)
