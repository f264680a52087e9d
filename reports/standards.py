"""The standards that clauses name, and where each can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ASVS = "https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/en"
OTHER = "Own requirements and incidents"


@dataclass(frozen=True)
class Part:
    """A piece of a clause: its words, and the address at which they can be read, where one is known."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class _Standard:
    name: str
    pattern: re.Pattern[str]
    url: Callable[[re.Match[str]], str]


def _rfc(found: re.Match[str]) -> str:
    base = f"https://www.rfc-editor.org/rfc/rfc{found['number']}"
    section = found["section"]
    return base if section is None else f"{base}#section-{section}"


_STANDARDS = (
    _Standard("RFC {number}", re.compile(r"RFC (?P<number>\d+)(?: (?:section|§)\s?(?P<section>\d+(?:\.\d+)*))?"), _rfc),
    _Standard(
        "WebAuthn Level 3",
        re.compile(r"(?:WebAuthn )?(?:L3|Level 3) ?(?:section|§)? ?[\d.]*"),
        lambda _: "https://www.w3.org/TR/webauthn-3/",
    ),
    _Standard("OWASP ASVS 5.0", re.compile(r"(?:OWASP )?ASVS(?: 5\.0,?)? ?[\d.]*"), lambda _: ASVS),
    _Standard(
        "NIST SP 800-63B",
        re.compile(r"(?:NIST )?(?:SP )?800-63B(?:-4)?"),
        lambda _: "https://pages.nist.gov/800-63-4/sp800-63b.html",
    ),
    _Standard(
        "Published incidents",
        re.compile(r"CVE-\d{4}-\d+"),
        lambda found: f"https://nvd.nist.gov/vuln/detail/{found[0]}",
    ),
    _Standard(
        "Published incidents",
        re.compile(r"GHSA(?:-[0-9a-z]{4}){3}"),
        lambda found: f"https://github.com/advisories/{found[0]}",
    ),
    _Standard(
        "AWS documentation",
        re.compile(r"(?:Amazon )?Cognito (?:API|developer guide)|AWS service model|AWS, |AWS blog"),
        lambda _: "https://docs.aws.amazon.com/cognito/latest/developerguide/",
    ),
)


def parts_of(clause: str) -> list[Part]:
    """The clause in pieces, each with its address where one is known. Joined, the texts are the clause."""
    return list(_pieces(clause))


def standards_of(clause: str) -> list[str]:
    """The names of the standards that a clause cites, each once; what cites none belongs to OTHER."""
    names = [
        standard.name.format(**{name: value or "" for name, value in found.groupdict().items()})
        for standard in _STANDARDS
        for found in standard.pattern.finditer(clause)
    ]
    return list(dict.fromkeys(names)) or [OTHER]


def _pieces(clause: str) -> Iterator[Part]:
    done = 0
    found = sorted(
        ((match, standard) for standard in _STANDARDS for match in standard.pattern.finditer(clause)),
        key=lambda pair: pair[0].start(),
    )
    for match, standard in found:
        if match.start() < done:
            continue
        if match.start() > done:
            yield Part(clause[done : match.start()])
        text = match[0].rstrip(" ,.")
        yield Part(text, standard.url(match))
        done = match.start() + len(text)
    if done < len(clause):
        yield Part(clause[done:])
