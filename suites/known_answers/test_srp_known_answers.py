"""SRP as RFC 5054, RFC 2945 and Cognito have it, against what they or others have published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, COMPUTED, CRITICAL, HIGH, MUST, RFC, cases, check
from suites.known_answers.answers import must_give
from vectors.load import load_vectors

if TYPE_CHECKING:
    from protocol.arithmetic import Arithmetic


@check(
    "VEC-01",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 appendix B",
    evidence=RFC,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.multiplier.does-not-pad-the-generator": "rfc5054-multiplier-unpadded-generator",
        "arithmetic.scrambler.adds-sign-bytes": "rfc5054-appendix-b: scrambler is",
        "arithmetic.server.forgets-the-multiplier": "rfc5054-appendix-b: server_public is",
        "arithmetic.server.leaves-the-verifier-out": "rfc5054-appendix-b: premaster_secret is",
        "arithmetic.client.loses-the-sign-of-the-base": "rfc5054-appendix-b: premaster_secret is",
    },
)
def test_rfc_5054s_exchange_is_reproduced_on_both_sides(arithmetic: Arithmetic) -> None:
    """RFC 5054's published exchange comes out on client and server side, and no other multiplier passes for its k.

    An implementation that misses one of these values interoperates with no other. Compare the values in
    the order k, x, v, A, B, u, S: the first that differs names the formula to mend.
    """
    must_give(arithmetic, load_vectors("rfc5054"))


@check(
    "VEC-02",
    level=MUST,
    severity=HIGH,
    clause="RFC 2945 section 3.1",
    evidence=RFC,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.interleave.keeps-leading-zero-bytes": "rfc2945-edge-one-zero-byte",
        "arithmetic.interleave.keeps-the-odd-byte": "rfc2945-edge-odd",
    },
)
def test_sha_interleave_strips_zeros_and_drops_the_odd_byte(arithmetic: Arithmetic) -> None:
    """SHA_Interleave gives the known session keys, also for secrets with zeros in front and of odd length.

    Without the strip rule all goes well until a secret begins with a zero byte, once in 256 exchanges. Strip
    leading zero bytes first, then drop the first byte if their number is odd.
    """
    must_give(arithmetic, load_vectors("rfc2945"))


@check(
    "VEC-03",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito profile: k, u, x, K and the claim signature",
    evidence=COMPUTED,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.multiplier.lacks-the-sign-byte": "cognito-client-multiplier-without-sign-byte",
        "arithmetic.multiplier.pads-the-generator": "cognito-client-padded-multiplier",
        "arithmetic.scrambler.pads-to-the-modulus": "cognito-client-padded-scrambler",
        "arithmetic.pool-name.is-the-whole-id": "cognito-client-pool-id-for-name",
        "arithmetic.private-key.leaves-out-the-pool-name": "cognito-client-high-bits",
        "arithmetic.salt.lacks-the-sign-byte": "cognito-client-raw-salt",
        "arithmetic.premaster-secret.lacks-the-sign-byte": "cognito-client-premaster-secret-without-sign-byte",
        "arithmetic.client.loses-the-sign-of-the-base": "cognito-client-positive-base",
        "arithmetic.client.reduces-the-exponent-by-the-modulus": "cognito-client-long-a",
        "arithmetic.server.forgets-the-multiplier": "cognito-exchange-salt-high-bit",
        "arithmetic.server.leaves-the-verifier-out": "cognito-exchange-salt-high-bit",
        "arithmetic.password-key.has-another-info": "cognito-client-other-info",
        "arithmetic.password-key.is-32-bytes": "cognito-client-32-byte-key",
        "arithmetic.claim-signature.key-is-base64-text": "cognito-client-base64-key",
        "arithmetic.claim-signature.signs-the-base64-secret-block": "cognito-client-base64-secret-block",
        "arithmetic.claim-signature.separates-its-fields": "cognito-client-high-bits",
        "arithmetic.minimal-bytes.lack-the-sign-byte": "cognito-device-registration",
        "arithmetic.secret-hash.has-the-client-id-first": "cognito-secret-hash-1",
    },
)
@cases(
    "operations",
    {
        "group": ("multiplier", "scrambler", "password-key"),
        "sign-ins": ("cognito-client", "cognito-exchange"),
        "devices": ("device-registration",),
        "secret-hash": ("secret-hash",),
    },
)
def test_cognitos_known_answers_are_reproduced(arithmetic: Arithmetic, operations: tuple[str, ...]) -> None:
    """Key and claim signature of every known sign-in come out, and none of the values known to be wrong.

    Cognito answers every mistake here with the same "Incorrect username or password."; so compare k, x, u, S and
    K with the vector's in this order. Usual causes: the pool's id for its name, an alias for USER_ID_FOR_SRP,
    numbers padded as RFC 5054 has it, or a missing sign byte.
    """
    must_give(arithmetic, (vector for vector in load_vectors("cognito_srp") if vector.operation in operations))


@check(
    "VEC-05",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito profile: P(n)",
    evidence=COMPUTED,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.minimal-bytes.lack-the-sign-byte": "minimal-bytes-80",
        "arithmetic.minimal-bytes.of-zero-are-none": "minimal-bytes-0",
    },
)
def test_numbers_are_encoded_minimally_with_a_sign_byte(arithmetic: Arithmetic) -> None:
    """P(n) is right on both sides of each byte boundary, and never reads as a negative number.

    Every number that Cognito hashes goes through P(n). A wrong one fails half of all sign-ins. Put one zero byte
    in front when the top bit is set, and nothing else.
    """
    must_give(arithmetic, load_vectors("minimal_bytes"))
