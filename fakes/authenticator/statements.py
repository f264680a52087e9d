"""Attestation statements in every format, signed as the standard's signing procedures say (section 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fakes.authenticator import safety_net, tpm
from fakes.authenticator.certificates import (
    CertificatePlan,
    Extension,
    Issuer,
    attestation_ca,
    serial_number,
    subject,
)
from fakes.authenticator.changes import Alteration, Layer
from fakes.authenticator.credential import Credential
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import ES256, RS256, SigningKey, elliptic_key, signing_key
from protocol.webauthn import der
from protocol.webauthn.algorithms import PublicKey
from protocol.webauthn.attestation import android_key, apple, compound
from protocol.webauthn.certificates import AAGUID_EXTENSION


class Format(Enum):
    """What vouches for new credentials: the attestation statement formats, packed in both its kinds."""

    NONE = "none"
    PACKED_SELF = "packed-self"
    PACKED = "packed"
    FIDO_U2F = "fido-u2f"
    TPM = "tpm"
    ANDROID_KEY = "android-key"
    ANDROID_SAFETYNET = "android-safetynet"
    APPLE = "apple"
    COMPOUND = compound.FORMAT

    @property
    def identifier(self) -> str:
        """The attestation statement format identifier."""
        return self.value.removesuffix("-self")


COMPOUNDED = (Format.PACKED, Format.TPM)
"""The formats of the statements in a compound one, in their order."""

Clock = Callable[[], datetime]


def real_time() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Attester:
    """Who vouches: the format, the AAGUID, and the attestation key with its CA behind the entropy.

    `clock` tells when a statement is made, for the one format that says it.
    """

    format: Format
    aaguid: bytes
    entropy: Entropy
    clock: Clock = real_time

    @property
    def key(self) -> SigningKey:
        """The attestation private key, where the format has one of its own."""
        return SigningKey(ES256, elliptic_key(ec.SECP256R1(), self.entropy, "attestation/key"))


@dataclass(frozen=True)
class Statement:
    """A statement to be made: about which credential, over what, by whom."""

    credential: Credential
    authenticator_data: bytes
    client_data_hash: bytes
    attester: Attester
    alteration: Alteration

    @property
    def to_be_signed(self) -> bytes:
        """Authenticator data and client data hash, or what a change makes of them."""
        return self.alteration.at(Layer.SIGNED, self.authenticator_data + self.client_data_hash)

    def sign(self, key: SigningKey, message: bytes) -> bytes:
        """The attestation signature, or what a change makes of it."""
        return self.alteration.at(Layer.SIGNATURE, key.sign(message))


def attestation_statement(statement: Statement) -> dict[str, Any] | list[dict[str, Any]]:
    """The statement, attStmt, in the attester's format: a map, or the array of a compound one."""
    return _STATEMENTS[statement.attester.format](statement)


def _none(statement: Statement) -> dict[str, Any]:
    return {}


def _packed_self(statement: Statement) -> dict[str, Any]:
    key = statement.credential.key
    return {"alg": key.algorithm, "sig": statement.sign(key, statement.to_be_signed)}


def _packed(statement: Statement) -> dict[str, Any]:
    key, attester = statement.attester.key, statement.attester
    aaguid = x509.UnrecognizedExtension(AAGUID_EXTENSION, der.octet_string(attester.aaguid))
    path = _certified(statement, key.private.public_key(), [(aaguid, False)])
    return {"alg": key.algorithm, "sig": statement.sign(key, statement.to_be_signed), "x5c": path}


def _fido_u2f(statement: Statement) -> dict[str, Any]:
    """The registration message of U2F, and a certificate straight from the root: there is room for one only."""
    key, credential = statement.attester.key, statement.credential
    root = attestation_ca(statement.attester.entropy).root
    point = credential.key.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    rp_id_hash = statement.authenticator_data[:32]
    message = statement.alteration.at(
        Layer.SIGNED, b"\0" + rp_id_hash + statement.client_data_hash + credential.id + point
    )
    path = _certified(statement, key.private.public_key(), issuer=root)
    return {"sig": statement.sign(key, message), "x5c": path}


def _tpm(statement: Statement) -> dict[str, Any]:
    key, alteration = statement.attester.key, statement.alteration
    path = _certified(statement, key.private.public_key(), tpm.AIK_EXTENSIONS, x509.Name([]))
    public_key = statement.credential.key.private.public_key()
    public_area = alteration.at(Layer.PUBLIC_AREA, tpm.public_area(public_key))
    cert_info = alteration.at(Layer.CERTIFY_INFO, tpm.certify_info(statement.to_be_signed, public_area))
    return {
        "ver": "2.0",
        "alg": key.algorithm,
        "x5c": path,
        "sig": statement.sign(key, cert_info),
        "certInfo": cert_info,
        "pubArea": public_area,
    }


def _android_key(statement: Statement) -> dict[str, Any]:
    key = statement.credential.key
    description = android_key_description(statement.client_data_hash)
    extension = x509.UnrecognizedExtension(android_key.KEY_DESCRIPTION_EXTENSION, description)
    path = _certified(statement, key.private.public_key(), [(extension, False)])
    path.append(attestation_ca(statement.attester.entropy).root.certificate)  # Android hands out the whole chain
    return {"alg": key.algorithm, "sig": statement.sign(key, statement.to_be_signed), "x5c": path}


def _android_safetynet(statement: Statement) -> dict[str, Any]:
    attester = statement.attester
    key = signing_key(RS256, attester.entropy, "attestation/safetynet")
    path = _certified(statement, key.private.public_key(), safety_net.CERTIFICATE_EXTENSIONS, safety_net.SUBJECT)
    honest = safety_net.attestation_response(path, statement.to_be_signed, attester.clock())
    response = statement.alteration.at(Layer.JWS, honest)
    return {"ver": safety_net.VERSION, "response": response.compact(statement.sign(key, response.signing_input))}


def _apple(statement: Statement) -> dict[str, Any]:
    nonce = x509.UnrecognizedExtension(apple.NONCE_EXTENSION, apple.nonce_extension(statement.to_be_signed))
    return {"x5c": _certified(statement, statement.credential.key.private.public_key(), [(nonce, False)])}


def _compound(statement: Statement) -> list[dict[str, Any]]:
    """Its statements are honest; a change takes place in the array of them."""
    attester = statement.attester
    return [
        {
            "fmt": format.identifier,
            "attStmt": attestation_statement(
                replace(statement, attester=replace(attester, format=format), alteration=Alteration())
            ),
        }
        for format in COMPOUNDED
    ]


_STATEMENTS: Mapping[Format, Callable[[Statement], dict[str, Any] | list[dict[str, Any]]]] = MappingProxyType(
    {
        Format.NONE: _none,
        Format.PACKED_SELF: _packed_self,
        Format.PACKED: _packed,
        Format.FIDO_U2F: _fido_u2f,
        Format.TPM: _tpm,
        Format.ANDROID_KEY: _android_key,
        Format.ANDROID_SAFETYNET: _android_safetynet,
        Format.APPLE: _apple,
        Format.COMPOUND: _compound,
    }
)


def android_key_description(
    challenge: bytes,
    *,
    purposes: Sequence[int] = (android_key.KM_PURPOSE_SIGN,),
    origin: int = android_key.KM_ORIGIN_GENERATED,
    all_applications: bool = False,
) -> bytes:
    """A KeyDescription in DER: keymaster 300, everything enforced by the trusted execution environment."""
    trusted_environment = der.integer(1, der.ENUMERATED)
    purpose = der.element(0x20 | der.SET, b"".join(map(der.integer, purposes)))
    tee_enforced = der.explicit(android_key.PURPOSE, purpose)
    if all_applications:
        tee_enforced += der.explicit(android_key.ALL_APPLICATIONS, b"\x05\x00")
    tee_enforced += der.explicit(android_key.ORIGIN, der.integer(origin))
    return der.sequence(
        der.integer(300),
        trusted_environment,
        der.integer(300),
        trusted_environment,
        der.octet_string(challenge),
        der.octet_string(b""),
        der.sequence(),
        der.sequence(tee_enforced),
    )


def _certified(
    statement: Statement,
    key: PublicKey,
    extensions: Sequence[Extension] = (),
    name: x509.Name | None = None,
    issuer: Issuer | None = None,
) -> list[bytes]:
    """x5c: the attestation certificate, and the intermediate unless another issuer is named."""
    entropy = statement.attester.entropy
    intermediate = attestation_ca(entropy).intermediate
    plan = CertificatePlan(
        subject=subject("Software authenticator") if name is None else name,
        public_key=key,
        serial_number=serial_number(entropy, f"attestation/{statement.credential.id.hex()}"),
        issuer=issuer or intermediate,
        extensions=extensions,
    )
    certificate = statement.alteration.at(Layer.CERTIFICATE, plan).issued()
    return [certificate] if issuer else [certificate, intermediate.certificate]
