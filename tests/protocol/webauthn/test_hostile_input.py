"""Whatever arrives, the ceremonies pass or refuse: nothing else comes out of them, and soon."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from fakes.authenticator import Abilities, Authenticator, Builder, Format
from protocol.webauthn.base64url import decode, encode
from protocol.webauthn.errors import CeremonyRefused
from tests.authenticator.relying_party import NOW, ORIGIN, RelyingParty

ROUNDS = 400
MEMBERS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


def _mangled(data: bytes, randomness: random.Random) -> bytes:
    """A few bytes changed, inserted, left out or repeated."""
    mangled = bytearray(data)
    for _ in range(randomness.randint(1, 4)):
        at = randomness.randrange(len(mangled) + 1)
        match randomness.randrange(4):
            case 0:
                mangled[at : at + 1] = randomness.randbytes(1)
            case 1:
                mangled[at:at] = randomness.randbytes(randomness.randint(1, 9))
            case 2:
                del mangled[at : at + randomness.randint(1, 9)]
            case _:
                mangled[at:at] = mangled[at : at + randomness.randint(1, 40)]
    return bytes(mangled)


def _mangled_response(response: dict[str, Any], randomness: random.Random) -> dict[str, Any]:
    members = response["response"]
    name = randomness.choice([each for each in MEMBERS if each in members])
    return {**response, "response": {**members, name: encode(_mangled(decode(members[name]), randomness))}}


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
@pytest.mark.parametrize("format", Format, ids=lambda each: each.value)
def test_mangled_responses_are_refused_or_accepted(format: Format) -> None:
    authenticator = Authenticator("hostile", Abilities(attestation=format), clock=lambda: NOW)
    relying_party, randomness = RelyingParty(authenticator.trust_anchor), random.Random(format.value)  # noqa: S311 - repeatable
    registered = Builder(authenticator).register(relying_party.creation_options(), ORIGIN)
    record = relying_party.register(registered).record
    answer = authenticator.authenticate(relying_party.request_options(), ORIGIN)
    for _ in range(ROUNDS):
        with suppress(CeremonyRefused):
            relying_party.register(_mangled_response(registered, randomness))
        with suppress(CeremonyRefused):
            relying_party.authenticate(_mangled_response(answer, randomness), record)


@pytest.mark.parametrize("response", [None, "", 7, [], {}, {"type": "public-key"}, {"type": "public-key", "id": 7}])
def test_what_is_no_response_is_refused(response: object) -> None:
    authenticator, relying_party = Authenticator("shapes"), RelyingParty()
    record = relying_party.register(authenticator.register(relying_party.creation_options(), ORIGIN)).record
    for refuse in (lambda: relying_party.register(response), lambda: relying_party.authenticate(response, record)):
        with pytest.raises(CeremonyRefused) as refused:
            refuse()
        assert refused.value.step == "response"
