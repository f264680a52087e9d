"""The client data of a registration: WA-REG-05n to WA-REG-11n, as far as one response shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import (
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    NONE,
    POOL,
    SHOULD,
    UNKNOWN,
    W3C,
    check,
)
from harness.webauthn_cases.cases import client_data as changed_client_data
from harness.webauthn_cases.cases import recorded
from harness.webauthn_cases.client_data import RP_ID
from harness.webauthn_requirements import client_data_of_registrations
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check_of_pool("WA-REG-05n", client_data_of_registrations.REG_05)
def test_a_byte_order_mark_is_stripped(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that begins with a byte order mark is read like any other.

    Some clients write one, and their users cannot register where it is taken for content. Decode as the Encoding
    standard's UTF-8 decode does.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-05bn", client_data_of_registrations.REG_05B, severity=LOW)
def test_bytes_that_are_no_text_match_nothing(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that is no UTF-8 breaks nothing, and matches no expected value.

    What drops the bytes that it cannot read compares another text than was signed. Replace them by U+FFFD, which
    nothing expected holds.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-06n", client_data_of_registrations.REG_06, severity=MEDIUM)
def test_client_data_is_well_formed(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data without type, challenge or origin, or with something else in their place, is cleanly refused.

    A member that is missing and counts as right is a step that is left out. Demand each of them, and that it is a
    text.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-06cn", client_data_of_registrations.REG_06C, clause="WebAuthn L3 section 5.8.1 (future members)")
def test_unknown_members_are_ignored(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Members of the client data that nobody knows are passed over.

    Browsers add some, on purpose and at random: a pool that knows the whole list locks their users out. Look at the
    members that the standard names only.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-06dn", client_data_of_registrations.REG_06D)
def test_json_may_have_escapes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """JSON with escapes says the same as JSON without.

    Client data that is compared as text with what one browser writes is refused from another. Parse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-07n", client_data_of_registrations.REG_07)
def test_only_webauthn_create_registers(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What a user signed for another end than to register does not register.

    An assertion that was made to sign in, or to pay, could be turned into a new passkey. Compare the type exactly.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-08n", client_data_of_registrations.REG_08)
def test_the_challenge_is_this_ceremonys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A registration answers this ceremony's challenge, whole.

    A response that was recorded, or made for somebody else, registers where the challenge is not compared. Compare
    the whole text.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-08bn", client_data_of_registrations.REG_08B, severity=LOW)
def test_the_challenge_has_one_form(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The challenge in any other writing than base64url without padding is refused.

    Lenient decoding gives one challenge many forms, of which what remembers used ones knows one. Compare texts.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-08en", client_data_of_registrations.REG_08E)
def test_the_challenge_is_not_the_requests(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A challenge that the response brings along is not believed.

    Whoever chooses what they will be compared with can replay anything. Take the challenge from the pool's own
    state.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool(
    "WA-REG-09n",
    client_data_of_registrations.REG_09,
    caught={
        "ignores-the-origin": "accepted a registration (origin: another site",
        "compares-the-beginning-of-the-origin": "accepted a registration (origin: a suffix",
        "compares-the-end-of-the-origin": "accepted a registration (origin: a prefix",
        "compares-origins-without-case": "accepted a registration (origin: the host in capitals",
        "refuses-subdomains": "(origin https://app.example.org:8443): refused",
    },
)
def test_the_origin_is_the_relying_partys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that was made on a foreign page is not registered.

    A page that looks like the service's could have its visitors register, and later sign in, for it. Demand HTTPS
    and the RP ID's host or one below it. What a pool makes of other ports and subdomains is recorded.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-09cn",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 section 13.4.9 (native apps); catalogue WA-REG-09c",
    evidence=UNKNOWN,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "(an Android app's origin): accepted",
    },
)
def test_what_becomes_of_an_apps_origin_is_recorded(native_passkeys: PasskeyCourt) -> None:
    """Whether a pool takes the passkeys of an Android app, whose origin is the hash of its key, is recorded.

    A pool has no list of apps: what it takes it takes from every app that the RP ID's host vouches for, or from every
    app at all.
    """
    origin = changed_client_data(origin=f"android:apk-key-hash:{'A' * 43}")
    native_passkeys.must_be_right_about_registering(recorded("an Android app's origin", origin))


@check(
    "WA-REG-09dn",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 5.11 (related origin requests); section 7.1 step 9",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "the pool accepted a registration (the RP ID's name under .",
        "pool.passkeys.related-by-name": "the pool accepted a registration (the RP ID's name under .",
    },
)
def test_the_same_name_elsewhere_is_no_related_origin(native_passkeys: PasskeyCourt) -> None:
    """A page at the RP ID's name under another ending registers nothing, and signs nobody in.

    Browsers let pages on other domains use an RP ID whose /.well-known/webauthn lists them. A pool cannot be told of
    any, so all are foreign: whoever registered the name elsewhere is somebody else.
    """
    name = RP_ID.partition(".")[0]
    others = {
        f"the RP ID's name under .{ending}": changed_client_data(origin=f"https://{name}.{ending}")
        for ending in ("com", "de", "co.uk")
    }
    native_passkeys.must_refuse_each("register", others)
    native_passkeys.must_refuse_each("authenticate", others)


@check_of_pool(
    "WA-REG-10n",
    client_data_of_registrations.REG_10,
    severity=MEDIUM,
    caught={
        "ignores-cross-origin": "accepted a registration (crossOrigin true",
        "takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
    },
)
def test_frames_of_other_sites_do_not_register(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that was made in a frame of another site is not registered.

    Its user saw another page around the prompt. A pool has no setting that allows it: refuse crossOrigin.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-11n", client_data_of_registrations.REG_11, severity=MEDIUM)
def test_no_page_around_is_named(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that names a page around the frame is refused.

    A pool expects no frame, so nobody has such a page. Refuse topOrigin, with crossOrigin and without.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-TBn", client_data_of_registrations.REG_TB)
def test_token_binding_is_recorded(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What becomes of tokenBinding is recorded.

    Level 3 only reserves it, FIDO's tests judge it; nobody is wrong.
    """
    native_passkeys.must_be_right_about_registering(case)
