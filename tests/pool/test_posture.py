"""What the pool says of its own configuration: risks, which moto does not know, and the faults that tell it badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.pool.caller import Client, UserPool, Wire

if TYPE_CHECKING:
    from fakes.pool import EmbeddedPool

BLOCK = {"Actions": {"EventAction": "BLOCK"}}
ENFORCED = {"AdvancedSecurityMode": "ENFORCED"}


@pytest.fixture
def protected(service: EmbeddedPool, wire: Wire) -> UserPool:
    """A pool with threat protection."""
    return UserPool.make(service, wire, UserPoolAddOns=ENFORCED)


def risks(wire: Wire, pool: UserPool, **members: Any) -> dict[str, Any]:
    told: dict[str, Any] = wire.did("DescribeRiskConfiguration", UserPoolId=pool.id, **members)["RiskConfiguration"]
    return told


def test_a_client_has_risk_settings_of_its_own(wire: Wire, protected: UserPool) -> None:
    client = protected.client()
    of_client = {"UserPoolId": protected.id, "ClientId": client.id}
    wire.did("SetRiskConfiguration", **of_client, CompromisedCredentialsRiskConfiguration=BLOCK)
    assert risks(wire, protected, ClientId=client.id) == of_client | {"CompromisedCredentialsRiskConfiguration": BLOCK}
    assert risks(wire, protected) == {"UserPoolId": protected.id}


def test_there_are_no_risk_settings_without_threat_protection(wire: Wire, pool: UserPool) -> None:
    for operation in ("DescribeRiskConfiguration", "SetRiskConfiguration"):
        assert wire.call(operation, UserPoolId=pool.id).error[0] == "UserPoolAddOnNotEnabledException"


def test_risk_settings_of_nobody_are_not_found(wire: Wire, protected: UserPool, client: Client) -> None:
    assert wire.call("DescribeRiskConfiguration", UserPoolId="us-east-1_Nobody").error[0] == "ResourceNotFoundException"
    stranger = wire.call("DescribeRiskConfiguration", UserPoolId=protected.id, ClientId=client.id)
    assert stranger.error[0] == "ResourceNotFoundException"


def test_a_fault_changes_what_is_told_and_not_what_is(service: EmbeddedPool, wire: Wire, pool: UserPool) -> None:
    honest = wire.did("DescribeUserPool", UserPoolId=pool.id)
    with service.faults.switched_on("pool.posture.short-passwords"):
        told = wire.did("DescribeUserPool", UserPoolId=pool.id)["UserPool"]["Policies"]["PasswordPolicy"]
        username = pool.user()
        refused = wire.call(
            "AdminSetUserPassword", UserPoolId=pool.id, Username=username, Password="Aa1!23", Permanent=True
        )
    assert told["MinimumLength"] == 6
    assert refused.error[0] == "InvalidPasswordException"
    after = wire.did("DescribeUserPool", UserPoolId=pool.id)
    assert after["UserPool"]["Policies"] == honest["UserPool"]["Policies"]
