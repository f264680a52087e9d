"""Whose passkeys are judged: the identity that the configuration names, and everybody who only looks like it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from harness.trigger_settings import TriggersSettings
from harness.webauthn_cases import client_data, registration
from harness.webauthn_cases.cases import Case
from harness.webauthn_cases.identity import EXAMPLE, RelyingParty
from harness.webauthn_requirements import client_data_of_registrations, registrations

STAGING = RelyingParty("staging.example.net", ("https://login.staging.example.net:8443", "https://staging.example.net"))
DIGITS = RelyingParty("127.test", ("https://127.test",))
SAID = b'{"type":"webauthn.create","challenge":"AAAA","origin":"%s","crossOrigin":false}'


def told(case: Case, relying_party: RelyingParty) -> bytes:
    """The client data of a case, of a ceremony on the relying party's first page."""
    value: bytes = SAID % relying_party.origin.encode()
    for edit in case.edits:
        value = edit.make(value, {})
    return value


@pytest.mark.parametrize("relying_party", [EXAMPLE, STAGING, DIGITS])
def test_nobody_else_has_an_origin_of_the_relying_partys(relying_party: RelyingParty) -> None:
    others = relying_party.origins_of_others()
    assert not set(others.values()) & set(relying_party.origins)
    assert len(set(others.values())) == len(others)
    assert others["a suffix"].startswith(f"https://{urlsplit(relying_party.origin).hostname}")
    assert others["a look-alike"].encode("ascii", "ignore").decode() != others["a look-alike"]


def test_the_origins_of_others_are_made_of_the_first_origin() -> None:
    others = STAGING.origins_of_others()
    assert others["another port"] == "https://login.staging.example.net:8444"
    assert others["the site without TLS"] == "http://login.staging.example.net:8443"
    assert others["a subdomain"] == "https://other.login.staging.example.net:8443"
    assert others["a dot at the end"] == "https://login.staging.example.net.:8443"
    assert others["the host in capitals"] == "https://LOGIN.STAGING.EXAMPLE.NET:8443"
    assert not [each for each in others.values() if "example.org" in each]


def test_the_cases_of_a_relying_party_are_those_of_every_other_with_its_own_origins() -> None:
    example, staging = client_data.origins(), client_data.origins(STAGING)
    assert [case.what for case in example[2:]] == [case.what for case in staging[2:]]
    good = {json.loads(told(case, STAGING))["origin"] for case in staging if case.acceptable}
    assert good == set(STAGING.origins)
    assert not [
        case.what for case in client_data.bytes_that_are_no_text(STAGING) if b"example.org" in told(case, STAGING)
    ]
    hashes = [case.edits[0].make(bytes(60), {}) for case in registration.rp_id_hashes(STAGING)[1:]]
    assert len(set(hashes)) == len(hashes)


def test_what_is_required_of_every_bearer_is_about_the_usual_one() -> None:
    for required, cases in (
        (client_data_of_registrations.REG_09, client_data.origins(EXAMPLE)),
        (client_data_of_registrations.REG_05B, client_data.bytes_that_are_no_text(EXAMPLE)),
    ):
        assert [told(case, EXAMPLE) for case in required.cases] == [told(case, EXAMPLE) for case in cases]
    assert [case.what for case in registrations.REG_14.cases] == [case.what for case in registration.rp_id_hashes()]


def test_passkeys_are_of_the_configured_relying_party() -> None:
    named = {"id": STAGING.id, "origins": [*STAGING.origins]}
    assert TriggersSettings.model_validate({"relying_party": named}).passkeys_are_of == STAGING
    assert TriggersSettings().passkeys_are_of == EXAMPLE


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"id": "Staging.example.net", "origins": ["https://staging.example.net"]}, "id"),
        ({"id": "localhost", "origins": ["https://localhost"]}, "id"),
        ({"id": "staging.example.net", "origins": []}, "origins"),
        ({"id": "staging.example.net", "origins": ["http://staging.example.net"]}, "write https://staging.example.net"),
        ({"id": "staging.example.net", "origins": ["https://staging.example.net/"]}, "without a path"),
        ({"id": "staging.example.net", "origins": ["https://example.net"]}, "may use passkeys of staging.example.net"),
        ({"id": "staging.example.net", "origins": ["https://evilstaging.example.net"]}, "or a sub-domain of it"),
    ],
)
def test_what_no_browser_would_do_is_an_error(named: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TriggersSettings.model_validate({"relying_party": named})
