"""The signature: RS256, with the key that the issuer publishes under the token's key id, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from fakes.faults import declare_fault
from fakes.verifier.key_sets import fetch
from fakes.verifier.reading import Jwt
from fakes.verifier.refusal import On, Refused, demand

ACCEPTS_ALG_NONE = declare_fault("verifier.accepts-alg-none", "alg none, in any case, needs no signature")
ACCEPTS_HS256_WITH_THE_PUBLIC_KEY = declare_fault(
    "verifier.accepts-hs256-with-the-public-key", "HS256 is verified with the public key's PEM for a secret"
)
ACCEPTS_ANY_RSA_ALGORITHM = declare_fault(
    "verifier.accepts-any-rsa-algorithm", "the token chooses between RS256, RS384, RS512 and PS256"
)
TAKES_A_MISSING_ALG_FOR_RS256 = declare_fault(
    "verifier.takes-a-missing-alg-for-rs256", "a token without alg is verified with RS256"
)
IGNORES_KID = declare_fault("verifier.ignores-kid", "every published key is tried, whatever kid says")
USES_EMBEDDED_JWK = declare_fault("verifier.uses-embedded-jwk", "a key in the header is taken for the issuer's")
TRUSTS_X5C = declare_fault("verifier.trusts-x5c", "the key of a certificate in the header is taken for the issuer's")
FOLLOWS_JKU = declare_fault("verifier.follows-jku", "keys are fetched from where the header says")
FETCHES_JKU = declare_fault("verifier.fetches-jku", "jku is fetched and then not used")
IGNORES_THE_SIGNATURE = declare_fault("verifier.ignores-the-signature", "no signature is verified")
SKIPS_AN_EMPTY_SIGNATURE = declare_fault("verifier.skips-an-empty-signature", "an empty signature is not verified")
IGNORES_WHAT_A_KEY_IS_FOR = declare_fault(
    "verifier.ignores-what-a-key-is-for", "use and alg of a published key are not looked at"
)
TAKES_ANY_KEY_TYPE = declare_fault("verifier.takes-any-key-type", "kty of a published key is not looked at")

ALGORITHM = "RS256"
_OTHER_RSA_ALGORITHMS = ("RS384", "RS512", "PS256")


def verify_signature(jwt: Jwt, jwks: object, on: On) -> None:
    """Raises Refused unless a key of the issuer signed the token."""
    if on(FETCHES_JKU) and "jku" in jwt.header:
        fetch(jwt.header["jku"])
    algorithm = jwt.header.get("alg", ALGORITHM if on(TAKES_A_MISSING_ALG_FOR_RS256) else None)
    if on(IGNORES_THE_SIGNATURE) or (on(SKIPS_AN_EMPTY_SIGNATURE) and not jwt.signature):
        return
    if on(ACCEPTS_ALG_NONE) and str(algorithm).lower() == "none":
        return
    candidates = list(_candidates(jwt.header, jwks, on))
    demand(bool(candidates), "the issuer publishes no key under this kid")
    if on(ACCEPTS_HS256_WITH_THE_PUBLIC_KEY) and algorithm == "HS256":
        demand(any(_is_hmac(jwt, _key(candidate, on)) for candidate in candidates), "the signature is wrong")
        return
    allowed = [ALGORITHM, *(_OTHER_RSA_ALGORITHMS if on(ACCEPTS_ANY_RSA_ALGORITHM) else ())]
    demand(algorithm in allowed, f"alg is not {ALGORITHM}")
    verifying = JWSRegistry(algorithms=allowed).get_alg(str(algorithm))
    demand(
        any(verifying.verify(jwt.signing_input, jwt.signature, _key(candidate, on)) for candidate in candidates),
        "the signature is wrong",
    )


def _candidates(header: Mapping[str, Any], jwks: object, on: On) -> Iterator[Mapping[str, Any]]:
    """The published keys that may have signed: the one under the token's kid."""
    if on(USES_EMBEDDED_JWK) and isinstance(header.get("jwk"), dict):
        yield header["jwk"]
    if on(TRUSTS_X5C) and isinstance(header.get("x5c"), list):
        yield _key_of_certificate(header["x5c"][0])
    if on(FOLLOWS_JKU) and "jku" in header:
        yield from fetch(header["jku"])
    key_id = header.get("kid")
    demand(isinstance(key_id, str) or on(IGNORES_KID), "kid is not a text")
    published = jwks.get("keys") if isinstance(jwks, dict) else None
    for key in published if isinstance(published, list) else []:
        if isinstance(key, dict) and (key.get("kid") == key_id or on(IGNORES_KID)):
            yield key


def _key(jwk: Mapping[str, Any], on: On) -> RSAKey:
    """The key, when it is an RSA key for signatures with RS256. Raises Refused."""
    if not on(IGNORES_WHAT_A_KEY_IS_FOR):
        demand(jwk.get("use", "sig") == "sig", "the published key is not for signatures")
        demand(jwk.get("alg", ALGORITHM) == ALGORITHM, f"the published key is not for {ALGORITHM}")
    demand(jwk.get("kty") == "RSA" or on(TAKES_ANY_KEY_TYPE), "the published key is no RSA key")
    demand(all(isinstance(jwk.get(part), str) for part in ("n", "e")), "the published key lacks n or e")
    try:
        return RSAKey.import_key({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except (JoseError, ValueError):
        raise Refused("the published key is no RSA key") from None


def _is_hmac(jwt: Jwt, key: RSAKey) -> bool:
    hmac = HMAC(key.as_pem(private=False), SHA256())
    hmac.update(jwt.signing_input)
    return hmac.finalize() == jwt.signature


def _key_of_certificate(encoded: str) -> Mapping[str, Any]:
    certificate = x509.load_der_x509_certificate(base64.b64decode(encoded))
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return RSAKey.import_key(public).as_dict(private=False)
