"""A ready profile's triggers at an embedded pool, with one user."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jwt

from fakes.pool import EmbeddedPool
from harness.dialects import Dialect, Say, load_dialect
from harness.settings import load_settings
from harness.stage import Stage, aws_clients, function_arn
from harness.trigger_hosts import make_trigger_host
from harness.triggers import IN_LAMBDA_CONFIG

PROFILES = sorted((Path(__file__).parents[2] / "adapters" / "triggers").glob("*/conformance.toml"))
EMAIL, NUMBER = "zoe@example.com", "+12065550100"


class Deployment:
    """A profile's triggers at an embedded pool, with one user."""

    def __init__(
        self, profile: Path, pool: EmbeddedPool, *, username: str = "zoe", otherwise: dict[str, Any] | None = None
    ) -> None:
        self.profile = profile
        settings = load_settings(profile, {"triggers": otherwise or {}}).triggers
        self.pool = pool
        self.dialect: Dialect = load_dialect(settings.dialect, settings.folder)
        self.redirect_uri = f"{settings.link_origins[0]}/sign-in"
        self.cognito: Any = aws_clients(pool.endpoint, pool.region)("cognito-idp")
        stage = Stage.open(settings, pool.endpoint, pool.region)
        config = {
            IN_LAMBDA_CONFIG[name]: function_arn(name, pool.region)
            for name in settings.handlers
            if name in IN_LAMBDA_CONFIG
        }
        made = self.cognito.create_user_pool(PoolName="profile", LambdaConfig=config, AliasAttributes=["email"])
        self.user_pool_id = made["UserPool"]["Id"]
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.user_pool_id,
            ClientName="profile",
            ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        self.client_id = made["UserPoolClient"]["ClientId"]
        self.host = make_trigger_host(stage.for_pool(self.user_pool_id, self.client_id), clock=pool.clock)
        for name in self.host.functions:
            pool.functions.deploy(function_arn(name, pool.region), partial(self.host.invoke, name))
        attributes = {
            "email": EMAIL,
            "email_verified": "true",
            "phone_number": NUMBER,
            "phone_number_verified": "true",
        }
        self.cognito.admin_create_user(
            UserPoolId=self.user_pool_id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=username, Password="Correct-horse-1", Permanent=True
        )

    def pass_time(self, by: timedelta) -> None:
        """For the pool and the functions."""
        self.pool.clock.advance(by)
        self.host.set_clock(self.pool.clock.now())

    def begin(self, *said: Say) -> dict[str, Any]:
        """InitiateAuth, and the answers that come first."""
        answer: dict[str, Any] = self.cognito.initiate_auth(
            AuthFlow="CUSTOM_AUTH", ClientId=self.client_id, AuthParameters={"USERNAME": EMAIL}
        )
        for each in said:
            answer = self.respond(answer, each)
        return answer

    def respond(self, challenge: dict[str, Any], said: Say) -> dict[str, Any]:
        """One answer to a challenge."""
        answered: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName="CUSTOM_CHALLENGE",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": challenge["ChallengeParameters"]["USERNAME"], "ANSWER": said.answer},
            ClientMetadata=dict(said.metadata),
        )
        return answered

    def mailed_link(self) -> str:
        """The address in the newest mail to the user."""
        mail = self.pool.mailbox.to(EMAIL)[-1]
        [link] = set(re.findall(r'https://[^"\s<]+', mail.html or mail.text))
        return str(link)

    def ask_for_a_link(self) -> tuple[dict[str, Any], str]:
        """The challenge that a link answers, and the secret of the link that was mailed."""
        assert self.dialect.links is not None
        challenge = self.begin(*self.dialect.links.ask(self.redirect_uri))
        secret = self.dialect.links.secret_in(self.mailed_link())
        assert secret is not None
        return challenge, secret

    def sign_in_by_link(self) -> dict[str, Any]:
        """All of it; the tokens."""
        assert self.dialect.links is not None
        challenge, secret = self.ask_for_a_link()
        tokens: dict[str, Any] = self.respond(
            challenge, self.dialect.links.redeem(secret, self.redirect_uri, elsewhere=False)
        )["AuthenticationResult"]
        return tokens

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature and issuer are right."""
        key = jwt.PyJWKClient(f"{self.pool.endpoint}/{self.user_pool_id}/.well-known/jwks.json")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            issuer=f"https://cognito-idp.{self.pool.region}.amazonaws.com/{self.user_pool_id}",
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        return claims
