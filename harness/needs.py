"""What a target may be able to do. A check whose needs are not met is `not applicable`, the missing need named."""

from __future__ import annotations

NEEDS: dict[str, str] = {
    "srp": "signs users in with USER_SRP_AUTH",
    "users": "lets the run make its own users (AdminCreateUser, AdminSetUserPassword)",
    "configure": "lets the run make its own user pools and app clients",
    "clock": "has a clock that the run can move",
    "edges": "can be made to send chosen edge values (or `target.edge_sign_ins` allows waiting for them)",
    "devices": "has the operations on users' devices (AdminListDevices)",
    "device-sign-in": "gives a device its key at a sign-in and confirms it (NewDeviceMetadata, ConfirmDevice)",
    "refresh-operation": "renews tokens with GetTokensFromRefreshToken",
    "refresh-rotation": "replaces refresh tokens (RefreshTokenRotation of an app client)",
    "revocation": "revokes refresh tokens with RevokeToken",
    "key-rotation": "can be made to change its signing keys",
    "admin-srp": "signs users in with AdminInitiateAuth and USER_SRP_AUTH",
    "user-auth": "signs users in with USER_AUTH",
    "totp": "has users set up software tokens and asks them for codes (SOFTWARE_TOKEN_MFA)",
    "mailbox": "shows the run the mails that it sends",
    "sms": "shows the run the texts that it sends",
    "in-process": "runs in the harness's own process, so that timing can be measured",
    "verifier": "comes with a verifier to judge (`verifier.command`, or --verifier)",
    "verifier.scopes": "comes with a verifier that can demand scopes (`required_scopes`)",
    "verifier.groups": "comes with a verifier that can demand groups (`required_groups`)",
    "verifier.grace": "comes with a verifier that can grant a grace period (`grace_seconds`)",
    "verifier.clock": "comes with a verifier whose clock can be moved (`now`)",
    "verifier.jwks-fetch": "comes with a verifier that fetches the keys itself (`jwks_uri`)",
}
"""Each need, and the words in which a report explains it."""

VERIFIER_NEEDS = frozenset(need for need in NEEDS if need.partition(".")[0] == "verifier")
"""The needs that the verifier under test meets, and not the target."""


class UnknownNeed(Exception):
    """A check or a configuration names a need that nothing defines."""


def require_known(needs: frozenset[str], asked_by: str) -> None:
    """Raise UnknownNeed when `asked_by` names a need outside NEEDS."""
    unknown = needs - NEEDS.keys()
    if unknown:
        raise UnknownNeed(f"{asked_by}: unknown need {sorted(unknown)[0]!r}; known: {', '.join(sorted(NEEDS))}")
