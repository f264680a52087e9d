"""Passkeys in custom auth, spoken in the dialect: registered through the credential API, and signed in with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.credential_api import ApiAnswer, ask, id_token_claims, proxy_event
from harness.custom_auth import CustomAuthSignIn, must_be_challenged
from harness.dialects.passkeys import CREDENTIALS_API
from harness.findings import Finding, Inconclusive, NotApplicable
from harness.triggers import CREATE, VERIFY
from harness.users_tokens import UsersTokens
from harness.webauthn_cases.edits import Ceremony, Edits, Manner
from protocol.webauthn import base64url
from protocol.webauthn.errors import WebAuthnError

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.arrangement import TestUser, UserPool
    from harness.dialects import ApiCall, Listed, Passkeys
    from harness.sign_in import Outcome
    from harness.targets import Target
    from harness.triggers import Call, TriggersUnderTest
    from harness.users_tokens import HeldTokens
    from harness.webauthn_cases.making import ResponseMaker

NAME = "Bob's key"
PLAIN = Manner()


@dataclass
class Holder:
    """A user of passkeys, and what API Gateway would say of them."""

    user: TestUser
    sub: str
    pool: UserPool
    claims: dict[str, Any] = field(default_factory=dict)
    template: Call | None = None
    """The call of CreateAuthChallenge that brought options, in an honest sign-in of theirs."""
    tokens: HeldTokens | None = field(default=None, repr=False)
    """What they show to APIs over HTTP."""


@dataclass(frozen=True)
class Started:
    """A registration that was begun."""

    options: dict[str, Any]
    ceremony: Ceremony


@dataclass(frozen=True)
class Asked:
    """Options of a sign-in, and what is kept of them for VerifyAuthChallengeResponse, or else the sign-in itself."""

    options: dict[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)
    sign_in: CustomAuthSignIn | None = None
    """The sign-in through the pool that brought them, where nothing is asked past the pool."""


class Fido2Flow:
    """Registering through the API, signing in through the pool, and asking the triggers directly."""

    def __init__(self, triggers: TriggersUnderTest, target: Target, maker: ResponseMaker) -> None:
        if triggers.dialect.passkeys is None:
            raise Inconclusive("the dialect has no passkeys; a check that asks for them must need `fido2`")
        self.triggers, self.target, self.maker = triggers, target, maker
        self.spoken: Passkeys = triggers.dialect.passkeys
        self.method = self.spoken.method
        self.relying_party = triggers.settings.passkeys_are_of
        self.pool = triggers.pool()
        self.client = triggers.client_of_case(self.pool)
        self._tokens = UsersTokens(triggers, target)

    # users

    def new_holder(self, pool: UserPool | None = None, **members: Any) -> Holder:
        """A fresh confirmed user with a verified address."""
        pool = pool or self.pool
        return self.holder_of(self.triggers.new_user(pool, **members), pool)

    def holder_of(self, user: TestUser, pool: UserPool | None = None) -> Holder:
        """A user of the pool, as a holder of passkeys."""
        pool = pool or self.pool
        found = pool.administer("AdminGetUser", user.username)
        sub = next((each["Value"] for each in found.get("UserAttributes", []) if each.get("Name") == "sub"), "")
        name = str(found.get("Username", user.username))
        issuer = f"https://cognito-idp.{self.target.region}.amazonaws.com/{pool.user_pool_id}"
        return Holder(user, sub, pool, id_token_claims(sub, name, user.email, self.target.now(), iss=issuer))

    # the credential API

    def call(
        self, call: ApiCall, holder: Holder | None, claims: Mapping[str, Any] | None = None, **how: Any
    ) -> ApiAnswer:
        """Ask an API on a user's behalf, with their claims unless others are given.

        Over HTTP with their ID token, or with the other token whose claims are given. It comes from a page of the
        relying party, unless the headers name another.
        """
        how["headers"] = {"Origin": self.relying_party.origin, **(how.get("headers") or {})}
        if call.function in self.triggers.apis:
            if how.pop("address", None) is not None:
                raise Inconclusive("nobody chooses whence HTTP comes; a check that does so needs `api-events`")
            token = self._tokens.for_claims(holder, claims)
            self.triggers.keep_in_step()
            return self.triggers.apis.ask(call, token, self.pool.wire.transcript, **how)
        given = claims if claims is not None else (holder.claims if holder else None)
        return ask(self.triggers, call, proxy_event(call, given, **how))

    @property
    def makes_events(self) -> bool:
        """Whether the API is asked with events of the run's making, any claims and addresses in them."""
        return CREDENTIALS_API not in self.triggers.apis

    def try_start(self, holder: Holder, rp_id: str | None = None, **how: Any) -> ApiAnswer:
        """Begin a registration, whatever comes of it; for the relying party's RP ID unless another is given."""
        return self.call(self.spoken.start(self.relying_party.id if rp_id is None else rp_id), holder, **how)

    def start(self, holder: Holder, rp_id: str | None = None, origin: str | None = None) -> Started:
        """Begin a registration. Raises Inconclusive where that is refused, Finding where the options are none."""
        answer = self.try_start(holder, rp_id)
        options = self.spoken.creation_options(answer.json) if answer.succeeded else None
        if options is None:
            raise Inconclusive(f"set-up failed: no creation options: {answer.described()}{self._hint(answer)}")
        try:
            handle = base64url.decode(options["user"]["id"])
            challenge = base64url.decode(options["challenge"])
        except WebAuthnError:
            handle, challenge = str(options["user"]["id"]).encode(), base64url.decode(options["challenge"])
        except (KeyError, TypeError) as error:
            raise Finding(f"the creation options cannot be used by any authenticator: {error!r}") from error
        return Started(options, Ceremony(challenge, origin or self.relying_party.origin, options["rp"]["id"], handle))

    def start_telling(self, holder: Holder) -> Started:
        """The same, with a challenge that base64 writes otherwise than base64url: begun until one comes."""
        for _ in range(40):
            started = self.start(holder)
            if {"-", "_"} & set(started.options["challenge"]):
                break
        return started

    def complete(self, holder: Holder, response: Any, name: str = NAME, **how: Any) -> ApiAnswer:
        """Hand in a RegistrationResponseJSON. A user may be told of a new passkey: such messages have their limit."""
        answer = self.call(self.spoken.complete(response, name), holder, **how)
        if answer.succeeded:
            self.triggers.wait_to_send()
        return answer

    def register(
        self,
        holder: Holder,
        manner: Manner = PLAIN,
        *,
        rp_id: str | None = None,
        origin: str | None = None,
        name: str = NAME,
        whose: str = "the user's",
    ) -> Credential:
        """A registered credential. Raises Inconclusive where it is refused."""
        started = self.start(holder, rp_id, origin)
        credential = self.maker.credential(started.ceremony, manner, whose=whose)
        answer = self.complete(holder, self.maker.registration(started.ceremony, credential, manner), name)
        if not answer.succeeded:
            raise Inconclusive(f"set-up failed: an honest passkey was not registered: {answer.described()}")
        return credential

    def listed(self, holder: Holder) -> list[Listed]:
        """The user's credentials. Raises Inconclusive where there is no list."""
        answer = self.call(self.spoken.list(self.relying_party.id), holder)
        try:
            return list(self.spoken.listed(answer.json))
        except (KeyError, TypeError, ValueError) as error:
            raise Inconclusive(f"the credentials are not listed: {answer.described()} ({error!r})") from error

    # signing in through the pool

    def begin(self, holder: Holder) -> tuple[CustomAuthSignIn, dict[str, Any]]:
        """A sign-in that asks for a passkey, and its options. Raises Inconclusive where it does not."""
        sign_in = CustomAuthSignIn(holder.pool, self._client(holder), holder.user)
        outcome = sign_in.say(*self.spoken.ask())
        must_be_challenged(outcome, "asking for a passkey")
        options = self.spoken.options_in(outcome.parameters)
        if options is None:
            raise Inconclusive("the challenge has no options for a passkey")
        for call in reversed(self.triggers.calls_of(CREATE) if self.triggers.can_be_invoked else ()):
            if self.spoken.options_in(call.response.get("publicChallengeParameters") or {}) is not None:
                holder.template = call
                break
        return sign_in, options

    def sign_in(
        self,
        holder: Holder,
        credential: Credential,
        manner: Manner = PLAIN,
        edits: Edits = (),
        origin: str | None = None,
    ) -> Outcome:
        """A whole sign-in, with changes."""
        sign_in, options = self.begin(holder)
        return sign_in.respond(self.spoken.answer(self.response(options, credential, manner, edits, origin)))

    def response(
        self,
        options: Mapping[str, Any],
        credential: Credential,
        manner: Manner = PLAIN,
        edits: Edits = (),
        origin: str | None = None,
    ) -> Any:
        """The AuthenticationResponseJSON of a credential to options."""
        rp_id = options.get("rpId") or credential.rp_id
        challenge = base64url.decode(options["challenge"])
        ceremony = Ceremony(challenge, origin or self.relying_party.origin, rp_id, credential.user_handle)
        return self.maker.authentication(ceremony, credential, manner, edits)

    # asking the triggers directly, where that can be done

    def ask(self, holder: Holder, **request: Any) -> Asked:
        """Fresh options, from CreateAuthChallenge itself, asked as in the holder's last sign-in through the pool.

        Where nothing is asked past the pool: those of a sign-in that is begun, and goes on with the answer.
        """
        if not self.triggers.can_be_invoked:
            if request:
                raise NotApplicable("invocation", "the event would be of the run's making")
            sign_in, shown = self.begin(holder)
            return Asked(shown, sign_in=sign_in)
        if holder.template is None:
            self.begin(holder)
        assert holder.template is not None
        call = self.triggers.invoke(CREATE, holder.template.again(**request))
        options = self.spoken.options_in(call.response.get("publicChallengeParameters") or {})
        if options is None:
            raise Inconclusive("CreateAuthChallenge gave no options for a passkey when asked again")
        return Asked(options, call.response.get("privateChallengeParameters") or {})

    def verify_event(self, asked: Asked, said_answer: str, holder: Holder) -> dict[str, Any]:
        """The event that VerifyAuthChallengeResponse is given for an answer."""
        assert holder.template is not None
        request = holder.template.request
        about = {name: request[name] for name in ("userAttributes", "userNotFound") if name in request}
        return {
            **holder.template.event,
            "triggerSource": "VerifyAuthChallengeResponse_Authentication",
            "request": {
                **about,
                "privateChallengeParameters": dict(asked.private),
                "challengeAnswer": said_answer,
                "clientMetadata": dict(self.spoken.said("").metadata),
            },
            "response": {"answerCorrect": None},
        }

    def verify(self, asked: Asked, said_answer: str, holder: Holder) -> Call:
        """What VerifyAuthChallengeResponse makes of an answer."""
        return self.triggers.invoke(VERIFY, self.verify_event(asked, said_answer, holder))

    def later(self, by: timedelta) -> None:
        """Move the target's clock, and the triggers' with it."""
        self.target.clock.advance(by)

    def signed_in_now(self, holder: Holder) -> Holder:
        """The same user, who has just signed in again."""
        now = str(int(self.target.now().timestamp()))
        return replace(holder, claims={**holder.claims, "auth_time": now}, tokens=None)

    def _hint(self, answer: ApiAnswer) -> str:
        """What may be amiss where an API over HTTP does not take an honest token."""
        if CREDENTIALS_API not in self.triggers.apis or answer.status not in (401, 403):
            return ""
        keys = f"{self.pool.wire.endpoint}/{self.pool.user_pool_id}/.well-known/jwks.json"
        return f"; what stands before the API has to take ID tokens of the run's user pool, whose keys are at {keys}"

    def _client(self, holder: Holder) -> Any:
        if holder.pool is self.pool:
            return self.client
        return holder.pool.client(reveals_unknown_users=False)
