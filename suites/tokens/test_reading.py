"""How a verifier reads a token before it believes anything: TOK-01 and TOK-02."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from harness.check import MEDIUM, MUST, RFC, TOKENS, cases, check
from harness.forge import as_json, base64url, nothing, padded, written_again
from harness.sign_in import Left
from harness.verifier import TokenCase, bad, each, good, recorded

if TYPE_CHECKING:
    from harness.forge import Forge
    from harness.verifier import VerifierUnderTest


def padded_throughout(forge: Forge) -> str:
    """Header and payload whose encodings end in `=`."""
    header, payload = (as_json(members) for members in (forge.header, forge.claims))
    return forge.token(
        header_text=header + b" " * ((1 - len(header)) % 3),
        payload_text=payload + b" " * ((1 - len(payload)) % 3),
        encode=lambda raw: padded(base64url(raw)),
    )


def padded_at_the_end(forge: Forge) -> str:
    """An honest token whose signature, of 256 bytes, has the `==` that belongs to its base64."""
    rest, _, signature = forge.honest().rpartition(".")
    return f"{rest}.{padded(signature)}"


def in_the_other_alphabet(forge: Forge) -> str:
    """`+` for `-`: base64 as RFC 4648 section 4 has it, of a payload where that shows."""
    return forge.token(claims={"username": "~" * 8}, encode=lambda raw: base64.b64encode(raw).rstrip(b"=").decode())


def with_a_stray_character(forge: Forge) -> str:
    """A `!` in header and payload, signed over, as if it were nothing."""
    return forge.token(encode=lambda raw: f"{base64url(raw)[:8]}!{base64url(raw)[8:]}")


def without_part(index: int, forge: Forge) -> str:
    """One of the three parts empty."""
    parts = forge.honest().split(".")
    parts[index] = ""
    return ".".join(parts)


@check(
    "TOK-01",
    level=MUST,
    severity=MEDIUM,
    clause="RFC 7519 section 7.2; RFC 7515 sections 2 and 7.1; ASVS 5.0 9.1.1",
    evidence=RFC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.reads-sloppy-base64": "accepted a token (padding",
        "verifier.ignores-a-fourth-part": "accepted a token (four parts",
        "verifier.unwraps-a-list": "accepted a token (a list",
    },
)
@cases(
    "token",
    each(
        good("an access token", lambda forge: forge.honest()),
        good("an id token", lambda forge: forge.honest("id"), use="id"),
        bad("an empty text", lambda forge: ""),
        bad("one part", lambda forge: forge.honest().partition(".")[0]),
        bad("two parts", lambda forge: forge.honest().rpartition(".")[0]),
        bad("four parts", lambda forge: forge.honest() + ".e30"),
        bad("four parts, the last empty", lambda forge: forge.honest() + "."),
        bad("five parts, as an encrypted token has", lambda forge: "." + forge.honest() + ".e30"),
        bad("an empty header", lambda forge: without_part(0, forge)),
        bad("an empty payload", lambda forge: without_part(1, forge)),
        bad("padding in header and payload", padded_throughout),
        bad("padding in the signature", padded_at_the_end),
        bad("the other base64 alphabet", in_the_other_alphabet),
        bad("a stray character in header and payload", with_a_stray_character),
        bad("a stray character in the signature", lambda forge: forge.honest()[:-9] + "!" + forge.honest()[-9:]),
        bad("a space in front", lambda forge: " " + forge.honest()),
        bad("a newline at the end", lambda forge: forge.honest() + "\n"),
        bad("Bearer in front", lambda forge: "Bearer " + forge.honest()),
        bad("null", lambda forge: None),
        bad("a number", lambda forge: 1),
        bad("a list that holds a token", lambda forge: [forge.honest()]),
        bad("an object that holds a token", lambda forge: {"token": forge.honest()}),
    ),
)
def test_a_token_is_three_parts_of_base64url(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """A token is a text of three parts of base64url between two dots, and nothing else.

    RFC 7519 allows no padding, no space and no further character. What one reader passes over and another
    does not, the two judge differently: a token that a log, a cache or a revocation list knows under one text
    passes under another. Match the whole text before anything is decoded.
    """
    verifier.must_be_right_about(token)


def members_as_pairs(members: dict[str, Any]) -> bytes:
    """The members of an object as an array of names and values."""
    return as_json(list(members.items()))


def with_claims_in_proto(*names: str) -> TokenCase:
    """A token that has some of its claims only in `__proto__`."""

    def make(forge: Forge) -> str:
        moved = {name: forge.claims[name] for name in names}
        return forge.token(claims=dict.fromkeys(names, Left.OUT) | {"__proto__": moved})

    return bad(f"{' and '.join(names)} in __proto__ only", make)


def with_a_second(name: str, value: Any) -> TokenCase:
    """A token whose claim stands twice, the second time with a value that must be refused."""
    return bad(
        f"{name} twice, the second wrong",
        lambda forge: forge.token(payload_text=written_again(forge.claims, name, value)),
    )


def header_text(what: str, text: bytes) -> TokenCase:
    """A token with this for a header."""
    return bad(f"a header that is {what}", lambda forge: forge.token(header_text=text))


def payload_text(what: str, text: bytes) -> TokenCase:
    """A token with this for a payload."""
    return bad(f"a payload that is {what}", lambda forge: forge.token(payload_text=text))


@check(
    "TOK-02",
    level=MUST,
    severity=MEDIUM,
    clause="RFC 7519 sections 4 and 7.2; RFC 7515 section 4",
    evidence=RFC,
    subject=TOKENS,
    needs={"verifier"},
    killed_by={
        "verifier.takes-pairs-for-an-object": "accepted a token (a payload that is an array",
        "verifier.takes-the-first-of-duplicates": "twice, the second wrong",
        "verifier.merges-proto": "in __proto__ only",
    },
)
@cases(
    "token",
    each(
        *(
            text(what, value)
            for text in (header_text, payload_text)
            for what, value in {
                "null": b"null",
                "a number": b"1",
                "a text": b'"{}"',
                "an empty array": b"[]",
                "an empty object": b"{}",
                "no JSON": b'{"alg":"RS256",',
                "not UTF-8": b'{"alg":"RS256","kid":"\xff"}',
            }.items()
        ),
        bad(
            "a header that is an array of its members",
            lambda forge: forge.token(header_text=members_as_pairs(forge.header)),
        ),
        bad(
            "a payload that is an array of its members",
            lambda forge: forge.token(payload_text=members_as_pairs(forge.claims)),
        ),
        bad("a payload with something after it", lambda forge: forge.token(payload_text=as_json(forge.claims) + b"{}")),
        bad(
            "a payload in UTF-16",
            lambda forge: forge.token(payload_text=as_json(forge.claims).decode().encode("utf-16")),
        ),
        bad(
            "alg twice, none the second time",
            lambda forge: forge.token(header_text=written_again(forge.header, "alg", "none"), sign=nothing),
        ),
        recorded(
            "exp twice, the second right",
            lambda forge: forge.token(payload_text=b'{"exp":1,' + as_json(forge.claims)[1:]),
        ),
        with_a_second("exp", 1),
        with_a_second("client_id", "anotherclientofthesamepool"),
        with_a_second("token_use", "id"),
        with_claims_in_proto("client_id"),
        with_claims_in_proto("token_use"),
        with_claims_in_proto("iss", "client_id", "token_use"),
        bad(
            "alg and kid in __proto__ only",
            lambda forge: forge.token(header_text=as_json({"__proto__": forge.header})),
        ),
    ),
)
def test_header_and_payload_are_json_objects(verifier: VerifierUnderTest, token: TokenCase) -> None:
    """Header and payload are JSON objects with each name once; anything else is refused.

    Of a name that stands twice RFC 7519 lets the last count, or refuses the token; where the first counts, the
    verifier and what reads the claims after it see two different tokens. A member called `__proto__` is a
    member like any other: whoever copies it into an object in JavaScript gives the token claims that it lacks.
    """
    verifier.must_be_right_about(token)
