"""The signature algorithms of credentials and attestation, verified by the `cryptography` package.

ECDSA signatures are ASN.1 DER and RSA ones PKCS #1 or PSS (WebAuthn section 6.5.5, #sctn-signature-attestation-types).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from protocol.webauthn.errors import SignatureRejected, UnacceptableKey

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey | rsa.RSAPublicKey
"""A public key of any of the algorithms."""

KTY_OKP, KTY_EC2, KTY_RSA = 1, 2, 3
"""COSE key types (RFC 9053 section 7)."""


@dataclass(frozen=True)
class Algorithm:
    """A COSE algorithm.

    Attributes:
        id: its COSEAlgorithmIdentifier.
        name: as IANA registers it.
        kty: the key type that goes with it.
        crv: the only COSE curve that WebAuthn allows with it (section 5.8.5, #sctn-alg-identifier); None for RSA.
        hash: what it hashes with; None where the signature scheme does that itself.
        probabilistic: whether RSA pads with PSS.
    """

    id: int
    name: str
    kty: int
    crv: int | None = None
    hash: hashes.HashAlgorithm | None = None
    probabilistic: bool = False


_SHA256, _SHA384, _SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()

ALGORITHMS: Mapping[int, Algorithm] = MappingProxyType(
    {
        each.id: each
        for each in (
            Algorithm(-7, "ES256", KTY_EC2, 1, _SHA256),
            Algorithm(-8, "EdDSA", KTY_OKP, 6),
            Algorithm(-9, "ESP256", KTY_EC2, 1, _SHA256),
            Algorithm(-19, "Ed25519", KTY_OKP, 6),
            Algorithm(-35, "ES384", KTY_EC2, 2, _SHA384),
            Algorithm(-36, "ES512", KTY_EC2, 3, _SHA512),
            Algorithm(-37, "PS256", KTY_RSA, None, _SHA256, probabilistic=True),
            Algorithm(-38, "PS384", KTY_RSA, None, _SHA384, probabilistic=True),
            Algorithm(-39, "PS512", KTY_RSA, None, _SHA512, probabilistic=True),
            Algorithm(-51, "ESP384", KTY_EC2, 2, _SHA384),
            Algorithm(-52, "ESP512", KTY_EC2, 3, _SHA512),
            Algorithm(-53, "Ed448", KTY_OKP, 7),
            Algorithm(-257, "RS256", KTY_RSA, None, _SHA256),
            Algorithm(-258, "RS384", KTY_RSA, None, _SHA384),
            Algorithm(-259, "RS512", KTY_RSA, None, _SHA512),
        )
    }
)
"""Every algorithm that can be verified. RS1 is not among them: SHA-1 collides."""


def algorithm_of(id: object) -> Algorithm:
    """The algorithm of a COSEAlgorithmIdentifier. Raises UnacceptableKey for any that cannot be verified."""
    if isinstance(id, bool) or not isinstance(id, int) or id not in ALGORITHMS:
        raise UnacceptableKey(f"no known signature algorithm: {id!r:.40}")
    return ALGORITHMS[id]


def verify_signature(key: PublicKey, algorithm: Algorithm, message: bytes, signature: bytes) -> None:
    """Demand that a signature over a message verifies. Raises SignatureRejected, also for a key of another kind."""
    try:
        _verify(key, algorithm, message, signature)
    except InvalidSignature as error:
        raise SignatureRejected(f"the {algorithm.name} signature does not verify") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureRejected(f"the {algorithm.name} signature cannot be verified: {error}") from error


def _verify(key: PublicKey, algorithm: Algorithm, message: bytes, signature: bytes) -> None:
    match algorithm.kty, algorithm.hash, key:
        case (2, hashes.HashAlgorithm() as digest, ec.EllipticCurvePublicKey()):
            key.verify(signature, message, ec.ECDSA(digest))
        case (3, hashes.HashAlgorithm() as digest, rsa.RSAPublicKey()):
            key.verify(signature, message, _rsa_padding(algorithm, digest), digest)
        case (1, None, ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey()):
            key.verify(signature, message)
        case _:
            raise SignatureRejected(f"a {type(key).__name__} does not verify {algorithm.name}")


def _rsa_padding(algorithm: Algorithm, digest: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if algorithm.probabilistic:  # RFC 8230 section 2: the salt is as long as the hash
        return padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
    return padding.PKCS1v15()
