"""Threat protection, and protection against deletion: POS-34 to POS-38."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, MEDIUM, POOL, SHOULD, check
from harness.posture import CUSTOM_AUTH_TRIGGERS, demand_none

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from harness.fixtures import Observe
    from harness.posture import PoolPosture


@check(
    "POS-34",
    level=SHOULD,
    severity=MEDIUM,
    clause="Security Hub Cognito.1; Cognito developer guide, Threat protection; ASVS 5.0 6.3.1",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.audit-only": "threat protection is AUDIT"},
)
def test_threat_protection_is_enforced(posture: PoolPosture, observe: Observe) -> None:
    """Threat protection is in full function for sign-ins with passwords.

    Passwords from other sites' leaks are tried out at yours; threat protection knows many of them, and where they come
    from. AUDIT only counts. Set UserPoolAddOns.AdvancedSecurityMode to ENFORCED; that takes the feature plan PLUS,
    which costs more a user. If you defend otherwise (AWS WAF, a service of your own), waive this and say how.
    """
    observe("feature plan", str(posture.settings.get("UserPoolTier") or "not told"))
    mode = posture.threat_protection
    demand_none(
        [f"threat protection is {mode}"] if mode != "ENFORCED" else [],
        "UserPoolAddOns.AdvancedSecurityMode = ENFORCED",
    )


@check(
    "POS-35",
    level=SHOULD,
    severity=MEDIUM,
    clause="Security Hub Cognito.4; Cognito API reference, AdvancedSecurityAdditionalFlowsType",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.custom-auth-unprotected": "threat protection of custom auth is OFF"},
)
def test_threat_protection_covers_custom_auth(posture: PoolPosture, observe: Observe) -> None:
    """Where there are custom-auth triggers, threat protection is in full function for them too.

    It is another setting than that for passwords: without it, links, codes and whatever the triggers ask are left out.
    Set UserPoolAddOns.AdvancedSecurityAdditionalFlows.CustomAuthMode to ENFORCED.
    """
    if not posture.triggers.keys() & set(CUSTOM_AUTH_TRIGGERS):
        observe("custom auth", "no triggers")
        return
    mode = posture.threat_protection_of_custom_auth
    demand_none(
        [f"threat protection of custom auth is {mode}"] if mode != "ENFORCED" else [],
        "AdvancedSecurityAdditionalFlows.CustomAuthMode = ENFORCED",
    )


@check(
    "POS-36",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Working with compromised-credentials detection; ASVS 5.0 6.2.12",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.takes-compromised-passwords": "compromised passwords are taken"},
)
def test_compromised_passwords_are_refused(posture: PoolPosture, observe: Observe) -> None:
    """A password that is known to be compromised is refused.

    It is tried first. Set the EventAction of CompromisedCredentialsRiskConfiguration to BLOCK (SetRiskConfiguration),
    for the pool and for each app client that has a risk configuration of its own. Where none is told, what AWS does is
    not documented: that is recorded.
    """
    _demand_action(
        posture,
        observe,
        what="compromised passwords",
        action=lambda told: (told.get("CompromisedCredentialsRiskConfiguration") or {}).get("Actions"),
        finding="compromised passwords are taken",
        remedy="CompromisedCredentialsRiskConfiguration with EventAction = BLOCK",
    )


@check(
    "POS-37",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Working with adaptive authentication; ASVS 5.0 6.1.1, 6.3.5",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.ignores-high-risk": "sign-ins of high risk pass"},
)
def test_sign_ins_of_high_risk_are_stopped(posture: PoolPosture, observe: Observe) -> None:
    """A sign-in that Cognito rates as high risk meets a second factor, or is refused.

    Set the HighAction of AccountTakeoverRiskConfiguration to MFA_REQUIRED or BLOCK (SetRiskConfiguration), for the pool
    and for each app client that has a risk configuration of its own. Where none is told, what AWS does is not
    documented: that is recorded.
    """
    _demand_action(
        posture,
        observe,
        what="sign-ins of high risk",
        action=lambda told: ((told.get("AccountTakeoverRiskConfiguration") or {}).get("Actions") or {}).get(
            "HighAction"
        ),
        finding="sign-ins of high risk pass",
        remedy="HighAction.EventAction = MFA_REQUIRED or BLOCK",
    )


@check(
    "POS-38",
    level=SHOULD,
    severity=MEDIUM,
    clause="Security Hub Cognito.6; Cognito API reference, DeletionProtection",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.deletable": "DeletionProtection is INACTIVE"},
)
def test_the_pool_is_not_deleted_by_mistake(posture: PoolPosture) -> None:
    """The pool cannot be deleted by one call.

    With it go every account, every passkey, every password, and nothing brings them back: a stack that is torn down by
    mistake is enough. Set DeletionProtection to ACTIVE.
    """
    told = posture.settings.get("DeletionProtection") or "INACTIVE"
    demand_none([f"DeletionProtection is {told}"] if told != "ACTIVE" else [], "DeletionProtection = ACTIVE")


def _demand_action(
    posture: PoolPosture,
    observe: Observe,
    *,
    what: str,
    action: Callable[[Mapping[str, Any]], Mapping[str, Any] | None],
    finding: str,
    remedy: str,
) -> None:
    """Something is done about a risk wherever it is told what; recorded what is told, and where."""
    if posture.threat_protection == "OFF":
        observe(what, "threat protection is off (POS-34)")
        return
    told = {
        whose: (action(risks) or {}).get("EventAction", "not told")
        for whose, risks in posture.risk_configurations().items()
    }
    observe(what, "; ".join(f"{whose}: {done}" for whose, done in told.items()))
    demand_none((f"{finding} ({whose}: {done})" for whose, done in told.items() if done == "NO_ACTION"), remedy)
