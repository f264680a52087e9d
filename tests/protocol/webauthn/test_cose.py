"""Bad credential keys are refused when they are read."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import SigningKey, signing_key
from protocol.webauthn import cbor
from protocol.webauthn.cose import encode_credential_key, parse_credential_key
from protocol.webauthn.errors import SignatureRejected, UnacceptableKey

KEYS = {algorithm: signing_key(algorithm, Entropy("keys"), "key") for algorithm in (-7, -8, -35, -36, -53, -257)}
P256, P256_ORDER = (
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16),
)
SMALL_ORDER_25519 = {
    "the neutral element": "01" + "00" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 4": "00" * 32,
    "order 4, the other sign": "00" * 31 + "80",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, another": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "the neutral element, not reduced": "ee" + "ff" * 30 + "7f",
    "the neutral element with a sign": "01" + "00" * 30 + "80",
}


def _with(algorithm: int, **changes: Any) -> bytes:
    """The key of an algorithm with labels changed: `_3=-7` sets label 3, `m1=2` sets label -1; None takes one out."""
    members: dict[int, Any] = dict(KEYS[algorithm].cose_members)
    for name, value in changes.items():
        label = int(name.replace("_", "").replace("m", "-"))
        members.pop(label, None)
        if value is not None:
            members[label] = value
    return cbor.encode(members)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_an_honest_key_is_read_verifies_and_is_written_back(key: SigningKey) -> None:
    encoded = cbor.encode(key.cose_members)
    read = parse_credential_key(encoded)
    read.verify(b"message", key.sign(b"message"))
    assert encode_credential_key(read.key, key.algorithm) == encoded
    for message, signature in ((b"Message", key.sign(b"message")), (b"message", b""), (b"message", bytes(64))):
        with pytest.raises(SignatureRejected):
            read.verify(message, signature)


REFUSED = {
    "crv of P-384 under ES256": _with(-7, m1=2),
    "crv of secp256k1 under ES256": _with(-7, m1=8),
    "no crv": _with(-7, m1=None),
    "a P-256 key under ES384": _with(-7, _3=-35),
    "kty EC2 under RS256": _with(-7, _3=-257),
    "kty RSA under ES256": _with(-257, _3=-7),
    "no kty": _with(-7, _1=None),
    "no alg": _with(-7, _3=None),
    "alg as text": _with(-7, _3="ES256"),
    "alg true": _with(-7, _3=True),
    "an unknown alg": _with(-7, _3=-9999),
    "SHA-1": _with(-257, _3=-65535),
    "a point off the curve": _with(-7, m3=b"\1" * 32),
    "the point at zero": _with(-7, m2=bytes(32), m3=bytes(32)),
    "x beyond the field": _with(-7, m2=(P256 + 5).to_bytes(32, "big")),
    "a compressed point": _with(-7, m3=True),
    "31 bytes of y": _with(-7, m3=b"\1" * 31),
    "33 bytes of x": _with(-7, m2=b"\0" + KEYS[-7].cose_members[-2]),  # type: ignore[operator]  # label -2 is bytes
    "no y": _with(-7, m3=b""),
    "a private part": _with(-7, m4=b"\1" * 32),
    "a key id": _with(-7, _2=b"id"),
    "Ed448 under EdDSA": _with(-53, _3=-8),
    "31 bytes of Ed25519": _with(-8, m2=b"\1" * 31),
    "an Edwards point off the curve": _with(-8, m2=b"\2" + bytes(31)),
    **{f"Ed25519: {name}": _with(-8, m2=bytes.fromhex(point)) for name, point in SMALL_ORDER_25519.items()},
    "Ed448: the neutral element": _with(-53, m2=b"\1" + bytes(56)),
    "Ed448: order 4": _with(-53, m2=bytes(57)),
    "n = 15": _with(-257, m1=b"\x0f"),
    "512 bits of n": _with(-257, m1=b"\xff" * 64),
    "16384 bits of n": _with(-257, m1=b"\xff" * 2048),
    "an even n": _with(-257, m1=b"\xfe" * 256),
    "n with a leading zero byte": _with(-257, m1=b"\0" + KEYS[-257].cose_members[-1]),  # type: ignore[operator]  # likewise
    "e = 1": _with(-257, m2=b"\1"),
    "e = 2": _with(-257, m2=b"\2"),
    "no map": b"\x01",
    "nothing": b"",
    "alg twice": bytes.fromhex("a601020326032620012158") + b"\x20" + b"\1" * 32 + b"\x22\x58\x20" + b"\1" * 32,
    "bytes after the key": cbor.encode(KEYS[-7].cose_members) + b"\0",
}


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED)
def test_a_bad_key_is_refused(encoded: bytes) -> None:
    with pytest.raises(UnacceptableKey):
        parse_credential_key(encoded)


def _der(r: int, s: int) -> bytes:
    return utils.encode_dss_signature(r, s)


def test_ecdsa_signatures_are_strict_der_of_numbers_below_the_order() -> None:
    key = KEYS[-7]
    read = parse_credential_key(cbor.encode(key.cose_members))
    honest = key.sign(b"message")
    r, s = utils.decode_dss_signature(honest)
    read.verify(b"message", honest)
    bad = {
        "zeros": _der(0, 0),
        "r zero": _der(0, s),
        "s zero": _der(r, 0),
        "r the order": _der(P256_ORDER, s),
        "r beyond the order": _der(r + P256_ORDER, s),
        "negative": bytes.fromhex("3006 0201ff 020101"),
        "IEEE P1363": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "a long-form length": b"\x30\x81" + honest[1:],
        "bytes after": honest + b"\0",
        "bytes inside": bytes([0x30, honest[1] + 1]) + honest[2:] + b"\0",
    }
    for signature in bad.values():
        with pytest.raises(SignatureRejected):
            read.verify(b"message", signature)


def test_rs256_is_pkcs_1_with_sha_256_only() -> None:
    private = KEYS[-257].private
    assert isinstance(private, rsa.RSAPrivateKey)
    read = parse_credential_key(cbor.encode(KEYS[-257].cose_members))
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    for signature in (
        private.sign(b"message", pss, SHA256()),
        private.sign(b"message", padding.PKCS1v15(), SHA1()),  # noqa: S303 - the point is that it is refused
    ):
        with pytest.raises(SignatureRejected):
            read.verify(b"message", signature)


def test_a_key_of_another_kind_does_not_verify() -> None:
    read = parse_credential_key(cbor.encode(KEYS[-7].cose_members))
    other = ec.derive_private_key(5, ec.SECP256R1())
    with pytest.raises(SignatureRejected):
        read.verify(b"message", other.sign(b"message", ec.ECDSA(SHA256())))
