"""Changes of attestation statements and their certificates (WebAuthn L3 section 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from harness.sign_in import Left
from harness.webauthn_cases.cases import Case, Setting, bad, good, recorded, signature
from harness.webauthn_cases.edits import (
    ED448,
    EDDSA,
    ES256,
    ES384,
    ES512,
    RS256,
    Edit,
    Edits,
    Manner,
    Seen,
    at,
    together,
)
from protocol.webauthn import base64url

_ALGORITHMS = {"ES256": ES256, "RS256": RS256, "EdDSA": EDDSA, "ES384": ES384, "ES512": ES512, "Ed448": ED448}
_NEEDS = {"packed-self": "packed"}


def by(format: str, algorithm: int = ES256, *needs: str) -> Setting:
    """A registration that is attested in a format."""
    need = () if format == "none" else (_NEEDS.get(format, format),)
    return Setting(manner=Manner(format=format, algorithm=algorithm), needs=(*need, *needs))


NONE, SELF, PACKED, U2F = by("none"), by("packed-self"), by("packed"), by("fido-u2f")
TPM, ANDROID, APPLE = by("tpm"), by("android-key"), by("apple")
TRUSTED = by("packed", ES256, "trust-anchors")


def none() -> list[Case]:
    """The statement of the format none is the empty map (section 8.7)."""
    return [
        good("an empty map"),
        bad("a map with a member", statement(lambda made: {"x": 1})),
        bad("an array", statement(lambda made: [])),
        bad("alg and sig", statement(lambda made: {"alg": ES256, "sig": bytes(70)})),
        bad(
            "a packed statement under the name none",
            at("ATTESTATION_OBJECT", lambda made: {**made, "fmt": "none"}),
            SELF,
        ),
    ]


def none_where_it_is_refused() -> list[Case]:
    """A policy that demands attestation (step 24)."""
    demanding = replace(NONE, expected={"formats": ["packed", "tpm"]}, options={"attestation": "direct"})
    return [
        good("no attestation where it is accepted"),
        bad("no attestation where it is demanded", ()).told_otherwise(demanding),
    ]


def packed_self() -> list[Case]:
    """The signature is the credential's own (section 8.2)."""
    return [
        *(
            good(f"self attestation in {name}", (), by("packed-self", algorithm))
            for name, algorithm in _ALGORITHMS.items()
        ),
        *_wrong_signatures(SELF),
    ]


def packed_self_algorithms() -> list[Case]:
    """Alg of a self attestation is the credential's."""
    return [
        good("alg of the credential", (), SELF),
        *(bad(f"alg {alg}", statement_members(alg=alg), SELF) for alg in (RS256, EDDSA, ES384, -65535, 0)),
    ]


def packed_members() -> list[Case]:
    """Alg and sig are there, of their types (FIDO AttResp-3 F-13 to F-19)."""
    return [
        case
        for name, setting in (("self", SELF), ("certified", PACKED))
        for case in (
            good(f"{name}: alg and sig", (), setting),
            bad(f"{name}: an empty map", statement(lambda made: {}), setting),
            bad(f"{name}: alg left out", statement_members(alg=Left.OUT), setting),
            bad(f"{name}: alg a text", statement_members(alg="ES256"), setting),
            bad(f"{name}: sig left out", statement_members(sig=Left.OUT), setting),
            bad(f"{name}: sig empty", statement_members(sig=b""), setting),
            bad(f"{name}: sig a text", statement_members(sig="signature"), setting),
            bad(f"{name}: an array", statement(lambda made: [made]), setting),
        )
    ]


def packed_certified() -> list[Case]:
    """The signature is that of the certificate's key (section 8.2)."""
    return [
        *(
            good(f"certified, a credential in {name}", (), by("packed", algorithm))
            for name, algorithm in _ALGORITHMS.items()
        ),
        *_wrong_signatures(PACKED),
        bad("the credential's signature for the certificate's", _signed_by_the_credential(), PACKED),
        bad("x5c empty", statement_members(x5c=[]), PACKED),
        bad("x5c no array", statement(lambda made: {**made, "x5c": made["x5c"][0]}), PACKED),
        bad("x5c of a text", statement_members(x5c=["certificate"]), PACKED),
        bad("x5c of no certificate", statement_members(x5c=[bytes(300)]), PACKED),
    ]


def packed_certificates() -> list[Case]:
    """What an attestation certificate must be (#sctn-packed-attestation-cert-requirements)."""
    return [
        good("a certificate as the standard wants it", (), PACKED),
        bad("a CA's certificate", certificate(ca=True), PACKED),
        bad("a certificate of version 1", certificate(version=1), PACKED),
        bad("no Basic Constraints", certificate(ca=None), PACKED),
        bad("another OU", subject(unit="Authenticator Testing"), PACKED),
        *(bad(f"no {name}", subject(without=oid), PACKED) for name, oid in _SUBJECT_OIDS.items()),
    ]


def packed_aaguids() -> list[Case]:
    """id-fido-gen-ce-aaguid, where it is there, is the AAGUID and not critical."""
    return [
        good("the AAGUID of the authenticator data", (), PACKED),
        good("no AAGUID in the certificate", certificate(extensions=()), PACKED),
        bad("another AAGUID in the certificate", _aaguid(bytes(range(16))), PACKED),
        bad("a critical AAGUID", plan(lambda made: replace(made, extensions=_critical(made.extensions))), PACKED),
    ]


def packed_chains() -> list[Case]:
    """The chain is valid in time and order (FIDO AttResp-5 F-6, F-7, F-9, F-11, F-12)."""
    past, future = datetime(2021, 1, 1, tzinfo=UTC), datetime(2069, 1, 1, tzinfo=UTC)
    return [
        good("a chain that is valid", (), TRUSTED),
        bad("an expired certificate", certificate(not_after=past), TRUSTED),
        bad("a certificate that is not yet valid", certificate(not_before=future), TRUSTED),
        bad("an expired intermediate", _with_another_intermediate(not_after=past), TRUSTED),
        bad("an intermediate that is no CA's", _with_another_intermediate(ca=False), TRUSTED),
        bad("a certificate of another's making", with_another_issuer(), TRUSTED),
        bad("the certificates in the wrong order", statement(_x5c(lambda path: path[::-1])), TRUSTED),
        bad("no intermediate", statement(_x5c(lambda path: path[:1])), TRUSTED),
    ]


def packed_roots() -> list[Case]:
    """x5c with the root in it, of which FIDO and the W3C think differently."""

    def with_root(made: dict[str, Any], seen: Seen) -> dict[str, Any]:
        return {**made, "x5c": [*made["x5c"], seen["CA"].root.certificate]}

    return [recorded("the root in x5c", (Edit("STATEMENT", with_root),), TRUSTED)]


def fido_u2f() -> list[Case]:
    """The registration message of U2F, signed by the one certificate's P-256 key (section 8.6)."""
    return [
        good("a U2F statement", (), U2F),
        *_wrong_signatures(U2F),
        bad("the packed message signed", _packed_message_signed(), U2F),
        bad("no certificate", statement_members(x5c=[]), U2F),
        bad("two certificates", statement(_x5c(lambda path: path * 2)), U2F),
        bad("a certificate on P-384", _on_p384(), U2F),
    ]


def fido_u2f_aaguids() -> list[Case]:
    """A U2F authenticator has no AAGUID; FIDO refuses one, and the W3C's own vector has one."""

    def data(raw: bytes) -> bytes:
        return raw[:37] + bytes(range(16)) + raw[53:]

    return [recorded("an AAGUID in a U2F statement", at("AUTHENTICATOR_DATA_BYTES", data), U2F)]


def tpm() -> list[Case]:
    """CertInfo certifies pubArea, which is the credential's key (section 8.3)."""
    return [
        good("a TPM statement", (), TPM),
        good("a TPM statement for RS256", (), by("tpm", RS256)),
        bad("another magic number", certify_info(0), TPM),
        bad("another type of attestation", certify_info(5), TPM),
        bad("other extraData", certify_info(50), TPM),
        bad("another certified name", certify_info(120), TPM),
        bad("the pubArea of another key", at("PUBLIC_AREA", _another_public_area), TPM),
        bad("a changed pubArea", statement(lambda made: {**made, "pubArea": flipped(made["pubArea"], 6)}), TPM),
        bad("a changed certInfo", statement(lambda made: {**made, "certInfo": flipped(made["certInfo"], 80)}), TPM),
        bad("another version", statement_members(ver="1.2"), TPM),
        bad("no version", statement_members(ver=Left.OUT), TPM),
        bad("one bit of the signature", signature(lambda made: flipped(made, 20)), TPM),
    ]


def tpm_certificates() -> list[Case]:
    """What an AIK certificate must be (#sctn-tpm-cert-requirements)."""
    return [
        good("a certificate as the standard wants it", (), TPM),
        bad("a CA's certificate", certificate(ca=True), TPM),
        bad("a certificate of version 1", certificate(version=1), TPM),
        bad("no Basic Constraints", certificate(ca=None), TPM),
        bad("a subject that is not empty", subject(), TPM),
        bad("no Subject Alternative Name", plan(lambda made: replace(made, extensions=made.extensions[1:])), TPM),
        bad("no Extended Key Usage", plan(lambda made: replace(made, extensions=made.extensions[:1])), TPM),
        bad("another Extended Key Usage", plan(_with_another_usage), TPM),
    ]


def android_key() -> list[Case]:
    """The certificate is about the credential's key and this client data (section 8.4)."""
    return [
        good("an Android statement", (), ANDROID),
        *_wrong_signatures(ANDROID),
        bad("a certificate for another key", plan(_for_another_key), ANDROID),
        bad("the certificates in the wrong order", statement(_x5c(lambda path: path[::-1])), ANDROID),
        bad("another attestationChallenge", _key_description(challenge=bytes(32)), ANDROID),
        bad("allApplications", _key_description(all_applications=True), ANDROID),
        bad("a key that was imported", _key_description(origin=2), ANDROID),
        bad("a key for decryption", _key_description(purposes=(1,)), ANDROID),
        bad("no key description", certificate(extensions=()), ANDROID),
    ]


def apple() -> list[Case]:
    """The certificate holds the nonce, and the credential's key (section 8.8)."""
    return [
        good("an Apple statement", (), APPLE),
        bad("another nonce", plan(_with_another_nonce), APPLE),
        bad("no nonce", certificate(extensions=()), APPLE),
        bad("a certificate for another key", plan(_for_another_key), APPLE),
        bad("x5c empty", statement_members(x5c=[]), APPLE),
    ]


def anchors() -> list[Case]:
    """A statement that is right counts only if somebody trusted vouches for it (steps 23 and 24)."""
    strangers = replace(TRUSTED, expected={"roots": lambda new: [strangers_root()]})
    return [
        good("a root that is trusted", (), TRUSTED),
        bad("a root that is not trusted", (), TRUSTED).told_otherwise(strangers),
    ]


def statement(change: Callable[[dict[str, Any]], Any]) -> Edits:
    """Another statement."""
    return at("STATEMENT", change)


def statement_members(**members: Any) -> Edits:
    """Other members of the statement; `Left.OUT` takes one out."""
    return statement(lambda made: {name: value for name, value in {**made, **members}.items() if value is not Left.OUT})


def plan(change: Callable[[Any], Any]) -> Edits:
    """Another plan of the attestation certificate."""
    return at("CERTIFICATE", change)


def certificate(**fields: Any) -> Edits:
    """Other fields of the attestation certificate."""
    return plan(lambda made: replace(made, **fields))


def certify_info(position: int) -> Edits:
    """A bit of certInfo flipped before it is signed."""
    return at("CERTIFY_INFO", lambda made: flipped(made, position))


def subject(*, unit: str = "Authenticator Attestation", without: str = "") -> Edits:
    """Another subject of the attestation certificate."""

    def change(made: Any) -> Any:
        from cryptography import x509

        from fakes.authenticator.certificates import subject as name

        kept = [
            attribute for attribute in name("Software authenticator", unit) if attribute.oid.dotted_string != without
        ]
        return replace(made, subject=x509.Name(kept))

    return plan(change)


_SUBJECT_OIDS = {"country": "2.5.4.6", "organization": "2.5.4.10", "unit": "2.5.4.11", "common name": "2.5.4.3"}


def _wrong_signatures(setting: Setting) -> list[Case]:
    return [
        bad("one bit of the signature", signature(lambda made: flipped(made, 20)), setting),
        bad(
            "a signature over another client data hash",
            at("SIGNED", lambda message: message[:-32] + bytes(32)),
            setting,
        ),
        bad(
            "a signature over other authenticator data", at("SIGNED", lambda message: bytes(32) + message[32:]), setting
        ),
    ]


def flipped(raw: bytes, position: int) -> bytes:
    """One bit of a byte changed."""
    return raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]


def _signed_by_the_credential() -> Edits:
    return (Edit("SIGNATURE", lambda made, seen: seen["CREDENTIAL_KEY"].sign(seen["SIGNED"])),)


def _packed_message_signed() -> Edits:
    def message(made: bytes, seen: Seen) -> bytes:
        return bytes(seen["AUTHENTICATOR_DATA_BYTES"]) + made[33:65]

    return (Edit("SIGNED", message),)


def _on_p384() -> Edits:
    """A certificate for a P-384 key, which signs."""

    def sign(made: bytes, seen: Seen) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.hashes import SHA256

        return bytes(_another_key(ES384).private.sign(seen["SIGNED"], ECDSA(SHA256())))

    def certify(made: Any) -> Any:
        return replace(made, public_key=_another_key(ES384).private.public_key())

    return together(plan(certify), (Edit("SIGNATURE", sign),))


def _x5c(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda made: {**made, "x5c": change(made["x5c"])}


def _aaguid(value: bytes) -> Edits:
    def change(made: Any) -> Any:
        from cryptography import x509

        from protocol.webauthn import der
        from protocol.webauthn.certificates import AAGUID_EXTENSION

        extension = x509.UnrecognizedExtension(AAGUID_EXTENSION, der.octet_string(value))
        return replace(made, extensions=[(extension, False)])

    return plan(change)


def _critical(extensions: Any) -> Any:
    return [(extension, True) for extension, _ in extensions]


def _another_ca() -> Any:
    from fakes.authenticator.certificates import attestation_ca
    from fakes.authenticator.entropy import Entropy

    return attestation_ca(Entropy("another maker of authenticators"))


def strangers_root() -> str:
    """The root of another maker of authenticators, as relying parties are given roots."""
    return base64url.encode(_another_ca().root.certificate)


def with_another_issuer() -> Edits:
    """Issued under the same name with another key."""

    def change(made: Any) -> Any:
        return replace(made, issuer=replace(made.issuer, key=_another_ca().intermediate.key))

    return plan(change)


def _with_another_intermediate(**fields: Any) -> Edits:
    """The same intermediate, issued with other fields."""

    def issued(seen: Seen) -> bytes:
        from cryptography import x509

        from fakes.authenticator.certificates import CertificatePlan

        ca = seen["CA"]
        known = x509.load_der_x509_certificate(ca.intermediate.certificate)
        return CertificatePlan(
            **{
                "subject": known.subject,
                "public_key": ca.intermediate.key.public_key(),
                "serial_number": known.serial_number + 1,
                "issuer": ca.root,
                "ca": True,
                **fields,
            }
        ).issued()

    return (Edit("STATEMENT", lambda made, seen: {**made, "x5c": [made["x5c"][0], issued(seen)]}),)


def _another_key(algorithm: int) -> Any:
    from fakes.authenticator.entropy import Entropy
    from fakes.authenticator.keys import signing_key

    return signing_key(algorithm, Entropy("somebody else"), "key")


def _for_another_key(made: Any) -> Any:
    return replace(made, public_key=_another_key(ES256).private.public_key())


def _another_public_area(made: bytes) -> bytes:
    from fakes.authenticator.tpm import public_area

    return public_area(_another_key(ES256).private.public_key())


def _with_another_usage(made: Any) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    name, _ = made.extensions
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return replace(made, extensions=[name, (usage, False)])


def _key_description(**fields: Any) -> Edits:
    """Another description of the Android key; honest but for these fields."""

    def change(made: Any, seen: Seen) -> Any:
        import hashlib

        from cryptography import x509

        from fakes.authenticator.statements import android_key_description
        from protocol.webauthn.attestation.android_key import KEY_DESCRIPTION_EXTENSION

        challenge = fields.get("challenge", hashlib.sha256(seen["CLIENT_DATA_JSON"]).digest())
        others = {name: value for name, value in fields.items() if name != "challenge"}
        description = android_key_description(challenge, **others)
        return replace(made, extensions=[(x509.UnrecognizedExtension(KEY_DESCRIPTION_EXTENSION, description), False)])

    return (Edit("CERTIFICATE", change),)


def _with_another_nonce(made: Any) -> Any:
    from cryptography import x509

    from protocol.webauthn.attestation.apple import NONCE_EXTENSION, nonce_extension

    return replace(made, extensions=[(x509.UnrecognizedExtension(NONCE_EXTENSION, nonce_extension(bytes(64))), False)])
