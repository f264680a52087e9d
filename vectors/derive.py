"""The textbook's derivation of every vector: a second opinion that shares no code with `protocol`.

Exponentiation is Python's own `pow`; HKDF and HMAC are the `cryptography` package's and one-time
passwords RFC 4226's formula, each of which `protocol` does another way.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from vectors.load import Values, Vector, VectorError, load_vectors
from vectors.webauthn_derivation import derive_attestation_ca, derive_ceremonies

Derived = Mapping[str, str]
"""Expected values as a vector file writes them."""

PROFILE_VECTOR = "cognito-multiplier"
"""The vector that says what Cognito's prime and generator are."""

_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {
        "SHA-1": hashes.SHA1(),  # noqa: S303 - RFC 2945, 5054, 5869 and 6238 name SHA-1
        "SHA-224": hashes.SHA224(),
        "SHA-256": hashes.SHA256(),
        "SHA-384": hashes.SHA384(),
        "SHA-512": hashes.SHA512(),
    }
)


def derive(vector: Vector) -> Derived:
    """What a vector's inputs give, whatever it expects. Raises VectorError when an input is missing."""
    return _DERIVATIONS[vector.operation](vector.inputs)


def _multiplier(inputs: Values) -> Derived:
    hash_name, encode = inputs.text("hash"), _encoding(inputs)
    return {
        "multiplier": _hex(
            _number(_digest(hash_name, encode(inputs.number("prime")), encode(inputs.number("generator"))))
        )
    }


def _srp6a_exchange(inputs: Values) -> Derived:
    prime, generator, hash_name = inputs.number("prime"), inputs.number("generator"), inputs.text("hash")
    encode = _encoding(inputs)
    identity = _digest(hash_name, f"{inputs.text('user')}:{inputs.text('password')}".encode())
    x = _number(_digest(hash_name, inputs.data("salt"), identity))
    k = _number(_digest(hash_name, encode(prime), encode(generator)))
    a, b = inputs.number("a"), inputs.number("b")
    verifier, client_public = pow(generator, x, prime), pow(generator, a, prime)
    server_public = (k * verifier + pow(generator, b, prime)) % prime
    u = _number(_digest(hash_name, encode(client_public), encode(server_public)))
    return {
        "multiplier": _hex(k),
        "private_key": _hex(x),
        "verifier": _hex(verifier),
        "client_public": _hex(client_public),
        "server_public": _hex(server_public),
        "scrambler": _hex(u),
        "premaster_secret": _hex(
            _agreed(
                pow(server_public - k * verifier, a + u * x, prime),
                pow(client_public * pow(verifier, u, prime), b, prime),
            )
        ),
    }


def _sha_interleave(inputs: Values) -> Derived:
    secret = inputs.data("premaster_secret")
    while secret[:1] == b"\0":
        secret = secret[1:]
    if len(secret) % 2 == 1:
        secret = secret[1:]
    even, odd = _digest("SHA-1", secret[::2]), _digest("SHA-1", secret[1::2])
    key = bytearray(40)
    key[::2], key[1::2] = even, odd
    return {"session_key": key.hex()}


def _minimal_bytes(inputs: Values) -> Derived:
    return {"bytes": _p(inputs.number("n")).hex()}


def _scrambler(inputs: Values) -> Derived:
    return {"scrambler": _hex(_cognito_scrambler(inputs.number("client_public"), inputs.number("server_public")))}


def _password_key(inputs: Values) -> Derived:
    return {"password_key": _cognito_key(inputs.number("premaster_secret"), inputs.number("scrambler")).hex()}


def _identity_hash(inputs: Values) -> Derived:
    return {"identity_hash": _cognito_identity(inputs).hex()}


def _cognito_client(inputs: Values) -> Derived:
    prime, generator, k = _cognito_profile()
    x, a, server_public = _cognito_x(inputs), inputs.number("a"), inputs.number("server_public")
    client_public = pow(generator, a, prime)
    u = _cognito_scrambler(client_public, server_public)
    secret = pow((server_public - k * pow(generator, x, prime)) % prime, a + u * x, prime)
    return {
        "private_key": _hex(x),
        "client_public": _hex(client_public),
        "scrambler": _hex(u),
        "premaster_secret": _hex(secret),
        **_claim(inputs, secret, u),
    }


def _cognito_exchange(inputs: Values) -> Derived:
    prime, generator, k = _cognito_profile()
    x, a, b = _cognito_x(inputs), inputs.number("a"), inputs.number("b")
    verifier, client_public = pow(generator, x, prime), pow(generator, a, prime)
    server_public = (k * verifier + pow(generator, b, prime)) % prime
    u = _cognito_scrambler(client_public, server_public)
    secret = _agreed(
        pow((server_public - k * verifier) % prime, a + u * x, prime),
        pow(client_public * pow(verifier, u, prime) % prime, b, prime),
    )
    return {
        "private_key": _hex(x),
        "verifier": _hex(verifier),
        "client_public": _hex(client_public),
        "server_public": _hex(server_public),
        "scrambler": _hex(u),
        "premaster_secret": _hex(secret),
        **_claim(inputs, secret, u),
    }


def _device_registration(inputs: Values) -> Derived:
    prime, generator, _ = _cognito_profile()
    x = _cognito_x(inputs)
    verifier = pow(generator, x, prime)
    return {
        "private_key": _hex(x),
        "verifier": _hex(verifier),
        "salt_parameter": _base64(_p(inputs.number("salt"))),
        "password_verifier_parameter": _base64(_p(verifier)),
    }


def _secret_hash(inputs: Values) -> Derived:
    message = inputs.text("username") + inputs.text("client_id")
    return {"secret_hash": _base64(_hmac("SHA-256", inputs.text("client_secret").encode(), message.encode()))}


def _hkdf(inputs: Values) -> Derived:
    algorithm = _HASHES[inputs.text("hash")]
    salt, input_key, info = (inputs.data(name) for name in ("salt", "input_key", "info"))
    pseudorandom_key = HKDF.extract(algorithm, salt or None, input_key)
    output_key = HKDFExpand(algorithm, inputs.integer("length"), info).derive(pseudorandom_key)
    return {"pseudorandom_key": pseudorandom_key.hex(), "output_key": output_key.hex()}


def _hmac_vector(inputs: Values) -> Derived:
    mac = _hmac(inputs.text("hash"), inputs.data("key"), inputs.data("data"))
    return {"mac": mac[: inputs.integer("length") if "length" in inputs else None].hex()}


def _totp(inputs: Values) -> Derived:
    mac = _hmac(inputs.text("hash"), inputs.data("secret"), (inputs.integer("time") // 30).to_bytes(8, "big"))
    offset = mac[-1] & 0x0F
    digits = inputs.integer("digits")
    number = _number(mac[offset : offset + 4]) & 0x7FFFFFFF
    return {"code": str(number % 10**digits).zfill(digits)}


_DERIVATIONS: Mapping[str, Callable[[Values], Derived]] = MappingProxyType(
    {
        "multiplier": _multiplier,
        "srp6a-exchange": _srp6a_exchange,
        "sha-interleave": _sha_interleave,
        "minimal-bytes": _minimal_bytes,
        "scrambler": _scrambler,
        "password-key": _password_key,
        "identity-hash": _identity_hash,
        "cognito-client": _cognito_client,
        "cognito-exchange": _cognito_exchange,
        "device-registration": _device_registration,
        "secret-hash": _secret_hash,
        "hkdf": _hkdf,
        "hmac": _hmac_vector,
        "totp": _totp,
        "webauthn-attestation-ca": derive_attestation_ca,
        "webauthn-ceremonies": derive_ceremonies,
    }
)


@cache
def _cognito_profile() -> tuple[int, int, int]:
    """N, g and k as PROFILE_VECTOR has them. Raises VectorError when there is no such vector."""
    for vector in load_vectors("cognito_srp"):
        if vector.id == PROFILE_VECTOR:
            derived = Values(vector.id, _multiplier(vector.inputs))
            return vector.inputs.number("prime"), vector.inputs.number("generator"), derived.number("multiplier")
    raise VectorError(f"cognito_srp.json lacks the vector {PROFILE_VECTOR}, which names Cognito's group")


def _cognito_identity(inputs: Values) -> bytes:
    text = inputs.text("pool_name") + inputs.text("user_id") + ":" + inputs.text("password")
    return _digest("SHA-256", text.encode())


def _cognito_x(inputs: Values) -> int:
    return _number(_digest("SHA-256", _p(inputs.number("salt")), _cognito_identity(inputs)))


def _cognito_scrambler(client_public: int, server_public: int) -> int:
    return _number(_digest("SHA-256", _p(client_public), _p(server_public)))


def _cognito_key(premaster_secret: int, scrambler: int) -> bytes:
    return HKDF(hashes.SHA256(), 16, _p(scrambler), b"Caldera Derived Key").derive(_p(premaster_secret))


def _claim(inputs: Values, premaster_secret: int, scrambler: int) -> Derived:
    key = _cognito_key(premaster_secret, scrambler)
    if "secret_block" not in inputs:
        return {"password_key": key.hex()}
    names = (inputs.text("pool_name") + inputs.text("user_id")).encode()
    message = names + inputs.data("secret_block") + inputs.text("timestamp").encode()
    return {"password_key": key.hex(), "claim_signature": _hmac("SHA-256", key, message).hex()}


def _agreed(client_secret: int, server_secret: int) -> int:
    if client_secret != server_secret:
        raise VectorError("client and server do not agree on the premaster secret")
    return client_secret


def _encoding(inputs: Values) -> Callable[[int], bytes]:
    if inputs.text("encoding") == "minimal":
        return _p
    width = len(_p(inputs.number("prime")).lstrip(b"\0"))
    return lambda n: n.to_bytes(width, "big")


def _p(n: int) -> bytes:
    """P(n), by way of its hex digits."""
    digits = f"{n:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return bytes.fromhex(f"00{digits}" if digits[0] in "89abcdef" else digits)


def _digest(hash_name: str, *parts: bytes) -> bytes:
    return hashlib.new(hash_name.replace("-", ""), b"".join(parts)).digest()


def _hmac(hash_name: str, key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, _HASHES[hash_name])
    mac.update(message)
    return mac.finalize()


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _hex(n: int) -> str:
    return f"{n:x}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
