"""The flows other than USER_SRP_AUTH, each begun by one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.sign_in import Outcome, learn_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.arrangement import AppClient, UserPool


def initiate(pool: UserPool, client: AppClient, flow: str, parameters: Mapping[str, str]) -> Outcome:
    """InitiateAuth with a flow; what it brings is redacted from now on."""
    return _send(
        pool, "InitiateAuth", {"AuthFlow": flow, "ClientId": client.client_id, "AuthParameters": {**parameters}}
    )


def admin_initiate(pool: UserPool, client: AppClient, flow: str, parameters: Mapping[str, str]) -> Outcome:
    """AdminInitiateAuth with a flow."""
    return _send(
        pool,
        "AdminInitiateAuth",
        {
            "UserPoolId": pool.user_pool_id,
            "AuthFlow": flow,
            "ClientId": client.client_id,
            "AuthParameters": {**parameters},
        },
    )


def respond(
    pool: UserPool,
    client: AppClient,
    challenge_name: str,
    session: str | None,
    responses: Mapping[str, str],
    *,
    by_administrator: bool = False,
) -> Outcome:
    """RespondToAuthChallenge, or AdminRespondToAuthChallenge; without a Session when there is none."""
    request: dict[str, Any] = {
        "ClientId": client.client_id,
        "ChallengeName": challenge_name,
        "ChallengeResponses": {**responses},
        **({"Session": session} if session is not None else {}),
    }
    if by_administrator:
        return _send(pool, "AdminRespondToAuthChallenge", request | {"UserPoolId": pool.user_pool_id})
    return _send(pool, "RespondToAuthChallenge", request)


def _send(pool: UserPool, operation: str, request: dict[str, Any]) -> Outcome:
    outcome = Outcome(pool.wire.call(operation, request))
    learn_tokens(outcome, pool)
    return outcome
