"""Credential private keys of every algorithm, derived from an authenticator's entropy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import gmpy2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from fakes.authenticator.entropy import Entropy
from protocol.webauthn.algorithms import ALGORITHMS
from protocol.webauthn.cose import CURVES, credential_key_members

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey

ES256, EDDSA, ES384, ES512, ED448, RS256 = -7, -8, -35, -36, -53, -257
RSA_BITS = 2048

_HASHES: Mapping[int, hashes.HashAlgorithm] = MappingProxyType(
    {ES256: hashes.SHA256(), ES384: hashes.SHA384(), ES512: hashes.SHA512(), RS256: hashes.SHA256()}
)


@dataclass(frozen=True)
class SigningKey:
    """A private key, with the algorithm that it signs by."""

    algorithm: int
    private: PrivateKey

    def sign(self, message: bytes) -> bytes:
        """A signature as WebAuthn wants it; the same for the same message, with ECDSA too (RFC 6979)."""
        match self.private:
            case ec.EllipticCurvePrivateKey():
                return self.private.sign(message, ec.ECDSA(_HASHES[self.algorithm], deterministic_signing=True))
            case rsa.RSAPrivateKey():
                return self.private.sign(message, padding.PKCS1v15(), _HASHES[self.algorithm])
        return self.private.sign(message)

    @property
    def cose_members(self) -> dict[int, int | bytes]:
        """The public key's COSE_Key, by label."""
        return credential_key_members(self.private.public_key(), self.algorithm)


def signing_key(algorithm: int, entropy: Entropy, label: str) -> SigningKey:
    """The key of a label. Raises ValueError for an algorithm that the authenticator has not."""
    if algorithm == RS256:
        return SigningKey(algorithm, _rsa_key(entropy, label))
    if algorithm == EDDSA:
        return SigningKey(algorithm, ed25519.Ed25519PrivateKey.from_private_bytes(entropy.draw(label, 32)))
    if algorithm == ED448:
        return SigningKey(algorithm, ed448.Ed448PrivateKey.from_private_bytes(entropy.draw(label, 57)))
    if algorithm not in _HASHES:
        raise ValueError(f"the authenticator has no algorithm {algorithm}")
    return SigningKey(algorithm, elliptic_key(CURVES[ALGORITHMS[algorithm].crv or 0], entropy, label))


def elliptic_key(curve: ec.EllipticCurve, entropy: Entropy, label: str) -> ec.EllipticCurvePrivateKey:
    """The key of a label on a curve; a byte short of the order, so that every draw is one."""
    drawn = entropy.draw(label, (curve.key_size - 1) // 8)
    return ec.derive_private_key(int.from_bytes(drawn, "big") + 1, curve)


@lru_cache(maxsize=64)
def _rsa_key(entropy: Entropy, label: str) -> rsa.RSAPrivateKey:
    """The first primes after what is drawn: nobody's secret, and found in a tenth of a second."""
    p, q = (_prime_after(entropy.draw(f"{label}/{part}", RSA_BITS // 16)) for part in "pq")
    e = 65537
    d = rsa.rsa_recover_private_exponent(e, p, q)
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e, p * q),
    ).private_key()


def _prime_after(drawn: bytes) -> int:
    """With its two first bits set, so that a product of two has its full length."""
    number = int.from_bytes(drawn, "big") | 0b11 << 8 * len(drawn) - 2
    return int(gmpy2.next_prime(number))
