"""Native passkeys over the wire: pools that allow them, users who register them and sign in with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.arrangement import ALL_FLOWS
from harness.findings import Finding, Inconclusive
from harness.flows import initiate, respond
from harness.sign_in import Left, Outcome
from harness.webauthn_cases.client_data import ORIGINS, RP_ID
from harness.webauthn_cases.edits import Ceremony, Edits, Manner
from protocol.webauthn import base64url
from protocol.webauthn.errors import WebAuthnError

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.webauthn_cases.making import ResponseMaker
    from harness.wire import Answer, AwsError

WEB_AUTHN, SELECT_CHALLENGE = "WEB_AUTHN", "SELECT_CHALLENGE"
WITH_PASSKEYS = (*ALL_FLOWS, "ALLOW_USER_AUTH")
"""ExplicitAuthFlows of a client whose users may choose."""

USUAL = Manner()
"""An authenticator that verifies its user, without attestation and counter."""

_MOST_STARTS = 40


def passkey_pool(
    arrangements: Arrangements,
    *,
    user_verification: str = "preferred",
    rp_id: str | None = RP_ID,
    factor: str | None = None,
    allowed: tuple[str, ...] = ("PASSWORD", WEB_AUTHN),
    mfa: Mapping[str, Any] | None = None,
    **settings: Any,
) -> UserPool:
    """A user pool with passkeys; the same one for the same settings.

    Args:
        arrangements: where it is made.
        user_verification: UserVerification, `required` or `preferred`.
        rp_id: RelyingPartyId; None for none.
        factor: FactorConfiguration.
        allowed: AllowedFirstAuthFactors.
        mfa: further members of SetUserPoolMfaConfig.
        settings: further members of CreateUserPool.
    """
    configuration = {
        "UserVerification": user_verification,
        **({"RelyingPartyId": rp_id} if rp_id else {}),
        **({"FactorConfiguration": factor} if factor else {}),
    }
    wanted = {"MfaConfiguration": "OFF", "WebAuthnConfiguration": configuration, **(mfa or {})}
    kinds = [user_verification, rp_id or "none", factor or "none", *sorted(mfa or {}), str(wanted["MfaConfiguration"])]
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": list(allowed)}}
    pool = arrangements.pool(Policies=policies, UserPoolTags={"passkeys": ".".join(kinds)}, **settings)
    pool.wire.ask("SetUserPoolMfaConfig", {"UserPoolId": pool.user_pool_id, **wanted})
    return pool


@dataclass(frozen=True)
class Started:
    """A ceremony that the pool has begun: its options, and what an authenticator makes of them."""

    options: Mapping[str, Any]
    ceremony: Ceremony

    @classmethod
    def of(cls, options: Any, user_handle: bytes | None = None) -> Started:
        """Read options. Raises Finding where a member that every authenticator needs is missing or malformed."""
        try:
            rp_id = options["rpId"] if "rpId" in options else options["rp"]["id"]
            handle = user_handle if user_handle is not None else base64url.decode(options["user"]["id"])
            return cls(options, Ceremony(base64url.decode(options["challenge"]), ORIGINS[0], rp_id, handle))
        except (KeyError, TypeError, WebAuthnError) as error:
            raise Finding(f"the options cannot be used by any authenticator: {error!r}") from error


@dataclass
class PasskeyUser:
    """A user who is signed in at a client, and registers passkeys."""

    pool: UserPool
    client: AppClient
    user: TestUser
    access_token: str = field(repr=False)
    maker: ResponseMaker
    refresh_token: str = field(repr=False, default="")

    def try_start(self, token: str | None = None) -> Answer:
        """StartWebAuthnRegistration, whatever comes of it."""
        return self.pool.wire.call("StartWebAuthnRegistration", {"AccessToken": token or self.access_token})

    def start(self) -> Started:
        """A registration that was started. Raises Inconclusive where it is refused."""
        answer = self.try_start()
        options = (answer.json or {}).get("CredentialCreationOptions")
        if not answer.succeeded or options is None:
            raise Inconclusive(f"set-up failed: StartWebAuthnRegistration was answered by {answer.described()}")
        return Started.of(options)

    def start_with_a_telling_challenge(self) -> Started:
        """The same, with a challenge that base64 writes otherwise than base64url: started until it comes."""
        for _ in range(_MOST_STARTS):
            started = self.start()
            if {"-", "_"} & set(started.options["challenge"]):
                return started
        return started

    def complete(self, response: Any, token: str | None = None) -> Answer:
        """CompleteWebAuthnRegistration."""
        request = {"AccessToken": token or self.access_token, "Credential": response}
        return self.pool.wire.call("CompleteWebAuthnRegistration", request)

    def new_credential(self, started: Started, manner: Manner = USUAL, **which: Any) -> Credential:
        """A credential that the authenticator makes for these options."""
        return self.maker.credential(started.ceremony, manner, **which)

    def register(self, manner: Manner = USUAL, **which: Any) -> Credential:
        """A registered passkey. Raises Inconclusive where it is refused."""
        started = self.start()
        credential = self.new_credential(started, manner, **which)
        answer = self.complete(self.maker.registration(started.ceremony, credential, manner))
        if not answer.succeeded:
            raise Inconclusive(f"set-up failed: an honest passkey was not registered: {answer.described()}")
        return credential

    def try_list(self, token: str | None = None, **members: Any) -> Answer:
        """ListWebAuthnCredentials, whatever comes of it."""
        return self.pool.wire.call("ListWebAuthnCredentials", {"AccessToken": token or self.access_token, **members})

    def listed(self) -> list[dict[str, Any]]:
        """The user's passkeys as they are listed. Raises Finding where the list is none."""
        answer = self.try_list()
        found = (answer.json or {}).get("Credentials") if answer.succeeded else None
        if not isinstance(found, list):
            raise Finding(f"ListWebAuthnCredentials was answered by {answer.described()}")
        return found

    def listed_ids(self) -> list[str]:
        """Their credential ids, in base64url."""
        return [str(each.get("CredentialId")) for each in self.listed()]

    def delete(self, id: str, token: str | None = None) -> Answer:
        """DeleteWebAuthnCredential."""
        request = {"AccessToken": token or self.access_token, "CredentialId": id}
        return self.pool.wire.call("DeleteWebAuthnCredential", request)

    def begin(self, preferred: str | None = WEB_AUTHN, client: AppClient | None = None) -> PasskeySignIn:
        """USER_AUTH begun. What came of it is the outcome."""
        parameters = {"USERNAME": self.user.username, **({"PREFERRED_CHALLENGE": preferred} if preferred else {})}
        return PasskeySignIn(self, initiate(self.pool, client or self.client, "USER_AUTH", parameters))

    def asked(self) -> PasskeySignIn:
        """A sign-in that asks for a passkey. Raises Inconclusive when it asks for something else."""
        begun = self.begin()
        if begun.outcome.challenge_name != WEB_AUTHN:
            raise Inconclusive(f"set-up failed: no WEB_AUTHN challenge: {begun.outcome.answer.described()}")
        return begun

    def sign_in(self, credential: Credential, manner: Manner = USUAL, edits: Edits = ()) -> Outcome:
        """The whole sign-in with a passkey, with changes."""
        return self.asked().answer(credential, manner, edits)


@dataclass
class PasskeySignIn:
    """USER_AUTH that has begun; in another name than the holder's where `username` is given."""

    holder: PasskeyUser
    outcome: Outcome
    username: str | None = None

    @property
    def options(self) -> Any:
        """CREDENTIAL_REQUEST_OPTIONS, read; None where there are none."""
        text = self.outcome.parameters.get("CREDENTIAL_REQUEST_OPTIONS")
        if text is None:
            return None
        try:
            return json.loads(text)
        except (TypeError, ValueError) as error:
            raise Finding(f"CREDENTIAL_REQUEST_OPTIONS is no JSON text: {error}") from error

    def assertion(self, credential: Credential, manner: Manner = USUAL, edits: Edits = ()) -> Any:
        """The AuthenticationResponseJSON of a credential, changed."""
        started = Started.of(self.options, credential.user_handle)
        return self.holder.maker.authentication(started.ceremony, credential, manner, edits)

    def answer(self, credential: Credential, manner: Manner = USUAL, edits: Edits = ()) -> Outcome:
        """Answer with a passkey's assertion."""
        return self.send(self.assertion(credential, manner, edits))

    def send(self, response: Any, **how: Any) -> Outcome:
        """Answer with an assertion that was made; `how` as `send_text` takes it."""
        return self.send_text(json.dumps(response), **how)

    def send_text(
        self,
        credential: str | Left,
        *,
        name: str | None = None,
        username: str | None = None,
        client: AppClient | None = None,
        session: str | Left | None = None,
        **more: str,
    ) -> Outcome:
        """Answer with any text for CREDENTIAL."""
        responses = {"USERNAME": username or self.username or self.holder.user.username, **more}
        if isinstance(credential, str):
            responses["CREDENTIAL"] = credential
        held = self.outcome.session if session is None else session
        return respond(
            self.holder.pool,
            client or self.holder.client,
            name or self.outcome.challenge_name or WEB_AUTHN,
            None if isinstance(held, Left) else held,
            responses,
        )


class Passkeys:
    """Makes pools with passkeys, and users in them."""

    def __init__(
        self, arrangements: Arrangements, maker: ResponseMaker, known: dict[str, UserPool] | None = None
    ) -> None:
        self.arrangements = arrangements
        self.maker = maker
        self._known = {} if known is None else known

    def pool(self, **settings: Any) -> UserPool:
        """A pool with passkeys (`passkey_pool`), configured once."""
        key = repr(sorted(settings.items()))
        if key not in self._known:
            self._known[key] = passkey_pool(self.arrangements, **settings)
        return self._known[key]

    def client(self, pool: UserPool, **settings: Any) -> AppClient:
        """A client of a pool whose users may choose their first factor."""
        return pool.client(flows=WITH_PASSKEYS, **settings)

    def user(
        self,
        pool: UserPool | None = None,
        client: AppClient | None = None,
        user: TestUser | None = None,
        **members: Any,
    ) -> PasskeyUser:
        """A user, fresh unless given, who has signed in with their password. Raises Inconclusive."""
        pool = pool or self.pool()
        client = client or self.client(pool)
        user = user or pool.new_user(**members)
        parameters = {"USERNAME": user.username, "PASSWORD": user.password}
        outcome = initiate(pool, client, "USER_PASSWORD_AUTH", parameters)
        if not outcome.has_tokens:
            raise Inconclusive(f"set-up failed: no access token: {outcome.answer.described()}")
        tokens = outcome.tokens
        return PasskeyUser(pool, client, user, tokens.access, self.maker, tokens.refresh or "")


def decoded(text: Any, what: str) -> bytes:
    """Base64url that has to be there. Raises Finding."""
    try:
        return base64url.decode(text)
    except (WebAuthnError, AttributeError) as error:
        raise Finding(f"{what} is no base64url: {text!r:.60}") from error


@contextmanager
def between_registrations(user: PasskeyUser) -> Iterator[None]:
    """The honest twin of a negative: the same user registers a passkey before the block and another after it."""
    user.register()
    yield
    user.register()


def must_not_register(answer: Answer, why: str, *, with_error: tuple[str, ...] = ()) -> AwsError:
    """The requirement of every negative: a clean refusal. Raises Finding naming `why` for anything else.

    Args:
        answer: what CompleteWebAuthnRegistration brought.
        why: what was sent, to complete "a passkey was registered with …".
        with_error: the exceptions that the evidence allows; any, when empty.
    """
    if answer.status == 200:
        raise Finding(f"a passkey was registered with {why}")
    return Outcome(answer).must_be_refused(why, with_error=with_error)
