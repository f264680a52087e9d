"""Attestation by several statements at once: WA-ATT-C1r and WA-ATT-C1br."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MAY, MEDIUM, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import compound
from harness.webauthn_cases.cases import Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt

NEEDS = {"relying-party", "relying-party.compound", *(f"relying-party.{format}" for format in compound.NEEDS)}


@check(
    "WA-ATT-C1r",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 8.9, verification procedure",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs=NEEDS,
    killed_by={
        "rp.takes-one-of-a-compound": "a registration (a second statement that does not verify): accepted",
        "rp.ignores-attestation-statements": "a registration (a third statement of an unknown format): accepted",
    },
)
@cases("case", each(compound.partly_verified()))
def test_how_much_of_a_compound_must_verify_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether a compound statement passes of which a part does not verify is recorded.

    The standard leaves to policy how many statements must verify. Know which policy yours is: whoever counts on the
    strongest of the statements must not take the registration for the weakest.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-C1br",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.9, syntax ([2* nonCompoundAttStmt]) and verification procedure",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs=NEEDS,
    killed_by={
        "rp.takes-compounds-of-one": "accepted a registration (one statement)",
        "rp.takes-nested-compounds": "accepted a registration (a compound in a compound",
        "rp.ignores-the-statements-form": "accepted a registration (a statement without fmt",
        "rp.ignores-the-statements-signature": "accepted a registration (two statements, neither of which verifies",
        "rp.ignores-what-a-statement-says": "accepted a registration (two statements of unknown formats",
    },
)
@cases("case", each(compound.several(), compound.verified()))
def test_a_compound_is_of_several_statements(relying_party: CeremonyCourt, case: Case) -> None:
    """A compound statement holds two statements or more, none of them compound, and some that verify.

    It says of the authenticator what its statements say; where it holds none that was looked at, it says what
    anybody likes. Go through all of them, and not into compounds within, which may nest without end.
    """
    relying_party.must_be_right_about_registering(case)
