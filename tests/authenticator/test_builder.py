"""The builder makes the change it was asked for, in one place, and signs what comes after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fakes.authenticator import Abilities, Authenticator, Builder, Change, ChangeNotMade, Format, Layer
from fakes.authenticator.changes import append, flip
from protocol.webauthn import cbor
from protocol.webauthn.authenticator_data import Flags
from protocol.webauthn.base64url import decode
from protocol.webauthn.registration import AttestationPolicy
from tests.authenticator.relying_party import NOW, ORIGIN, RelyingParty

RELYING_PARTY = RelyingParty()
OF_ONE_FORMAT = {
    Layer.PUBLIC_AREA: Format.TPM,
    Layer.CERTIFY_INFO: Format.TPM,
    Layer.JWS: Format.ANDROID_SAFETYNET,
}
IN_AN_AUTHENTICATION = {
    Layer.CLIENT_DATA,
    Layer.CLIENT_DATA_JSON,
    Layer.AUTHENTICATOR_DATA,
    Layer.AUTHENTICATOR_DATA_BYTES,
    Layer.SIGNED,
    Layer.SIGNATURE,
    Layer.RESPONSE,
}


def _noted(layer: Layer, seen: list[Any]) -> Change:
    def note(value: Any) -> Any:
        seen.append(value)
        return value

    return Change(f"nothing at {layer.name}", layer, note)


@pytest.mark.parametrize("layer", Layer, ids=lambda layer: layer.name)
def test_each_layer_is_met_once_or_the_builder_says_that_it_is_not_there(layer: Layer) -> None:
    builder = Builder(Authenticator("layers", Abilities(attestation=OF_ONE_FORMAT.get(layer, Format.PACKED))))
    seen: list[Any] = []
    builder.register(RELYING_PARTY.creation_options(), ORIGIN, _noted(layer, seen))
    assert len(seen) == 1
    if layer in IN_AN_AUTHENTICATION:
        builder.authenticate(RELYING_PARTY.request_options(), ORIGIN, _noted(layer, seen))
        assert len(seen) == 2
    else:
        with pytest.raises(ChangeNotMade, match=layer.name):
            builder.authenticate(RELYING_PARTY.request_options(), ORIGIN, _noted(layer, seen))


@pytest.mark.parametrize("layer", OF_ONE_FORMAT, ids=lambda layer: layer.name)
def test_a_change_that_the_format_has_no_place_for_is_told(layer: Layer) -> None:
    with pytest.raises(ChangeNotMade):
        Builder(Authenticator("packed")).register(RELYING_PARTY.creation_options(), ORIGIN, _noted(layer, []))


@pytest.mark.parametrize("format", [format for format in Format if format is not Format.FIDO_U2F])
def test_what_is_changed_before_the_signature_is_signed(format: Format) -> None:
    authenticator = Authenticator("signed", Abilities(attestation=format), clock=lambda: NOW)
    relying_party, builder = RelyingParty(authenticator.trust_anchor), Builder(authenticator)
    unverified = Change(
        "user not verified",
        Layer.AUTHENTICATOR_DATA,
        lambda parts: replace(parts, flags=parts.flags & ~int(Flags.UV)),
    )
    response = builder.register(relying_party.creation_options(), ORIGIN, unverified)
    record = relying_party.register(response, user_verification_required=False).record
    assert not record.uv_initialized
    answer = builder.authenticate(relying_party.request_options(), ORIGIN, unverified)
    relying_party.authenticate(answer, record, user_verification_required=False)


def test_without_a_change_it_signs_what_the_client_signs() -> None:
    answers = []
    for through_builder in (True, False):
        authenticator = Authenticator("same")
        source = Builder(authenticator) if through_builder else authenticator
        registered = source.register(RELYING_PARTY.creation_options(), ORIGIN)
        answers.append((registered, source.authenticate(RELYING_PARTY.request_options(), ORIGIN)))
    assert answers[0] == answers[1]


def test_bytes_can_be_put_where_no_honest_encoder_would() -> None:
    builder = Builder(Authenticator("bytes"))
    longer = Change("bytes after", Layer.ATTESTATION_OBJECT_BYTES, append(b"\xa0"))
    response = builder.register(RELYING_PARTY.creation_options(), ORIGIN, longer)
    assert decode(response["response"]["attestationObject"]).endswith(b"\xa0")


def test_a_credential_that_signs_wrongly_once_signs_rightly_after() -> None:
    authenticator = Authenticator("twin")
    relying_party, builder = RelyingParty(authenticator.trust_anchor), Builder(authenticator)
    record = relying_party.register(builder.register(relying_party.creation_options(), ORIGIN)).record
    honest = builder.authenticate(relying_party.request_options(), ORIGIN)
    bad = builder.authenticate(
        relying_party.request_options(), ORIGIN, Change("bad signature", Layer.SIGNATURE, flip(-1))
    )
    after = authenticator.authenticate(relying_party.request_options(), ORIGIN)
    record = relying_party.authenticate(honest, record).updated_record
    relying_party.authenticate(after, record)
    assert bad["response"]["signature"] != honest["response"]["signature"]


def test_the_cose_key_can_be_anything() -> None:
    authenticator = Authenticator("key", Abilities(attestation=Format.NONE))
    change = Change("a private part", Layer.COSE_KEY, lambda key: {**key, -4: b"d" * 32})
    response = Builder(authenticator).register(RELYING_PARTY.creation_options(), ORIGIN, change)
    attestation_object = cbor.decode(decode(response["response"]["attestationObject"]))
    assert b"d" * 32 in attestation_object["authData"]


def test_the_attestation_chain_ends_at_the_trust_anchor() -> None:
    authenticator = Authenticator("anchor")
    policy = AttestationPolicy(trust_anchors=(authenticator.trust_anchor,))
    response = authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)
    assert len(RELYING_PARTY.register(response, attestation=policy).attestation.trust_path) == 2
