"""Libraries that others wrote, through the drivers that ship: honest ceremonies in, the plainest forgeries out.

What the suite finds beyond that is its users' business and no test's: a release may mend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.catalogue import all_checks
from harness.findings import Finding
from harness.peer import Peer
from harness.webauthn_cases import attestation, authentication, client_data, registration
from harness.webauthn_cases.attestation import by
from harness.webauthn_cases.cases import USUAL, Case, Setting, good
from harness.webauthn_cases.edits import EDDSA, ES256, ES384, ES512, RS256, Manner
from reports.vocabulary import ExitCode, Subject, Verdict
from tests.relying_parties.conftest import DRIVERS, NotClaimed, command_for, court_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.ceremony_court import CeremonyCourt
    from tests.verifier.conftest import Run

ALGORITHMS = {"ES256": ES256, "RS256": RS256, "EdDSA": EDDSA, "ES384": ES384, "ES512": ES512}
FORMATS = ("packed-self", "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "compound")

UNCLAIMED: dict[str, set[str]] = {
    "fido2": {"android-key", "compound"},
    "webauthn": {"ES384", "compound"},
    "@simplewebauthn/server": {"compound"},
}
"""What a library does not support, and its driver does not claim."""


@pytest.fixture(scope="module", params=DRIVERS)
def peer(request: pytest.FixtureRequest) -> Iterator[tuple[str, Peer]]:
    running = Peer(command_for(request.param), timeout_seconds=30)
    yield request.param, running
    running.close()


@pytest.fixture
def court(peer: tuple[str, Peer]) -> CeremonyCourt:
    return court_of(peer[1])


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_honest_credential_of_each_algorithm_registers_and_signs_in(
    peer: tuple[str, Peer], court: CeremonyCourt, name: str
) -> None:
    case = good(name, (), Setting(manner=Manner(algorithm=ALGORITHMS[name])))
    if name in UNCLAIMED[peer[0]]:
        with pytest.raises(NotClaimed):
            court.must_sign_in_after_registering(case)
    else:
        court.must_sign_in_after_registering(case)


@pytest.mark.parametrize("format", FORMATS)
def test_honest_attestation_of_each_format_is_accepted(
    peer: tuple[str, Peer], court: CeremonyCourt, format: str
) -> None:
    case = good(format, (), by(format))
    if format in UNCLAIMED[peer[0]]:
        with pytest.raises(NotClaimed):
            court.must_sign_in_after_registering(case)
    else:
        court.must_sign_in_after_registering(case)


def plainest(cases: list[Case], *names: str) -> list[Case]:
    """Some of the bad cases, by name."""
    found = [case for case in cases if case.what in names]
    assert len(found) == len(names)
    return found


REGISTRATIONS = [
    *plainest(client_data.types("webauthn.create", "webauthn.get"), "type the other ceremony's"),
    *plainest(client_data.challenges(), "another challenge", "an empty challenge"),
    *plainest(client_data.origins(), "origin: another site", "origin: a suffix"),
    *plainest(registration.rp_id_hashes(), "a hash of another RP ID"),
    *plainest(registration.user_presence(), "UP not set"),
    *plainest(registration.user_verification(), "UV not set though required"),
    *plainest(attestation.packed_certified(), "one bit of the signature"),
]
AUTHENTICATIONS = [
    *plainest(client_data.types("webauthn.get", "webauthn.create"), "type the other ceremony's"),
    *plainest(client_data.challenges(), "another challenge", "an empty challenge"),
    *plainest(client_data.origins(), "origin: another site", "origin: a suffix"),
    *plainest(registration.rp_id_hashes(), "a hash of another RP ID"),
    *plainest(authentication.user_presence(), "UP not set"),
    *plainest(authentication.signatures(), "no signature", "a signature in ES256 by another key"),
]


@pytest.mark.parametrize("case", REGISTRATIONS, ids=lambda case: case.what)
def test_the_plainest_wrong_registrations_are_refused(court: CeremonyCourt, case: Case) -> None:
    court.must_be_right_about_registering(case)


@pytest.mark.parametrize("case", AUTHENTICATIONS, ids=lambda case: case.what)
def test_the_plainest_wrong_authentications_are_refused(court: CeremonyCourt, case: Case) -> None:
    court.must_be_right_about_authenticating(case)


def test_the_record_is_what_the_driver_says(court: CeremonyCourt) -> None:
    manner = Manner(flags=0x0D, sign_count=7)
    judgement, registered = court.register((), Setting(manner=manner))
    assert judgement.accepted
    said = {name: registered.record[name] for name in ("sign_count", "backup_eligible", "backup_state")}
    assert said == {"sign_count": 7, "backup_eligible": True, "backup_state": False}
    signed_in = court.authenticate(registered, (), Setting(manner=Manner(flags=0x1D, sign_count=8)))
    assert signed_in.accepted
    assert (signed_in.told["sign_count"], signed_in.told["backup_state"]) == (8, True)


def test_a_refusal_says_why(court: CeremonyCourt) -> None:
    [wrong] = plainest(client_data.challenges(), "another challenge")
    judgement, _ = court.register(wrong.edits, USUAL)
    assert not judgement.accepted
    assert judgement.error_type
    assert judgement.error_message


def test_a_good_response_that_is_refused_is_a_finding(court: CeremonyCourt) -> None:
    [wrong] = plainest(client_data.challenges(), "another challenge")
    with pytest.raises(Finding, match="refused"):
        court.must_be_right_about_registering(good("wrong all the same", wrong.edits))


@pytest.mark.parametrize("name", DRIVERS)
def test_one_command_decides_every_case(name: str, judge: Callable[..., Run]) -> None:
    checks = [check.id for check in all_checks() if check.subject is Subject.RELYING_PARTY]
    run = judge(command_for(name), *(word for check in checks for word in ("--only", check)))
    assert run.exit_code in (ExitCode.CLEAN, ExitCode.FINDINGS), run.output
    assert [record.id for record in run.records if record.verdict is Verdict.INCONCLUSIVE] == []
    assert run.results.header.versions["relying_party"].startswith(name)
