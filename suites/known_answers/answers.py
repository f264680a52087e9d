"""Asks an arithmetic for what a vector expects, and tells where its answers differ."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from harness.findings import Finding
from protocol.cognito_srp import COGNITO
from protocol.errors import ProtocolError
from protocol.groups import Group
from protocol.numbers import hex_of, minimal_bytes, padded_bytes
from protocol.srp6a import Profile

if TYPE_CHECKING:
    from protocol.arithmetic import Arithmetic, ExchangeSide
    from vectors.load import Values, Vector

Answer = tuple[str, str]
"""The name of an expected value and what the arithmetic makes of it; client and server may both give one."""


def must_give(arithmetic: Arithmetic, vectors: Iterable[Vector]) -> None:
    """Demand that the arithmetic gives every valid vector's values and none of an invalid one's.

    Raises Finding that names every vector for which it does not.
    """
    given: dict[object, list[Answer]] = {}
    breaches: dict[str, str] = {}
    for vector in vectors:
        inputs = (vector.operation, *sorted(vector.inputs.members.items()))
        if inputs not in given:
            given[inputs] = _answered(arithmetic, vector)
        breach = next(_breaches(vector, given[inputs]), None)
        if breach is not None:
            breaches[vector.id] = breach
    if breaches:
        first, reason = next(iter(breaches.items()))
        raise Finding(f"wrong in {', '.join(breaches)}. {first}: {reason}")


def _answered(arithmetic: Arithmetic, vector: Vector) -> list[Answer]:
    """An arithmetic that gives up on a vector gives no right answer either."""
    try:
        return list(_ANSWERS[vector.operation](arithmetic, vector.inputs))
    except (ProtocolError, ValueError) as error:
        return [(name, f"{type(error).__name__}: {error}") for name in vector.expected.members]


def _breaches(vector: Vector, answers: list[Answer]) -> Iterator[str]:
    """In the order of the vector's values, which is that of the computation: the first is the one to mend."""
    for name in vector.expected.members:
        expected = vector.expected.text(name)
        for answer in (value for answered, value in answers if answered == name):
            if vector.valid and answer != expected:
                yield f"{name} is {_short(answer)}, where {_short(expected)} is known ({vector.comment})"
            if not vector.valid and answer == expected:
                yield f"{name} is what is known to be wrong ({vector.comment})"


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:32]}… ({len(value)} digits)"


def _profile(inputs: Values) -> Profile:
    group = Group("a vector's", inputs.number("prime"), inputs.number("generator"), inputs.number("prime").bit_length())
    minimal = inputs.text("encoding") == "minimal"
    encode = minimal_bytes if minimal else partial(padded_bytes, width=group.width)
    return Profile("a vector's", group, _hashlib_name(inputs), encode_multiplier=encode, encode_scrambler=encode)


def _hashlib_name(inputs: Values) -> str:
    return inputs.text("hash").replace("-", "").lower()


def _multiplier(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    yield "multiplier", hex_of(arithmetic.multiplier(_profile(inputs)))


def _srp6a_exchange(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    profile = _profile(inputs)
    x = arithmetic.rfc5054_private_key(
        salt=inputs.data("salt"), user=inputs.text("user"), password=inputs.text("password")
    )
    yield "multiplier", hex_of(arithmetic.multiplier(profile))
    yield "private_key", hex_of(x)
    for _, answers in _both_sides(arithmetic, profile, inputs, x):
        yield from answers


def _both_sides(
    arithmetic: Arithmetic, profile: Profile, inputs: Values, x: int
) -> Iterator[tuple[ExchangeSide, list[Answer]]]:
    """What the client computes, then what the server does, each given the other's public value."""
    verifier = arithmetic.verifier(profile, x)
    a, b = inputs.number("a"), inputs.number("b")
    client_public = profile.client_public(a)
    server = arithmetic.server_side(profile, b=b, client_public=client_public, verifier=verifier)
    client = arithmetic.client_side(profile, a=a, server_public=server.public, x=x)
    for side, public in ((client, "client_public"), (server, "server_public")):
        yield (
            side,
            [
                ("verifier", hex_of(verifier)),
                (public, hex_of(side.public)),
                ("scrambler", hex_of(side.scrambler)),
                ("premaster_secret", hex_of(side.premaster_secret)),
            ],
        )


def _cognito_x(arithmetic: Arithmetic, inputs: Values) -> tuple[str, int]:
    """The pool's name, taken from its id where the vector has one, and x."""
    named = "user_pool_id" not in inputs
    name = inputs.text("pool_name") if named else arithmetic.pool_name(inputs.text("user_pool_id"))
    x = arithmetic.private_key(
        salt=inputs.number("salt"), pool_name=name, user_id=inputs.text("user_id"), password=inputs.text("password")
    )
    return name, x


def _cognito_client(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    name, x = _cognito_x(arithmetic, inputs)
    yield "private_key", hex_of(x)
    client = arithmetic.client_side(COGNITO, a=inputs.number("a"), server_public=inputs.number("server_public"), x=x)
    yield "client_public", hex_of(client.public)
    yield "scrambler", hex_of(client.scrambler)
    yield "premaster_secret", hex_of(client.premaster_secret)
    yield from _claim(arithmetic, inputs, name, client)


def _cognito_exchange(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    name, x = _cognito_x(arithmetic, inputs)
    yield "private_key", hex_of(x)
    for side, answers in _both_sides(arithmetic, COGNITO, inputs, x):
        yield from answers
        yield from _claim(arithmetic, inputs, name, side)


def _claim(arithmetic: Arithmetic, inputs: Values, pool_name: str, side: ExchangeSide) -> Iterator[Answer]:
    key = arithmetic.password_key(premaster_secret=side.premaster_secret, scrambler=side.scrambler)
    yield "password_key", key.hex()
    if "secret_block" in inputs:
        signature = arithmetic.claim_signature(
            key=key,
            pool_name=pool_name,
            user_id=inputs.text("user_id"),
            secret_block=inputs.data("secret_block"),
            timestamp=inputs.text("timestamp"),
        )
        yield "claim_signature", signature.hex()


def _device_registration(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    _, x = _cognito_x(arithmetic, inputs)
    verifier = arithmetic.verifier(COGNITO, x)
    yield "private_key", hex_of(x)
    yield "verifier", hex_of(verifier)
    for name, number in (("salt_parameter", inputs.number("salt")), ("password_verifier_parameter", verifier)):
        yield name, base64.b64encode(arithmetic.minimal_bytes(number)).decode("ascii")


def _scrambler(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    publics = inputs.number("client_public"), inputs.number("server_public")
    yield "scrambler", hex_of(arithmetic.scrambler(COGNITO, *publics))


def _password_key(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    key = arithmetic.password_key(
        premaster_secret=inputs.number("premaster_secret"), scrambler=inputs.number("scrambler")
    )
    yield "password_key", key.hex()


def _secret_hash(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    hashed = arithmetic.secret_hash(
        client_secret=inputs.text("client_secret"),
        username=inputs.text("username"),
        client_id=inputs.text("client_id"),
    )
    yield "secret_hash", hashed


def _sha_interleave(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    yield "session_key", arithmetic.sha_interleave(inputs.data("premaster_secret")).hex()


def _minimal_bytes(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    yield "bytes", arithmetic.minimal_bytes(inputs.number("n")).hex()


def _hkdf(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    output_key = arithmetic.hkdf(
        _hashlib_name(inputs),
        salt=inputs.data("salt"),
        input_key=inputs.data("input_key"),
        info=inputs.data("info"),
        length=inputs.integer("length"),
    )
    yield "output_key", output_key.hex()


def _hmac(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    mac = arithmetic.hmac_of(_hashlib_name(inputs), inputs.data("key"), inputs.data("data"))
    yield "mac", mac[: inputs.integer("length") if "length" in inputs else None].hex()


def _totp(arithmetic: Arithmetic, inputs: Values) -> Iterator[Answer]:
    moment = datetime.fromtimestamp(inputs.integer("time"), UTC)
    digits, hash_name = inputs.integer("digits"), _hashlib_name(inputs)
    yield "code", arithmetic.totp(inputs.data("secret"), moment, digits=digits, hash_name=hash_name)


_ANSWERS: Mapping[str, Callable[[Arithmetic, Values], Iterator[Answer]]] = {
    "multiplier": _multiplier,
    "srp6a-exchange": _srp6a_exchange,
    "cognito-client": _cognito_client,
    "cognito-exchange": _cognito_exchange,
    "device-registration": _device_registration,
    "scrambler": _scrambler,
    "password-key": _password_key,
    "secret-hash": _secret_hash,
    "sha-interleave": _sha_interleave,
    "minimal-bytes": _minimal_bytes,
    "hkdf": _hkdf,
    "hmac": _hmac,
    "totp": _totp,
}
