"""The KMS keys of the stage, in the hands of a check: signatures that a link must not be taken with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from harness.stage import aws_clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.targets import EmbeddedTarget
    from harness.trigger_flows import Link, LinkFlow

_HASHES: tuple[type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512], ...] = (
    hashes.SHA512, hashes.SHA256, hashes.SHA384,
)  # fmt: skip


@dataclass(frozen=True)
class Signer:
    """The key that made a signature, and how, in KMS's words."""

    name: str
    """Its name in `triggers.signing_keys`."""

    key_id: str
    spec: str
    algorithm: str
    form: int
    """Which of the dialect's `signed` forms of a message it signed."""


class LinkKeys:
    """Signs at the endpoint's KMS."""

    def __init__(self, links: LinkFlow) -> None:
        self._links = links
        self._stage = links.triggers.stage
        self._kms: Any = aws_clients(self._stage.endpoint, self._stage.region)("kms")

    def signer_of(self, link: Link) -> Signer | None:
        """The key of the stage that signed a link, or None when none of them did, or when links are not signed."""
        opened = self._links.spoken.opened(link.secret)
        if opened is None:
            return None
        for name, key_id in self._stage.key_ids.items():
            told = self._kms.get_public_key(KeyId=key_id)
            key = load_der_public_key(told["PublicKey"])
            for form, signed in enumerate(self._forms(opened[0])):
                algorithm = _algorithm(key, signed, opened[1])
                if algorithm is not None:
                    return Signer(name, key_id, told["KeySpec"], algorithm, form)
        return None

    def to_be_signed(self, signer: Signer, message: bytes) -> bytes:
        """What a link with this message would be signed over by that signer."""
        return self._forms(message)[signer.form]

    def _forms(self, message: bytes) -> Sequence[bytes]:
        links = self._links
        return links.spoken.signed(message, links.pool.user_pool_id, links.client.client_id)

    def spare(self, spec: str) -> str:
        """A key that is nobody's, the same one for every check; its id."""
        alias = f"alias/conformance-spare-{spec}"
        for known in self._kms.list_aliases()["Aliases"]:
            if known["AliasName"] == alias:
                return str(known["TargetKeyId"])
        key_id = str(self._kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"])
        self._kms.create_alias(AliasName=alias, TargetKeyId=key_id)
        return key_id

    def point_alias(self, name: str, key_id: str) -> None:
        """Have the alias of a key of the stage stand for another key."""
        self._kms.update_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)

    def sign(self, key_id: str, message: bytes, algorithm: str) -> bytes:
        """KMS's signature over the message."""
        digest = hashlib.new(f"sha{algorithm[-3:]}", message).digest()
        asked = self._kms.sign(KeyId=key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)
        return cast("bytes", asked["Signature"])

    def sign_with_salt(self, key_id: str, message: bytes, octets: int | None) -> bytes:
        """RSASSA_PSS_SHA_512 with a salt of so many octets, the most that fit when None, as KMS never signs."""
        key = cast("EmbeddedTarget", self._links.target).pool.private_key_of(key_id)
        assert isinstance(key, rsa.RSAPrivateKey)
        length = padding.PSS.MAX_LENGTH if octets is None else octets
        return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA512()), length), hashes.SHA512())


def _algorithm(key: object, message: bytes, signature: bytes) -> str | None:
    """The algorithm by which the key made the signature, in KMS's words."""
    for hashing in _HASHES:
        bits = hashing.digest_size * 8
        tries: dict[str, tuple[Any, ...]] = {}
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashing()), padding.PSS.AUTO)
            tries = {
                f"RSASSA_PSS_SHA_{bits}": (pss, hashing()),
                f"RSASSA_PKCS1_V1_5_SHA_{bits}": (padding.PKCS1v15(), hashing()),
            }
        elif isinstance(key, ec.EllipticCurvePublicKey):
            tries = {f"ECDSA_SHA_{bits}": (ec.ECDSA(hashing()),)}
        for name, how in tries.items():
            try:
                cast("Any", key).verify(signature, message, *how)
            except InvalidSignature:
                continue
            return name
    return None
