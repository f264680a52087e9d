"""Refusals that the service documents by exception: NP-01 to NP-06."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import (
    AWS_DOC,
    HIGH,
    MEDIUM,
    MUST,
    POOL,
    cases,
    check,
)
from harness.findings import Inconclusive
from harness.passkeys import between_registrations, must_not_register
from harness.token_calls import must_not_be_taken
from harness.webauthn_cases import keys, registration
from harness.webauthn_cases.cases import authenticator_data
from harness.webauthn_cases.cases import client_data as change_client_data
from harness.webauthn_cases.edits import Edits, Manner

if TYPE_CHECKING:
    from harness.passkeys import Passkeys, PasskeyUser


Advance = Callable[[timedelta], None]


def again(user: PasskeyUser, advance: Advance | None) -> tuple[str, object]:
    """A response that was taken once already."""
    del advance
    started = user.start()
    response = user.maker.registration(started.ceremony, user.new_credential(started), Manner())
    if not user.complete(response).succeeded:
        raise Inconclusive("the first answer did not register")
    return "a challenge that was answered", response


def late(user: PasskeyUser, advance: Advance | None) -> tuple[str, object]:
    """A response that comes half an hour after the options."""
    assert advance is not None, "the case needs a clock"
    started = user.start()
    response = user.maker.registration(started.ceremony, user.new_credential(started), Manner())
    advance(timedelta(minutes=30))
    return "a challenge that has expired", response


@check(
    "NP-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, CompleteWebAuthnRegistration: WebAuthnChallengeNotFoundException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.challenges-never-expire": "a passkey was registered with a challenge that has expired",
        "pool.passkeys.takes-a-challenge-twice": "a challenge that was answered",
    },
)
@cases("answered", {"again": (again, None), "late": (late, "clock")})
def test_a_used_or_late_challenge_is_not_found(
    holder: PasskeyUser,
    movable: Advance | None,
    require: Callable[[str | None], None],
    answered: tuple[Callable[[PasskeyUser, Advance | None], tuple[str, object]], str | None],
) -> None:
    """A challenge that was answered, or has expired, is refused with WebAuthnChallengeNotFoundException.

    Applications begin anew when they see it. A challenge that lives on takes a response that somebody kept.
    """
    respond, need = answered
    require(need)
    with between_registrations(holder):
        what, response = respond(holder, movable)
        must_not_register(holder.complete(response), what, with_error=("WebAuthnChallengeNotFoundException",))


def _changed(user: PasskeyUser, edits: Edits, what: str, error: str) -> None:
    """A registration with one change is refused with one exception, and an honest one is not."""
    with between_registrations(user):
        started = user.start()
        response = user.maker.registration(started.ceremony, user.new_credential(started), Manner(), edits)
        must_not_register(user.complete(response), what, with_error=(error,))


@check(
    "NP-02",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, CompleteWebAuthnRegistration: WebAuthnRelyingPartyMismatchException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-rp-id-hash": "a passkey was registered with another relying party's RP ID",
        "pool.passkeys.other-exception-for-the-rp-id": "WebAuthnRelyingPartyMismatchException is documented",
    },
)
def test_another_relying_partys_passkey_is_refused(holder: PasskeyUser) -> None:
    """A passkey of another relying party is refused with WebAuthnRelyingPartyMismatchException.

    The exception tells a developer that RelyingPartyId and the page disagree.
    """
    edits = authenticator_data(lambda raw: bytes(32) + raw[32:])
    _changed(holder, edits, "another relying party's RP ID", "WebAuthnRelyingPartyMismatchException")


@check(
    "NP-03",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, CompleteWebAuthnRegistration: WebAuthnOriginNotAllowedException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "a passkey was registered with the origin",
        "pool.passkeys.other-exception-for-the-origin": "WebAuthnOriginNotAllowedException is documented",
    },
)
@cases("origin", {"another site": "https://evil.example", "without TLS": "http://example.org"})
def test_a_foreign_origin_is_refused(holder: PasskeyUser, origin: str) -> None:
    """A passkey that was made on a foreign page is refused with WebAuthnOriginNotAllowedException.

    The exception tells a developer that the page is not at the RP ID, and keeps lookalikes out.
    """
    error = "WebAuthnOriginNotAllowedException"
    _changed(holder, change_client_data(origin=origin), f"the origin {origin}", error)


@check(
    "NP-04",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, CompleteWebAuthnRegistration: WebAuthnClientMismatchException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={"pool.passkeys.any-client": "an access token of another app client"},
)
def test_a_registration_ends_where_it_began(passkeys: Passkeys) -> None:
    """A registration that was started at one app client is not completed at another: WebAuthnClientMismatchException.

    One application's page cannot finish what another one asked the user for.
    """
    pool = passkeys.pool()
    user = passkeys.user(pool)
    elsewhere = passkeys.user(pool, passkeys.client(pool, which="second"), user.user)
    with between_registrations(user):
        started = user.start()
        response = user.maker.registration(started.ceremony, user.new_credential(started), Manner())
        answer = user.complete(response, elsewhere.access_token)
        error = ("WebAuthnClientMismatchException",)
        must_not_register(answer, "an access token of another app client", with_error=error)


@check(
    "NP-05",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, CompleteWebAuthnRegistration: WebAuthnCredentialNotSupportedException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-any-format": "a passkey was registered with an unknown format",
        "pool.passkeys.other-exception-for-the-credential": "WebAuthnCredentialNotSupportedException is documented",
    },
)
@cases(
    "change",
    {
        "RS1": ("the algorithm RS1", registration.algorithms()[-3].edits),
        "a malformed key": ("a malformed key", keys.members({-2: b""})),
        "an unknown format": ("an unknown format", registration.formats()[1].edits),
    },
)
def test_unsupported_credentials_are_refused(holder: PasskeyUser, change: tuple[str, Edits]) -> None:
    """A passkey of an unsupported kind is refused with WebAuthnCredentialNotSupportedException.

    The exception tells an application to have the user try another authenticator.
    """
    what, edits = change
    _changed(holder, edits, what, "WebAuthnCredentialNotSupportedException")


@check(
    "NP-06",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API: WebAuthnNotEnabledException, WebAuthnConfigurationMissingException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.on-where-they-are-off": "a pool without WEB_AUTHN was accepted",
        "pool.passkeys.needs-no-relying-party": "a pool without relying party and domain was accepted",
    },
)
@cases(
    "pool",
    {
        "not enabled": ("a pool without WEB_AUTHN", {"allowed": ("PASSWORD",)}, "WebAuthnNotEnabledException"),
        "no relying party": (
            "a pool without relying party and domain",
            {"rp_id": None},
            "WebAuthnConfigurationMissingException",
        ),
    },
)
def test_a_pool_without_passkeys_says_so(
    passkeys: Passkeys, holder: PasskeyUser, pool: tuple[str, dict[str, object], str]
) -> None:
    """A pool that does not allow passkeys, or has no relying party, says so when a registration is started.

    A passkey that is made all the same is one that nobody can sign in with.
    """
    what, settings, error = pool
    elsewhere = passkeys.user(passkeys.pool(**settings))
    with between_registrations(holder):
        must_not_be_taken(elsewhere.try_start(), f"a registration at {what}", with_error=(error,))
