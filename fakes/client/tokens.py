"""The tokens, verified before they are handed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakes.client.failures import BrokenAnswer
from fakes.faults import FaultSwitches, declare_fault

FORGED_ACCEPTED = declare_fault("client.tokens.forged-accepted", "tokens are handed on without a look at them")
ID_TOKEN_UNVERIFIED = declare_fault("client.tokens.id-token-unverified", "only the access token is verified")


def verify_tokens(tokens: Mapping[str, str], request: Mapping[str, Any], on: Callable[[str], bool]) -> None:
    """Verify the access and the id token with the keys at `jwks_uri`, where the request names them.

    Raises BrokenAnswer for a token that the issuer did not make for this app client.
    """
    if not request.get("jwks_uri") or on(FORGED_ACCEPTED):
        return
    from fakes.verifier import ReferenceVerifier  # joserfc is heavy, and few sign-ins need it

    verifier = ReferenceVerifier(FaultSwitches())
    for use in ("access",) if on(ID_TOKEN_UNVERIFIED) else ("access", "id"):
        judged = verifier.ask(
            "verify",
            token=tokens[f"{use}_token"],
            token_use=use,
            issuer=request["issuer"],
            client_id=request["client_id"],
            jwks_uri=request["jwks_uri"],
        )
        if not judged["ok"]:
            raise BrokenAnswer(f"the {use} token is not the issuer's: {judged['error_message']}")
