"""What a verifier demands of the claims: TOK-06 to TOK-12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from harness.check import AWS_DOC, CRITICAL, HIGH, LOW, MUST, OWN, SHOULD, TOKENS, cases, check
from harness.forge import as_json
from harness.sign_in import Left
from harness.verifier import TokenCase, bad, each, good, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.forge import Forge
    from harness.verifier import VerifierUnderTest


def with_claim(what: str, name: str, value: Callable[[Any], Any]) -> TokenCase:
    """An access token, signed by its issuer, in which one claim is another: `value` makes it of the honest one."""
    return bad(what, lambda forge: forge.token(claims={name: value(forge.claims[name])}))


def with_issuer(what: str, value: Callable[[Any], Any]) -> TokenCase:
    """An access token of another issuer."""
    return with_claim(what, "iss", value)


@check(
    "TOK-06",
    level=MUST,
    severity=CRITICAL,
    clause="AWS, verifying JSON web tokens: iss is the user pool",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-issuer": "accepted a token (another pool",
        "verifier.compares-the-beginning-of-the-issuer": "accepted a token (a pool whose id goes on",
        "verifier.takes-a-list-of-issuers": "accepted a token (a list",
    },
)
@cases(
    "token",
    each(
        good("the pool that is configured", lambda forge: forge.token()),
        with_issuer("another pool", lambda iss: iss.rpartition("/")[0] + "/us-east-1_SomeOther"),
        with_issuer("a pool whose id goes on", lambda iss: iss + "2"),
        with_issuer("a pool whose id ends sooner", lambda iss: iss[:-1]),
        with_issuer("another region", lambda iss: iss.replace("us-east-1", "eu-west-1")),
        with_issuer("another host", lambda iss: iss.replace("amazonaws.com", "amazonaws.com.example.org")),
        with_issuer("the pool as user name of another host", lambda iss: iss.partition("/us-")[0] + "@example.org"),
        with_issuer("http", lambda iss: iss.replace("https:", "http:")),
        with_issuer("no scheme", lambda iss: iss.removeprefix("https://")),
        with_issuer("the other case", lambda iss: iss.swapcase()),
        with_issuer("a slash at the end", lambda iss: iss + "/"),
        with_issuer("a space at the end", lambda iss: iss + " "),
        with_issuer("the pool's id alone", lambda iss: iss.rpartition("/")[2]),
        with_issuer("an empty text", lambda iss: ""),
        with_issuer("null", lambda iss: None),
        with_issuer("missing", lambda iss: Left.OUT),
        with_issuer("a list of the pool and another", lambda iss: ["https://example.org", iss]),
        with_issuer("an object", lambda iss: {iss: iss}),
    ),
)
def test_the_issuer_is_the_configured_pool(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """`iss` is the configured user pool, letter by letter.

    Anybody can have a user pool, and with it tokens that Cognito signed. Compare the whole text with
    https://cognito-idp.{region}.amazonaws.com/{pool id}; a comparison of beginnings, or of what a URL parser
    makes of it, lets other pools in.
    """
    verifier.must_be_right_about(token)


def for_client(use: Any, what: str, value: Callable[[str], Any], **beside: Callable[[str], Any]) -> TokenCase:
    """A token of either kind that names another app client, or names it otherwise."""
    name = {"id": "aud", "access": "client_id"}[use]

    def make(forge: Forge) -> str:
        client_id = forge.issuer.client_id
        others = {claim: other(client_id) for claim, other in beside.items()}
        return forge.token(use, claims={name: value(client_id), **others})

    return bad(f"{name} {what}", make, use=use)


OTHER_CLIENT = "1h57kf5cpq17m0eml12EXAMPLE"

NOT_THE_CLIENT: dict[str, Callable[[str], Any]] = {
    "of another client": lambda client_id: OTHER_CLIENT,
    "that goes on after the client's id": lambda client_id: client_id + "x",
    "that ends before the client's id does": lambda client_id: client_id[:-1],
    "with a space and another client": lambda client_id: f"{OTHER_CLIENT} {client_id}",
    "in the other case": lambda client_id: client_id.swapcase(),
    "empty": lambda client_id: "",
    "null": lambda client_id: None,
    "missing": lambda client_id: Left.OUT,
    "true": lambda client_id: True,
    "an array of the client": lambda client_id: [client_id],
    "an array of the client and another": lambda client_id: [OTHER_CLIENT, client_id],
    "an array of another": lambda client_id: [OTHER_CLIENT],
    "an object": lambda client_id: {client_id: True},
}


@check(
    "TOK-07",
    level=MUST,
    severity=HIGH,
    clause="AWS, verifying JSON web tokens: aud or client_id is the app client; ASVS 5.0 9.2.3",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-client": "accepted a token (aud of another client",
        "verifier.looks-for-the-client-inside": "accepted a token (client_id an array of the client",
        "verifier.takes-a-missing-client": "accepted a token (aud missing",
    },
)
@cases(
    "token",
    each(
        good("the client's id token", lambda forge: forge.token("id"), use="id"),
        good("the client's access token", lambda forge: forge.token()),
        recorded("no client demanded", lambda forge: forge.token("id"), use="id", told={"client_id": None}),
        *(for_client(use, what, value) for use in ("id", "access") for what, value in NOT_THE_CLIENT.items()),
        for_client("id", "of another client, client_id of this", lambda _: OTHER_CLIENT, client_id=lambda own: own),
        for_client("access", "of another client, aud of this", lambda _: OTHER_CLIENT, aud=lambda own: own),
    ),
)
def test_the_token_is_for_the_configured_client(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """An id token's `aud`, and an access token's `client_id`, is the configured app client.

    All app clients of a pool share its keys: without this check a token that a user gave to one application
    opens every other. Cognito writes one text; a list, or a text that holds more, is refused, for a
    comparison that finds the client inside finds it inside an attacker's too. What a verifier does that is
    told to demand no client (`client_id: null`) is recorded.
    """
    verifier.must_be_right_about(token)


def both_clients(forge: Forge) -> dict[str, str]:
    """`aud` and `client_id`, so that only token_use tells an id token from an access token."""
    return {"aud": forge.issuer.client_id, "client_id": forge.issuer.client_id}


def with_token_use(use: Any, what: str, value: Any) -> TokenCase:
    """A token of either kind with another token_use."""
    return bad(
        f"{use} wanted, token_use {what}",
        lambda forge: forge.token(use, claims={"token_use": value, **both_clients(forge)}),
        use=use,
    )


NO_TOKEN_USE = {
    "'refresh'": "refresh",
    "empty": "",
    "null": None,
    "missing": Left.OUT,
    "true": True,
    "a list of both": ["access", "id"],
    "an object of both": {"access": 1, "id": 1},
    "'access id'": "access id",
}


@check(
    "TOK-08",
    level=MUST,
    severity=HIGH,
    clause="AWS, verifying JSON web tokens: token_use; ASVS 5.0 9.2.2",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-token-use": "accepted a token (access wanted, a genuine id token",
        "verifier.takes-a-missing-token-use": "accepted a token (access wanted, token_use missing",
    },
)
@cases(
    "token",
    each(
        good("access wanted, an access token", lambda forge: forge.token()),
        good("id wanted, an id token", lambda forge: forge.token("id"), use="id"),
        bad("access wanted, a genuine id token", lambda forge: forge.token("id", claims=both_clients(forge))),
        bad("id wanted, a genuine access token", lambda forge: forge.token(claims=both_clients(forge)), use="id"),
        with_token_use("access", "'ACCESS'", "ACCESS"),
        with_token_use("id", "'ID'", "ID"),
        *(with_token_use(use, what, value) for use in ("access", "id") for what, value in NO_TOKEN_USE.items()),
    ),
)
def test_an_id_token_is_no_access_token(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """`token_use` is the purpose that the service has in mind: `access` or `id`.

    An id token says who signed in and is shown around; an access token opens doors. Where one passes for the
    other, whoever sees an id token can act as its user. Compare token_use with the one value that is expected.
    """
    verifier.must_be_right_about(token)


GRACE_SECONDS = 60


def with_times(what: str, **claims: Callable[[Forge], Any]) -> TokenCase:
    """A token with other times."""
    return bad(what, lambda forge: forge.token(claims={name: value(forge) for name, value in claims.items()}))


def expiring(what: str, value: Callable[[Forge], Any]) -> TokenCase:
    """A token that expires at another time."""
    return with_times(f"exp {what}", exp=value)


def within_grace(forge: Forge) -> str:
    """A token that expired just so long ago that the grace period still covers it."""
    return forge.token(claims={"exp": forge.now - GRACE_SECONDS + forge.slack})


def exp_written(what: str, number: bytes) -> TokenCase:
    """A token whose exp is a number that JSON cannot say, or that no number can hold."""
    return bad(f"exp {what}", with_exp(number))


def with_exp(number: bytes) -> Callable[[Forge], str]:
    """A token whose exp is written in just these bytes."""
    return lambda forge: forge.token(
        payload_text=as_json(forge.claims | {"exp": 0}).replace(b'"exp":0', b'"exp":' + number)
    )


@check(
    "TOK-09",
    level=MUST,
    severity=HIGH,
    clause="AWS, verifying JSON web tokens: exp; RFC 7519 sections 2, 4.1.4 and 4.1.5; ASVS 5.0 9.2.1",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-expiry": "accepted a token (exp an hour ago",
        "verifier.accepts-at-exp": "accepted a token (exp now",
        "verifier.reads-exp-as-text": "accepted a token (exp a text",
        "verifier.takes-any-number-for-a-time": "accepted a token (exp 1e999",
        "verifier.ignores-nbf": "accepted a token (nbf in an hour",
        "verifier.ignores-grace": "refused (Refused: the token has expired) a token (exp within the grace",
        "verifier.grants-grace-unasked": "accepted a token (exp now",
    },
)
@cases(
    "token",
    each(
        good("exp in a minute", lambda forge: forge.token(claims={"exp": forge.now + 60})),
        good("exp in half a second more", lambda forge: forge.token(claims={"exp": forge.now + 60.5})),
        good("nbf an hour ago", lambda forge: forge.token(claims={"nbf": forge.now - 3600})),
        good("exp within the grace", within_grace, told={"grace_seconds": GRACE_SECONDS}),
        bad(
            "exp just beyond the grace",
            lambda forge: forge.token(claims={"exp": forge.now - GRACE_SECONDS - 1}),
            told={"grace_seconds": GRACE_SECONDS},
        ),
        recorded("no exp", lambda forge: forge.token(claims={"exp": Left.OUT})),
        expiring("now", lambda forge: forge.now),
        expiring("a second ago", lambda forge: forge.now - 1),
        expiring("an hour ago", lambda forge: forge.now - 3600),
        expiring("0", lambda forge: 0),
        expiring("negative", lambda forge: -1),
        expiring("a text of digits", lambda forge: str(forge.now + 3600)),
        expiring("a text of a date", lambda forge: "2999-01-01T00:00:00Z"),
        expiring("a list", lambda forge: [forge.now + 3600]),
        expiring("an object", lambda forge: {"exp": forge.now + 3600}),
        expiring("true", lambda forge: True),
        expiring("null", lambda forge: None),
        exp_written("NaN", b"NaN"),
        exp_written("Infinity", b"Infinity"),
        exp_written("1e999, which no number can hold", b"1e999"),
        recorded("exp 1e300, which no calendar reaches", with_exp(b"1e300")),
        with_times("nbf in an hour", nbf=lambda forge: forge.now + 3600),
    ),
)
def test_a_token_counts_until_it_expires(
    verifier: VerifierUnderTest, needing: Callable[[str], NoReturn], token: TokenCase
) -> None:
    """A token counts before its `exp`, from its `nbf` on, and with no more grace than was asked for.

    A stolen token is worth something for as long as it is accepted. RFC 7519 makes exp a number and refuses
    the token from that second on; a text, or what is no number at all, must not be compared as one. What
    becomes of a token without exp, or with one that the standard allows and no calendar reaches, is recorded.
    """
    if "grace_seconds" in token.told and not verifier.can("grace"):
        needing("verifier.grace")
    verifier.must_be_right_about(token)


@check(
    "TOK-10",
    level=SHOULD,
    severity=LOW,
    clause="RFC 7519 section 4.1.6",
    evidence=OWN,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={"verifier.ignores-iat": "accepted a token (iat in a day"},
)
@cases(
    "token",
    each(
        good("iat an hour ago", lambda forge: forge.token(claims={"iat": forge.now - 3600})),
        with_times("iat in a day", iat=lambda forge: forge.now + 86_400, exp=lambda forge: forge.now + 86_400 + 3600),
    ),
)
def test_a_token_is_not_issued_in_the_future(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """A token whose `iat` lies a day ahead is refused.

    No pool has issued it yet: a clock is wrong, or somebody prepares tokens for later. The standard leaves it to the
    verifier; allow a few minutes for clocks that differ.
    """
    verifier.must_be_right_about(token)


SCOPE = "aws.cognito.signin.user.admin"


def with_scope(what: str, value: Any) -> TokenCase:
    """An access token with another scope, where SCOPE is demanded."""
    return bad(what, lambda forge: forge.token(claims={"scope": value}), told={"required_scopes": [SCOPE]})


@check(
    "TOK-11",
    level=MUST,
    severity=HIGH,
    clause="AWS, verifying JSON web tokens: scope; RFC 6749 section 3.3",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier", "verifier.scopes"},
    killed_by={
        "verifier.ignores-scopes": "accepted a token (none",
        "verifier.looks-for-the-scope-inside": "accepted a token (one that goes on",
    },
)
@cases(
    "token",
    each(
        good("it alone", lambda forge: forge.token(claims={"scope": SCOPE}), told={"required_scopes": [SCOPE]}),
        good(
            "it among others",
            lambda forge: forge.token(claims={"scope": f"openid {SCOPE} orders/read"}),
            told={"required_scopes": [SCOPE]},
        ),
        good("one of two", lambda forge: forge.token(), told={"required_scopes": ["orders/write", SCOPE]}),
        with_scope("none", Left.OUT),
        with_scope("an empty text", ""),
        with_scope("null", None),
        with_scope("another", "openid orders/read"),
        with_scope("one that goes on", SCOPE + "X"),
        with_scope("one that begins sooner", "x" + SCOPE),
        with_scope("one that ends sooner", SCOPE[:-1]),
        with_scope("its words apart", SCOPE.replace(".", " ")),
        with_scope("the other case", SCOPE.upper()),
        with_scope("others with a comma", f"openid,{SCOPE}"),
        with_scope("an object", {SCOPE: True}),
    ),
)
def test_a_required_scope_is_granted(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """`scope` is a list of words between spaces, and the demanded scope is one of them.

    Whoever looks for the scope inside the text grants `…admin` to a token with `…adminX`, and a resource
    server's scopes are names that its owner chose. Split at spaces and compare whole words.
    """
    verifier.must_be_right_about(token)


GROUP = "admins"


def with_groups(what: str, value: Any) -> TokenCase:
    """An access token with other groups, where GROUP is demanded."""
    return bad(what, lambda forge: forge.token(claims={"cognito:groups": value}), told={"required_groups": [GROUP]})


@check(
    "TOK-12",
    level=MUST,
    severity=HIGH,
    clause="AWS, the cognito:groups claim: an array of group names",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier", "verifier.groups"},
    killed_by={
        "verifier.ignores-groups": "accepted a token (none",
        "verifier.looks-for-the-group-inside": "accepted a token (a text that holds it",
    },
)
@cases(
    "token",
    each(
        good(
            "it alone", lambda forge: forge.token(claims={"cognito:groups": [GROUP]}), told={"required_groups": [GROUP]}
        ),
        good("it among others", lambda forge: forge.token(), told={"required_groups": [GROUP]}),
        good("one of two", lambda forge: forge.token(), told={"required_groups": ["owners", GROUP]}),
        with_groups("none", Left.OUT),
        with_groups("an empty array", []),
        with_groups("null", None),
        with_groups("another", ["readers"]),
        with_groups("one that goes on", [GROUP + "-of-nothing"]),
        with_groups("one that begins sooner", ["not-" + GROUP]),
        with_groups("the other case", [GROUP.upper()]),
        with_groups("an array in an array", [[GROUP]]),
        with_groups("a text, the group itself", GROUP),
        with_groups("a text that holds it", f"no-{GROUP}-here"),
        with_groups("an object", {GROUP: True}),
    ),
)
def test_a_required_group_is_the_users(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """`cognito:groups` is an array of names, and the demanded group is one of them.

    Group names are the pool owner's words. Where a text passes for the array, a group `no-admins-here` holds
    `admins`. Demand an array, and compare whole names.
    """
    verifier.must_be_right_about(token)
