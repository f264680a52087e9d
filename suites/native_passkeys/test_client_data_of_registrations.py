"""The client data of a registration: WA-REG-05n to WA-REG-11n, as far as one response shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, POOL, SHOULD, W3C, cases, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check(
    "WA-REG-05n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 5 (UTF-8 decode)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.keeps-the-byte-order-mark": ") a registration (a byte order mark",
    },
)
@cases("case", native(client_data.byte_order_marks()))
def test_a_byte_order_mark_is_stripped(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that begins with a byte order mark is read like any other.

    Some clients write one, and their users cannot register where it is taken for content. Decode as the Encoding
    standard's UTF-8 decode does.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-05bn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 5; Encoding standard: U+FFFD",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.drops-bytes-that-are-no-text": "accepted a registration (0xFF in the origin",
    },
)
@cases("case", native(client_data.bytes_that_are_no_text()))
def test_bytes_that_are_no_text_match_nothing(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that is no UTF-8 breaks nothing, and matches no expected value.

    What drops the bytes that it cannot read compares another text than was signed. Replace them by U+FFFD, which
    nothing expected holds.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-06n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 6; section 5.8.1; FIDO AttResp-2 F-1 to F-13",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.fills-in-client-data": "accepted a registration (challenge left out",
    },
)
@cases("case", native(client_data.malformed()))
def test_client_data_is_well_formed(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data without type, challenge or origin, or with something else in their place, is cleanly refused.

    A member that is missing and counts as right is a step that is left out. Demand each of them, and that it is a
    text.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-06cn",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.1 (future members)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.knows-every-member-of-client-data": ") a registration (androidPackageName",
    },
)
@cases("case", native(client_data.unknown_members()))
def test_unknown_members_are_ignored(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Members of the client data that nobody knows are passed over.

    Browsers add some, on purpose and at random: a pool that knows the whole list locks their users out. Look at the
    members that the standard names only.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-06dn",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1; RFC 8259 section 7",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.compares-client-data-with-a-template": ") a registration (the origin with escapes",
    },
)
@cases("case", native(client_data.escapes()))
def test_json_may_have_escapes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """JSON with escapes says the same as JSON without.

    Client data that is compared as text with what one browser writes is refused from another. Parse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-07n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 7; FIDO AttResp-2 F-4, F-5",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-type": "accepted a registration (type the other ceremony's",
        "pool.passkeys.compares-types-loosely": "accepted a registration (type in capitals",
    },
)
@cases("case", native(client_data.types("webauthn.create", "webauthn.get")))
def test_only_webauthn_create_registers(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What a user signed for another end than to register does not register.

    An assertion that was made to sign in, or to pay, could be turned into a new passkey. Compare the type exactly.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-08n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 8; section 13.4.3; FIDO AttResp-2 F-9, F-10",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-challenge": "accepted a registration (another challenge",
        "pool.passkeys.compares-the-beginning-of-the-challenge": "accepted a registration (the first half",
    },
)
@cases("case", native(client_data.challenges()))
def test_the_challenge_is_this_ceremonys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A registration answers this ceremony's challenge, whole.

    A response that was recorded, or made for somebody else, registers where the challenge is not compared. Compare
    the whole text.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-08bn",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 8 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.decodes-the-challenge": "accepted a registration (in the alphabet of base64",
    },
)
@cases("case", native(client_data.encodings_of_the_challenge()))
def test_the_challenge_has_one_form(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The challenge in any other writing than base64url without padding is refused.

    Lenient decoding gives one challenge many forms, of which what remembers used ones knows one. Compare texts.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-08en",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-28787; WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-the-challenge-from-the-request": "accepted a registration (a challenge beside",
    },
)
@cases("case", native(client_data.challenges_in_the_request()))
def test_the_challenge_is_not_the_requests(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A challenge that the response brings along is not believed.

    Whoever chooses what they will be compared with can replay anything. Take the challenge from the pool's own
    state.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-09n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 9; section 13.4.9; FIDO AttResp-2 F-14",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "accepted a registration (origin: another site",
        "pool.passkeys.compares-the-beginning-of-the-origin": "accepted a registration (origin: a suffix",
        "pool.passkeys.compares-the-end-of-the-origin": "accepted a registration (origin: a prefix",
        "pool.passkeys.compares-origins-without-case": "accepted a registration (origin: the host in capitals",
        "pool.passkeys.refuses-subdomains": "(origin https://app.example.org:8443): refused",
    },
)
@cases("case", native(client_data.origins()))
def test_the_origin_is_the_relying_partys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that was made on a foreign page is not registered.

    A page that looks like the service's could have its visitors register, and later sign in, for it. Demand HTTPS
    and the RP ID's host or one below it. What a pool makes of other ports and subdomains is recorded.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-10n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 10",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-cross-origin": "accepted a registration (crossOrigin true",
        "pool.passkeys.takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
    },
)
@cases("case", native(client_data.frames()))
def test_frames_of_other_sites_do_not_register(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that was made in a frame of another site is not registered.

    Its user saw another page around the prompt. A pool has no setting that allows it: refuse crossOrigin.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-11n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 11; section 13.4.9",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-top-origin": "accepted a registration (a topOrigin and crossOrigin false",
    },
)
@cases("case", native(client_data.pages_around_frames()))
def test_no_page_around_is_named(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that names a page around the frame is refused.

    A pool expects no frame, so nobody has such a page. Refuse topOrigin, with crossOrigin and without.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-TBn",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1 (tokenBinding is reserved); FIDO AttResp-2 F-15 to F-17",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.reads-token-binding": "a registration (tokenBinding of an unknown status): refused",
    },
)
@cases("case", native(client_data.token_bindings()))
def test_token_binding_is_recorded(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What becomes of tokenBinding is recorded.

    Level 3 only reserves it, FIDO's tests judge it; nobody is wrong.
    """
    native_passkeys.must_be_right_about_registering(case)
