"""The forge's tokens are what they are called: a forgery that is merely broken would prove nothing."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from fakes.issuer import Issuer, PublishedKeys, SigningKey
from harness.forge import (
    Forge,
    Signer,
    as_json,
    base64url,
    es256,
    hs256,
    nothing,
    padded,
    rsa_pkcs1,
    rsa_pss,
    written_again,
)
from harness.sign_in import Left

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    issuer = Issuer()
    attackers_key = SigningKey.new(key_id=issuer.keys["access"].key_id)
    site = PublishedKeys({"keys": [attackers_key.public_jwk()]})
    yield Forge(issuer, int(time.time()), 1, attackers_key, site)
    site.close()


def verified(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    """The claims, by a library that had no part in the making."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        payload: dict[str, Any] = json.loads(jws.deserialize_compact(token, key, algorithms=[algorithm]).payload)
        return payload


@pytest.mark.parametrize("use", ["access", "id"])
def test_a_token_with_nothing_changed_is_the_honest_one(forge: Forge, use: Any) -> None:
    assert forge.token(use) == forge.honest(use)


def test_an_honest_token_verifies_with_the_published_key(forge: Forge) -> None:
    [published] = [key for key in forge.issuer.jwks["keys"] if key["kid"] == forge.access_key.key_id]
    claims = verified(forge.honest(), RSAKey.import_key(published), "RS256")
    assert claims["client_id"] == forge.issuer.client_id
    assert claims["exp"] > forge.now


SIGNED: dict[str, Callable[[Forge], tuple[Signer, Any]]] = {
    "RS384": lambda forge: (rsa_pkcs1(forge.access_key, 384), forge.access_key.for_signing),
    "RS512": lambda forge: (rsa_pkcs1(forge.access_key, 512), forge.access_key.for_signing),
    "PS256": lambda forge: (rsa_pss(forge.access_key), forge.access_key.for_signing),
    "HS256": lambda forge: (
        hs256(b"a secret of 32 bytes or a few more"),
        OctKey.import_key("a secret of 32 bytes or a few more"),
    ),
}


@pytest.mark.parametrize("algorithm", SIGNED)
def test_a_signature_with_another_algorithm_is_right(forge: Forge, algorithm: str) -> None:
    sign, key = SIGNED[algorithm](forge)
    assert verified(forge.token(header={"alg": algorithm}, sign=sign), key, algorithm)["sub"]


def test_an_es256_signature_has_the_form_of_one() -> None:
    assert len(es256(b"anything")) == 64


def test_a_changed_claim_is_the_only_change(forge: Forge) -> None:
    claims = verified(forge.token(claims={"iss": "another", "sub": Left.OUT}), forge.access_key.for_signing, "RS256")
    assert claims == {name: value for name, value in forge.claims.items() if name != "sub"} | {"iss": "another"}


def test_the_attackers_signature_does_not_verify_with_the_issuers_key(forge: Forge) -> None:
    token = forge.token(sign=rsa_pkcs1(forge.attackers_key))
    assert verified(token, forge.attackers_key.for_signing, "RS256")["sub"]
    with pytest.raises(Exception, match="bad_signature"):
        verified(token, forge.access_key.for_signing, "RS256")


def test_an_unsigned_token_ends_with_its_dot(forge: Forge) -> None:
    assert forge.token(sign=nothing).endswith(".")
    assert forge.token(sign=nothing).count(".") == 2


def test_the_honest_signature_is_that_of_the_honest_token(forge: Forge) -> None:
    assert forge.token(sign=forge.honest_signature) == forge.honest()


def test_a_member_written_again_stands_twice() -> None:
    assert written_again({"exp": 9}, "exp", 1) == b'{"exp":9,"exp":1}'


@pytest.mark.parametrize(("length", "padding"), [(0, 0), (1, 2), (2, 1), (3, 0), (256, 2)])
def test_padding_is_what_base64_would_have(length: int, padding: int) -> None:
    assert padded(base64url(bytes(length))).count("=") == padding


@pytest.mark.parametrize("form", ["PEM", "PKCS1 PEM", "DER", "JWK"])
def test_the_public_key_holds_no_private_part(forge: Forge, form: str) -> None:
    encoded = forge.public_key(form)
    assert b"PRIVATE" not in encoded
    assert b'"d"' not in encoded
    assert len(encoded) < 600


def test_infinity_and_nan_are_written_as_python_writes_them() -> None:
    assert as_json(float("nan")) == b"NaN"
