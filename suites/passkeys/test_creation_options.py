"""What a registration is begun with: WA-OPT-01 to WA-OPT-16."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, W3C, check
from harness.fido2_flow import PLAIN
from harness.findings import Finding, Inconclusive
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url
from protocol.webauthn.algorithms import ALGORITHMS
from protocol.webauthn.authenticator_data import Flags
from protocol.webauthn.errors import WebAuthnError

if TYPE_CHECKING:
    from harness.fido2_flow import Fido2Flow, Holder
    from harness.fixtures import Observe
    from harness.stage import Tables

NEEDS = {"custom-auth", "fido2", "credential-api"}
MANY = 32
SHORTEST, SHORTEST_SECONDS, LONGEST_SECONDS = 16, 300, 600
_STARTS = 30


@check(
    "WA-OPT-01",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; section 7.1 step 1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.one-challenge": "the same challenge"},
)
def test_every_registration_has_its_own_challenge(fido2: Fido2Flow) -> None:
    """No two registrations have the same challenge.

    A challenge that comes again accepts what was signed before. Draw it anew, at the server, each time.
    """
    holder = fido2.new_holder()
    challenges = [fido2.start(holder).options["challenge"] for _ in range(MANY)]
    if len(set(challenges)) < MANY:
        raise Finding(f"of {MANY} registrations {MANY - len(set(challenges))} had the same challenge as another")


@check(
    "WA-OPT-02",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 13.4.3; FIDO Req-1 P-1e; ASVS 5.0 6.7.2",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.short-challenges": "8 bytes"},
)
def test_challenges_are_long_enough(fido2: Fido2Flow) -> None:
    """A challenge has sixteen bytes at least, in base64url.

    A short one can be met by chance, or collected in advance. Draw 32 random bytes.
    """
    challenge = fido2.start(fido2.new_holder()).options["challenge"]
    try:
        length = len(base64url.decode(challenge))
    except WebAuthnError as error:
        raise Finding(f"the challenge is no base64url: {error}") from error
    if length < SHORTEST:
        raise Finding(f"the challenge has {length} bytes; {SHORTEST} is the least")


@check(
    "WA-OPT-03",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 13.4.3; section 15.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.timeout-of-a-day": "86400 s"},
)
def test_registrations_have_five_to_ten_minutes(fido2: Fido2Flow) -> None:
    """Options say that there are five to ten minutes.

    Less locks out who needs longer with an authenticator (WCAG 2.2.1), more keeps challenges open for nothing.
    """
    timeout = fido2.start(fido2.new_holder()).options.get("timeout")
    if not isinstance(timeout, int | float) or not SHORTEST_SECONDS <= timeout / 1000 <= LONGEST_SECONDS:
        said = f"{timeout / 1000:.0f} s" if isinstance(timeout, int | float) else repr(timeout)
        raise Finding(f"the timeout is {said}; {SHORTEST_SECONDS} to {LONGEST_SECONDS} s are recommended")


@check(
    "WA-OPT-04",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.4.3; section 14.6.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.names-in-user-handles": "130 bytes"},
)
def test_user_handles_have_64_bytes_at_most(fido2: Fido2Flow) -> None:
    """A user handle has 1 to 64 bytes, however long the user's name is.

    A browser refuses to begin with a longer one: those users can never have a passkey. Make handles of random bytes.
    """
    for holder in (fido2.new_holder(), fido2.new_holder(username=fido2.pool.names.username().ljust(128, "u"))):
        handle = _handle(fido2, holder)
        if not 1 <= len(handle) <= 64:
            raise Finding(f"the user handle has {len(handle)} bytes; 1 to 64 are allowed")


@check(
    "WA-OPT-05",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 14.6.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.names-in-user-handles": "holds the user's name",
        "triggers.passkeys.hashed-addresses-in-user-handles": "the SHA-256 of the user's e-mail address",
    },
)
def test_user_handles_say_nothing_about_the_user(fido2: Fido2Flow) -> None:
    """A user handle holds neither name nor address, and no hash of them alone.

    An authenticator shows it to whoever holds the key, also without asking who that is. Make it of random bytes.
    """
    holder = fido2.new_holder()
    handle, email = _handle(fido2, holder), holder.user.email or ""
    personal = {"name": holder.user.username, "e-mail address": email, "number": holder.user.phone_number or email}
    for what, value in personal.items():
        if value.encode() in handle or value.split("@")[0].encode() in handle:
            raise Finding(f"the user handle holds the user's {what}")
        for name in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(name, value.encode(), usedforsecurity=False)
            if digest.digest()[:16] in handle or digest.hexdigest()[:32].encode() in handle.lower():
                shown = {"sha256": "SHA-256", "sha1": "SHA-1", "sha512": "SHA-512", "md5": "MD5"}[name]
                raise Finding(f"the user handle is the {shown} of the user's {what}")


@check(
    "WA-OPT-06",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.4.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.one-user-handle": "two users",
        "triggers.passkeys.a-user-handle-each-time": "another user handle",
    },
)
def test_each_account_has_one_user_handle(fido2: Fido2Flow) -> None:
    """Two users have two user handles, and one user has always the same one.

    An authenticator keeps one discoverable credential a handle: with one for all a second user's passkey replaces the
    first one's, and with many the user's own pile up.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    first, again, his = _handle(fido2, alice), _handle(fido2, alice), _handle(fido2, bob)
    if first == his:
        raise Finding("two users have the same user handle")
    if first != again:
        raise Finding("a user's second registration has another user handle than the first")


@check(
    "WA-OPT-07",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 13.4.6; FIDO AttResp-1 P-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.excludes-nothing": "does not list"},
)
def test_a_registration_excludes_the_users_credentials(fido2: Fido2Flow) -> None:
    """ExcludeCredentials lists every passkey that the user has, and nobody else's.

    Without it one authenticator is registered twice, and the user believes to have a spare one.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    hers = {base64url.encode(fido2.register(alice).id) for _ in range(2)}
    his = base64url.encode(fido2.register(bob).id)
    excluded = {each.get("id") for each in fido2.start(alice).options.get("excludeCredentials") or []}
    if not hers <= excluded:
        raise Finding("excludeCredentials does not list every credential of the user's")
    if his in excluded:
        raise Finding("excludeCredentials lists another user's credential")


@check(
    "WA-OPT-08",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.4; FIDO Req-1 P-1f",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.offers-no-es256": "ES256"},
)
def test_options_name_algorithms_that_can_be_verified(fido2: Fido2Flow, observe: Observe) -> None:
    """PubKeyCredParams names ES256, and should name RS256; every entry is of type public-key with a number.

    ES256 is what nearly every authenticator has, RS256 what many computers' TPMs have.
    """
    parameters = fido2.start(fido2.new_holder()).options.get("pubKeyCredParams")
    if not isinstance(parameters, list) or not parameters:
        raise Finding("pubKeyCredParams is missing or empty")
    for each in parameters:
        if each.get("type") != "public-key" or type(each.get("alg")) is not int:
            raise Finding(f"pubKeyCredParams has an entry {each!r:.80}")
    offered = [each["alg"] for each in parameters]
    if -7 not in offered:
        raise Finding("pubKeyCredParams does not name ES256 (-7)")
    observe("RS256", "offered" if -257 in offered else "not offered")
    observe("others", ", ".join(str(each) for each in offered if each not in ALGORITHMS) or "none")


@check(
    "WA-OPT-09",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.4 (pubKeyCredParams, note)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.offers-no-eddsa": "EdDSA"},
)
def test_options_name_eddsa(fido2: Fido2Flow) -> None:
    """PubKeyCredParams names EdDSA (-8) too.

    The standard recommends it beside ES256 and RS256, so that no authenticator is left out.
    """
    parameters = fido2.start(fido2.new_holder()).options["pubKeyCredParams"]
    if -8 not in [each.get("alg") for each in parameters]:
        raise Finding("pubKeyCredParams does not name EdDSA (-8)")


@check(
    "WA-OPT-10",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.1.3; section 13.4.9",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.options-for-any-rp-id": "evil.example"},
)
def test_registrations_are_for_the_services_rp_ids(fido2: Fido2Flow) -> None:
    """Options are given for the service's own RP IDs only.

    Whose RP ID it is decides which sites may use the credential. Compare with the list, and refuse the rest.
    """
    holder, own = fido2.new_holder(), fido2.relying_party.id
    if fido2.start(holder).options["rp"]["id"] != own:
        raise Finding(f"options that were asked for {own} have another RP ID")
    others = ("evil.example", f"{own}.evil.example", own.upper(), fido2.relying_party.top_domain, "")
    for rp_id in (*others, f"{own},evil.example"):
        answer = fido2.try_start(holder, rp_id)
        if answer.succeeded:
            raise Finding(f"a registration was begun for the RP ID {rp_id!r}")
        if not answer.is_clean_refusal:
            raise Finding(f"no clean refusal of the RP ID {rp_id!r}: {answer.described()}")
    fido2.start(holder)


@check(
    "WA-OPT-11",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.6",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.asks-for-no-verification": "discouraged"},
)
def test_options_say_what_is_enforced(fido2: Fido2Flow) -> None:
    """Where a registration without user verification is refused, options ask for verification.

    An authenticator that was told not to bother does not verify, and its user is refused for it.
    """
    holder = fido2.new_holder()
    wish = (fido2.start(holder).options.get("authenticatorSelection") or {}).get("userVerification", "preferred")
    fido2.register(holder)
    started = fido2.start(holder)
    manner = Manner(flags=int(Flags.UP))
    credential = fido2.maker.credential(started.ceremony, manner)
    taken = fido2.complete(holder, fido2.maker.registration(started.ceremony, credential, manner)).succeeded
    if not taken and wish != "required":
        raise Finding(f"userVerification is {wish}, and a registration without it is refused")
    if taken and wish == "required":
        raise Finding("userVerification is required, and a registration without it is accepted")


@check(
    "WA-OPT-12",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.4.7; FIDO Req-1 P-2",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.asks-for-attestation": "no such format"},
)
def test_attestation_that_is_asked_for_matters(fido2: Fido2Flow) -> None:
    """Who asks for attestation refuses a registration without it.

    Asking costs the user a question by the browser, and some authenticators their privacy. Ask for none unless policy
    looks at it.
    """
    holder = fido2.new_holder()
    wish = fido2.start(holder).options.get("attestation", "none")
    if wish not in ("none", "indirect", "direct", "enterprise"):
        raise Finding(f"attestation is {wish!r:.40}")
    started = fido2.start(holder)
    credential = fido2.maker.credential(started.ceremony, PLAIN)
    taken = fido2.complete(holder, fido2.maker.registration(started.ceremony, credential, PLAIN)).succeeded
    if taken and wish in ("direct", "enterprise"):
        raise Finding(f"attestation is asked for ({wish}), and no such format is demanded: none is accepted")
    if not taken and wish == "none":
        raise Inconclusive("an honest registration was refused")


@check(
    "WA-OPT-13",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.4.4",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.contradicts-itself-about-resident-keys": "requireResidentKey"},
)
def test_resident_keys_are_wished_for_without_contradiction(fido2: Fido2Flow) -> None:
    """RequireResidentKey is true exactly when residentKey is `required`.

    Older browsers read the one, newer ones the other: they would make different credentials.
    """
    selection = fido2.start(fido2.new_holder()).options.get("authenticatorSelection") or {}
    required = selection.get("requireResidentKey") is True
    if "residentKey" in selection and required != (selection["residentKey"] == "required"):
        raise Finding(f"residentKey is {selection['residentKey']!r} and requireResidentKey {required}")


@check(
    "WA-OPT-14",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 8.2.2, 8.3.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-access-tokens": "an access token",
        "triggers.passkeys.takes-the-user-from-the-request": "the sub in the query",
    },
)
def test_only_the_token_says_who_registers(fido2: Fido2Flow) -> None:
    """A registration is begun for the user of the verified ID token, whatever else the request says.

    A sub that is read from query or body adds an attacker's passkey to anybody's account.
    """
    alice, bob = fido2.new_holder(), fido2.new_holder()
    access = {**alice.claims, "username": alice.user.username, "token_use": "access"}
    for what, claims in {"an access token": access, "no claims": {}}.items():
        if fido2.try_start(alice, claims=claims).succeeded:
            raise Finding(f"a registration was begun with {what}")
    his = fido2.start(bob).options["user"]["id"]
    call = fido2.spoken.start(fido2.relying_party.id)
    forged = replace(call, query={**call.query, "sub": bob.sub}, body={"sub": bob.sub, "userId": his})
    answer = fido2.call(forged, alice)
    options = fido2.spoken.creation_options(answer.json) if answer.succeeded else None
    if options is not None and options["user"]["id"] == his:
        raise Finding("a registration was begun for the user of the sub in the query")
    fido2.start(alice)


@check(
    "WA-OPT-15",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 7.5.1",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"api-events"},
    killed_by={"triggers.passkeys.adds-after-any-sign-in": "twelve hours"},
)
def test_adding_a_passkey_needs_a_fresh_sign_in(fido2: Fido2Flow) -> None:
    """Who signed in twelve hours ago signs in again before a passkey is added.

    A session that was left open, or stolen, becomes a key for good. Look at auth_time.
    """
    holder = fido2.new_holder()
    fido2.start(holder)
    long_ago = str(int((fido2.target.now() - timedelta(hours=12)).timestamp()))
    if fido2.try_start(holder, claims={**holder.claims, "auth_time": long_ago}).succeeded:
        raise Finding("a registration was begun with a sign-in of twelve hours ago")
    fido2.start(holder)


@check(
    "WA-OPT-16",
    level=SHOULD,
    severity=LOW,
    clause="CWE-770",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS | {"store"},
    killed_by={"triggers.passkeys.keeps-every-challenge": "rows"},
)
def test_registrations_that_are_begun_do_not_pile_up(fido2: Fido2Flow, store: Tables) -> None:
    """A user who begins one registration after the other is slowed down, or leaves no row for each.

    Else one account fills the table, at the service's cost. Keep the newest only, or limit how many are open.
    """
    holder = fido2.new_holder()
    fido2.start(holder)
    before = sum(len(store.scan(name)) for name in store.names)
    answers = [fido2.try_start(holder) for _ in range(_STARTS)]
    grown = sum(len(store.scan(name)) for name in store.names) - before
    if all(answer.succeeded for answer in answers) and grown >= _STARTS:
        raise Finding(f"{_STARTS} registrations that one user began left {grown} rows")


def _handle(fido2: Fido2Flow, holder: Holder) -> bytes:
    return fido2.start(holder).ceremony.user_handle
