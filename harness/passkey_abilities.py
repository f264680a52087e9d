"""Which of the needs of native passkeys a target meets, by trying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.findings import Finding, Inconclusive, TargetUnreachable
from harness.passkeys import Passkeys, passkey_pool
from harness.webauthn_cases.edits import EDDSA, RS256, Manner

if TYPE_CHECKING:
    from harness.arrangement import Arrangements
    from harness.webauthn_cases.making import ResponseMaker


def passkey_abilities(arrangements: Arrangements, maker: ResponseMaker) -> frozenset[str]:
    """Which of the needs of native passkeys a target meets, by trying. Raises TargetUnreachable."""
    found: set[str] = set()
    try:
        passkeys = Passkeys(arrangements, maker)
        user = passkeys.user()
        credential = user.register()
        if not user.sign_in(credential).has_tokens:
            return frozenset()
        found.add("passkeys")
        offered = {each.get("alg") for each in user.start().options["pubKeyCredParams"]}
        found |= {
            need for algorithm, need in ((RS256, "passkeys.rs256"), (EDDSA, "passkeys.eddsa")) if algorithm in offered
        }
        user.register(Manner(format="packed"))
        found.add("passkeys.attestation")
    except TargetUnreachable:
        raise
    except (Finding, Inconclusive, KeyError, TypeError, AttributeError):
        pass  # what was found before the first thing that it cannot do
    if "passkeys" in found and _has_factor_configuration(arrangements):
        found.add("passkeys.as-mfa")
    return frozenset(found)


def _has_factor_configuration(arrangements: Arrangements) -> bool:
    factor = "MULTI_FACTOR_WITH_USER_VERIFICATION"
    try:
        pool = passkey_pool(arrangements, factor=factor)
        settings = pool.wire.ask("GetUserPoolMfaConfig", {"UserPoolId": pool.user_pool_id})
    except TargetUnreachable:
        raise
    except Inconclusive:
        return False
    return (settings.get("WebAuthnConfiguration") or {}).get("FactorConfiguration") == factor
