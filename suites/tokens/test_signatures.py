"""What a verifier takes for the issuer's signature: TOK-03, TOK-04, TOK-05 and TOK-13."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, MUST, RFC, TOKENS, cases, check
from harness.forge import Forge, Signer, es256, hs256, nothing, rsa_pkcs1, rsa_pss
from harness.sign_in import Left
from harness.verifier import TokenCase, bad, each, good

if TYPE_CHECKING:
    from harness.verifier import VerifierUnderTest


def unsigned(alg: Any) -> TokenCase:
    """A token without signature that names an algorithm."""
    return bad(f"alg {alg!r} and no signature", lambda forge: forge.token(header={"alg": alg}, sign=nothing))


def signed_with_the_public_key(form: str) -> TokenCase:
    """A token that anybody can make: the public key is its HMAC secret."""
    return bad(
        f"HS256 keyed with the public key as {form}",
        lambda forge: forge.token(header={"alg": "HS256"}, sign=hs256(forge.public_key(form))),
    )


def with_algorithm(alg: Any, sign: Callable[[Forge], Signer] | None = None) -> TokenCase:
    """A token that names another algorithm and is signed so, or as ever."""
    signed_so = sign or (lambda forge: rsa_pkcs1(forge.access_key))
    return bad(f"alg {alg!r}, signed", lambda forge: forge.token(header={"alg": alg}, sign=signed_so(forge)))


@check(
    "TOK-03",
    level=MUST,
    severity=CRITICAL,
    clause="AWS, verifying JSON web tokens: alg is RS256; RFC 8725 sections 2.1 and 3.1; ASVS 5.0 9.1.2",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.accepts-alg-none": "accepted a token (alg 'none' and no signature",
        "verifier.accepts-hs256-with-the-public-key": "accepted a token (HS256 keyed with the public key as PEM",
        "verifier.accepts-any-rsa-algorithm": "accepted a token (alg 'RS512', signed",
        "verifier.takes-a-missing-alg-for-rs256": "accepted a token (no alg",
    },
)
@cases(
    "token",
    each(
        good("alg 'RS256', signed", lambda forge: forge.token()),
        *(unsigned(alg) for alg in ("none", "None", "NONE", "nOnE", "", "RS256", None)),
        bad("alg 'none' and the honest signature", lambda forge: forge.token(header={"alg": "none"})),
        *(signed_with_the_public_key(form) for form in ("PEM", "PKCS1 PEM", "DER", "JWK")),
        bad("HS256 keyed with nothing", lambda forge: forge.token(header={"alg": "HS256"}, sign=hs256(b""))),
        bad(
            "HS256 keyed with the key id",
            lambda forge: forge.token(header={"alg": "HS256"}, sign=hs256(forge.access_key.key_id.encode())),
        ),
        with_algorithm("RS384", lambda forge: rsa_pkcs1(forge.access_key, 384)),
        with_algorithm("RS512", lambda forge: rsa_pkcs1(forge.access_key, 512)),
        with_algorithm("PS256", lambda forge: rsa_pss(forge.access_key)),
        with_algorithm("ES256", lambda forge: es256),
        with_algorithm("rs256"),
        with_algorithm(256),
        with_algorithm(["RS256"]),
        bad("no alg", lambda forge: forge.token(header={"alg": Left.OUT})),
    ),
)
def test_the_algorithm_is_rs256(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """Only RS256 counts, whatever the token says of itself.

    A verifier that lets the token choose takes `none` for a signature, or the public key, which anybody can
    fetch, for a shared secret: then anybody can sign. Give the one algorithm that Cognito uses to the library,
    and never read it from the token.
    """
    verifier.must_be_right_about(token)


def signed_by_the_attacker(what: str, header: Callable[[Forge], dict[str, Any]]) -> TokenCase:
    """A token that the attacker signed and whose header says where the key is."""
    return bad(what, lambda forge: forge.token(header=header(forge), sign=rsa_pkcs1(forge.attackers_key)))


def embedded_jwk(forge: Forge, **members: Any) -> dict[str, Any]:
    """A header with the attacker's key in it."""
    return {"jwk": forge.attackers_key.public_jwk() | members}


def renamed(key_id: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The key set with every key under this key id."""
    return lambda jwks: {"keys": [key | {"kid": key_id} for key in jwks["keys"]]}


def under_key_id(what: str, key_id: Any) -> TokenCase:
    """A token that the issuer's key signed and whose kid is no published key's."""
    return bad(what, lambda forge: forge.token(header={"kid": key_id}))


@check(
    "TOK-04",
    level=MUST,
    severity=CRITICAL,
    clause="AWS, verifying JSON web tokens: the kid is looked up in the user pool's keys; ASVS 5.0 9.1.3",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-kid": "accepted a token (an unknown kid",
        "verifier.uses-embedded-jwk": "accepted a token (a jwk in the header",
        "verifier.trusts-x5c": "accepted a token (an x5c in the header",
        "verifier.follows-jku": "accepted a token (a jku in the header",
        "verifier.fetches-jku": "asked for the address that the token names",
    },
)
@cases(
    "token",
    each(
        good("the kid of the access key", lambda forge: forge.token()),
        under_key_id("an unknown kid", "bm8gc3VjaCBrZXkgaWQgaXMgcHVibGlzaGVkIGhlcmU="),
        under_key_id("no kid", Left.OUT),
        under_key_id("an empty kid", ""),
        under_key_id("kid null", None),
        under_key_id("kid a path", "../../../../../../dev/null"),
        under_key_id("kid __proto__", "__proto__"),
        under_key_id("kid constructor", "constructor"),
        bad("kid in the other case", lambda forge: forge.token(header={"kid": forge.access_key.key_id.swapcase()})),
        bad("kid the right one with a space", lambda forge: forge.token(header={"kid": forge.access_key.key_id + " "})),
        bad("kid a list of the right one", lambda forge: forge.token(header={"kid": [forge.access_key.key_id]})),
        bad("kid a number, published as a text", lambda forge: forge.token(header={"kid": 1}), jwks=renamed("1")),
        bad(
            "kid a path to an empty file, HS256 keyed with nothing",
            lambda forge: forge.token(header={"kid": "../../../../../../dev/null", "alg": "HS256"}, sign=hs256(b"")),
        ),
        signed_by_the_attacker("a jwk in the header, under the issuer's kid", embedded_jwk),
        signed_by_the_attacker(
            "a jwk in the header, under a kid of its own",
            lambda forge: embedded_jwk(forge, kid="attacker") | {"kid": "attacker"},
        ),
        signed_by_the_attacker(
            "a jwk in the header, and no kid", lambda forge: embedded_jwk(forge) | {"kid": Left.OUT}
        ),
        signed_by_the_attacker("an x5c in the header", lambda forge: {"x5c": [forge.attackers_certificate()]}),
        signed_by_the_attacker("a jku in the header", lambda forge: {"jku": forge.attackers_site.jwks_uri}),
        signed_by_the_attacker(
            "a jku in the header, and no kid",
            lambda forge: {"jku": forge.attackers_site.jwks_uri, "kid": Left.OUT},
        ),
        signed_by_the_attacker("an x5u in the header", lambda forge: {"x5u": forge.attackers_site.certificate_uri}),
    ),
)
def test_the_key_is_the_issuers_own_by_its_kid(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """The key comes from the user pool's published keys, by the token's kid, and from nowhere else.

    A key that the token brings along, or an address that it names, is the attacker's. A verifier that fetches
    such an address can moreover be made to send requests from inside a network, even where it then refuses the
    token. Ignore jwk, jku, x5c and x5u, and refuse a kid that is not published.
    """
    fetches = verifier.forge.attackers_site.fetches
    verifier.must_be_right_about(token)
    assert verifier.forge.attackers_site.fetches == fetches, (
        f"the verifier asked for the address that the token names ({token.what})"
    )


def changed(what: str, **claims: Any) -> TokenCase:
    """An honest token whose claims are changed under its signature."""
    return bad(
        f"{what} under the honest signature",
        lambda forge: forge.token(claims=claims, sign=forge.honest_signature),
    )


def resigned(what: str, change: Callable[[bytes], bytes]) -> TokenCase:
    """An honest token with its signature changed."""

    def make(forge: Forge) -> str:
        return forge.token(sign=lambda signing_input: change(forge.honest_signature(signing_input)))

    return bad(what, make)


def flipped(bit: int) -> Callable[[bytes], bytes]:
    """The signature with one bit flipped."""

    def flip(signature: bytes) -> bytes:
        changed = bytearray(signature)
        changed[bit // 8] ^= 0x80 >> bit % 8
        return bytes(changed)

    return flip


@check(
    "TOK-05",
    level=MUST,
    severity=CRITICAL,
    clause="AWS, verifying JSON web tokens: the signature; RFC 7515 section 5.2; ASVS 5.0 9.1.1",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-the-signature": "accepted a token (another user's name",
        "verifier.skips-an-empty-signature": "accepted a token (an empty signature",
        "verifier.ignores-kid": "accepted a token (signed with the issuer's other key",
    },
)
@cases(
    "token",
    each(
        good("the issuer's signature", lambda forge: forge.token()),
        changed("another user's name", username="eve"),
        changed("another sub", sub="00000000-0000-4000-8000-000000000000"),
        changed("a group more", **{"cognito:groups": ["admins", "readers", "owners"]}),
        bad(
            "a header member more under the honest signature",
            lambda forge: forge.token(header={"typ": "JWT"}, sign=forge.honest_signature),
        ),
        bad("an empty signature", lambda forge: forge.token(sign=nothing)),
        resigned("the first bit of the signature flipped", flipped(0)),
        resigned("the last bit of the signature flipped", flipped(2047)),
        resigned("half the signature", lambda signature: signature[:128]),
        resigned("the signature without its last byte", lambda signature: signature[:-1]),
        resigned("the signature and a byte more", lambda signature: signature + b"\0"),
        resigned("a zero byte before the signature", lambda signature: b"\0" + signature),
        resigned("a signature of zeros", lambda signature: bytes(len(signature))),
        resigned("a signature of the number 1", lambda signature: (1).to_bytes(len(signature), "big")),
        resigned("a signature of one byte", lambda signature: b"\0"),
        bad("the signature of another token", lambda forge: _cut(forge.honest()) + "." + _signature(forge.token("id"))),
        bad(
            "signed by another pool's key of the same kid",
            lambda forge: forge.token(sign=rsa_pkcs1(forge.attackers_key)),
        ),
        bad("signed with the issuer's other key", lambda forge: forge.token(sign=rsa_pkcs1(forge.id_key))),
    ),
)
def test_every_bit_is_signed_by_the_issuer(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """A token counts only as the issuer signed it, with the key that its kid names.

    Whoever can change one claim under an old signature, or sign with a key of another pool, is whoever they
    say they are. Verify the signature before a claim is read, and treat an empty one as wrong.
    """
    verifier.must_be_right_about(token)


def _cut(token: str) -> str:
    return token.rpartition(".")[0]


def _signature(token: str) -> str:
    return token.rpartition(".")[2]


def published_with(what: str, **changes: Any) -> TokenCase:
    """An honest token whose key is published with something changed."""

    def change(jwks: dict[str, Any]) -> dict[str, Any]:
        return {
            "keys": [
                {name: value for name, value in (key | changes).items() if value is not Left.OUT}
                for key in jwks["keys"]
            ]
        }

    return bad(what, lambda forge: forge.token(), jwks=change)


@check(
    "TOK-13",
    level=MUST,
    severity=HIGH,
    clause="RFC 7517 sections 4.1, 4.2 and 4.4; RFC 7518 section 6.3.1",
    evidence=RFC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.ignores-what-a-key-is-for": "accepted a token (published with use enc",
        "verifier.takes-any-key-type": "accepted a token (published with kty EC",
    },
)
@cases(
    "token",
    each(
        good("published for signatures with RS256", lambda forge: forge.token()),
        published_with("published with use enc", use="enc"),
        published_with("published with alg RS512", alg="RS512"),
        published_with("published with alg RSA-OAEP", alg="RSA-OAEP"),
        published_with("published with alg HS256", alg="HS256"),
        published_with("published with kty EC", kty="EC"),
        published_with("published with kty oct", kty="oct"),
        published_with("published without kty", kty=Left.OUT),
        published_with("published without n", n=Left.OUT),
        published_with("published without e", e=Left.OUT),
        published_with("published with an empty n", n=""),
        bad("published in an empty set", lambda forge: forge.token(), jwks=lambda jwks: {"keys": []}),
        bad("published in a set without keys", lambda forge: forge.token(), jwks=lambda jwks: {}),
    ),
)
def test_a_published_key_is_used_for_what_it_is_for(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """A published key counts only as what it says it is: an RSA key, whole, for signatures, with RS256.

    A set may hold keys for other purposes; one that the issuer publishes for encryption, or for another
    algorithm, has signed no token. Look at kty, use and alg before the key is used.
    """
    verifier.must_be_right_about(token)
