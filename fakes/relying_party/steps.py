"""The steps of the ceremonies, and how each goes wrong: left out, or replaced by one that compares badly."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from protocol.webauthn.authentication import AUTHENTICATION_STEPS, Authentication
from protocol.webauthn.authenticator_data import Flags
from protocol.webauthn.base64url import encode
from protocol.webauthn.ceremony import AnyCeremony, Ceremony, Refusal, Step, demand
from protocol.webauthn.client_data import CREATE
from protocol.webauthn.registration import REGISTRATION_STEPS, Registration

_LEFT_OUT = {
    declare_fault(f"rp.ignores-{name}", what): step
    for step, name, what in (
        ("type", "the-type", "type of the client data is not looked at"),
        ("challenge", "the-challenge", "challenge of the client data is not looked at"),
        ("origin", "the-origin", "origin of the client data is not looked at"),
        ("cross-origin", "cross-origin", "crossOrigin of the client data is not looked at"),
        ("top-origin", "top-origin", "topOrigin of the client data is not looked at"),
        ("credential-id", "the-attested-id", "id and the credential id in the authenticator data may differ"),
        ("rp-id-hash", "the-rp-id-hash", "rpIdHash is not looked at"),
        ("user-present", "user-presence", "the flag UP is not looked at"),
        ("user-verified", "user-verification", "the flag UV is not looked at"),
        ("backup-flags", "the-backup-flags", "BS may be set where BE is not"),
        ("algorithm", "which-algorithms-were-offered", "a key may be of any algorithm that can be verified"),
        ("attestation-trust", "trust", "nobody looks at who vouches for an authenticator, or until when"),
        ("credential-id-length", "the-length-of-ids", "a credential id may have any length"),
        ("not-registered", "who-has-the-id", "a credential id may be registered twice"),
        ("allowed", "allow-credentials", "a credential that allowCredentials does not list passes"),
        ("user-handle", "the-user-handle", "userHandle is not looked at"),
        ("backup-eligibility", "changes-of-backup-eligibility", "BE may change after the registration"),
        ("counter", "the-counter", "the signature counter is not looked at"),
    )
}
"""The faults that leave a step out, and which."""

COMPARES_TYPES_LOOSELY = declare_fault("rp.compares-types-loosely", "type is compared without case, spaces or prefix")
COMPARES_THE_BEGINNING_OF_THE_CHALLENGE = declare_fault(
    "rp.compares-the-beginning-of-the-challenge", "a challenge passes that is the beginning of the right one"
)
DECODES_THE_CHALLENGE = declare_fault(
    "rp.decodes-the-challenge", "the challenge is decoded leniently and then compared"
)
COMPARES_THE_BEGINNING_OF_THE_ORIGIN = declare_fault(
    "rp.compares-the-beginning-of-the-origin", "an origin passes that goes on after the right one"
)
COMPARES_THE_END_OF_THE_ORIGIN = declare_fault(
    "rp.compares-the-end-of-the-origin", "an origin passes that ends in the RP ID"
)
COMPARES_ORIGINS_WITHOUT_CASE = declare_fault(
    "rp.compares-origins-without-case", "HTTPS://EXAMPLE.ORG is the origin too"
)
KNOWS_ONE_ORIGIN = declare_fault("rp.knows-one-origin", "only the first of the origins passes")
REFUSES_EVERY_FRAME = declare_fault("rp.refuses-every-frame", "frames of other origins are refused even where expected")
DEMANDS_PRESENCE_ALWAYS = declare_fault(
    "rp.demands-presence-always", "a credential that was created without a prompt is refused"
)
DEMANDS_VERIFICATION_ALWAYS = declare_fault(
    "rp.demands-verification-always", "the flag UV must be set whatever the options said"
)
REFUSES_BACKUP = declare_fault("rp.refuses-backup", "credentials that can be backed up are refused")
TAKES_ANY_FORMAT = declare_fault("rp.takes-any-format", "an unknown attestation statement format counts as none")
READS_THE_COUNTER_WITH_A_SIGN = declare_fault(
    "rp.reads-the-counter-with-a-sign", "a signature counter from 2^31 is negative"
)
REFUSES_COUNTERS_OF_ZERO = declare_fault("rp.refuses-counters-of-zero", "a counter that stays 0 is refused")
REFUSES_LONG_IDS = declare_fault("rp.refuses-long-ids", "a credential id may have 255 bytes at most")
DEMANDS_WHAT_WAS_ASKED_FOR = declare_fault(
    "rp.demands-what-was-asked-for", "an extension that was asked for and is not answered is an error"
)
IGNORES_EXPIRY = declare_fault("rp.ignores-validity", "certificates and statements count before and after their time")


def registration_steps(on: On) -> tuple[Step[Registration], ...]:
    """The steps of a registration, as the faults have them."""
    faulty: dict[str, Callable[[Registration], None]] = {
        **_common(on),
        **({"user-present": _demand_present} if on(DEMANDS_PRESENCE_ALWAYS) else {}),
        **(
            {"format": _nothing, "attestation-statement": _nothing, "attestation-trust": _nothing}
            if on(TAKES_ANY_FORMAT)
            else {}
        ),
        **({"credential-id-length": _demand_a_short_id} if on(REFUSES_LONG_IDS) else {}),
    }
    return tuple(_step(step, faulty) for step in REGISTRATION_STEPS if not _is_left_out(step.name, on))


def authentication_steps(
    on: On, verify_signature: Callable[[Authentication], None]
) -> tuple[Step[Authentication], ...]:
    """The steps of an authentication, as the faults have them."""
    faulty: dict[str, Callable[[Authentication], None]] = {**_common(on), "signature": verify_signature}
    if on(READS_THE_COUNTER_WITH_A_SIGN):
        faulty["counter"] = _compare_signed
    if on(REFUSES_COUNTERS_OF_ZERO):
        faulty["counter"] = _demand_growth
    return tuple(_step(step, faulty) for step in AUTHENTICATION_STEPS if not _is_left_out(step.name, on))


def moment_of_certificates(on: On, now: datetime) -> datetime | None:
    """When certificates have to be valid."""
    return None if on(IGNORES_EXPIRY) else now


def _is_left_out(step: str, on: On) -> bool:
    return any(on(fault) for fault, left_out in _LEFT_OUT.items() if left_out == step)


def _step(step: Step[AnyCeremony], faulty: Mapping[str, Callable[[AnyCeremony], None]]) -> Step[AnyCeremony]:
    return Step(step.name, step.clause, step.fragment, faulty.get(step.name, step.verify))


def _common(on: On) -> dict[str, Callable[[Ceremony], None]]:
    faulty = {
        COMPARES_TYPES_LOOSELY: ("type", _type_loosely),
        COMPARES_THE_BEGINNING_OF_THE_CHALLENGE: ("challenge", _challenge_begins),
        DECODES_THE_CHALLENGE: ("challenge", _challenge_decoded),
        COMPARES_THE_BEGINNING_OF_THE_ORIGIN: ("origin", _origin_begins),
        COMPARES_THE_END_OF_THE_ORIGIN: ("origin", _origin_ends),
        COMPARES_ORIGINS_WITHOUT_CASE: ("origin", _origin_without_case),
        KNOWS_ONE_ORIGIN: ("origin", _first_origin),
        REFUSES_EVERY_FRAME: ("cross-origin", _no_frame),
        DEMANDS_VERIFICATION_ALWAYS: ("user-verified", _verified),
        REFUSES_BACKUP: ("backup-flags", _no_backup),
    }
    return {step: verify for fault, (step, verify) in faulty.items() if on(fault)}


def _nothing(ceremony: Ceremony) -> None:
    del ceremony


def _type_loosely(ceremony: Ceremony) -> None:
    wanted = "create" if isinstance(ceremony, Registration) else "get"
    demand(ceremony.client_data.type.strip().lower().endswith(wanted), f"type is not {CREATE}")


def _challenge_begins(ceremony: Ceremony) -> None:
    given = ceremony.client_data.challenge
    demand(encode(ceremony.expected.challenge).startswith(given), "another challenge")


def _challenge_decoded(ceremony: Ceremony) -> None:
    given = ceremony.client_data.challenge.translate(str.maketrans("-_", "+/"))
    try:
        decoded = base64.b64decode("".join(given.split()).rstrip("=") + "==", validate=False)
    except binascii.Error:
        raise Refusal("no base64") from None
    demand(decoded == ceremony.expected.challenge, "another challenge")


def _origin_begins(ceremony: Ceremony) -> None:
    demand(ceremony.client_data.origin.startswith(tuple(ceremony.expected.origins)), "another origin")


def _origin_ends(ceremony: Ceremony) -> None:
    host = ceremony.client_data.origin.rpartition("//")[2].partition(":")[0]
    exact = ceremony.client_data.origin in ceremony.expected.origins
    demand(exact or host.endswith(ceremony.expected.rp_id), "another origin")


def _origin_without_case(ceremony: Ceremony) -> None:
    origins = {origin.lower() for origin in ceremony.expected.origins}
    demand(ceremony.client_data.origin.lower() in origins, "another origin")


def _first_origin(ceremony: Ceremony) -> None:
    demand(ceremony.client_data.origin == min(ceremony.expected.origins, key=len), "another origin")


def _no_frame(ceremony: Ceremony) -> None:
    demand(not ceremony.client_data.cross_origin, "in a frame")


def _demand_present(registration: Registration) -> None:
    demand(registration.authenticator_data.has(Flags.UP), "no user was present")


def _verified(ceremony: Ceremony) -> None:
    demand(ceremony.authenticator_data.has(Flags.UV), "the user was not verified")


def _no_backup(ceremony: Ceremony) -> None:
    demand(not ceremony.authenticator_data.has(Flags.BE), "the credential can be backed up")


def _demand_a_short_id(registration: Registration) -> None:
    demand(len(registration.credential.credential_id) <= 255, "the credential id is too long")


def _compare_signed(authentication: Authentication) -> None:
    now = int.from_bytes(authentication.authenticator_data.sign_count.to_bytes(4, "big"), "big", signed=True)
    before = authentication.record.sign_count
    demand(not (now or before) or now > before, "the counter did not grow")


def _demand_growth(authentication: Authentication) -> None:
    demand(authentication.authenticator_data.sign_count > authentication.record.sign_count, "the counter did not grow")
