"""The authenticator's side of CTAP2's PIN/UV auth protocol two: key agreement, and tokens got by user verification."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.ctap import CtapError
from fido2.ctap2.pin import ClientPin, PinProtocolV2

from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import elliptic_key

PROTOCOL = PinProtocolV2.VERSION
_KEY_AGREEMENT_ALGORITHM = -25


class PinUvAuth:
    """Hands out and knows again the one pinUvAuthToken of an authenticator."""

    def __init__(self, entropy: Entropy) -> None:
        self._key = elliptic_key(ec.SECP256R1(), entropy, "pin-uv/key-agreement")
        self._token = entropy.draw("pin-uv/token", 32)
        self._protocol: Any = PinProtocolV2()  # python-fido2 leaves its methods untyped

    def command(self, parameters: Mapping[int, Any]) -> dict[int, Any]:
        """authenticatorClientPIN: getKeyAgreement and getPinUvAuthTokenUsingUvWithPermissions. Raises CtapError."""
        match parameters[2]:
            case ClientPin.CMD.GET_KEY_AGREEMENT:
                point = self._key.public_key().public_numbers()
                members = {1: 2, 3: _KEY_AGREEMENT_ALGORITHM, -1: 1, -2: _coordinate(point.x), -3: _coordinate(point.y)}
                return {ClientPin.RESULT.KEY_AGREEMENT: members}
            case ClientPin.CMD.GET_TOKEN_USING_UV:
                encrypted = self.encrypt(self.shared_secret(parameters[3]), self._token)
                return {ClientPin.RESULT.PIN_UV_TOKEN: encrypted}
        raise CtapError(CtapError.ERR.INVALID_SUBCOMMAND)

    def verifies(self, message: bytes, parameter: bytes | None) -> bool:
        """Whether there is a pinUvAuthParam, by the token. Raises CtapError for one by another key."""
        if parameter is None:
            return False
        if not hmac.compare_digest(self._protocol.authenticate(self._token, message), parameter):
            raise CtapError(CtapError.ERR.PIN_AUTH_INVALID)
        return True

    def shared_secret(self, peer: Mapping[int, Any]) -> bytes:
        """What is agreed on with a platform's key agreement key."""
        x, y = (int.from_bytes(peer[label], "big") for label in (-2, -3))
        peer_key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        secret: bytes = self._protocol.kdf(self._key.exchange(ec.ECDH(), peer_key))
        return secret

    def encrypt(self, secret: bytes, plaintext: bytes) -> bytes:
        """Encrypt to the platform."""
        ciphertext: bytes = self._protocol.encrypt(secret, plaintext)
        return ciphertext

    def decrypt(self, secret: bytes, ciphertext: bytes, parameter: bytes) -> bytes:
        """Decrypt what the platform authenticated. Raises CtapError."""
        if not hmac.compare_digest(self._protocol.authenticate(secret, ciphertext), parameter):
            raise CtapError(CtapError.ERR.PIN_AUTH_INVALID)
        plaintext: bytes = self._protocol.decrypt(secret, ciphertext)
        return plaintext


def _coordinate(number: int) -> bytes:
    return number.to_bytes(32, "big")
