from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.catalogue import all_checks
from reports.standards import OTHER, parts_of, standards_of


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_word_of_a_clause_is_lost(clause: str) -> None:
    assert "".join(part.text for part in parts_of(clause)) == clause


def test_no_word_of_any_checks_clause_is_lost() -> None:
    for check in all_checks():
        assert "".join(part.text for part in parts_of(check.clause)) == check.clause


@pytest.mark.parametrize(
    ("clause", "linked", "address"),
    [
        ("RFC 5054 section 2.5.4", "RFC 5054 section 2.5.4", "https://www.rfc-editor.org/rfc/rfc5054#section-2.5.4"),
        ("the rule of RFC 2104", "RFC 2104", "https://www.rfc-editor.org/rfc/rfc2104"),
        ("WebAuthn L3 section 7.1", "WebAuthn L3 section 7.1", "https://www.w3.org/TR/webauthn-3/"),
        ("see CVE-2026-28787 for it", "CVE-2026-28787", "https://nvd.nist.gov/vuln/detail/CVE-2026-28787"),
    ],
)
def test_a_standard_is_linked(clause: str, linked: str, address: str) -> None:
    assert [(part.text, part.url) for part in parts_of(clause) if part.url] == [(linked, address)]


@pytest.mark.parametrize(
    ("clause", "standards"),
    [
        ("RFC 6749 section 6; Cognito API, InitiateAuth", ["RFC 6749", "AWS documentation"]),
        ("OWASP ASVS 5.0, 7.4.2; NIST SP 800-63B 5.2.2", ["OWASP ASVS 5.0", "NIST SP 800-63B"]),
        ("robustness", [OTHER]),
    ],
)
def test_a_clause_belongs_to_the_standards_that_it_cites(clause: str, standards: list[str]) -> None:
    assert sorted(standards_of(clause)) == sorted(standards)
