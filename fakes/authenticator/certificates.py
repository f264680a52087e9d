"""An attestation CA: a root, an intermediate below it, and the attestation certificates that they issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import elliptic_key
from protocol.webauthn import der
from protocol.webauthn.algorithms import PublicKey
from protocol.webauthn.attestation.packed import ORGANIZATIONAL_UNIT

NOT_BEFORE, NOT_AFTER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2070, 1, 1, tzinfo=UTC)

Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""


@dataclass(frozen=True)
class Issuer:
    """Who signs certificates: a key, and the certificate for it in DER."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes


@dataclass(frozen=True)
class CertificatePlan:
    """A certificate before it is issued.

    Attributes:
        subject: whom it names.
        public_key: whose it is.
        serial_number: a positive number.
        issuer: who signs it; None for one that signs itself.
        ca: the value of Basic Constraints; None leaves them out.
        extensions: those beside Basic Constraints.
        not_before: when it begins to be valid.
        not_after: when it ends to be.
        version: 3, or 1, which has no extensions.
    """

    subject: x509.Name
    public_key: PublicKey
    serial_number: int
    issuer: Issuer | None
    ca: bool | None = False
    extensions: Sequence[Extension] = ()
    not_before: datetime = NOT_BEFORE
    not_after: datetime = NOT_AFTER
    version: int = 3

    def issued(self, own_key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
        """The certificate in DER, signed by the issuer, or by its own key where it has none."""
        key = self.issuer.key if self.issuer else own_key
        if key is None:
            raise ValueError("a certificate without an issuer needs its own key to sign with")
        issuer = x509.load_der_x509_certificate(self.issuer.certificate).subject if self.issuer else self.subject
        builder = (
            x509.CertificateBuilder(subject_name=self.subject, issuer_name=issuer, public_key=self.public_key)
            .serial_number(self.serial_number)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        if self.ca is not None:
            builder = builder.add_extension(x509.BasicConstraints(ca=self.ca, path_length=None), critical=True)
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical=critical)
        certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
        return certificate.public_bytes(Encoding.DER) if self.version == 3 else _as_version_1(certificate, key)


@dataclass(frozen=True)
class AttestationCa:
    """A root, which relying parties may trust, and the intermediate that issues for it."""

    root: Issuer
    intermediate: Issuer


def subject(common_name: str, unit: str = ORGANIZATIONAL_UNIT) -> x509.Name:
    """A name as packed attestation certificates have it."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AA"),  # user-assigned in ISO 3166
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "cognito-conformance"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@lru_cache(maxsize=64)
def attestation_ca(entropy: Entropy) -> AttestationCa:
    """The CA of an entropy."""
    root = _ca("root", entropy, None)
    return AttestationCa(root, _ca("intermediate", entropy, root))


def serial_number(entropy: Entropy, label: str) -> int:
    """A serial number of 120 bits."""
    return int.from_bytes(entropy.draw(label, 15), "big") + 1


def _as_version_1(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The certificate without version and extensions, which are what is tagged in it, signed anew."""
    members = der.parse(certificate.tbs_certificate_bytes).children()
    to_be_signed = der.sequence(*(member.encoded for member in members if not member.context))
    signature = key.sign(to_be_signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    algorithm = der.parse(certificate.public_bytes(Encoding.DER)).children()[1].encoded
    return der.sequence(to_be_signed, algorithm, der.element(der.BIT_STRING, b"\0" + signature))


def _ca(name: str, entropy: Entropy, issuer: Issuer | None) -> Issuer:
    key = elliptic_key(ec.SECP256R1(), entropy, f"ca/{name}/key")
    plan = CertificatePlan(
        subject=subject(f"Software authenticator {name}", "Authenticator Attestation CA"),
        public_key=key.public_key(),
        serial_number=serial_number(entropy, f"ca/{name}/serial"),
        issuer=issuer,
        ca=True,
    )
    return Issuer(key, plan.issued(own_key=key))
