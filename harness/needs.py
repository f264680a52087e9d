"""What a target may be able to do. A check whose needs are not met is `not applicable`, the missing need named."""

from __future__ import annotations

NEEDS: dict[str, str] = {
    "srp": "signs users in with USER_SRP_AUTH",
    "users": "lets the run make its own users (AdminCreateUser, AdminSetUserPassword)",
    "accounts": "has accounts to sign in to: users of the run's own, or given ones (`live.accounts`)",
    "permissions": "comes with credentials that may do all that the check does (`doctor` names what is missing)",
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
    "passkeys": "registers passkeys and signs users in with them (StartWebAuthnRegistration, WEB_AUTHN)",
    "passkeys.rs256": "offers RS256 for passkeys",
    "passkeys.eddsa": "offers EdDSA for passkeys",
    "passkeys.attestation": "takes passkeys that come with an attestation statement",
    "passkeys.as-mfa": "lets passkeys stand for a second factor (FactorConfiguration)",
    "posture": "has a user pool of the team's own to review (`live.user_pool_id`)",
    "posture.functions": "lets the run read how its triggers are configured (lambda:GetFunctionConfiguration)",
    "mailbox": "shows the run the mails that it sends",
    "sms": "shows the run the texts that it sends",
    "in-process": "runs in the harness's own process, so that timing can be measured",
    "verifier": "comes with a verifier to judge (`verifier.command`, or --verifier)",
    "verifier.scopes": "comes with a verifier that can demand scopes (`required_scopes`)",
    "verifier.groups": "comes with a verifier that can demand groups (`required_groups`)",
    "verifier.grace": "comes with a verifier that can grant a grace period (`grace_seconds`)",
    "verifier.clock": "comes with a verifier whose clock can be moved (`now`)",
    "verifier.jwks-fetch": "comes with a verifier that fetches the keys itself (`jwks_uri`)",
    "client": "comes with a client to judge (`client.command`, or --client)",
    "client.secret_hash": "comes with a client that can hold a client secret (`client_secret`)",
    "client.alias": "comes with a client that can sign in with an alias (an e-mail address for `username`)",
    "client.new_password": "comes with a client that can choose a new password (`answers.new_password`)",
    "client.mfa": "comes with a client that answers second factors (`answers.totp`, `answers.sms_code`)",
    "client.device": "comes with a client that remembers devices (`answers.remember_device`, `device`)",
    "client.tls": "comes with a client that takes an https endpoint (`ca_file` names whom to trust)",
    "client.verifies_tokens": "comes with a client that verifies the tokens it is given (`issuer`, `jwks_uri`)",
    "client.private_value": "comes with a client that shows its private value (`a`, in hex, beside the tokens)",
    "client.clock": "comes with a client whose clock can be set (`now`, or the program `faketime` is installed)",
    "client.zone": "comes with a client that can be started in another time zone and locale",
    "custom-auth": "runs custom-auth triggers (`triggers` names them: define, create, verify)",
    "own-triggers": "lets the run deploy triggers of its own",
    "pre-sign-up": "comes with a PreSignUp trigger",
    "pre-token-generation": "comes with a PreTokenGeneration trigger",
    "magic-links": "comes with triggers that send links to sign in with (the dialect's `links`)",
    "codes": "comes with triggers that send one-time codes (the dialect's `codes`)",
    "step-up": "comes with triggers whose codes add to a sign-in (the dialect's `codes.step_up`)",
    "several-methods": "comes with triggers that know several methods (the dialect's `method_member`)",
    "passkey-policy": "comes with triggers that hold who has a passkey to it (`triggers.passkeys_table`)",
    "fido2": "comes with triggers that sign in with passkeys (the dialect's `passkeys`)",
    "fido2.rs256": "comes with triggers that offer RS256 for passkeys",
    "fido2.eddsa": "comes with triggers that offer EdDSA for passkeys",
    "fido2.several-rp-ids": "comes with passkeys for accounts.example.com beside those for example.org",
    "fido2.app-origins": "comes with passkeys for an app whose origin the configuration names (`triggers.app_origins`)",
    "fido2.related-origins": "comes with passkeys that pages on another domain use too (`triggers.related_origins`)",
    "fido2.verification-preferred": "comes with a second policy, by which passkeys need no user verification "
    "(`triggers.variants.verification-preferred`)",
    "fido2.step-up": "comes with passkeys that confirm something for a signed-in user (the dialect's `confirmation`)",
    "fido2.tells-verification": "comes with a list of passkeys that tells whether their user was verified",
    "fido2.verification": "comes with passkeys whose options require user verification",
    "fido2.allow-credentials": "comes with triggers whose options name the user's credentials",
    "fido2.usernameless": "comes with passkeys whose user handle holds a name to sign in with",
    "credential-api": "comes with an API by which users keep their passkeys (`fido2_credentials_api`)",
    "challenge-api": "comes with an API that gives out challenges to nobody in particular (`fido2_challenge_api`)",
    "api-events": "has its APIs asked with claims and addresses of the run's choosing (not over HTTP: `triggers.apis`)",
    "store": "lets the run read the tables that the triggers write (`triggers.tables`)",
    "trigger-clock": "comes with triggers whose clock can be moved",
    "trigger-logs": "comes with triggers whose logs the run can read",
    "trigger-events": "shows the run what the pool says to its triggers, and what they answer",
    "invocation": "lets the run give events of its own to the triggers, past the pool",
    "signing-keys": "lets the run use the keys that sign links (`triggers.signing_keys`)",
    "no-delivery": "delivers none of the messages that the triggers send, so that any number may go to anybody",
    "relying-party": "comes with a relying party to judge (`relying_party.command`, or --relying-party)",
    "relying-party.rs256": "comes with a relying party that verifies RS256",
    "relying-party.es384": "comes with a relying party that verifies ES384",
    "relying-party.es512": "comes with a relying party that verifies ES512",
    "relying-party.eddsa": "comes with a relying party that verifies EdDSA (Ed25519)",
    "relying-party.ed448": "comes with a relying party that verifies Ed448",
    "relying-party.algorithms": "comes with a relying party that is told which algorithms were offered (`algorithms`)",
    "relying-party.packed": "comes with a relying party that verifies attestation statements in the format packed",
    "relying-party.fido-u2f": "comes with a relying party that verifies attestation statements in the format fido-u2f",
    "relying-party.tpm": "comes with a relying party that verifies attestation statements in the format tpm",
    "relying-party.android-key": "comes with a relying party that verifies attestation statements of android-key",
    "relying-party.android-safetynet": "comes with a relying party that verifies statements of android-safetynet",
    "relying-party.apple": "comes with a relying party that verifies attestation statements in the format apple",
    "relying-party.compound": "comes with a relying party that verifies attestation statements in the format compound",
    "relying-party.trust-anchors": "comes with a relying party that can be given root certificates (`roots`)",
    "relying-party.metadata": "comes with a relying party that can be given FIDO's metadata (`metadata`)",
    "relying-party.attestation-policy": "comes with a relying party that can demand attestation (`formats`)",
    "relying-party.cross-origin": "comes with a relying party that can allow frames (`cross_origin`, `top_origins`)",
    "relying-party.conditional-create": "comes with a relying party that is told of a conditional create (`mediation`)",
    "relying-party.allow-credentials": "comes with a relying party that looks at `allowCredentials` itself",
    "relying-party.user-handle": "comes with a relying party that compares user handles (`user_handle`)",
    "relying-party.counter": "comes with a relying party that judges signature counters (`sign_count`)",
    "relying-party.backup-eligibility": "comes with a relying party that compares `backup_eligible` with its record",
    "relying-party.single-use": "comes with a relying party that remembers which challenges it has seen answered",
    "relying-party.concurrent": "comes with a relying party that answers several requests at once, by their ids",
    "relying-party.unique-credentials": "comes with a relying party that is told which credentials exist already",
}
"""Each need, and the words in which a report explains it."""

VERIFIER_NEEDS = frozenset(need for need in NEEDS if need.partition(".")[0] == "verifier")
"""The needs that the verifier under test meets, and not the target."""

CLIENT_NEEDS = frozenset(need for need in NEEDS if need.partition(".")[0] == "client")
"""The needs that the client under test meets, and not the target."""

TRIGGER_NEEDS = frozenset(
    {
        "custom-auth", "own-triggers", "pre-sign-up", "pre-token-generation", "magic-links", "codes", "step-up",
        "several-methods", "passkey-policy", "fido2", "credential-api", "challenge-api", "api-events", "store",
        "trigger-clock", "trigger-logs", "trigger-events", "invocation", "signing-keys", "no-delivery",
    }
) | {need for need in NEEDS if need.startswith("fido2.")}  # fmt: skip
"""The needs that the triggers under test meet, and not the target."""

RELYING_PARTY_NEEDS = frozenset(need for need in NEEDS if need.partition(".")[0] == "relying-party")
"""The needs that the relying party under test meets, and not the target."""


class UnknownNeed(Exception):
    """A check or a configuration names a need that nothing defines."""


def require_known(needs: frozenset[str], asked_by: str) -> None:
    """Raise UnknownNeed when `asked_by` names a need outside NEEDS."""
    unknown = needs - NEEDS.keys()
    if unknown:
        raise UnknownNeed(f"{asked_by}: unknown need {sorted(unknown)[0]!r}; known: {', '.join(sorted(NEEDS))}")
