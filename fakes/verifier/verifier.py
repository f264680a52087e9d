"""The verifier as the driver protocol sees it (docs/testing-verifiers.md), in this process."""

from __future__ import annotations

import time
from typing import Any

from fakes.faults import FaultSwitches
from fakes.verifier.claims import Demands, verify_claims
from fakes.verifier.key_sets import KeySets
from fakes.verifier.reading import read
from fakes.verifier.refusal import Refused
from fakes.verifier.signatures import verify_signature

CAPABILITIES = ["scopes", "groups", "grace", "clock", "jwks-fetch"]


class ReferenceVerifier:
    """Judges the tokens of user pools; honest unless a fault is on."""

    def __init__(self, switches: FaultSwitches) -> None:
        self._on = switches.on
        self._key_sets = KeySets(switches.on)

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Answer one request of the driver protocol."""
        if op == "hello":
            return {"ok": True, "name": "the reference verifier", "version": "1", "capabilities": CAPABILITIES}
        try:
            self._verify(**members)
        except Refused as reason:
            return {"ok": False, "error_type": "Refused", "error_message": str(reason)}
        return {"ok": True}

    def _verify(
        self,
        *,
        token: object,
        jwks: object = None,
        jwks_uri: str | None = None,
        now: float | None = None,
        **demanded: Any,
    ) -> None:
        now = time.time() if now is None else now
        jwt = read(token, self._on)
        if jwks_uri is not None:
            jwks = self._key_sets.jwks(jwks_uri, jwt.header.get("kid"), now)
        verify_signature(jwt, jwks, self._on)
        verify_claims(jwt.claims, Demands(now=now, **demanded), self._on)
