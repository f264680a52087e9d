"""What becomes of sessions and of the way in when a passkey is removed: CRED-07b and CRED-10, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import INFO, NONE, OWN, TRIGGERS, check
from harness.findings import Inconclusive
from harness.token_calls import refresh
from protocol.webauthn import base64url

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court, Registered
    from harness.fido2_flow import Fido2Flow
    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "CRED-07b",
    level=INFO,
    severity=NONE,
    clause="ASVS 5.0 7.4.3; catalogue CRED-07",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.removing-ends-sessions": "which the passkey began: over"},
)
def test_what_becomes_of_sessions_is_recorded(fido2: Fido2Flow, fido2_court: Fido2Court, observe: Observe) -> None:
    """Whether removing a passkey ends the sessions that it began is recorded.

    Who found the lost authenticator may be signed in. ASVS asks that the user can end the other sessions when a
    factor is removed: do it in the API, or have the page offer GlobalSignOut, which no check sees.
    """
    registered = fido2_court.registered()
    holder = registered.holder
    fido2.register(holder)
    outcome = fido2.sign_in(holder, registered.credential)
    token = outcome.tokens.refresh if outcome.has_tokens else None
    if not token:
        raise Inconclusive(f"an honest sign-in brought no refresh token: {outcome.answer.described()}")
    if not refresh(holder.pool, fido2.client, holder.user.username, token).has_tokens:
        raise Inconclusive("the refresh token is not taken")
    _remove(fido2, registered)
    alive = refresh(holder.pool, fido2.client, holder.user.username, token).has_tokens
    observe("after the removal, a session which the passkey began", "alive" if alive else "over")


@check(
    "CRED-10",
    level=INFO,
    severity=NONE,
    clause="WebAuthn L3 section 13.4.6; catalogue CRED-10",
    evidence=OWN,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.keeps-the-last": "the last passkey of a user: refused"},
)
def test_what_becomes_of_the_last_passkey_is_recorded(
    fido2: Fido2Flow, fido2_court: Fido2Court, readable_links: LinkFlow | None, observe: Observe
) -> None:
    """Whether a user can remove their last passkey, and whether a link lets them in afterwards, is recorded.

    Who removes the only way in is locked out, and who removes the last strong one falls back to the weakest. Both
    want to be confirmed; a page asks for that before it calls, and no check sees it.
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    answer = fido2.call(fido2.spoken.delete(base64url.encode(registered.credential.id)), registered.holder)
    observe("the last passkey of a user", "removed" if answer.succeeded else f"refused: {answer.described()}")
    if answer.succeeded and readable_links is not None:
        asked = readable_links.request(registered.holder.user)
        observe("afterwards a link", "is sent" if asked.was_sent else "is not sent")


def _remove(fido2: Fido2Flow, registered: Registered) -> None:
    answer = fido2.call(fido2.spoken.delete(base64url.encode(registered.credential.id)), registered.holder)
    if not answer.succeeded:
        raise Inconclusive(f"removing one's own passkey was refused: {answer.described()}")
