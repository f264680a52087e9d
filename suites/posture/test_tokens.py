"""How long app clients' tokens live, and how they end: POS-06 to POS-10."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, LOW, MEDIUM, OWN, POOL, RFC, SHOULD, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.posture import PoolPosture

LONGEST_BEARER = timedelta(hours=1)
LONGEST_SESSION = timedelta(days=30)


@check(
    "POS-06",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 6750 5.3 (bearer tokens of one hour or less); Cognito's default is one hour",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.long-access-tokens": "access tokens live for 24 h"},
)
def test_access_tokens_are_short_lived(posture: PoolPosture) -> None:
    """An access token lives for one hour at most.

    Whoever verifies it by its signature takes it until it expires: neither sign-out nor revocation is seen there. A
    stolen one is good for as long. Set the client's AccessTokenValidity to an hour or less (15 minutes is kinder), and
    look at TokenValidityUnits beside it.
    """
    demand_none(_living_longer(posture, "Access", LONGEST_BEARER), "AccessTokenValidity of one hour or less")


@check(
    "POS-07",
    level=SHOULD,
    severity=LOW,
    clause="RFC 6750 5.3 (bearer tokens of one hour or less); Cognito's default is one hour",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.long-id-tokens": "id tokens live for 24 h"},
)
def test_id_tokens_are_short_lived(posture: PoolPosture) -> None:
    """An id token lives for one hour at most.

    API Gateway and identity pools take it as a bearer token, so it is worth as much as an access token; and the groups
    and attributes in it stay as they were. Set the client's IdTokenValidity to an hour or less.
    """
    demand_none(_living_longer(posture, "Id", LONGEST_BEARER), "IdTokenValidity of one hour or less")


@check(
    "POS-08",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 7.3.2, 10.4.8; NIST SP 800-63B 4.1.3 (sign in again every 30 days); Cognito's default is 30 days",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.long-refresh-tokens": "refresh tokens live for 365 days"},
)
def test_sessions_end_within_a_month(posture: PoolPosture) -> None:
    """A refresh token lives for 30 days at most.

    It is the session: a copy that was made of it opens the account until it expires, and Cognito allows ten years. Set
    the client's RefreshTokenValidity to 30 days or less, and to hours where much is at stake.
    """
    demand_none(_living_longer(posture, "Refresh", LONGEST_SESSION), "RefreshTokenValidity of 30 days or less")


@check(
    "POS-09",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Ending user sessions with token revocation; ASVS 5.0 7.4.1, 10.4.9; RFC 7009",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.no-revocation": "EnableTokenRevocation is false"},
)
def test_sessions_can_be_revoked(posture: PoolPosture) -> None:
    """Refresh tokens can be revoked.

    Otherwise a user who signs out, or who has lost a phone, cannot end that one session: its refresh token lives on.
    Set the client's EnableTokenRevocation to true (the default of clients made today).
    """
    demand_none(
        (
            f"{client}: EnableTokenRevocation is false"
            for client in posture.user_clients
            if client.settings.get("EnableTokenRevocation") is False
        ),
        "EnableTokenRevocation = true",
    )


@check(
    "POS-10",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 9700 2.2.2 (public clients: rotation or sender-constrained refresh tokens); ASVS 5.0 10.4.5",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.no-rotation": "does not rotate refresh tokens"},
)
def test_public_clients_rotate_refresh_tokens(posture: PoolPosture) -> None:
    """An app client without a secret gets a new refresh token with every renewal.

    A browser or phone cannot keep a refresh token from every copy; with rotation, a copy and the original cannot both
    be used for long without being noticed. Set the client's RefreshTokenRotation to Feature = ENABLED with a grace
    period of a few seconds, and renew with GetTokensFromRefreshToken: REFRESH_TOKEN_AUTH does not go with it.
    """
    demand_none(
        (
            f"{client} has no secret and does not rotate refresh tokens"
            for client in posture.user_clients
            if client.is_public and not client.rotates_refresh_tokens
        ),
        "RefreshTokenRotation with Feature = ENABLED",
    )


def _living_longer(posture: PoolPosture, token: str, longest: timedelta) -> Iterator[str]:
    clients = posture.clients if token == "Access" else posture.user_clients  # noqa: S105 - a kind of token
    for client in clients:
        life = client.life_of(token)
        if life > longest:
            yield f"{client}: {token.lower()} tokens live for {_told(life)}"


def _told(life: timedelta) -> str:
    return f"{life.days} days" if life > timedelta(days=2) else f"{life.total_seconds() / 3600:g} h"
