"""The extensions, as far as a relying party sees them."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.authenticator import Authenticator, ClientRefused
from protocol.webauthn.base64url import decode, encode
from tests.authenticator.relying_party import ORIGIN, RelyingParty

RELYING_PARTY = RelyingParty()


def _register(authenticator: Authenticator, extensions: dict[str, Any]) -> dict[str, Any]:
    response = authenticator.register(RELYING_PARTY.creation_options(extensions=extensions), ORIGIN)
    RELYING_PARTY.register(response)
    return response


def _results(authenticator: Authenticator, extensions: dict[str, Any]) -> dict[str, Any]:
    answer = authenticator.authenticate(RELYING_PARTY.request_options(extensions=extensions), ORIGIN)
    results: dict[str, Any] = answer["clientExtensionResults"]
    return results


def test_cred_props_tells_whether_the_credential_is_discoverable() -> None:
    response = _register(Authenticator("props"), {"credProps": True})
    assert response["clientExtensionResults"] == {"credProps": {"rk": True}}


def test_prf_gives_the_same_secret_for_the_same_input_and_credential() -> None:
    authenticator = Authenticator("prf")
    assert _register(authenticator, {"prf": {}})["clientExtensionResults"] == {"prf": {"enabled": True}}
    inputs = [{"first": encode(b"one")}, {"first": encode(b"one"), "second": encode(b"two")}, {"first": encode(b"two")}]
    one, both, two = (_results(authenticator, {"prf": {"eval": each}})["prf"]["results"] for each in inputs)
    assert both == {"first": one["first"], "second": two["first"]}
    assert len(decode(one["first"])) == 32
    assert one != two
    other = Authenticator("another")
    _register(other, {"prf": {}})
    assert _results(other, {"prf": {"eval": inputs[0]}})["prf"]["results"] != one


def test_a_large_blob_is_written_and_read() -> None:
    authenticator = Authenticator("blob")
    registered = _register(authenticator, {"largeBlob": {"support": "required"}})
    assert registered["clientExtensionResults"] == {"largeBlob": {"supported": True}}
    assert _results(authenticator, {"largeBlob": {"write": encode(b"x" * 3000)}}) == {"largeBlob": {"written": True}}
    assert _results(authenticator, {"largeBlob": {"read": True}}) == {"largeBlob": {"blob": encode(b"x" * 3000)}}


def test_a_protected_credential_signs_for_a_verified_user_only() -> None:
    authenticator = Authenticator("protected")
    policy = {"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": True}
    id = _register(authenticator, policy)["id"]
    assert authenticator.authenticate(RELYING_PARTY.request_options(id), ORIGIN)["id"] == id
    with pytest.raises(ClientRefused, match="NotAllowedError"):
        authenticator.authenticate(RELYING_PARTY.request_options(id, userVerification="discouraged"), ORIGIN)
