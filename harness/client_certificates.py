"""Certificates for servers on loopback: one that can be trusted, one that nobody vouches for, one of another host."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ANOTHER_HOST = "cognito-idp.example.com"


class Certificates:
    """An authority, made for this run alone, and what it signs. Its files stand in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _signed("cognito-conformance test authority", self._key, None, authority=True)
        self.ca_file = folder / "authority.pem"
        self.ca_file.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def trusted(self) -> ssl.SSLContext:
        """A server with a certificate for 127.0.0.1 and localhost."""
        return self._context("trusted", ["localhost"], by_authority=True)

    def of_another_host(self) -> ssl.SSLContext:
        """A server with a certificate for ANOTHER_HOST."""
        return self._context("another", [ANOTHER_HOST], by_authority=True)

    def self_signed(self) -> ssl.SSLContext:
        """A server with a certificate for 127.0.0.1 and localhost that it signed itself."""
        return self._context("self-signed", ["localhost"], by_authority=False)

    def _context(self, name: str, hosts: list[str], *, by_authority: bool) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = (self._certificate, self._key) if by_authority else None
        certificate = _signed(hosts[0], key, issuer, hosts=hosts)
        path = self._folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    *,
    hosts: list[str] | None = None,
    authority: bool = False,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=400)  # clients may be shown another day
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=800))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if hosts:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
        if "localhost" in hosts:
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if authority:
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    signing_key = issuer[1] if issuer else key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
    )
    return builder.sign(signing_key, SHA256())
