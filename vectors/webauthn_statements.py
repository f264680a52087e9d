"""The attestation statements of the W3C's WebAuthn vectors, and the certificates in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey
"""A credential private key."""

Draw = Callable[[int], bytes]
"""The vector's next random value, of so many bytes."""

_NOT_BEFORE, _NOT_AFTER = datetime(2024, 1, 1, tzinfo=UTC), datetime(3024, 1, 1, tzinfo=UTC)
_ES256 = -7


@dataclass(frozen=True)
class Issuer:
    """The attestation CA: its key and its certificate in DER."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes


@dataclass(frozen=True)
class Attested:
    """What a statement is about."""

    authenticator_data: bytes
    client_data_hash: bytes
    credential_id: bytes
    public_key: Mapping[int, Any]
    key: PrivateKey

    @property
    def to_be_signed(self) -> bytes:
        """Authenticator data and client data hash."""
        return self.authenticator_data + self.client_data_hash


def root_certificate(private_key: bytes, serial_number: bytes) -> Issuer:
    """The attestation trust root."""
    key = _p256(private_key)
    subject = _name("Authenticator Attestation CA")
    builder = _builder(subject, subject, key.public_key(), serial_number, ca=True)
    return Issuer(key, _signed(builder, key))


def statement(format: str, attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    """The attestation statement of a format; `packed-self` is packed without a certificate."""
    return _STATEMENTS[format](attested, issuer, draw)


def _none(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    return {}


def _packed_self(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    return {"alg": _ES256, "sig": _sign(_elliptic(attested.key), attested.to_be_signed)}


def _packed(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    key, certificate = _attestation_certificate(issuer, draw)
    return {"alg": _ES256, "sig": _sign(key, attested.to_be_signed), "x5c": [certificate]}


def _fido_u2f(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    key, certificate = _attestation_certificate(issuer, draw)
    point = b"\x04" + attested.public_key[-2] + attested.public_key[-3]
    rp_id_hash = attested.authenticator_data[:32]
    message = b"\0" + rp_id_hash + attested.client_data_hash + attested.credential_id + point
    return {"sig": _sign(key, message), "x5c": [certificate]}


def _tpm(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    attributes = {"2.23.133.2.1": "id:00000000", "2.23.133.2.2": "WebAuthn test vectors", "2.23.133.2.3": "id:00000000"}
    name = x509.RelativeDistinguishedName(
        x509.NameAttribute(x509.ObjectIdentifier(oid), value) for oid, value in attributes.items()
    )
    key, certificate = _attestation_certificate(
        issuer,
        draw,
        subject=x509.Name([]),
        extensions=[
            (x509.ExtendedKeyUsage([x509.ObjectIdentifier("2.23.133.8.3")]), False),
            (x509.SubjectAlternativeName([x509.DirectoryName(x509.Name([name]))]), True),
        ],
    )
    parameters = bytes.fromhex("0010 0010 0003 0010")  # no symmetric algorithm, no scheme, P-256, no kdf
    unique = _sized(attested.public_key[-2]) + _sized(attested.public_key[-3])
    public_area = bytes.fromhex("0023 000b 00040000 0000") + parameters + unique
    name_of_area = bytes.fromhex("000b") + hashlib.sha256(public_area).digest()
    clock_and_firmware = bytes.fromhex("0000000000000000 11111111 22222222 33 0000000000000000")
    extra_data = hashlib.sha256(attested.to_be_signed).digest()
    cert_info = (
        bytes.fromhex("ff544347 8017 0000")
        + _sized(extra_data)
        + clock_and_firmware
        + _sized(name_of_area)
        + _sized(b"")
    )
    return {
        "ver": "2.0",
        "alg": _ES256,
        "x5c": [certificate],
        "sig": _sign(key, cert_info),
        "certInfo": cert_info,
        "pubArea": public_area,
    }


def _android_key(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    key = _elliptic(attested.key)
    version, software, zero = bytes.fromhex("0202012c"), bytes.fromhex("0a0100"), bytes.fromhex("020100")
    empty = bytes.fromhex("0400 3000 3000")  # uniqueId and two authorization lists without entries
    description = version + software + zero + software + b"\x04\x20" + attested.client_data_hash + empty
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
    extension = x509.UnrecognizedExtension(oid, b"\x30" + bytes([len(description)]) + description)
    _, certificate = _attestation_certificate(issuer, draw, key=key, extensions=[(extension, False)])
    return {"alg": _ES256, "sig": _sign(key, attested.to_be_signed), "x5c": [certificate]}


def _apple(attested: Attested, issuer: Issuer, draw: Draw) -> Mapping[str, Any]:
    nonce = bytes.fromhex("3024 a122 0420") + hashlib.sha256(attested.to_be_signed).digest()
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.840.113635.100.8.2"), nonce)
    _, certificate = _attestation_certificate(
        issuer, draw, key=_elliptic(attested.key), extensions=[(extension, False)]
    )
    return {"x5c": [certificate]}


_STATEMENTS: Mapping[str, Callable[[Attested, Issuer, Draw], Mapping[str, Any]]] = MappingProxyType(
    {
        "none": _none,
        "packed-self": _packed_self,
        "packed": _packed,
        "fido-u2f": _fido_u2f,
        "tpm": _tpm,
        "android-key": _android_key,
        "apple": _apple,
    }
)


def _attestation_certificate(
    issuer: Issuer,
    draw: Draw,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    subject: x509.Name | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """An attestation key, drawn unless it is the credential's own, and its certificate."""
    key = key or _p256(draw(32))
    root = x509.load_der_x509_certificate(issuer.certificate)
    subject = _name("Authenticator Attestation") if subject is None else subject
    identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = _builder(subject, root.subject, key.public_key(), draw(16), ca=False).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return key, _signed(builder, issuer.key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, serial_number: bytes, *, ca: bool
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(int.from_bytes(serial_number, "big"))
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _name(unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "WebAuthn test vectors"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "W3C"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AA"),
        ]
    )


def _p256(private_key: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private_key, "big"), ec.SECP256R1())


def _elliptic(key: PrivateKey) -> ec.EllipticCurvePrivateKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the W3C has this attestation with ES256 only")
    return key


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
