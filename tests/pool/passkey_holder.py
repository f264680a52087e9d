"""A user of the pool with a browser and an authenticator, for the tests of native passkeys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fakes.authenticator import PASSKEY_PROVIDER, Authenticator
from tests.pool.caller import PASSWORD, Answer, Client, UserPool

ORIGIN = "https://example.org"
FLOWS = ("ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")


def passkey_pool(service: Any, wire: Any, *, mfa: dict[str, Any] | None = None, **configuration: str) -> UserPool:
    """A pool with passkeys for `example.org` unless the configuration says otherwise."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = UserPool.make(service, wire, Policies=policies)
    settings = {"RelyingPartyId": "example.org", **configuration}
    wire.did(
        "SetUserPoolMfaConfig",
        UserPoolId=pool.id,
        **{"MfaConfiguration": "OFF", "WebAuthnConfiguration": settings, **(mfa or {})},
    )
    return pool


@dataclass
class Holder:
    """One user, signed in."""

    pool: UserPool
    client: Client
    username: str
    token: str = ""
    authenticator: Authenticator = field(default_factory=lambda: Authenticator("a phone", PASSKEY_PROVIDER))

    @classmethod
    def new(cls, pool: UserPool, client: Client | None = None, username: str | None = None) -> Holder:
        holder = cls(pool, client or pool.client(*FLOWS), username or pool.user())
        holder.authenticator = Authenticator(f"{holder.username}'s phone", PASSKEY_PROVIDER)
        holder.token = holder.by_password()["AccessToken"]
        return holder

    def by_password(self) -> dict[str, Any]:
        parameters = {"USERNAME": self.username, "PASSWORD": PASSWORD} | self.client.hash(self.username)
        answer = self.pool.wire.call(
            "InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=self.client.id, AuthParameters=parameters
        )
        return answer.tokens

    def options(self) -> dict[str, Any]:
        answer = self.pool.wire.did("StartWebAuthnRegistration", AccessToken=self.token)
        options: dict[str, Any] = answer["CredentialCreationOptions"]
        return options

    def complete(self, credential: Any, token: str | None = None) -> Answer:
        return self.pool.wire.call(
            "CompleteWebAuthnRegistration", AccessToken=token or self.token, Credential=credential
        )

    def register(self, origin: str = ORIGIN) -> str:
        """Register a passkey; its id."""
        credential = self.authenticator.register(self.options(), origin)
        answer = self.complete(credential)
        assert answer.status == 200, answer.body
        return str(credential["id"])

    def listed(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.pool.wire.did("ListWebAuthnCredentials", AccessToken=self.token)[
            "Credentials"
        ]
        return listed

    def begin(self, **parameters: str) -> Answer:
        parameters = {"USERNAME": self.username} | self.client.hash(self.username) | parameters
        return self.pool.wire.call(
            "InitiateAuth", AuthFlow="USER_AUTH", ClientId=self.client.id, AuthParameters=parameters
        )

    def respond(self, begun: Answer, name: str = "WEB_AUTHN", **responses: str) -> Answer:
        responses = {"USERNAME": self.username} | self.client.hash(self.username) | responses
        return self.pool.wire.call(
            "RespondToAuthChallenge",
            ClientId=self.client.id,
            ChallengeName=name,
            Session=begun.json["Session"],
            ChallengeResponses=responses,
        )

    def assertion(self, begun: Answer, origin: str = ORIGIN) -> str:
        options = json.loads(begun.json["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        return json.dumps(self.authenticator.authenticate(options, origin))

    def sign_in(self) -> Answer:
        """The whole sign-in with a passkey."""
        begun = self.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
        assert begun.json["ChallengeName"] == "WEB_AUTHN", begun.body
        return self.respond(begun, CREDENTIAL=self.assertion(begun))
