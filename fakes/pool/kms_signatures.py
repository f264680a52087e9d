"""KMS signatures as KMS makes them.

moto hashes what came as a digest once more, signs RSASSA_PSS with the longest salt, and answers a
wrong signature with HTTP 200. KMS signs a digest as it is, with a salt as long as the digest, and
answers KMSInvalidSignatureException (`aws-doc`). moto is asked first, so that its refusals stand.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from fakes.pool.aws_requests import AwsRequest
from fakes.pool.moto_gateway import MotoAnswer, MotoGateway

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
_JSON = (("Content-Type", "application/x-amz-json-1.1"),)


class _Refused(Exception):
    """An error answer: its name, and the message."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class _Asked:
    """What Sign and Verify are asked; `digested` is how the library is told that the message is hashed already."""

    key_id: str
    message: bytes
    signature: bytes
    digested: Any
    padding: padding.AsymmetricPadding

    @classmethod
    def read(cls, document: dict[str, Any]) -> _Asked:
        """Raises _Refused."""
        algorithm, message_type = str(document["SigningAlgorithm"]), document.get("MessageType") or "RAW"
        family, _, bits = algorithm.rpartition("_SHA_")
        hashing = _HASHES[bits]
        if message_type not in {"RAW", "DIGEST"}:
            raise _Refused("ValidationException", "MessageType must be RAW or DIGEST")
        try:
            message = base64.b64decode(document["Message"])
            signature = base64.b64decode(document.get("Signature") or "")
        except (binascii.Error, ValueError):
            raise _Refused("SerializationException", "Message and Signature are base64") from None
        if message_type == "DIGEST" and len(message) != hashing.digest_size:
            raise _Refused("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
        return cls(
            key_id=str(document["KeyId"]),
            message=message,
            signature=signature,
            digested=Prehashed(hashing) if message_type == "DIGEST" else hashing,
            padding=padding.PSS(padding.MGF1(hashing), hashing.digest_size)
            if family == "RSASSA_PSS"
            else padding.PKCS1v15(),
        )


class KmsSignatures:
    """Stands between moto's KMS and who asked it."""

    def __init__(self, gateway: MotoGateway) -> None:
        self._gateway = gateway

    def corrected(self, request: AwsRequest, answer: MotoAnswer) -> MotoAnswer:
        """The answer that moto gave, or the one that KMS would have given."""
        if request.service != "kms" or answer.status != 200:
            return answer
        if request.operation == "GetPublicKey":
            described = json.loads(answer.body)
            return _json(200, described | {"KeySpec": described.get("CustomerMasterKeySpec")})
        if request.operation not in {"Sign", "Verify"}:
            return answer
        try:
            return _json(200, json.loads(answer.body) | self._performed(request))
        except _Refused as refusal:
            return _json(400, {"__type": refusal.name, "message": str(refusal)})

    def _performed(self, request: AwsRequest) -> dict[str, Any]:
        """What Sign or Verify has to answer beside moto's own members. Raises _Refused."""
        asked = _Asked.read(request.document())
        key = self.private_key(request.region, asked.key_id)
        if request.operation == "Sign":
            return {"Signature": base64.b64encode(_sign(key, asked)).decode()}
        try:
            _verify(key, asked)
        except InvalidSignature:
            raise _Refused("KMSInvalidSignatureException", "") from None
        return {"SignatureValid": True}

    def private_key(self, region: str, key_id: str) -> PrivateKey:
        """The private half of a key, which KMS itself keeps."""
        from moto.kms.models import kms_backends

        with self._gateway.entered():
            key: Any = kms_backends[self._gateway.account_id][region].describe_key(key_id)
            held: PrivateKey = key.private_key.private_key
            return held


def _sign(key: PrivateKey, asked: _Asked) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(asked.message, asked.padding, asked.digested)
    return key.sign(asked.message, ec.ECDSA(asked.digested))


def _verify(key: PrivateKey, asked: _Asked) -> None:
    if isinstance(key, rsa.RSAPrivateKey):
        key.public_key().verify(asked.signature, asked.message, asked.padding, asked.digested)
    else:
        key.public_key().verify(asked.signature, asked.message, ec.ECDSA(asked.digested))


def _json(status: int, content: dict[str, Any]) -> MotoAnswer:
    return MotoAnswer(status, _JSON, json.dumps(content).encode())
