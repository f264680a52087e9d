"""RFC 2945's protocol."""

from __future__ import annotations

import pytest

from protocol import srp3
from protocol.errors import UnsafePublicValue
from protocol.groups import RFC5054_1024, Group
from protocol.numbers import power
from vectors.load import load_vectors

EXCHANGE = next(vector for vector in load_vectors("rfc5054") if vector.id == "rfc5054-appendix-b")


def verifier_of(group: Group, x: int) -> int:
    return power(group.generator, x, group.prime)


def test_client_and_server_agree() -> None:
    group, a, b = RFC5054_1024, 2**255 + 11, 2**254 + 13
    x = srp3.private_key(salt=b"\0salt", user="alice", password="password123")
    verifier, client_public = verifier_of(group, x), power(group.generator, a, group.prime)
    server_public = srp3.server_public(group, b=b, verifier=verifier)
    of_client = srp3.client_premaster_secret(group, a=a, server_public=server_public, x=x)
    of_server = srp3.server_premaster_secret(
        group, client_public=client_public, b=b, server_public=server_public, verifier=verifier
    )
    assert of_client == of_server
    assert len(srp3.session_key(of_client)) == 40


def test_both_proofs_are_those_of_an_independent_implementation() -> None:
    """Over the public values of RFC 5054 appendix B, computed once with a library whose proofs are RFC 2945's."""
    client_public, server_public = EXCHANGE.expected.number("client_public"), EXCHANGE.expected.number("server_public")
    key = srp3.session_key(EXCHANGE.expected.number("premaster_secret"))
    proof = srp3.client_proof(
        RFC5054_1024,
        user="alice",
        salt=EXCHANGE.inputs.data("salt"),
        client_public=client_public,
        server_public=server_public,
        key=key,
    )
    assert proof.hex() == "8b5fdb7db0346e353689d2edfacec647a813e6d0"
    answer = srp3.server_proof(client_public=client_public, client_proof=proof, key=key)
    assert answer.hex() == "e8149a44a9d5bf552a4cc9120c545301a537f227"


def test_the_scrambler_has_32_bits() -> None:
    assert srp3.scrambler(1) == 0xBF8B4530, "the first 32 bits of SHA-1 over the byte 01"


def test_public_values_that_are_zero_modulo_n_end_the_exchange() -> None:
    group = RFC5054_1024
    with pytest.raises(UnsafePublicValue, match="B is 0"):
        srp3.client_premaster_secret(group, a=2, server_public=group.prime, x=3)
    with pytest.raises(UnsafePublicValue, match="A is 0"):
        srp3.server_premaster_secret(group, client_public=2 * group.prime, b=2, server_public=3, verifier=4)
