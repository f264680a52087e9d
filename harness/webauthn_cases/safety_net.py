"""Changes of android-safetynet attestation statements (WebAuthn L3 section 8.5; FIDO AttResp-B)."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from harness.sign_in import Left
from harness.webauthn_cases.attestation import (
    by,
    certificate,
    flipped,
    plan,
    statement,
    statement_members,
    strangers_root,
    with_another_issuer,
)
from harness.webauthn_cases.cases import Case, bad, good, recorded, signature
from harness.webauthn_cases.edits import ES256, RS256, Edit, Edits, at, together
from protocol.webauthn import base64url

SAFETY_NET = by("android-safetynet")
OF_RS256 = by("android-safetynet", RS256)
TRUSTED = by("android-safetynet", ES256, "trust-anchors")

_MILLISECONDS = 90_000
"""Half a minute more than FIDO's tests allow."""


def members() -> list[Case]:
    """Ver and response are there, of their types."""
    return [
        good("ver and response", (), SAFETY_NET),
        bad("an empty map", statement(lambda made: {}), SAFETY_NET),
        bad("ver left out", statement_members(ver=Left.OUT), SAFETY_NET),
        bad("ver a number", statement_members(ver=240913000), SAFETY_NET),
        bad("response left out", statement_members(response=Left.OUT), SAFETY_NET),
        bad("response empty", statement_members(response=b""), SAFETY_NET),
        bad("response a number", statement_members(response=1), SAFETY_NET),
    ]


def responses() -> list[Case]:
    """The service signed this ceremony's nonce."""
    return [
        good("a SafetyNet statement", (), SAFETY_NET),
        good("a SafetyNet statement for RS256", (), OF_RS256),
        bad("response without its signature", statement(_without_signature), SAFETY_NET),
        bad("one bit of the signature", signature(lambda made: flipped(made, 20)), SAFETY_NET),
        bad("a payload that was changed after it was signed", statement(_with_another_package), SAFETY_NET),
        bad("alg none and no signature", together(header(alg="none"), signature(lambda made: b"")), SAFETY_NET),
        bad("the credential's signature for the service's", _signed_by_the_credential(), OF_RS256),
        bad("a nonce over another client data hash", at("SIGNED", lambda made: made[:-32] + bytes(32)), SAFETY_NET),
        bad("a nonce over other authenticator data", at("SIGNED", lambda made: bytes(32) + made[32:]), SAFETY_NET),
        bad("a nonce of nothing", payload(nonce=base64.b64encode(bytes(32)).decode()), SAFETY_NET),
        bad("an empty nonce", payload(nonce=""), SAFETY_NET),
        bad("no nonce", payload(nonce=Left.OUT), SAFETY_NET),
        bad("x5c empty", header(x5c=[]), SAFETY_NET),
        bad("x5c left out", header(x5c=Left.OUT), SAFETY_NET),
        bad("a certificate for another host", _for_another_host(), SAFETY_NET),
    ]


def chains() -> list[Case]:
    """The certificate is the service's, and valid."""
    past, future = datetime(2021, 1, 1, tzinfo=UTC), datetime(2069, 1, 1, tzinfo=UTC)
    strangers = replace(TRUSTED, expected={"roots": lambda new: [strangers_root()]})
    return [
        good("a chain that is valid", (), TRUSTED),
        bad("a certificate of another's making", with_another_issuer(), TRUSTED),
        bad("a root that is not trusted", (), TRUSTED).told_otherwise(strangers),
        bad("an expired certificate", certificate(not_after=past), TRUSTED),
        bad("a certificate that is not yet valid", certificate(not_before=future), TRUSTED),
    ]


def policies() -> list[Case]:
    """What FIDO's tests want refused, and the W3C's standard leaves to the service's documentation."""
    return [
        recorded("ver empty", statement_members(ver=""), SAFETY_NET),
        recorded("ctsProfileMatch false", payload(ctsProfileMatch=False), SAFETY_NET),
        recorded("no ctsProfileMatch", payload(ctsProfileMatch=Left.OUT), SAFETY_NET),
        recorded("neither ctsProfileMatch nor basicIntegrity", _of_a_rooted_device(), SAFETY_NET),
        recorded("timestampMs in a minute and a half", _made_at(_MILLISECONDS), SAFETY_NET),
        recorded("timestampMs a minute and a half ago", _made_at(-_MILLISECONDS), SAFETY_NET),
        recorded("timestampMs a year ago", _made_at(-365 * 86_400_000), SAFETY_NET),
        recorded("no timestampMs", payload(timestampMs=Left.OUT), SAFETY_NET),
    ]


def payload(**members: Any) -> Edits:
    """Other members of what the service says; `Left.OUT` takes one out."""
    return at("JWS", lambda made: replace(made, payload=_kept({**made.payload, **members})))


def header(**members: Any) -> Edits:
    """Other members of the JWS header; `Left.OUT` takes one out."""
    return at("JWS", lambda made: replace(made, header=_kept({**made.header, **members})))


def _kept(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not Left.OUT}


def _of_a_rooted_device() -> Edits:
    return payload(ctsProfileMatch=False, basicIntegrity=False)


def _made_at(offset: int) -> Edits:
    """At another time than now, by so many milliseconds."""
    return at(
        "JWS",
        lambda made: replace(made, payload={**made.payload, "timestampMs": made.payload["timestampMs"] + offset}),
    )


def _signed_by_the_credential() -> Edits:
    return (Edit("SIGNATURE", lambda made, seen: seen["CREDENTIAL_KEY"].sign(seen["JWS"].signing_input)),)


def _without_signature(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "response": made["response"].rpartition(b".")[0] + b"."}


def _with_another_package(made: dict[str, Any]) -> dict[str, Any]:
    head, body, tail = made["response"].split(b".")
    changed = base64url.decode(body.decode()).replace(b"com.google.android.gms", b"com.example.malware...")
    return {**made, "response": b".".join([head, base64url.encode(changed).encode(), tail])}


def _for_another_host() -> Edits:
    def change(made: Any) -> Any:
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        host = "attest.example.com"
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        return replace(made, subject=subject, extensions=[(names, False)])

    return plan(change)
