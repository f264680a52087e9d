"""Changes of credential public keys and of signatures' forms (WebAuthn L3 sections 5.8.5 and 6.5.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.sign_in import Left
from harness.webauthn_cases.cases import Case, Setting, bad, good, recorded, signature
from harness.webauthn_cases.edits import ED448, EDDSA, ES256, ES384, ES512, RS256, Edit, Edits, Manner, Seen, at
from protocol.webauthn import cbor

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group."""

FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
"""P-256's prime."""

_KTY, _ALG, _CRV, _X, _Y, _D, _N, _E = 1, 3, -1, -2, -3, -4, -1, -2
_OF = {ES256: Setting(offered=(RS256, EDDSA))} | {
    algorithm: Setting(manner=Manner(algorithm=algorithm)) for algorithm in (EDDSA, ES384, ES512, RS256)
}


def curves() -> list[Case]:
    """ES256 goes with P-256 and no other curve."""
    return [
        good("ES256 on P-256", (), _OF[ES256]),
        *(bad(f"ES256 with crv {crv}", members({_CRV: crv})) for crv in (2, 3, 6, 8, 0, -1)),
        bad("ES256 without crv", members({_CRV: Left.OUT})),
        bad("ES256 with crv a text", members({_CRV: "P-256"})),
    ]


def key_types() -> list[Case]:
    """The key type goes with the algorithm."""
    return [
        good("an elliptic key for ES256", (), _OF[ES256]),
        good("an RSA key for RS256", (), _OF[RS256]),
        bad("an elliptic key for RS256", members({_ALG: RS256}), _OF[ES256]),
        bad("an elliptic key for EdDSA", members({_ALG: EDDSA}), _OF[ES256]),
        bad("an RSA key for ES256", replaced({_KTY: 3, _ALG: ES256, _N: _odd(2048), _E: b"\x01\x00\x01"})),
        bad("kty OKP for ES256", members({_KTY: 1})),
        bad("kty RSA for ES256", members({_KTY: 3})),
        bad("no kty", members({_KTY: Left.OUT})),
        bad("kty a text", members({_KTY: "EC2"})),
    ]


def points() -> list[Case]:
    """The point is on the curve, and known to be before it is stored."""
    return [
        good("a point on the curve"),
        bad("y of ones", members({_Y: b"\x01" * 32})),
        bad("the point (0, 0)", members({_X: bytes(32), _Y: bytes(32)})),
        bad("x beyond the prime", members({_X: b"\xff" * 32})),
        bad("x the prime", members({_X: FIELD.to_bytes(32, "big")})),
        bad("y one more", computed(_Y, lambda y: (int.from_bytes(y, "big") ^ 1).to_bytes(32, "big"))),
        bad("x and y exchanged", at("COSE_KEY", lambda key: {**key, _X: key[_Y], _Y: key[_X]})),
    ]


def compressed_points() -> list[Case]:
    """Y is a number, never a sign only (section 5.8.5)."""
    return [
        good("an uncompressed point"),
        bad("y as its sign", computed(_Y, lambda y: bool(y[-1] & 1))),
        bad("y as the other sign", computed(_Y, lambda y: not y[-1] & 1)),
        bad("no y", members({_Y: Left.OUT})),
    ]


def coordinate_lengths() -> list[Case]:
    """Coordinates have the curve's length (RFC 9053 section 7.1.1)."""
    return [
        good("coordinates of 32 bytes"),
        *(
            bad(f"{name} {what}", computed(label, change))
            for name, label in (("x", _X), ("y", _Y))
            for what, change in {
                "of 31 bytes": lambda value: value[:31],
                "of 33 bytes": lambda value: b"\0" + value,
                "of no bytes": lambda value: b"",
                "a text": lambda value: value.hex(),
            }.items()
        ),
    ]


def rsa_keys() -> list[Case]:
    """RSA from 2048 bits, with an odd exponent from 3 (RFC 8230 section 4)."""
    return [
        good("a modulus of 2048 bits", (), _OF[RS256]),
        *(
            bad(f"a modulus of {bits} bits", members({_N: _odd(bits)}), _OF[RS256])
            for bits in (4, 512, 1024, 16_384, 65_536)
        ),
        bad("no modulus", members({_N: b""}), _OF[RS256]),
        bad("an even modulus", computed(_N, lambda n: n[:-1] + bytes([n[-1] & 0xFE])), _OF[RS256]),
        *(
            bad(f"an exponent {what}", members({_E: exponent}), _OF[RS256])
            for what, exponent in {
                "of 0": b"\0",
                "of 1": b"\x01",
                "of 2": b"\x02",
                "of no bytes": b"",
                "of 65536": b"\1\0\0",
            }.items()
        ),
        recorded("an exponent of 3", members({_E: b"\x03"}), _OF[RS256]),
    ]


def private_parts() -> list[Case]:
    """A public key has no private part."""
    return [good("a public key"), bad("a private part in it", members({_D: bytes(range(32))}))]


def duplicate_labels() -> list[Case]:
    """Of a label that stands twice, nobody knows which counts (RFC 8949 section 5.6)."""
    return [
        good("each label once"),
        bad("alg twice, the same", at("COSE_KEY_BYTES", _with(_ALG, ES256))),
        bad("alg twice, another first", at("COSE_KEY_BYTES", _with(_ALG, RS256))),
        bad("x twice", at("COSE_KEY_BYTES", _with(_X, bytes(32)))),
    ]


def edwards_keys() -> list[Case]:
    """EdDSA with Ed25519, 32 bytes, and no point of small order."""
    small = {
        "the neutral element": (1).to_bytes(32, "little"),
        "order 2": ((1 << 255) - 20).to_bytes(32, "little"),
        "order 4": bytes(32),
        "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    }
    return [
        good("EdDSA with Ed25519", (), _OF[EDDSA]),
        bad("EdDSA with Ed448", _ed448_under(EDDSA), _OF[EDDSA]),
        bad("EdDSA with X25519", members({_CRV: 4}), _OF[EDDSA]),
        bad("EdDSA without crv", members({_CRV: Left.OUT}), _OF[EDDSA]),
        bad("a key of 31 bytes", computed(_X, lambda x: x[:31]), _OF[EDDSA]),
        bad("a key of 33 bytes", computed(_X, lambda x: x + b"\0"), _OF[EDDSA]),
        *(bad(f"a point of small order: {what}", members({_X: point}), _OF[EDDSA]) for what, point in small.items()),
    ]


def larger_curves() -> list[Case]:
    """ES384 goes with P-384 and ES512 with P-521."""
    return [
        good("ES384 on P-384", (), _OF[ES384]),
        good("ES512 on P-521", (), _OF[ES512]),
        bad("a P-256 key under ES384", _p256_under(ES384), _OF[ES384]),
        bad("a P-256 key under ES512", _p256_under(ES512), _OF[ES512]),
        bad("ES384 with crv of P-256", members({_CRV: 1}), _OF[ES384]),
        bad("ES512 with crv of P-384", members({_CRV: 2}), _OF[ES512]),
    ]


def post_quantum_keys() -> list[Case]:
    """ML-DSA where nobody asked for it (draft-ietf-cose-dilithium)."""
    return [
        recorded(f"{name} that was not offered", replaced({_KTY: 7, _ALG: algorithm, -1: bytes(length)}))
        for name, algorithm, length in (("ML-DSA-44", -48, 1312), ("ML-DSA-65", -49, 1952))
    ]


def ecdsa_numbers() -> list[Case]:
    """R and s lie between 1 and n - 1 (FIPS 186-5 section 6.4.2; the special values of project Wycheproof)."""
    special = {
        "0": 0,
        "1": 1,
        "-1": -1,
        "n": ORDER,
        "n - 1": ORDER - 1,
        "n + 1": ORDER + 1,
        "p": FIELD,
        "2^256": 1 << 256,
    }
    pairs = {f"r = {first}, s = {second}": (r, s) for first, r in special.items() for second, s in special.items()}
    return [
        good("an honest signature"),
        *(bad(what, signature(_always(_der(r, s)))) for what, (r, s) in pairs.items()),
        bad("r beyond n", signature(lambda made: _der(_r(made) + ORDER, _s(made)))),
        bad("s beyond n", signature(lambda made: _der(_r(made), _s(made) + ORDER))),
        bad("r negated", signature(lambda made: _der(-_r(made), _s(made)))),
        bad("s negated", signature(lambda made: _der(_r(made), -_s(made)))),
        bad("r of 1100 bits", signature(lambda made: _der(_r(made) + (ORDER << 844), _s(made)))),
        bad("r and s exchanged", signature(lambda made: _der(_s(made), _r(made)))),
    ]


def ecdsa_forms() -> list[Case]:
    """ASN.1 DER and nothing else: an Ecdsa-Sig-Value (section 6.5.5)."""
    return [
        good("DER"),
        bad(
            "r and s one after the other",
            signature(lambda made: _r(made).to_bytes(32, "big") + _s(made).to_bytes(32, "big")),
        ),
        bad("a long form of the length", signature(lambda made: b"\x30\x81" + made[1:])),
        bad("a longer form of the length", signature(lambda made: b"\x30\x82\x00" + made[1:])),
        bad("an open length", signature(lambda made: b"\x30\x80" + made[2:] + b"\0\0")),
        bad(
            "a long form of r's length",
            signature(lambda made: _sequence(_long(made[2 : 4 + made[3]]) + made[4 + made[3] :])),
        ),
        bad(
            "zeros before r",
            signature(lambda made: _sequence(_integer(b"\0\0" + _bytes(_r(made))) + _integer(_bytes(_s(made))))),
        ),
        bad(
            "zeros before s",
            signature(lambda made: _sequence(_integer(_bytes(_r(made))) + _integer(b"\0\0" + _bytes(_s(made))))),
        ),
        bad("a byte behind it", signature(lambda made: made + b"\0")),
        bad("a NULL behind it", signature(lambda made: made + b"\x05\x00")),
        bad("a third number", signature(lambda made: _sequence(made[2:] + b"\x02\x01\x00"))),
        bad("a NULL behind s", signature(lambda made: _sequence(made[2:] + b"\x05\x00"))),
        bad("a set for the sequence", signature(lambda made: b"\x31" + made[1:])),
        bad("an octet string around it", signature(lambda made: b"\x04" + bytes([len(made)]) + made)),
        bad("a length that is too short", signature(lambda made: made[:1] + bytes([made[1] - 1]) + made[2:])),
        bad("a length that is too long", signature(lambda made: made[:1] + bytes([made[1] + 1]) + made[2:])),
    ]


def rsa_forms() -> list[Case]:
    """RS256 is RSASSA-PKCS1-v1_5 with SHA-256, padded to the last byte (RFC 8017 section 8.2)."""
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    without_null = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20"
    return [
        good("RSASSA-PKCS1-v1_5", (), _OF[RS256]),
        bad("RSASSA-PSS", _rsa(_pss), _OF[RS256]),
        bad("SHA-1", _rsa(_with_sha1), _OF[RS256]),
        bad(
            "bytes behind the hash",
            _block(lambda digest: b"\x00\x01" + b"\xff" * 8 + b"\0" + info + digest),
            _OF[RS256],
        ),
        bad(
            "bytes behind the hash, most of them zero",
            _block(lambda digest: b"\x00\x01\xff\0" + info + digest),
            _OF[RS256],
        ),
        bad("no padding", _block(lambda digest: b"\x00\x01\x00" + info + digest), _OF[RS256]),
        bad("padding of type 2", _full(b"\x00\x02", info), _OF[RS256]),
        bad("padding of type 0", _full(b"\x00\x00", info), _OF[RS256]),
        bad("an identifier without NULL", _full(b"\x00\x01", without_null), _OF[RS256]),
        bad("the hash without an identifier", _full(b"\x00\x01", b""), _OF[RS256]),
        bad(
            "the identifier of SHA-384",
            _full(b"\x00\x01", bytes.fromhex("3041300d060960864801650304020205000430")),
            _OF[RS256],
        ),
        bad("a signature of 1", signature(_always((1).to_bytes(256, "big"))), _OF[RS256]),
        bad("a zero byte before it", signature(lambda made: b"\0" + made), _OF[RS256]),
    ]


def members(changes: Mapping[Any, Any]) -> Edits:
    """Other members of the key; `Left.OUT` takes one out."""
    return at(
        "COSE_KEY",
        lambda key: {label: value for label, value in {**key, **changes}.items() if value is not Left.OUT},
    )


def computed(label: int, make: Callable[[Any], Any]) -> Edits:
    """A member of the key, made of the honest one."""
    return at("COSE_KEY", lambda key: {**key, label: make(key[label])})


def replaced(key: dict[Any, Any]) -> Edits:
    """Another key."""
    return at("COSE_KEY", lambda honest: key)


def _odd(bits: int) -> bytes:
    """A number of so many bits that no small prime divides it for sure: it is no modulus, but looks like one."""
    number = (1 << bits) - 1 if bits != 4 else 15
    return number.to_bytes((bits + 7) // 8, "big")


def _with(label: int, value: Any) -> Callable[[bytes], bytes]:
    """A key with a member more, before the others."""
    return lambda raw: bytes([raw[0] + 1]) + cbor.encode(label) + cbor.encode(value) + raw[1:]


def _key_under(algorithm: int, whose: int) -> Edits:
    def make(honest: dict[Any, Any]) -> dict[Any, Any]:
        from fakes.authenticator.entropy import Entropy
        from fakes.authenticator.keys import signing_key

        return {**signing_key(whose, Entropy("a key under another algorithm"), "key").cose_members, _ALG: algorithm}

    return at("COSE_KEY", make)


def _ed448_under(algorithm: int) -> Edits:
    return _key_under(algorithm, ED448)


def _p256_under(algorithm: int) -> Edits:
    return _key_under(algorithm, ES256)


def _always(value: bytes) -> Callable[[bytes], bytes]:
    return lambda made: value


def _bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _integer(content: bytes) -> bytes:
    return b"\x02" + _length(len(content)) + content


def _length(count: int) -> bytes:
    return (
        bytes([count]) if count < 128 else b"\x82" + count.to_bytes(2, "big") if count > 255 else bytes([0x81, count])
    )


def _sequence(content: bytes) -> bytes:
    return b"\x30" + _length(len(content)) + content


def _der(r: int, s: int) -> bytes:
    return _sequence(_integer(_bytes(r)) + _integer(_bytes(s)))


def _long(element: bytes) -> bytes:
    return element[:1] + b"\x81" + element[1:]


def _r(made: bytes) -> int:
    return int.from_bytes(made[4 : 4 + made[3]], "big")


def _s(made: bytes) -> int:
    return int.from_bytes(made[6 + made[3] :], "big")


def _rsa(sign: Callable[[Any, bytes], bytes]) -> Edits:
    """A signature by the credential's key in another scheme."""

    def make(key: Any, seen: Seen) -> bytes:
        return sign(key, seen["SIGNED"])

    return (Edit("SIGNATURE", lambda made, seen: make(seen["KEY"], seen)),)


def _pss(key: Any, message: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
    from cryptography.hazmat.primitives.hashes import SHA256

    return bytes(key.sign(message, PSS(MGF1(SHA256()), 32), SHA256()))


def _with_sha1(key: Any, message: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1

    return bytes(key.sign(message, PKCS1v15(), SHA1()))  # noqa: S303 - what has to be refused


def _block(make: Callable[[bytes], bytes]) -> Edits:
    """The key's private operation on a block that begins so and goes on with zeros."""

    def sign(key: Any, message: bytes) -> bytes:
        import hashlib

        numbers = key.private_numbers()
        block = make(hashlib.sha256(message).digest()).ljust(256, b"\0")
        signed: int = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
        return signed.to_bytes(256, "big")

    return _rsa(sign)


def _full(begin: bytes, info: bytes) -> Edits:
    """A block that is padded to its end."""

    def block(digest: bytes) -> bytes:
        end = b"\0" + info + digest
        return begin + b"\xff" * (256 - len(begin) - len(end)) + end

    return _block(block)
