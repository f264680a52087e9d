"""What Chromium makes is accepted by relying-party libraries of others, and they refuse what is changed in it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.ceremony_court import CeremonyCourt
from harness.chromium_authenticator import ChromiumAuthenticator
from harness.peer import Peer
from harness.relying_party import RelyingPartyIdentity, RelyingPartyUnderTest
from harness.transcript import Transcript
from harness.webauthn_cases.cases import USUAL, bad, client_data, good
from harness.webauthn_cases.edits import ES256, RS256, Manner
from harness.webauthn_cases.in_chromium import ChromiumResponseMaker, ChromiumShelf
from tests.relying_parties.conftest import DRIVERS, command_for


@pytest.fixture(params=DRIVERS)
def court(request: pytest.FixtureRequest, chromium: ChromiumAuthenticator) -> Iterator[CeremonyCourt]:
    peer = Peer(command_for(request.param), timeout_seconds=30)
    judged = RelyingPartyUnderTest(peer, RelyingPartyIdentity.of(peer), transcript=Transcript(), seconds=60)
    maker = ChromiumResponseMaker("tests", random.Random(1), ChromiumShelf(chromium))  # noqa: S311 - repeatable
    yield CeremonyCourt(judged, maker, observe=lambda *_: None, require=lambda _: None)
    peer.close()


def test_a_library_registers_and_signs_in(court: CeremonyCourt) -> None:
    for algorithm in (ES256, RS256):
        setting = replace(USUAL, manner=Manner(algorithm=algorithm), user_verification="required")
        court.must_sign_in_after_registering(good(f"Chromium's, {algorithm}", (), setting))


def test_a_library_refuses_what_was_made_on_another_page(court: CeremonyCourt) -> None:
    elsewhere = bad("another site's origin", client_data(origin="https://evil.example"))
    court.must_be_right_about_registering(elsewhere)
    court.must_be_right_about_authenticating(elsewhere)
