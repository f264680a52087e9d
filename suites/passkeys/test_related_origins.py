"""Pages on other domains that use the passkeys of the RP ID: WA-REG-09d."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import MEDIUM, SHOULD, TRIGGERS, W3C, check
from harness.webauthn_cases.cases import bad, client_data, good
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

_OTHER_ENDINGS = ("com", "de", "co.uk", "uk", "co.jp")


@check(
    "WA-REG-09d",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 sections 5.11 (related origin requests), 13.4.9; section 7.1 step 9, section 7.2 step 12",
    evidence=W3C,
    subject=TRIGGERS,
    needs={"custom-auth", "fido2", "credential-api", "fido2.related-origins"},
    killed_by={
        "triggers.passkeys.knows-one-origin": "(the related origin https://example.co.uk)",
        "triggers.passkeys.related-by-name": "accepted a registration (the same name under .de",
    },
)
def test_related_origins_are_those_that_are_listed(fido2_court: Fido2Court) -> None:
    """A page on another domain that is listed registers and signs in; one of the same name elsewhere does not.

    Browsers let a page use another domain's passkeys where that domain's /.well-known/webauthn lists it. Whoever has
    registered your name under another ending is not on the list: compare whole origins, never the name in them.
    """
    listed = fido2_court.flow.triggers.settings.related_origins
    taken = {*listed, *fido2_court.flow.relying_party.origins}
    names = {origin.removeprefix("https://").partition(".")[0] for origin in listed}
    others = {
        f"the same name under .{ending}": f"https://{name}.{ending}"
        for name in sorted(names)
        for ending in _OTHER_ENDINGS
        if f"https://{name}.{ending}" not in taken
    }
    others |= {f"a page below {origin}": origin.replace("https://", "https://www.", 1) for origin in listed}
    cases = custom(
        [good(f"the related origin {origin}", client_data(origin=origin)) for origin in listed],
        [bad(what, client_data(origin=origin)) for what, origin in others.items()],
    )
    fido2_court.must_be_right_about_registering(cases)
    fido2_court.must_be_right_about_authenticating(cases)
