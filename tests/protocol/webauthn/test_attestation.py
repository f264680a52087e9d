"""Each attestation statement format refuses what its verification procedure must, and takes the honest twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fakes.authenticator import Abilities, Authenticator, Builder, Change, Format, Layer
from fakes.authenticator.certificates import CertificatePlan, attestation_ca, subject
from fakes.authenticator.changes import append, flip, truncate, with_members, without
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.statements import android_key_description
from protocol.webauthn import der
from protocol.webauthn.attestation import AttestationType
from protocol.webauthn.attestation.android_key import KEY_DESCRIPTION_EXTENSION
from protocol.webauthn.attestation.apple import NONCE_EXTENSION
from protocol.webauthn.certificates import AAGUID_EXTENSION
from protocol.webauthn.errors import CeremonyRefused
from tests.authenticator.relying_party import NOW, ORIGIN, RelyingParty

STATEMENT, CERTIFICATE = Layer.STATEMENT, Layer.CERTIFICATE
OTHER_KEY = ec.derive_private_key(7, ec.SECP256R1()).public_key()
OTHER_CA = attestation_ca(Entropy("another CA"))
Alter = Callable[[Any], Any]


def _plan(**fields: Any) -> Alter:
    return lambda plan: replace(plan, **fields)


def _extension(oid: x509.ObjectIdentifier, value: bytes, *, critical: bool = False) -> Alter:
    """Puts an extension in the place of the one of the same OID."""

    def changed(plan: CertificatePlan) -> CertificatePlan:
        others = [each for each in plan.extensions if each[0].oid != oid]
        return replace(plan, extensions=[*others, (x509.UnrecognizedExtension(oid, value), critical)])

    return changed


def _without_extension(index: int) -> Alter:
    return lambda plan: replace(plan, extensions=[each for at, each in enumerate(plan.extensions) if at != index])


def _unnamed(oid: x509.ObjectIdentifier) -> Alter:
    return lambda plan: replace(plan, subject=x509.Name([each for each in plan.subject if each.oid != oid]))


def _described(**changes: Any) -> Alter:
    """An Android key description of the same challenge, otherwise changed."""

    def changed(plan: CertificatePlan) -> CertificatePlan:
        extension = plan.extensions[0][0]
        assert isinstance(extension, x509.UnrecognizedExtension)
        challenge = der.parse(extension.value).children()[4].octets()
        return _extension(KEY_DESCRIPTION_EXTENSION, android_key_description(challenge, **changes))(plan)  # type: ignore[no-any-return]  # an Alter of plans

    return changed


def _x5c(make: Callable[[list[bytes]], Any]) -> Alter:
    return lambda statement: {**statement, "x5c": make(statement["x5c"])}


def _said(**members: Any) -> Alter:
    """Other members of a SafetyNet response's payload; None takes one out."""
    return lambda jws: replace(jws, payload=_present({**jws.payload, **members}))


def _headed(**members: Any) -> Alter:
    return lambda jws: replace(jws, header=_present({**jws.header, **members}))


def _present(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _named(host: str) -> Alter:
    return _plan(extensions=[(x509.SubjectAlternativeName([x509.DNSName(host)]), False)])


def _spoilt(position: int) -> Alter:
    """One statement of a compound with another signature."""

    def changed(statements: list[Any]) -> list[Any]:
        spoilt = {**statements[position]["attStmt"], "sig": b"signature"}
        return [{**each, "attStmt": spoilt} if at == position else each for at, each in enumerate(statements)]

    return changed


def _of_nobody(statements: list[Any]) -> list[Any]:
    """The first statement, and the same with a chain that leads nowhere."""
    first = statements[0]["attStmt"]
    return [statements[0], {"fmt": "packed", "attStmt": {**first, "x5c": first["x5c"][:1]}}]


SIGNED: Mapping[str, tuple[Layer, Alter]] = {
    "a bit of the signature": (Layer.SIGNATURE, flip(-1)),
    "a signature over something else": (Layer.SIGNED, flip(50)),
    "an empty signature": (Layer.SIGNATURE, truncate(0)),
    "no sig": (STATEMENT, without("sig")),
    "sig as text": (STATEMENT, with_members(sig="signature")),
    "a member too many": (STATEMENT, with_members(more=1)),
    "a statement that is an array": (STATEMENT, lambda statement: [statement]),
}
WITH_ALG: Mapping[str, tuple[Layer, Alter]] = {
    "no alg": (STATEMENT, without("alg")),
    "alg as text": (STATEMENT, with_members(alg="ES256")),
    "another alg": (STATEMENT, with_members(alg=-257)),
}
WITH_PATH: Mapping[str, tuple[Layer, Alter]] = {
    "an empty x5c": (STATEMENT, _x5c(lambda path: [])),
    "x5c that is no array": (STATEMENT, _x5c(lambda path: path[0])),
    "a certificate cut off": (STATEMENT, _x5c(lambda path: [path[0][:-1], *path[1:]])),
    "bytes after a certificate": (STATEMENT, _x5c(lambda path: [path[0] + b"\0", *path[1:]])),
    "another certificate first": (STATEMENT, _x5c(lambda path: [OTHER_CA.root.certificate, *path[1:]])),
    "an unknown CA": (CERTIFICATE, _plan(issuer=OTHER_CA.intermediate)),
    "an expired certificate": (CERTIFICATE, _plan(not_after=NOW - timedelta(seconds=1))),
    "a certificate not yet valid": (CERTIFICATE, _plan(not_before=NOW + timedelta(seconds=1))),
}
END_ENTITY: Mapping[str, tuple[Layer, Alter]] = {
    "a CA's certificate": (CERTIFICATE, _plan(ca=True)),
    "no Basic Constraints": (CERTIFICATE, _plan(ca=None)),
    "a certificate of version 1": (CERTIFICATE, _plan(version=1)),
    "another AAGUID": (CERTIFICATE, _extension(AAGUID_EXTENSION, der.octet_string(b"x" * 16))),
    "an AAGUID wrapped once": (CERTIFICATE, _extension(AAGUID_EXTENSION, b"x" * 16)),
}
REFUSED: Mapping[Format, Mapping[str, tuple[Layer, Alter]]] = {
    Format.NONE: {
        "a member": (STATEMENT, with_members(x=1)),
        "an array": (STATEMENT, lambda statement: []),
    },
    Format.PACKED_SELF: {**SIGNED, **WITH_ALG},
    Format.PACKED: {
        **SIGNED,
        **WITH_ALG,
        **WITH_PATH,
        **END_ENTITY,
        "a critical AAGUID": (
            CERTIFICATE,
            lambda plan: replace(plan, extensions=[(extension, True) for extension, _ in plan.extensions]),
        ),
        "another unit": (CERTIFICATE, _plan(subject=subject("Software authenticator", "Authenticator attestation"))),
        **{
            f"no {oid._name}": (CERTIFICATE, _unnamed(oid))
            for oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        },
        "a path in another order": (STATEMENT, _x5c(lambda path: [path[0], OTHER_CA.root.certificate, path[1]])),
        "relabelled none": (Layer.ATTESTATION_OBJECT, with_members(fmt="none")),
    },
    Format.FIDO_U2F: {
        **SIGNED,
        **{name: case for name, case in WITH_PATH.items() if "first" not in name},
        "two certificates": (STATEMENT, _x5c(lambda path: path * 2)),
        "a certificate for another curve": (
            CERTIFICATE,
            _plan(public_key=ec.derive_private_key(7, ec.SECP384R1()).public_key()),
        ),
    },
    Format.TPM: {
        **SIGNED,
        **WITH_ALG,
        **WITH_PATH,
        **END_ENTITY,
        "another version": (STATEMENT, with_members(ver="1.2")),
        "another magic": (Layer.CERTIFY_INFO, flip(0)),
        "another type": (Layer.CERTIFY_INFO, flip(5)),
        "another extraData": (Layer.CERTIFY_INFO, flip(6 + 2 + 34 + 2)),
        "another name": (Layer.CERTIFY_INFO, flip(6 + 2 + 34 + 2 + 32 + 25 + 4)),
        "bytes after certInfo": (Layer.CERTIFY_INFO, append(b"\0")),
        "a public area of other attributes": (STATEMENT, lambda it: {**it, "pubArea": flip(5)(it["pubArea"])}),
        "another public key": (Layer.PUBLIC_AREA, flip(-1)),
        "a public area cut off": (Layer.PUBLIC_AREA, truncate(60)),
        "a subject": (CERTIFICATE, _plan(subject=subject("Software authenticator"))),
        "no Subject Alternative Name": (CERTIFICATE, _without_extension(0)),
        "no Extended Key Usage": (CERTIFICATE, _without_extension(1)),
    },
    Format.ANDROID_KEY: {
        **SIGNED,
        **WITH_ALG,
        **WITH_PATH,
        "a certificate for another key": (CERTIFICATE, _plan(public_key=OTHER_KEY)),
        "another challenge": (
            CERTIFICATE,
            _extension(KEY_DESCRIPTION_EXTENSION, android_key_description(b"x" * 32)),
        ),
        "no key description": (CERTIFICATE, _without_extension(0)),
        "a key description cut off": (CERTIFICATE, _extension(KEY_DESCRIPTION_EXTENSION, der.sequence(der.integer(1)))),
        "a key for all applications": (CERTIFICATE, _described(all_applications=True)),
        "an imported key": (CERTIFICATE, _described(origin=2)),
        "a key to encrypt with": (CERTIFICATE, _described(purposes=(2, 0))),
    },
    Format.ANDROID_SAFETYNET: {
        "no ver": (STATEMENT, without("ver")),
        "an empty ver": (STATEMENT, with_members(ver="")),
        "no response": (STATEMENT, without("response")),
        "an empty response": (STATEMENT, with_members(response=b"")),
        "a response of two parts": (STATEMENT, with_members(response=b"e30.e30")),
        "a response of no base64url": (STATEMENT, with_members(response=b"e30=.e30.")),
        "a response of no JSON": (STATEMENT, with_members(response=b"AAAA.e30.")),
        "a response of JSON that is no object": (STATEMENT, with_members(response=b"W10.e30.")),
        "a bit of the signature": (Layer.SIGNATURE, flip(-1)),
        "a nonce of something else": (Layer.SIGNED, flip(50)),
        "no nonce": (Layer.JWS, _said(nonce=None)),
        "ctsProfileMatch false": (Layer.JWS, _said(ctsProfileMatch=False)),
        "ctsProfileMatch 1": (Layer.JWS, _said(ctsProfileMatch=1)),
        "no timestampMs": (Layer.JWS, _said(timestampMs=None)),
        "timestampMs a text": (Layer.JWS, _said(timestampMs="0")),
        "timestampMs true": (Layer.JWS, _said(timestampMs=True)),
        "timestampMs beyond time": (Layer.JWS, _said(timestampMs=10**30)),
        "a statement of the future": (Layer.JWS, _said(timestampMs=_milliseconds(NOW + timedelta(seconds=1)))),
        "a statement of a minute ago": (Layer.JWS, _said(timestampMs=_milliseconds(NOW - timedelta(seconds=61)))),
        "another alg": (Layer.JWS, _headed(alg="none")),
        "no x5c": (Layer.JWS, _headed(x5c=None)),
        "an empty x5c": (Layer.JWS, _headed(x5c=[])),
        "x5c of no base64": (Layer.JWS, _headed(x5c=["-_"])),
        "a common name beside other names": (CERTIFICATE, _named("attest.example.com")),
        "another common name": (CERTIFICATE, _plan(extensions=[], subject=subject("attest.example.com"))),
        **{name: case for name, case in WITH_PATH.items() if case[0] is CERTIFICATE},
    },
    Format.COMPOUND: {
        "one statement": (STATEMENT, lambda statements: statements[:1]),
        "no statement": (STATEMENT, lambda statements: []),
        "a map": (STATEMENT, lambda statements: statements[0]),
        "a compound in it": (STATEMENT, lambda statements: [*statements, {"fmt": "compound", "attStmt": statements}]),
        "a statement of an unknown format": (STATEMENT, lambda it: [*it, {"fmt": "bogus", "attStmt": {}}]),
        "a statement whose fmt is no text": (STATEMENT, lambda it: [*it, {"fmt": 1, "attStmt": {}}]),
        "a statement with a member more": (STATEMENT, lambda it: [*it, {"fmt": "none", "attStmt": {}, "x": 1}]),
        "a statement without attStmt": (STATEMENT, lambda it: [*it, {"fmt": "none"}]),
        "a statement that is no map": (STATEMENT, lambda statements: [*statements, "packed"]),
        "a first one that does not verify": (STATEMENT, _spoilt(0)),
        "a second one that does not verify": (STATEMENT, _spoilt(1)),
        "a second one of nobody": (STATEMENT, _of_nobody),
    },
    Format.APPLE: {
        **WITH_PATH,
        "another nonce": (CERTIFICATE, _extension(NONCE_EXTENSION, der.sequence(der.explicit(1, b"\x04\x01x")))),
        "no nonce": (CERTIFICATE, _without_extension(0)),
        "a certificate for another key": (CERTIFICATE, _plan(public_key=OTHER_KEY)),
        "a nonce of something else": (Layer.SIGNED, flip(50)),
        "a signature, which the format has not": (STATEMENT, with_members(sig=b"x")),
    },
}
CASES = [
    pytest.param(format, Change(name, *case), id=f"{format.value}: {name}")
    for format, cases in REFUSED.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("format", "change"), CASES)
def test_a_statement_with_one_change_is_refused(format: Format, change: Change) -> None:
    authenticator = Authenticator("attestation", Abilities(attestation=format), clock=lambda: NOW)
    relying_party, builder = RelyingParty(authenticator.trust_anchor), Builder(authenticator)
    options = relying_party.creation_options()
    relying_party.register(builder.register(options, ORIGIN))
    with pytest.raises(CeremonyRefused) as refused:
        relying_party.register(builder.register(options, ORIGIN, change))
    assert refused.value.step in {"attestation-statement", "attestation-trust"}, str(refused.value)
    relying_party.register(builder.register(options, ORIGIN))


def test_a_safetynet_certificate_without_names_is_known_by_its_common_name() -> None:
    authenticator = Authenticator("name", Abilities(attestation=Format.ANDROID_SAFETYNET), clock=lambda: NOW)
    relying_party = RelyingParty(authenticator.trust_anchor)
    nameless = Change("no names", CERTIFICATE, _plan(extensions=[]))
    relying_party.register(Builder(authenticator).register(relying_party.creation_options(), ORIGIN, nameless))


def test_a_compound_says_what_each_of_its_statements_says() -> None:
    authenticator = Authenticator("compound", Abilities(attestation=Format.COMPOUND))
    relying_party = RelyingParty(authenticator.trust_anchor)
    made = relying_party.register(Builder(authenticator).register(relying_party.creation_options(), ORIGIN))
    assert [part.type for part in made.attestation.parts] == [AttestationType.UNCERTAIN, AttestationType.ATTESTATION_CA]
    assert all(part.trust_path for part in made.attestation.parts)


def test_a_root_at_the_end_of_the_path_is_no_fault() -> None:
    authenticator = Authenticator("root in path")
    relying_party = RelyingParty(authenticator.trust_anchor)
    with_root = Change("root in x5c", STATEMENT, _x5c(lambda path: [*path, authenticator.trust_anchor]))
    relying_party.register(Builder(authenticator).register(relying_party.creation_options(), ORIGIN, with_root))


def test_u2f_with_an_aaguid_is_no_fault() -> None:
    authenticator = Authenticator("u2f", Abilities(attestation=Format.FIDO_U2F))
    relying_party = RelyingParty(authenticator.trust_anchor)
    with_aaguid = Change(
        "an AAGUID",
        Layer.AUTHENTICATOR_DATA,
        lambda parts: replace(parts, attested=replace(parts.attested, aaguid=b"a" * 16)),
    )
    relying_party.register(Builder(authenticator).register(relying_party.creation_options(), ORIGIN, with_aaguid))
