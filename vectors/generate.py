"""Finds the edge set by search, from one seed.

The walk is cheap because one exponent goes up by one at a time: the next A, or the next g^b, is the
last one times g. For S = A^b · (v^b)^u the next A^b is the last one times g^b, and (v^b)^u is a power of
a fixed base, which a table of its powers turns into a score of multiplications.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import gmpy2

from protocol.cognito_srp import COGNITO, password_key, pool_name, private_key
from protocol.numbers import hex_of
from protocol.shapes import SHAPES
from protocol.timestamps import format_timestamp
from vectors.derive import derive
from vectors.edges import EDGE_FLAGS, QUANTITIES, TEXT_CLAIMS, Quantity, Span, flag_of, span_of
from vectors.load import Provenance, Values, Vector

SEED = 20261121
FILE_NAME = "edges.json"

_ABOUT = (
    "Sign-ins in which one number has a shape that a wrong encoding trips over while every other number has none, and"
    " sign-ins with names and passwords out of the ordinary. Where a number begins with two zero bytes, the others are"
    " only without zeros in front. Widths are 384 bytes for A, B and S, 32 for u, 16 for K and the salt. N and g"
    " are those of the vector cognito-multiplier in cognito_srp.json."
)
_PROVENANCE = Provenance(
    source="cognito-conformance, vectors/generate.py",
    licence="Apache-2.0",
    obtained=f"found by search from the seed {SEED}; the values are those of vectors/derive.py, on both sides",
)
_USER_POOL_ID = "eu-central-1_Kx7Qm2PdT"
_PRIME, _GENERATOR = gmpy2.mpz(COGNITO.group.prime), COGNITO.group.generator
_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR_SECONDS = 365 * 24 * 3600


def regenerate(destination: Path, *, processes: int = 2) -> Path:
    """Find the whole edge set and write it as `edges.json` into the folder `destination`.

    The file is the same, byte by byte, for the same seed, however many processes search. The search takes
    some 45 seconds of computing. Raises OSError when the folder cannot be made or written.
    """
    destination.mkdir(parents=True, exist_ok=True)
    cases = [(quantity, shape) for quantity in QUANTITIES for shape in SHAPES]
    with ProcessPoolExecutor(processes) as executor:
        found = executor.map(find_edge, *zip(*cases, strict=True))
        vectors = [*found, *text_vectors()]
    path = destination / FILE_NAME
    path.write_text(edge_file(vectors), encoding="utf-8")
    return path


def edge_file(vectors: Iterable[Vector]) -> str:
    """The text of `edges.json` with these vectors."""
    written = [_as_json(vector) for vector in vectors]
    used = {flag for vector in written for flag in vector["flags"]}
    document = {
        "format": "cognito-conformance-vectors",
        "version": 1,
        "family": "edges",
        "about": _ABOUT,
        "generator": {"command": "cognito-conformance vectors regenerate", "seed": SEED},
        "flags": {name: asdict(flag) for name, flag in EDGE_FLAGS.items() if name in used},
        "vectors": written,
    }
    return json.dumps(document, indent=1) + "\n"


def find_edge(quantity: Quantity, shape: str) -> Vector:
    """The vector in which a quantity has a shape. Two zero bytes take some 150 000 steps."""
    randomness = random.Random(f"{SEED} {quantity.name} {shape}")  # noqa: S311 - repeatable on purpose
    others = "without zeros" if shape == "two-zero-bytes" else "plain"
    allowed = {each.name: span_of(others, each) for each in QUANTITIES} | {quantity.name: span_of(shape, quantity)}
    salt = randomness.randrange(allowed["salt"].low, allowed["salt"].high)
    sign_in = SignIn(a=randomness.getrandbits(256), b=randomness.getrandbits(256), salt=salt)
    walk = _walk_of_the_server if quantity.name == "server-public" else _walk_of_the_client
    found = next(step for step in walk(sign_in, allowed) if step.fits(salt, allowed))
    return _vector(
        id=f"edge-{quantity.name}-{shape}",
        comment=f"{quantity.symbol} with {shape.replace('-', ' ')}.",
        sign_in=replace(sign_in, a=found.a, b=found.b),
        randomness=randomness,
        flag=flag_of(quantity, shape),
    )


def text_vectors() -> Iterator[Vector]:
    """The vectors of names and passwords out of the ordinary."""
    for id, (comment, user_id, password) in _TEXTS.items():
        randomness = random.Random(f"{SEED} {id}")  # noqa: S311 - repeatable on purpose
        a, b, salt = (randomness.getrandbits(bits) for bits in (256, 256, 128))
        sign_in = SignIn(a=a, b=b, salt=salt, user_id=user_id, password=password)
        yield _vector(id=id, comment=comment, sign_in=sign_in, randomness=randomness)


_TEXTS = {
    "edge-text-user-id-umlaut": ("A user id with letters of Latin-1.", "jürgen.groß", "Correct-Horse-7"),
    "edge-text-user-id-cjk": ("A user id in Chinese.", "张伟", "Correct-Horse-7"),
    "edge-text-user-id-emoji": ("A user id with an emoji.", "otter-🦦", "Correct-Horse-7"),
    "edge-text-user-id-decomposed": (
        "A user id with combining accents.",
        unicodedata.normalize("NFD", "zoë.façade"),
        "Correct-Horse-7",
    ),
    "edge-text-password-umlaut": ("A password with letters of Latin-1.", "marta", "Grüße-an-7-Bären"),
    "edge-text-password-composed": (
        "An accent composed with its letter.",
        "marta",
        unicodedata.normalize("NFC", "Café-Crème-7"),
    ),
    "edge-text-password-decomposed": (
        "The same password with combining accents: another password.",
        "marta",
        unicodedata.normalize("NFD", "Café-Crème-7"),
    ),
    "edge-text-password-cyrillic-and-hebrew": ("Two alphabets, two directions.", "marta", "Пароль-סיסמה-7"),
    "edge-text-password-emoji": ("A password with emoji, one of several code points.", "marta", "🔐-Key-7-👩‍🚀"),
    "edge-text-password-blank-in-front": ("A password that begins with a blank.", "marta", " Correct-Horse-7"),
    "edge-text-password-blank-behind": ("A password that ends with a blank.", "marta", "Correct-Horse-7 "),
    "edge-text-password-colon": ("A password that holds the separator of x.", "marta", "Correct:Horse:7"),
    "edge-text-password-long": ("A password of 256 characters.", "marta", "Aa7-" * 64),
}


@dataclass(frozen=True)
class SignIn:
    """What a sign-in starts from."""

    a: int
    b: int
    salt: int
    user_id: str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    password: str = "Correct-Horse-7"  # noqa: S105 - a vector's

    def verifier(self) -> int:
        """The verifier v."""
        x = private_key(
            salt=self.salt, pool_name=pool_name(_USER_POOL_ID), user_id=self.user_id, password=self.password
        )
        return COGNITO.verifier(x)


class Step(NamedTuple):
    """One step of a walk: exponents, public values, and a function from u to S."""

    a: int
    b: int
    client_public: int
    server_public: int
    premaster_secret: Callable[[int], int]

    def fits(self, salt: int, allowed: Mapping[str, Span]) -> bool:
        """Whether every hashed number lies where it may; the cheap ones are looked at first."""
        return all(number in allowed[name] for name, number in self._numbers(salt))

    def _numbers(self, salt: int) -> Iterator[tuple[str, int]]:
        yield "client-public", self.client_public
        yield "server-public", self.server_public
        yield "salt", salt
        scrambler = COGNITO.scrambler(self.client_public, self.server_public)
        yield "scrambler", scrambler
        premaster_secret = self.premaster_secret(scrambler)
        yield "premaster-secret", premaster_secret
        key = password_key(premaster_secret=premaster_secret, scrambler=scrambler)
        yield "password-key", int.from_bytes(key, "big")


def _walk_of_the_client(start: SignIn, allowed: Mapping[str, Span]) -> Iterator[Step]:
    """Steps with a, a + 1, a + 2, … against a server whose B is allowed."""
    verifier = start.verifier()
    b = next(b for b in count(start.b) if COGNITO.server_public(b, verifier) in allowed["server-public"])
    server_public = COGNITO.server_public(b, verifier)
    secrets = _RisingSecrets(start.a, b, verifier)
    client_public = gmpy2.mpz(COGNITO.client_public(start.a))
    for a in count(start.a):
        yield Step(a, b, int(client_public), server_public, partial(secrets.premaster_secret, a))
        client_public = client_public * _GENERATOR % _PRIME


def _walk_of_the_server(start: SignIn, allowed: Mapping[str, Span]) -> Iterator[Step]:
    """Steps with b, b + 1, b + 2, … against a client whose A is allowed."""
    verifier = start.verifier()
    a = next(a for a in count(start.a) if COGNITO.client_public(a) in allowed["client-public"])
    client_public = COGNITO.client_public(a)
    masked_verifier = gmpy2.mpz(COGNITO.multiplier() * verifier)
    raised_generator = gmpy2.mpz(COGNITO.client_public(start.b))
    for b in count(start.b):
        server_public = int((masked_verifier + raised_generator) % _PRIME)
        secrets = partial(_premaster_secret, client_public, b, server_public, verifier)
        yield Step(a, b, client_public, server_public, secrets)
        raised_generator = raised_generator * _GENERATOR % _PRIME


def _premaster_secret(client_public: int, b: int, server_public: int, verifier: int, scrambler: int) -> int:
    del scrambler  # it follows from the public values
    return COGNITO.server_premaster_secret(
        client_public=client_public, b=b, server_public=server_public, verifier=verifier
    )


class _RisingSecrets:
    """S = A^b · (v^b)^u for one b and v while a rises."""

    def __init__(self, a: int, b: int, verifier: int) -> None:
        self._a = a
        self._raised_generator = gmpy2.mpz(COGNITO.client_public(b))
        self._raised_public = gmpy2.powmod(self._raised_generator, a, _PRIME)
        self._raised_verifier = _FixedBase(gmpy2.powmod(verifier, b, _PRIME))

    def premaster_secret(self, a: int, scrambler: int) -> int:
        """S for an a that is not below the last one."""
        ascent = gmpy2.powmod(self._raised_generator, a - self._a, _PRIME)
        self._a, self._raised_public = a, self._raised_public * ascent % _PRIME
        return int(self._raised_verifier.power(scrambler) * self._raised_public % _PRIME)


class _FixedBase:
    """Powers of one base to exponents of 32 bytes, from a table that is made at the first one."""

    def __init__(self, base: gmpy2.mpz) -> None:
        self._base = base

    def power(self, exponent: int) -> gmpy2.mpz:
        """The base to the exponent."""
        product = gmpy2.mpz(1)
        for row, byte in zip(self._table, exponent.to_bytes(32, "little"), strict=True):
            product = product * row[byte] % _PRIME
        return product

    @cached_property
    def _table(self) -> list[list[gmpy2.mpz]]:
        """For each byte of the exponent, by weight, the power for each of its values."""
        table, base = [], self._base
        for _ in range(32):
            row = [gmpy2.mpz(1)]
            for _ in range(256):
                row.append(row[-1] * base % _PRIME)
            base = row.pop()
            table.append(row)
        return table


def _vector(*, id: str, comment: str, sign_in: SignIn, randomness: random.Random, flag: str | None = None) -> Vector:
    inputs = {
        "user_pool_id": _USER_POOL_ID,
        "pool_name": pool_name(_USER_POOL_ID),
        "user_id": sign_in.user_id,
        "password": sign_in.password,
        "salt": hex_of(sign_in.salt),
        "a": hex_of(sign_in.a),
        "b": hex_of(sign_in.b),
        "secret_block": randomness.randbytes(64).hex(),
        "timestamp": format_timestamp(_FIRST_MOMENT + timedelta(seconds=randomness.randrange(_YEAR_SECONDS))),
    }
    vector = Vector(
        id=id,
        operation="cognito-exchange",
        comment=comment,
        flags=(),
        result="valid",
        inputs=Values(id, inputs),
        expected=Values(id, {}),
        provenance=_PROVENANCE,
    )
    vector = replace(vector, expected=Values(id, derive(vector)))
    texts = (name for name, claim in TEXT_CLAIMS.items() if claim(vector))
    return replace(vector, flags=(*filter(None, [flag]), *texts))


def _as_json(vector: Vector) -> dict[str, Any]:
    return {
        "id": vector.id,
        "operation": vector.operation,
        "comment": vector.comment,
        "flags": list(vector.flags),
        "result": vector.result,
        "inputs": dict(vector.inputs.members),
        "expected": dict(vector.expected.members),
        "provenance": asdict(vector.provenance),
    }
