"""What can be learnt of a link, and from it: ML-05, ML-24 to ML-27."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, LOW, MUST, OWN, SHOULD, TRIGGERS, check
from harness.custom_auth import at_once, must_not_sign_in
from harness.findings import Finding, Inconclusive
from harness.link_probes import unharmed
from harness.trigger_flows import must_sign_in
from harness.triggers import CREATE, DEFINE, VERIFY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.arrangement import TestUser
    from harness.fixtures import Observe
    from harness.stage import Tables
    from harness.trigger_flows import Link, LinkFlow, LinkRequest
    from harness.triggers import TriggersUnderTest

LINKS_COMPARED = 4
LEAST_BITS = 128
PUBLIC_MARKS = ("arn:", "_ID", "_NAME", "TABLE", "REGION", "POOL", "CLIENT", "STACK", "ACCOUNT")
SHORTEST_SALT = 4


@check(
    "ML-05",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.5.3, 7.2.3, 11.5.1 (128 bits of a CSPRNG)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={
        "triggers.links.short-secret": "bits that could be unknown to others",
        "triggers.links.predictable-secret": "of one second hold the same",
    },
)
async def test_a_secret_cannot_be_guessed(links: LinkFlow, observe: Observe) -> None:
    """At least 128 bits of a secret differ from link to link, and links of the same second share none of them.

    A short secret is tried out; one that is made from the clock is computed. Take 32 octets of the system's generator,
    or have KMS sign. (More cannot be told from outside: whether the generator is one for secrets is for a review.)
    """
    users = [links.new_user() for _ in range(LINKS_COMPARED)]
    made = await at_once([partial(links.request, user) for user in users])
    sent = list(_secrets_of(links, made))
    secrets = [_unguessable(links, secret) for secret in sent]
    if len(secrets) < LINKS_COMPARED:
        raise Inconclusive(f"{LINKS_COMPARED} users got {len(secrets)} links: {made[0].outcome.answer.described()}")
    if len(set(secrets)) < len(secrets):
        raise Finding("links of one second hold the same secret: it is made from the clock, or from nothing")
    bits = _differing_bits(secrets, signed=links.spoken.opened(sent[0]) is not None)
    observe("bits that differ", f"{bits:.0f} in {LINKS_COMPARED} links")
    assert bits >= LEAST_BITS, f"a secret has {bits:.0f} bits that could be unknown to others, not {LEAST_BITS}"
    must_sign_in(links.sign_in(), "a link")


def _secrets_of(links: LinkFlow, made: Iterable[LinkRequest]) -> Iterator[str]:
    """What the mails hold; each mail counts for its own addressee."""
    for asked in made:
        asked.expect()
        for mail in asked.mails:
            secret = next(filter(None, (links.spoken.secret_in(found.url) for found in mail.links)), None)
            if secret and mail.to == asked.user.email:
                yield secret


def _unguessable(links: LinkFlow, secret: str) -> bytes:
    """The part that has to be unknown: the signature of a signed link, whose message says what everybody may know."""
    opened = links.spoken.opened(secret)
    return opened[1] if opened else secret.encode()


def _differing_bits(secrets: list[bytes], *, signed: bool) -> float:
    """At most so many bits of each secret are unknown to who has seen the others."""
    places = list(zip(*secrets, strict=False))
    differing = sum(len(set(place)) > 1 for place in places)
    letters = len(set().union(*secrets))
    return differing * (8 if signed else math.log2(max(2, min(64, letters))))


@check(
    "ML-24",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.5.2, 14.2.1 (look-up secrets are stored hashed)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "store"},
    killed_by={"triggers.links.stored-in-clear": "holds the secret of a link"},
)
def test_the_table_does_not_sign_in(links: LinkFlow, store: Tables) -> None:
    """No table holds a link's secret, and nothing that a table holds redeems as one.

    Tables are read by many, backed up and exported. A secret that stands there signs in whoever reads it, until the
    user does. Keep its hash.
    """
    before = {repr(value) for _, _, value in _stored(store)}
    with unharmed(links) as link:
        opened = links.spoken.opened(link.secret)
        new = [each for each in _stored(store) if repr(each[2]) not in before]
        for table, attribute, value in new:
            if _holds(value, link.secret) or (opened and _holds(value, opened[1])):
                raise Finding(f"{attribute} in the table {table} holds the secret of a link")
        for _, attribute, value in new:
            for guess in _redeemable(links, link, value):
                must_not_sign_in(links.redeem(link, secret=guess), f"what stands in the table, in {attribute}")


def _stored(store: Tables) -> Iterator[tuple[str, str, Any]]:
    """Every value of every table, with the names of table and attribute."""
    for table in store.names:
        for item in store.scan(table):
            for attribute, value in item.items():
                yield table, attribute, value


def _forms(secret: str | bytes) -> Iterator[bytes]:
    raw = secret.encode() if isinstance(secret, str) else secret
    yield raw
    yield raw.hex().encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")


def _holds(value: Any, secret: str | bytes) -> bool:
    octets = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return any(form in octets for form in _forms(secret))


def _redeemable(links: LinkFlow, link: Link, value: Any) -> Iterator[str]:
    """What somebody who has read a value would try."""
    if isinstance(value, str) and len(value) >= SHORTEST_SALT:
        yield value
    octets = value.encode() if isinstance(value, str) else value
    if isinstance(octets, bytes) and len(octets) >= 16 and (opened := links.spoken.opened(link.secret)):
        yield links.spoken.closed(opened[0], octets)


@check(
    "ML-25",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.secret-in-public-parameters": "the client is told the secret"},
)
def test_only_the_mailbox_learns_the_secret(links: LinkFlow) -> None:
    """No answer to the client holds a link's secret.

    Whoever types a user's name gets the answers. The secret goes into the mail, and its hash into the store.
    """
    with unharmed(links) as link:
        session = _unpacked(link.sign_in.session or "")
        for part in _parts(links, link):
            if _holds(session, part) or any(_holds(each.answer.body, part) for each in link.sign_in.outcomes):
                raise Finding("the client is told the secret of the link that it asked for")


@check(
    "ML-25b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger, challengeMetadata",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "trigger-events"},
    killed_by={"triggers.links.secret-in-metadata": "challengeMetadata holds the secret"},
)
def test_the_session_does_not_learn_the_secret(links: LinkFlow, triggers: TriggersUnderTest) -> None:
    """The session that goes through the triggers holds no link's secret.

    challengeMetadata comes back to every trigger, in every round that follows, and gets into logs from there.
    """
    with unharmed(links) as link:
        for part in _parts(links, link):
            for function in (DEFINE, CREATE, VERIFY):
                for call in triggers.calls_of(function):
                    told = [call.response.get("challengeMetadata"), call.request.get("session")]
                    if _holds(str(told), part):
                        raise Finding("challengeMetadata holds the secret of a link")


def _parts(links: LinkFlow, link: Link) -> list[str | bytes]:
    """The secret, and of a signed one the signature too."""
    opened = links.spoken.opened(link.secret)
    return [link.secret, *([opened[1]] if opened else [])]


def _unpacked(session: str) -> bytes:
    try:
        return base64.b64decode(session + "=" * (-len(session) % 4), b"-_")
    except ValueError:
        return session.encode()


@check(
    "ML-26",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 14.2.1 (no personal data in URLs)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.names-the-user": "tells the user's"},
)
def test_a_link_names_nobody(links: LinkFlow) -> None:
    """A link's address tells neither name nor mail address nor phone number of its user.

    Signed is not encrypted: whoever sees the address, in a history, on a screen, in a scanner's log, reads the message.
    Keep the name with the link's hash, or in the browser that asked.
    """
    link = links.ask()
    opened = links.spoken.opened(link.secret)
    shown = link.url.encode() + (opened[0] if opened else _unpacked(link.secret))
    for what, value in _personal(link.user):
        if _holds(shown, value):
            raise Finding(f"a link tells the user's {what} to whoever sees its address")
    must_sign_in(links.redeem(link), "the link")


@check(
    "ML-26b",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 16.2.5 (no personal data in logs)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "trigger-logs"},
    killed_by={"triggers.links.logs-the-address": "the logs hold the user's"},
)
def test_the_logs_name_nobody(links: LinkFlow, triggers: TriggersUnderTest) -> None:
    """After a sign-in by link the logs hold neither mail address nor phone number of its user.

    Log that a link was sent, and a name that only the team can resolve.
    """
    user = links.new_user()
    must_sign_in(links.sign_in(user), "a link")
    logs = triggers.logs()
    for what, value in _personal(user):
        if what != "name" and value in logs:
            raise Finding(f"the logs hold the user's {what}")


def _personal(user: TestUser) -> list[tuple[str, str]]:
    found = [("mail address", user.email), ("phone number", user.phone_number), ("name", user.username)]
    return [(what, value) for what, value in found if value]


@check(
    "ML-27",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 11.4.1; privacy: names can be tried out against an unkeyed hash",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "store"},
    killed_by={"triggers.links.user-hash-with-a-public-salt": "can be computed by whoever reads the table"},
)
def test_users_cannot_be_looked_up_in_the_table(links: LinkFlow, triggers: TriggersUnderTest, store: Tables) -> None:
    """What stands for a user in the table is no hash of their name that anybody could compute.

    A hash without a key, or salted with what everybody knows (a stack's ARN, a pool's id), is turned back by
    trying names. Use HMAC with a secret of its own.
    """
    user = links.new_user()
    must_sign_in(links.sign_in(user), "a link")
    stored = b"\0".join(
        value if isinstance(value, bytes) else str(value).lower().encode() for _, _, value in _stored(store)
    )
    found = links.pool.administer("AdminGetUser", user.username)
    sub = next((each["Value"] for each in found.get("UserAttributes", []) if each["Name"] == "sub"), "")
    for name, who in (("name", user.username), ("sub", sub), ("mail address", user.email or "")):
        for digest in _computable(who, _public_words(links, triggers)):
            if any(form in stored for form in (digest, digest.hex().encode(), base64.b64encode(digest).lower())):
                raise Finding(f"what stands for a user can be computed by whoever reads the table, from their {name}")


def _public_words(links: LinkFlow, triggers: TriggersUnderTest) -> set[str]:
    """What is no secret: the pool's and client's ids, and settings that name things."""
    words = {"", links.pool.user_pool_id, links.client.client_id, triggers.stage.region}
    for function in triggers.functions:
        environment: Mapping[str, str] = triggers.stage.environment_of(function)
        words |= {
            value
            for name, value in environment.items()
            if len(value) >= SHORTEST_SALT and any(mark in name or mark in value for mark in PUBLIC_MARKS)
        }
    return words


def _computable(who: str, words: set[str]) -> Iterator[bytes]:
    """Every plain way to make a digest of a user and something that everybody knows."""
    if not who:
        return
    for name, word in itertools.product((who, who.lower()), words):
        for algorithm in ("sha256", "sha512", "sha1", "md5", "sha384"):
            for between in ("", ":", "#", "|", "/"):
                yield hashlib.new(algorithm, f"{word}{between}{name}".encode()).digest()
                yield hashlib.new(algorithm, f"{name}{between}{word}".encode()).digest()
            if word:
                yield hmac.new(word.encode(), name.encode(), algorithm).digest()
