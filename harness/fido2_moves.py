"""Signing in with a passkey without having said who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.findings import Inconclusive
from harness.webauthn_cases.edits import Edits, Manner

if TYPE_CHECKING:
    from harness.fido2_court import Registered
    from harness.fido2_flow import Fido2Flow

GIVING_A_HANDLE = Manner(user_handle=True)


def nobodys_options(fido2: Fido2Flow, **how: Any) -> dict[str, Any]:
    """Options for nobody in particular. Raises Inconclusive where there are none."""
    call = fido2.spoken.challenge()
    if call is None:
        raise Inconclusive("the dialect has no challenge for nobody in particular")
    answer = fido2.call(call, None, **how)
    options = fido2.spoken.challenge_options(answer.json) if answer.succeeded else None
    if options is None:
        raise Inconclusive(f"no challenge for nobody in particular: {answer.described()}")
    return options


def nobodys_answer(fido2: Fido2Flow, registered: Registered, edits: Edits = ()) -> str:
    """An answer over such options, with the user handle in it, changed."""
    response = fido2.response(nobodys_options(fido2), registered.credential, GIVING_A_HANDLE, edits)
    return fido2.spoken.answer(response).answer
