"""The forge: an honest token, changed in one thing, byte by byte where it must be.

An honest token comes from the issuer, which signs with joserfc. A forged one is put together here from its
three texts, so that it can say what no library would let it say; nothing else about it differs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.sign_in import Left

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    from fakes.issuer import Issuer, PublishedKeys, SigningKey
    from fakes.issuer.issuer import TokenUse

Signer = Callable[[bytes], bytes]
"""Makes the signature (raw) over the signing input."""

SECONDS_OF_SLACK = 30
"""What a verifier without a movable clock is allowed to take between two instants that a case tells apart."""


def nothing(signing_input: bytes) -> bytes:
    """No signature."""
    del signing_input
    return b""


def rsa_pkcs1(key: SigningKey, hash_bits: int = 256) -> Signer:
    """RS256, RS384 or RS512."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    return lambda signing_input: key.private_key.sign(signing_input, PKCS1v15(), _sha2(hash_bits))


def rsa_pss(key: SigningKey) -> Signer:
    """PS256."""
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS

    hash = _sha2(256)
    padding = PSS(mgf=MGF1(hash), salt_length=hash.digest_size)
    return lambda signing_input: key.private_key.sign(signing_input, padding, hash)


def hs256(secret: bytes) -> Signer:
    """HS256 with this secret."""
    return lambda signing_input: hmac.new(secret, signing_input, hashlib.sha256).digest()


def es256(signing_input: bytes) -> bytes:
    """ES256 with a fresh key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    key = ec.generate_private_key(ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(signing_input, ec.ECDSA(_sha2(256))))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def base64url(raw: bytes) -> str:
    """Base64url without padding, as RFC 7515 section 2 has it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def padded(text: str) -> str:
    """The same with the `=` that RFC 7515 leaves out."""
    return text + "=" * (-len(text) % 4)


def compact(header: bytes, payload: bytes, sign: Signer, *, encode: Callable[[bytes], str] = base64url) -> str:
    """A token in compact serialization of any two texts, encoded in any way, signed over what is sent."""
    signing_input = f"{encode(header)}.{encode(payload)}"
    return f"{signing_input}.{base64url(sign(signing_input.encode()))}"


def written_again(members: Mapping[str, Any], name: str, value: Any) -> bytes:
    """A JSON object in which a member stands a second time, at its end."""
    return as_json(members)[:-1] + f",{json.dumps(name)}:{json.dumps(value)}".encode() + b"}"


def as_json(value: Any) -> bytes:
    """JSON without spaces; NaN and infinities as Python writes them."""
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Forge:
    """Makes the tokens of one issuer, honest and not, at one instant.

    `now` is in seconds since the epoch; `slack` is the shortest time (seconds) that the verifier is sure to tell
    apart. `attackers_key` is under the key id of the issuer's access key; `attackers_site` publishes it.
    """

    issuer: Issuer
    now: int
    slack: int
    attackers_key: SigningKey
    attackers_site: PublishedKeys

    @property
    def access_key(self) -> SigningKey:
        """What signs the issuer's access tokens."""
        return self.issuer.keys["access"]

    @property
    def id_key(self) -> SigningKey:
        """What signs the issuer's id tokens."""
        return self.issuer.keys["id"]

    @cached_property
    def header(self) -> dict[str, Any]:
        """The header of an honest access token."""
        return self.issuer.header("access")

    @cached_property
    def claims(self) -> dict[str, Any]:
        """The claims of an honest access token."""
        return self.issuer.claims("access", self.now)

    def honest(self, use: TokenUse = "access") -> str:
        """An honest token."""
        return self.issuer.token(use, self.now)

    def token(
        self,
        use: TokenUse = "access",
        *,
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        sign: Signer | None = None,
        header_text: bytes | None = None,
        payload_text: bytes | None = None,
        encode: Callable[[bytes], str] = base64url,
    ) -> str:
        """A token that differs from the honest one in what is given, and is signed as the issuer signs.

        Args:
            use: which of the two tokens to begin with.
            header: members of the header to put in the place of the honest ones; `Left.OUT` takes one out.
            claims: the same for the claims.
            sign: signs instead of the issuer's key.
            header_text: the whole header, any bytes.
            payload_text: the whole payload, any bytes.
            encode: how the two are written, where that is not base64url.
        """
        if header_text is None:
            header_text = as_json(_changed(self.issuer.header(use), header or {}))
        if payload_text is None:
            payload_text = as_json(_changed(self.issuer.claims(use, self.now), claims or {}))
        return compact(header_text, payload_text, sign or rsa_pkcs1(self.issuer.keys[use]), encode=encode)

    def honest_signature(self, signing_input: bytes) -> bytes:
        """Signs as whoever captured the honest access token can: with its signature, whatever is to be signed."""
        del signing_input
        return base64.urlsafe_b64decode(padded(self.honest().rpartition(".")[2]))

    def attackers_certificate(self) -> str:
        """A self-signed certificate of the attacker's key: base64 of its DER, as `x5c` has it."""
        from cryptography.hazmat.primitives.serialization import Encoding

        from fakes.issuer.certificate import self_signed

        return base64.b64encode(self_signed(self.attackers_key).public_bytes(Encoding.DER)).decode()

    def public_key(self, form: str) -> bytes:
        """The public key of access tokens as somebody would have it at hand: `PEM`, `PKCS1 PEM`, `DER` or `JWK`."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self.access_key.private_key.public_key()
        if form == "JWK":
            return as_json(self.access_key.public_jwk())
        if form == "PKCS1 PEM":
            return public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        encoding = Encoding.DER if form == "DER" else Encoding.PEM
        return public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def _changed(honest: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**honest, **changes}.items() if value is not Left.OUT}


def _sha2(bits: int) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    sizes: dict[int, HashAlgorithm] = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
    return sizes[bits]
