"""What an authentication must be: WA-AUT-05r to WA-AUT-22br, WA-KEY-15r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import authentication
from harness.webauthn_cases.cases import USUAL, Case, each
from harness.webauthn_requirements import authentications, signatures
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt
    from harness.webauthn_cases.edits import Edits


@check(
    "WA-AUT-05r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.allow-credentials"},
    killed_by={
        "rp.ignores-allow-credentials": "accepted an authentication (a credential that is not allowed",
    },
)
@cases("case", each(authentication.allowed()))
def test_the_credential_is_one_of_those_allowed(relying_party: CeremonyCourt, case: Case) -> None:
    """Where the options name credentials, no other one passes.

    A service that asks for one particular credential, to step up or to confirm, has asked for nothing if any other
    will do. Look the id up in allowCredentials.
    """
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-06r", authentications.AUT_06, needs={"relying-party.user-handle"})
def test_the_user_handle_is_the_accounts(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-06br",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user not identified before)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.user-handle"},
    killed_by={
        "rp.needs-no-user-handle": "accepted an authentication (no user handle",
    },
)
@cases("case", each(authentication.user_handles_that_identify()))
def test_a_user_who_was_not_named_is_named_by_the_handle(relying_party: CeremonyCourt, case: Case) -> None:
    """Where nobody said who signs in, the user handle says it, or nobody signs in.

    A library that goes on without one takes whichever account comes first. Demand it, and look the account up by
    it.
    """
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-06cr", authentications.AUT_06C)
def test_the_user_handle_is_text(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-15r", authentications.AUT_15)
def test_the_rp_id_hash_is_the_services(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-16r", authentications.AUT_16)
def test_a_user_was_present(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-17r", authentications.AUT_17)
def test_the_user_was_verified_where_that_is_required(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-18r", authentications.AUT_18)
def test_only_what_can_be_backed_up_is(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-19r", authentications.AUT_19, needs={"relying-party.backup-eligibility"})
def test_backup_eligibility_never_changes(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-F1r", authentications.AUT_F1)
def test_an_assertion_attests_no_credential(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-F2r", authentications.AUT_F2)
def test_the_flags_say_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-F3r", authentications.AUT_F3)
def test_authenticator_data_that_is_cut_off_is_refused(relying_party: CeremonyCourt) -> None:
    relying_party.must_refuse_each("authenticate", authentication.truncations(), USUAL)


@check_of_library("WA-AUT-21r", signatures.AUT_21)
def test_the_signature_is_verified(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-21cr", signatures.AUT_21C)
@cases("variants", authentication.flipped_bits())
def test_every_byte_is_signed(relying_party: CeremonyCourt, variants: dict[str, Edits]) -> None:
    relying_party.must_refuse_each("authenticate", variants, USUAL)


@check_of_library("WA-AUT-22r", authentications.AUT_22, needs={"relying-party.counter"})
def test_the_counter_grows(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-22br", authentications.AUT_22B)
def test_the_counter_has_32_bits(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-KEY-15r", signatures.KEY_15)
def test_the_key_is_the_records(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)
