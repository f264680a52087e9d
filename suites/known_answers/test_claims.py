"""The password claim, property-tested: its primitives, its two sides, what its signature covers."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, CRITICAL, HIGH, MUST, OWN, RFC, check
from harness.properties import ClaimInputs, claim_pairs, key_derivations, macs, sign_ins
from protocol.cognito_srp import COGNITO

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.properties import ForAll, KeyDerivationInputs, MacInputs, SignInInputs
    from protocol.arithmetic import Arithmetic

_KEY = bytes(range(16))
_ANY_CLAIM = ClaimInputs("EXAMPLE", "marta", b"block", "Thu Nov 5 00:03:09 UTC 2026")


@check(
    "CLM-01",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 2104; RFC 5869",
    evidence=RFC,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.hmac.truncates-long-keys": "HMAC differs",
        "arithmetic.hkdf.counts-from-zero": "HKDF differs",
        "arithmetic.hkdf.does-not-chain": "HKDF differs",
        "arithmetic.hkdf.ignores-the-info": "HKDF differs",
    },
)
def test_hkdf_and_hmac_equal_an_independent_implementation(arithmetic: Arithmetic, for_all: ForAll) -> None:
    """HKDF and HMAC give what another library gives, for keys and data of any length.

    A difference means that some users' claims are signed wrongly. Long keys are hashed first, an empty salt is
    as many zero bytes as the hash has, and HKDF's blocks are chained and counted from 1.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.hmac import HMAC
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    algorithms = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}  # noqa: S303

    def hmac_agrees(inputs: MacInputs) -> None:
        other = HMAC(inputs.key, algorithms[inputs.hash_name])
        other.update(inputs.data)
        assert arithmetic.hmac_of(inputs.hash_name, inputs.key, inputs.data) == other.finalize(), "HMAC differs"

    def hkdf_agrees(inputs: KeyDerivationInputs) -> None:
        other = HKDF(algorithms[inputs.hash_name], inputs.length, inputs.salt, inputs.info).derive(inputs.input_key)
        own = arithmetic.hkdf(
            inputs.hash_name, salt=inputs.salt, input_key=inputs.input_key, info=inputs.info, length=inputs.length
        )
        assert own == other, "HKDF differs"

    for_all(macs(), hmac_agrees)
    for_all(key_derivations(), hkdf_agrees)


@check(
    "CLM-02",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5054 section 2.6; Cognito profile",
    evidence=OWN,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.server.forgets-the-multiplier": "do not agree on the premaster secret",
        "arithmetic.server.leaves-the-verifier-out": "do not agree on the premaster secret",
        "arithmetic.client.loses-the-sign-of-the-base": "do not agree on the premaster secret",
        "arithmetic.client.reduces-the-exponent-by-the-modulus": "do not agree on the premaster secret",
    },
)
def test_client_and_server_agree(arithmetic: Arithmetic, for_all: ForAll) -> None:
    """Client and server end with the same premaster secret and key, whoever signs in and whatever was drawn.

    Where they do not, the right password is refused. Look at the sign of B - k·g^x, at the modulus of the
    exponent (N - 1, or none), and at k on the server's side.
    """

    def sides_agree(inputs: SignInInputs) -> None:
        x = _private_key(arithmetic, inputs)
        verifier = arithmetic.verifier(COGNITO, x)
        client_public = COGNITO.client_public(inputs.a)
        server = arithmetic.server_side(COGNITO, b=inputs.b, client_public=client_public, verifier=verifier)
        client = arithmetic.client_side(COGNITO, a=inputs.a, server_public=server.public, x=x)
        assert client.scrambler == server.scrambler, "client and server do not agree on the scrambler"
        same = client.premaster_secret == server.premaster_secret
        assert same, "client and server do not agree on the premaster secret"
        keys = {
            arithmetic.password_key(premaster_secret=side.premaster_secret, scrambler=side.scrambler)
            for side in (client, server)
        }
        assert len(keys) == 1, "client and server do not agree on the password key"

    for_all(sign_ins(), sides_agree)


@check(
    "CLM-03",
    level=MUST,
    severity=HIGH,
    clause="Cognito profile: claim signature",
    evidence=OWN,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.claim-signature.leaves-out-the-pool-name": "does not depend on the pool name",
        "arithmetic.claim-signature.leaves-out-the-user-id": "does not depend on the user id",
        "arithmetic.claim-signature.leaves-out-the-secret-block": "does not depend on the secret block",
        "arithmetic.claim-signature.leaves-out-the-timestamp": "does not depend on the timestamp",
        "arithmetic.private-key.leaves-out-the-password": "does not depend on the password",
        "arithmetic.claim-signature.separates-its-fields": "boundary of pool name and user id: told apart",
    },
)
def test_the_signature_depends_on_every_field(arithmetic: Arithmetic, for_all: ForAll, observe: Observe) -> None:
    """A claim signed for one pool, user, challenge, time and password is no good for another.

    A field that the signature does not cover can be exchanged by whoever sees it. Cognito joins the fields with
    nothing between them, so that pool `ab` with user `c` signs like pool `a` with user `bc`: that is recorded and
    has to be so, for the sake of interoperability.
    """

    def signed(inputs: ClaimInputs, key: bytes = _KEY) -> bytes:
        return arithmetic.claim_signature(
            key=key,
            pool_name=inputs.pool_name,
            user_id=inputs.user_id,
            secret_block=inputs.secret_block,
            timestamp=inputs.timestamp,
        )

    def covers_its_fields(pair: tuple[ClaimInputs, ClaimInputs]) -> None:
        inputs, other = pair
        signature = signed(inputs)
        for field in fields(inputs):
            own, others = getattr(inputs, field.name), getattr(other, field.name)
            for exchanged in (own + own[:1], others):
                covered = exchanged == own or signed(replace(inputs, **{field.name: exchanged})) != signature
                assert covered, f"the claim signature does not depend on the {field.name.replace('_', ' ')}"

    def covers_the_password(inputs: SignInInputs) -> None:
        verifier = arithmetic.verifier(COGNITO, _private_key(arithmetic, inputs))
        server_public = COGNITO.server_public(inputs.b, verifier)
        signatures = {
            signed(_ANY_CLAIM, _client_key(arithmetic, replace(inputs, password=password), server_public))
            for password in (inputs.password, inputs.password + "x")
        }
        assert len(signatures) == 2, "the claim signature does not depend on the password"

    for_all(claim_pairs(), covers_its_fields)
    for_all(sign_ins(), covers_the_password)
    merged = signed(replace(_ANY_CLAIM, pool_name="ab", user_id="c")) == signed(
        replace(_ANY_CLAIM, pool_name="a", user_id="bc")
    )
    observe("boundary of pool name and user id", "not told apart" if merged else "told apart")


def _private_key(arithmetic: Arithmetic, inputs: SignInInputs) -> int:
    return arithmetic.private_key(
        salt=inputs.salt, pool_name=inputs.pool_name, user_id=inputs.user_id, password=inputs.password
    )


def _client_key(arithmetic: Arithmetic, inputs: SignInInputs, server_public: int) -> bytes:
    x = _private_key(arithmetic, inputs)
    client = arithmetic.client_side(COGNITO, a=inputs.a, server_public=server_public, x=x)
    return arithmetic.password_key(premaster_secret=client.premaster_secret, scrambler=client.scrambler)
