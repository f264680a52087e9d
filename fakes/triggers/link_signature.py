"""Signatures of links: made by KMS, verified here with the public key of the key that made them."""

from __future__ import annotations

import hashlib
import threading

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.configuration import InvalidConfiguration
from fakes.triggers.services import SigningService

NOT_VERIFIED = declare_fault(
    "triggers.links.signature-not-verified", "the signature of a link is not verified; the table's hash still is"
)
PKCS1_TOO = declare_fault(
    "triggers.links.takes-pkcs1-signatures", "a signature RSASSA_PKCS1_V1_5_SHA_512 of the right key is taken too"
)
ANY_SALT = declare_fault(
    "triggers.links.takes-any-salt-length", "RSASSA_PSS is verified with whatever salt length the signature has"
)
SMALL_KEY = declare_fault(
    "triggers.links.signs-with-rsa-2048", "links are signed with a KMS key of 2048 bits that the trigger made itself"
)
NEWEST_KEY = declare_fault(
    "triggers.links.verifies-with-one-key-for-ever",
    "the public key of the configured key or alias is fetched once a process and used for every link: after the alias "
    "moved to another key, new links (in a warm process) or older ones (in a fresh one) are refused",
)

ALGORITHM = "RSASSA_PSS_SHA_512"
_SALT_OCTETS = 64
"""KMS signs RSASSA_PSS with a salt as long as the digest."""

_SMALLEST_KEY = 3072
"""Bits, for 128-bit strength (SP 800-57 part 1, table 2)."""


class LinkSignatures:
    """Signs and verifies. May be used from any thread."""

    def __init__(self, kms: SigningService, key: str, faults: FaultSwitches) -> None:
        self._kms = kms
        self._key = key
        self._faults = faults
        self._public: dict[str, RSAPublicKey] = {}
        self._small_key: str | None = None
        self._lock = threading.Lock()

    def sign(self, message: bytes) -> tuple[bytes, str]:
        """The signature, and the id of the key that made it, to be kept with the link.

        The key may be an alias, and stand for another key tomorrow; the id does not.
        """
        key = self._a_small_key() if self._faults.on(SMALL_KEY) else self._key
        signature, key_id = self._kms.sign(key, hashlib.sha512(message).digest(), ALGORITHM)
        if len(signature) * 8 < _SMALLEST_KEY and not self._faults.on(SMALL_KEY):
            raise InvalidConfiguration(f"SIGNING_KEY_ID is a key of {len(signature) * 8} bits; make it RSA_3072")
        return signature, key_id

    def verify(self, message: bytes, signature: bytes, key_id: str) -> bool:
        """Whether the key made the signature: algorithm, salt length and key are given here, not by the link."""
        if self._faults.on(NOT_VERIFIED):
            return True
        public = self._public_key(self._key if self._faults.on(NEWEST_KEY) else key_id)
        salt = PSS.AUTO if self._faults.on(ANY_SALT) else _SALT_OCTETS
        if _fits(public, message, signature, PSS(MGF1(SHA512()), salt)):
            return True
        return self._faults.on(PKCS1_TOO) and _fits(public, message, signature, PKCS1v15())

    def _public_key(self, key_id: str) -> RSAPublicKey:
        """The public key of a key id, which never changes: fetched once a process."""
        if key_id not in self._public:
            loaded = load_der_public_key(self._kms.public_key(key_id))
            if not isinstance(loaded, RSAPublicKey):
                raise TypeError("the signing key of links is no RSA key")
            self._public[key_id] = loaded
        return self._public[key_id]

    def _a_small_key(self) -> str:
        with self._lock:
            if self._small_key is None:
                made = self._kms.client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
                self._small_key = str(made["KeyMetadata"]["KeyId"])
            return self._small_key


def _fits(key: RSAPublicKey, message: bytes, signature: bytes, padding: AsymmetricPadding) -> bool:
    try:
        key.verify(signature, hashlib.sha512(message).digest(), padding, Prehashed(SHA512()))
    except InvalidSignature:
        return False
    return True
