"""What the service makes of each departure from the standard: NP-13."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import (
    INFO,
    NONE,
    POOL,
    UNKNOWN,
    cases,
    check,
)
from harness.webauthn_cases import authentication, client_data, keys, registration
from harness.webauthn_cases.cases import Case
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Kind


_GROUPS: dict[str, tuple[Kind, dict[str, Case]]] = {
    "client data of registrations": (
        "register",
        native(
            client_data.origins(),
            client_data.challenges(),
            client_data.encodings_of_the_challenge(),
            client_data.types("webauthn.create", "webauthn.get"),
            client_data.frames(),
            client_data.pages_around_frames(),
            client_data.malformed(),
        ),
    ),
    "registrations": (
        "register",
        native(
            registration.ids(),
            registration.attestation_objects(),
            registration.bytes_after(),
            registration.rp_id_hashes(),
            registration.user_presence(),
            registration.backup_flags(),
            registration.attested_data(),
            registration.extension_data(),
            registration.algorithms(),
            registration.formats(),
            registration.id_lengths(),
        ),
    ),
    "keys": ("register", native(keys.curves(), keys.points(), keys.coordinate_lengths(), keys.private_parts())),
    "client data of sign-ins": (
        "authenticate",
        native(
            client_data.origins(),
            client_data.challenges(),
            client_data.types("webauthn.get", "webauthn.create"),
            client_data.frames(),
        ),
    ),
    "sign-ins": (
        "authenticate",
        native(
            authentication.user_handles(),
            registration.rp_id_hashes(),
            authentication.user_presence(),
            authentication.backup_flags(),
            authentication.attested_data(),
            authentication.extension_data(),
        ),
    ),
}


@check(
    "NP-13",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 sections 7.1 and 7.2 (what the service refuses, and how, is undocumented)",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "a registration (origin: another site): accepted",
        "pool.passkeys.ignores-user-presence": "an authentication (UP not set): accepted",
    },
)
@cases("group", _GROUPS)
def test_what_is_refused_and_how_is_recorded(
    native_passkeys: PasskeyCourt, group: tuple[Kind, dict[str, Case]]
) -> None:
    """For each departure from the standard, whether it is refused, and with which exception, is recorded.

    The service's documents name the exceptions and not the steps. The matrix shows what an application can rely on.
    Whether anything was accepted that must not be, the checks WA-REG and WA-AUT say.
    """
    native_passkeys.record_each(*group)
