"""The claims: issuer, app client, purpose, time, and what a service may demand beyond (AWS's verification steps)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fakes.faults import declare_fault
from fakes.verifier.refusal import On, Refused, demand

IGNORES_ISSUER = declare_fault("verifier.ignores-issuer", "iss is not looked at")
COMPARES_THE_BEGINNING_OF_THE_ISSUER = declare_fault(
    "verifier.compares-the-beginning-of-the-issuer", "iss may go on after the issuer's name"
)
TAKES_A_LIST_OF_ISSUERS = declare_fault("verifier.takes-a-list-of-issuers", "iss may be an array that holds the issuer")
IGNORES_CLIENT = declare_fault("verifier.ignores-client", "aud and client_id are not looked at")
LOOKS_FOR_THE_CLIENT_INSIDE = declare_fault(
    "verifier.looks-for-the-client-inside", "aud or client_id may hold more than the app client's id"
)
TAKES_A_MISSING_CLIENT = declare_fault("verifier.takes-a-missing-client", "a token without aud or client_id passes")
IGNORES_TOKEN_USE = declare_fault("verifier.ignores-token-use", "an id token passes for an access token")
TAKES_A_MISSING_TOKEN_USE = declare_fault("verifier.takes-a-missing-token-use", "a token without token_use passes")
IGNORES_EXPIRY = declare_fault("verifier.ignores-expiry", "exp is not looked at")
READS_EXP_AS_TEXT = declare_fault("verifier.reads-exp-as-text", "exp may be a text that holds a number")
TAKES_ANY_NUMBER_FOR_A_TIME = declare_fault(
    "verifier.takes-any-number-for-a-time", "exp may lie where no calendar reaches, infinity included"
)
ACCEPTS_AT_EXP = declare_fault("verifier.accepts-at-exp", "a token is accepted in the second in which it expires")
IGNORES_NBF = declare_fault("verifier.ignores-nbf", "nbf is not looked at")
IGNORES_GRACE = declare_fault("verifier.ignores-grace", "the grace period that was asked for is not granted")
GRANTS_GRACE_UNASKED = declare_fault("verifier.grants-grace-unasked", "an hour's grace is granted always")
IGNORES_IAT = declare_fault("verifier.ignores-iat", "iat is not looked at")
IGNORES_SCOPES = declare_fault("verifier.ignores-scopes", "scope is not looked at")
LOOKS_FOR_THE_SCOPE_INSIDE = declare_fault(
    "verifier.looks-for-the-scope-inside", "a scope that holds the demanded one passes for it"
)
IGNORES_GROUPS = declare_fault("verifier.ignores-groups", "cognito:groups is not looked at")
LOOKS_FOR_THE_GROUP_INSIDE = declare_fault(
    "verifier.looks-for-the-group-inside", "cognito:groups may be a text that holds the group"
)

LAST_MOMENT = 253_402_300_799
"""The end of the year 9999: a NumericDate beyond it is no date."""

CLOCK_SKEW_SECONDS = 300

CLIENT_CLAIM = {"id": "aud", "access": "client_id"}
"""Where each token names the app client."""


@dataclass(frozen=True)
class Demands:
    """What the service demands of a token. None demands nothing; times are seconds."""

    issuer: str
    client_id: str | None
    token_use: str
    now: float
    required_scopes: Sequence[str] | None = None
    required_groups: Sequence[str] | None = None
    grace_seconds: float = 0


def verify_claims(claims: Mapping[str, Any], demands: Demands, on: On) -> None:
    """Raises Refused unless the claims are what is demanded."""
    _issuer(claims.get("iss"), demands, on)
    _purpose(claims.get("token_use"), demands, on)
    _client(claims.get(CLIENT_CLAIM[demands.token_use]), demands, on)
    _times(claims, demands, on)
    if demands.required_scopes is not None and not on(IGNORES_SCOPES):
        _scopes(claims.get("scope"), demands.required_scopes, on)
    if demands.required_groups is not None and not on(IGNORES_GROUPS):
        _groups(claims.get("cognito:groups"), demands.required_groups, on)


def _issuer(issuer: object, demands: Demands, on: On) -> None:
    if on(IGNORES_ISSUER):
        return
    if on(COMPARES_THE_BEGINNING_OF_THE_ISSUER) and isinstance(issuer, str) and issuer.startswith(demands.issuer):
        return
    if on(TAKES_A_LIST_OF_ISSUERS) and isinstance(issuer, list) and demands.issuer in issuer:
        return
    demand(issuer == demands.issuer, "iss is another issuer")


def _purpose(token_use: object, demands: Demands, on: On) -> None:
    if on(IGNORES_TOKEN_USE) or (on(TAKES_A_MISSING_TOKEN_USE) and token_use is None):
        return
    demand(token_use == demands.token_use, f"this is no {demands.token_use} token")


def _client(client: object, demands: Demands, on: On) -> None:
    wanted = demands.client_id
    if wanted is None or on(IGNORES_CLIENT) or (on(TAKES_A_MISSING_CLIENT) and client is None):
        return
    if on(LOOKS_FOR_THE_CLIENT_INSIDE) and isinstance(client, str | list | dict) and wanted in client:
        return
    demand(client == wanted, "the token is for another app client")


def _times(claims: Mapping[str, Any], demands: Demands, on: On) -> None:
    grace = 0.0 if on(IGNORES_GRACE) else demands.grace_seconds
    if on(GRANTS_GRACE_UNASKED):
        grace += 3600
    if not on(IGNORES_EXPIRY):
        last = _moment(claims.get("exp"), "exp", on) + grace
        demand(demands.now < last or (on(ACCEPTS_AT_EXP) and demands.now == last), "the token has expired")
    if "nbf" in claims and not on(IGNORES_NBF):
        demand(_moment(claims["nbf"], "nbf", on) - grace <= demands.now, "the token is not valid yet")
    if "iat" in claims and not on(IGNORES_IAT):
        issued = _moment(claims["iat"], "iat", on)
        demand(issued <= demands.now + CLOCK_SKEW_SECONDS, "the token was issued in the future")


def _moment(value: object, name: str, on: On) -> float:
    """A NumericDate (RFC 7519 section 2), as seconds since the epoch."""
    if on(READS_EXP_AS_TEXT) and isinstance(value, str):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{name} is not a number")
    if not on(TAKES_ANY_NUMBER_FOR_A_TIME):
        demand(math.isfinite(value) and 0 <= value <= LAST_MOMENT, f"{name} is no moment in time")
    return value


def _scopes(scope: object, required: Sequence[str], on: On) -> None:
    demand(isinstance(scope, str), "the token has no scope")
    granted = str(scope).split(" ")
    if on(LOOKS_FOR_THE_SCOPE_INSIDE) and any(wanted in str(scope) for wanted in required):
        return
    demand(any(wanted in granted for wanted in required), "the token lacks the scope")


def _groups(groups: object, required: Sequence[str], on: On) -> None:
    if (
        on(LOOKS_FOR_THE_GROUP_INSIDE)
        and isinstance(groups, str | dict)
        and any(wanted in groups for wanted in required)
    ):
        return
    demand(isinstance(groups, list), "the token has no groups")
    assert isinstance(groups, list)
    demand(any(wanted in groups for wanted in required), "the token lacks the group")
