"""The claim that says how a user signed in, and claims made of the client's metadata: ENR-01 to ENR-03."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, MEDIUM, MUST, POOL, SHOULD, TRIGGERS, cases, check
from harness.findings import Finding, Inconclusive
from harness.sign_in import Outcome, PasswordVerifier, learn_tokens
from harness.token_calls import claims_of, refresh
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from typing import NoReturn

    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.dialects import Dialect
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin
    from harness.trigger_fixtures import DeployTriggers
    from harness.trigger_flows import Flow

Needing = Callable[[str], "NoReturn"]

MADE_UP = "FIDO2"
"""A strong method that nobody used."""

OF_AUTHORITY = (
    "cognito:groups", "cognito:roles", "cognito:preferred_role", "custom:admin", "groups", "roles", "role", "scope",
    "admin", "isAdmin", "permissions", "sub", "iss", "aud", "client_id", "token_use", "username", "cognito:username",
    "email", "email_verified", "phone_number_verified", "amr", "acr",
)  # fmt: skip
"""Claims that an API decides by."""

LONGEST = 2048
"""Characters of a claim that a client may fill in. A token travels in a header, and servers take 8 kB of those."""


def claims_in(outcome: Outcome) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each token and its claims."""
    tokens = outcome.tokens
    for kind, token in (("id", tokens.id), ("access", tokens.access)):
        yield f"the {kind} token", claims_of(token, f"the {kind} token")


def by_password(twin: HonestTwin, metadata: dict[str, str]) -> Outcome:
    """USER_SRP_AUTH, its answer with this ClientMetadata."""
    sign_in = twin.sign_in()
    request = sign_in.prepare_answer(PasswordVerifier.read(sign_in.start()))
    return sign_in.send_answer(request | ({"ClientMetadata": metadata} if metadata else {}))


def told_method(flow: Flow, claim: str) -> tuple[Outcome, str]:
    """An honest sign-in, and how its id token says that it was. Raises Inconclusive when it says nothing."""
    outcome = flow.sign_in()
    must_sign_in(outcome, f"a sign-in by {flow.method}")
    told = next(claims_in(outcome))[1].get(claim)
    if not isinstance(told, str):
        raise Inconclusive(f"after a sign-in by {flow.method} the id token has no claim {claim}")
    return outcome, told


@check(
    "ENR-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, RespondToAuthChallenge ClientMetadata (not validated); ASVS 5.0 6.8.4",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-token-generation", "srp"},
    killed_by={"triggers.claims.method-from-the-client": "is what the client said"},
)
def test_the_method_is_the_one_that_was_used(
    flow: Flow, flows: list[Flow], dialect: Dialect, honest_of: HonestOf, needing: Needing, observe: Observe
) -> None:
    """The claim that says how the user signed in follows from what was verified, not from the client's metadata.

    Anybody who knows the password may put any word into ClientMetadata. An API that asks for a passkey sign-in before
    it pays out must not take the client's word for it. Let VerifyAuthChallengeResponse note what it verified, and
    PreTokenGeneration read that.
    """
    claim = dialect.method_claim
    if claim is None:
        needing("pre-token-generation")
    for each in flows:
        observe(f"claim after {each.method}", told_method(each, claim)[1])
    twin = honest_of(flow.pool, flow.client, flow.new_user())
    for word in dict.fromkeys([*(each.method for each in flows), MADE_UP]):
        outcome = by_password(twin, {dialect.method_member or claim: word, claim: word})
        must_sign_in(outcome, "a password")
        for token, claims in claims_in(outcome):
            if claims.get(claim) == word:
                raise Finding(f"after a sign-in by password {claim} of {token} is what the client said: {word}")


def by_flow(pool: UserPool, client: AppClient, user: TestUser, token: str, metadata: dict[str, str]) -> Outcome:
    """REFRESH_TOKEN_AUTH; its metadata does not reach the trigger."""
    del metadata
    return refresh(pool, client, user.username, token)


def by_operation(pool: UserPool, client: AppClient, user: TestUser, token: str, metadata: dict[str, str]) -> Outcome:
    """GetTokensFromRefreshToken, whose metadata does."""
    del user
    request = {"RefreshToken": token, "ClientId": client.client_id, "ClientMetadata": metadata}
    outcome = Outcome(pool.wire.call("GetTokensFromRefreshToken", request))
    learn_tokens(outcome, pool)
    return outcome


@check(
    "ENR-02",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, Pre token generation Lambda trigger (TokenGeneration_RefreshTokens)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-token-generation"},
    killed_by={"triggers.claims.refresh-takes-the-clients-word": "after a refresh"},
)
@cases("way", {"REFRESH_TOKEN_AUTH": by_flow, "GetTokensFromRefreshToken": by_operation})
def test_a_refresh_changes_no_method(
    flow: Flow,
    dialect: Dialect,
    needing: Needing,
    require: Callable[[str | None], None],
    observe: Observe,
    way: Callable[..., Outcome],
) -> None:
    """After a refresh the claim that says how the user signed in is as it was, or is gone, whatever the client says.

    The trigger runs for a refresh too, and nothing was verified then. Keep the word with the user's session, or leave
    the claim out, and decide which; do not fill it in with a guess.
    """
    claim = dialect.method_claim
    if claim is None:
        needing("pre-token-generation")
    if way is by_operation:
        require("refresh-operation")
    user = flow.new_user()
    first = flow.sign_in(user)
    must_sign_in(first, f"a sign-in by {flow.method}")
    before = next(claims_in(first))[1].get(claim)
    token = first.tokens.refresh
    if before is None or not token:
        raise Inconclusive(f"a sign-in by {flow.method} brought no {'refresh token' if before else f'claim {claim}'}")
    metadata = {dialect.method_member or claim: MADE_UP, claim: MADE_UP}
    refreshed = way(flow.pool, flow.client, user, token, metadata)
    must_sign_in(refreshed, "the refresh token")
    for kind, claims in claims_in(refreshed):
        after = claims.get(claim)
        observe(f"{claim} of {kind} after a refresh", str(after))
        if after not in (None, before):
            raise Finding(f"after a refresh {claim} of {kind} is {after!r}; the user signed in by {before!r}")


def unauthorized(name: str) -> str:
    """What the client asks to be."""
    return f"conformance-{name.replace(':', '-')}"


def names_of_authority(claims: dict[str, Any]) -> list[str]:
    """The claims of authority that hold what the client asked for."""
    return [
        name
        for name in OF_AUTHORITY
        if unauthorized(name) == claims.get(name) or unauthorized(name) in _listed(claims.get(name))
    ]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else str(value).split()


@check(
    "ENR-03",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Pre token generation Lambda trigger; API, ClientMetadata (not validated)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "pre-token-generation", "srp"},
    killed_by={
        "triggers.claims.every-metadata-member": "is what the client said",
        "triggers.claims.any-length": "characters of the client's",
    },
)
@cases("said", {"claims of authority": False, "a long value": True})
def test_the_client_gives_itself_no_authority(flow: Flow, honest_of: HonestOf, said: bool) -> None:
    """No claim of authority, and none without end, is made of the client's metadata.

    Groups, roles, scopes and attributes are what an API decides by. A trigger that copies the metadata into the token
    lets every user write their own. And a token of 10 kB is refused by the servers in front of the API. Copy named
    members only, under a prefix of your own, up to a length.
    """
    metadata = {"theme": "x" * 10_000} if said else {name: unauthorized(name) for name in OF_AUTHORITY}
    twin = honest_of(flow.pool, flow.client, flow.new_user())
    outcome = by_password(twin, metadata)
    if outcome.has_tokens:
        for token, claims in claims_in(outcome):
            for name in names_of_authority(claims):
                raise Finding(f"{name} of {token} is what the client said in its metadata")
            for name, value in claims.items():
                if isinstance(value, str) and "x" * LONGEST in value:
                    raise Finding(f"{name} of {token} holds {len(value)} characters of the client's metadata")
    must_sign_in(by_password(twin, {}), "the password without metadata")


RESERVED = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "jti", "origin_jti", "event_id", "token_use", "cognito:username",
    "at_hash", "nbf", "azp",
)  # fmt: skip
"""Claims that the service answers for (developer guide, Pre token generation: claims that cannot be changed)."""


@check(
    "ENR-03b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Pre token generation Lambda trigger (claims that cannot be modified)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "srp", "own-triggers"},
    killed_by={"pool.functions.reserved-claims-overridden": "was changed by the trigger"},
)
@cases("suppressed", {"set": False, "taken out": True})
def test_a_trigger_changes_no_reserved_claim(
    own_triggers: DeployTriggers, honest_of: HonestOf, suppressed: bool
) -> None:
    """A PreTokenGeneration trigger changes none of the claims that the service answers for, and takes none out.

    Whoever verifies a token relies on them: with another `sub` it is another user's, with another `exp` it lives for
    ever. An emulator that lets them through lets tests pass for triggers that have no such effect in life.
    """
    overridden = "overridden"

    def override(event: dict[str, Any]) -> dict[str, Any]:
        change: dict[str, Any] = {"claimsToAddOrOverride": {"conformance": "added"}}
        if suppressed:
            change["claimsToSuppress"] = list(RESERVED)
        else:
            change["claimsToAddOrOverride"] |= dict.fromkeys(RESERVED, overridden)
        return event | {"response": {"claimsOverrideDetails": change}}

    plain, pool = own_triggers(), own_triggers(PreTokenGeneration=override)
    usual = _id_claims(honest_of(plain, plain.client(), plain.new_user()))
    claims = _id_claims(honest_of(pool, pool.client(), pool.new_user()))
    if claims.get("conformance") != "added":
        raise Inconclusive("the trigger's other claim is not in the id token")
    for name in RESERVED:
        if claims.get(name) == overridden or (name in usual and name not in claims):
            raise Finding(f"{name} of the id token was changed by the trigger")


def _id_claims(twin: HonestTwin) -> dict[str, Any]:
    outcome = twin.but()
    must_sign_in(outcome, "the password")
    return next(claims_in(outcome))[1]
