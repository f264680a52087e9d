"""Tokens that are not as they should be, for checks that read and use them."""

from __future__ import annotations

from typing import Any

from fakes.faults import FaultSwitches, declare_fault

WITHOUT_EVENT_ID = declare_fault("pool.tokens.without-event-id", "no token has an event_id")
ORIGINS_DIFFER = declare_fault("pool.tokens.origin-jti-differs", "the id token has another origin_jti")
AUD_IN_ACCESS = declare_fault("pool.tokens.aud-in-the-access-token", "the access token has an aud instead of client_id")
TEXT_TIMES = declare_fault("pool.tokens.times-as-text", "auth_time, iat and exp are texts")
REPEATS_THE_JTI = declare_fault("pool.refresh.repeats-the-jti", "every token of a sign-in has the same jti")
JTI_ALL_THE_SAME = declare_fault("pool.tokens.jti-without-revocation", "tokens have a jti with revocation off too")
HOUR_SAID = declare_fault("pool.tokens.expires-in-is-always-an-hour", "ExpiresIn is 3600 whatever the token says")
HOUR_LIVED = declare_fault("pool.tokens.life-is-always-an-hour", "the client's validities are not looked at")
READABLE = declare_fault("pool.tokens.readable-refresh-token", "the refresh token names its user readably")

_HOUR = 3600


def spoiled_claims(claims: dict[str, Any], faults: FaultSwitches) -> dict[str, Any]:
    """The claims as they are signed."""
    claims, is_access = dict(claims), "client_id" in claims
    if faults.on(WITHOUT_EVENT_ID):
        del claims["event_id"]
    if faults.on(REPEATS_THE_JTI):
        claims["jti"] = claims["origin_jti"]
    if faults.on(ORIGINS_DIFFER) and not is_access:
        claims["origin_jti"] = claims["jti"]
    if faults.on(AUD_IN_ACCESS) and is_access:
        claims["aud"] = claims.pop("client_id")
    if faults.on(HOUR_LIVED):
        claims["exp"] = claims["iat"] + _HOUR
    if faults.on(TEXT_TIMES):
        claims |= {name: str(claims[name]) for name in ("auth_time", "iat", "exp")}
    return claims


def spoiled_result(result: dict[str, Any], faults: FaultSwitches) -> dict[str, Any]:
    """AuthenticationResult as it is sent."""
    return result | {"ExpiresIn": _HOUR} if faults.on(HOUR_SAID) or faults.on(HOUR_LIVED) else result


def spoiled_refresh_header(header: dict[str, str], username: str, faults: FaultSwitches) -> dict[str, str]:
    """The protected header of a refresh token, the one part of it that anybody can read."""
    return header | {"kid": username} if faults.on(READABLE) else header
