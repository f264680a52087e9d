"""Verifiers that others wrote, through the drivers that ship: honest tokens in, the plainest forgeries out.

What the suite finds beyond that is its users' business and no test's: a release may mend it.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from fakes.issuer import Issuer, PublishedKeys, SigningKey
from harness.forge import Forge, hs256, nothing, rsa_pkcs1
from harness.peer import Peer
from harness.transcript import Transcript
from harness.verifier import TokenCase, VerifierIdentity, VerifierUnderTest, bad, each, good
from reports.vocabulary import ExitCode, Verdict
from tests.harness.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.verifier.conftest import Run

ADAPTERS = ROOT / "adapters" / "verifiers"
DRIVERS = {"PyJWT": "pyjwt_verifier.py", "aws-jwt-verify": "aws_jwt_verify.mjs"}


def command_for(name: str) -> list[str]:
    """How to start a driver. Raises AssertionError, saying what to do, when Node.js or its packages are missing."""
    path = ADAPTERS / DRIVERS[name]
    if path.suffix == ".py":
        return [sys.executable, str(path)]
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    assert (ADAPTERS / "node_modules").is_dir(), f"run `npm ci --ignore-scripts` in {ADAPTERS} first"
    return [node, str(path)]


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def attackers_key(issuer: Issuer) -> SigningKey:
    return SigningKey.new(key_id=issuer.keys["access"].key_id)


@pytest.fixture(scope="module")
def site(attackers_key: SigningKey) -> Iterator[PublishedKeys]:
    published = PublishedKeys({"keys": [attackers_key.public_jwk()]})
    yield published
    published.close()


@pytest.fixture(scope="module", params=DRIVERS)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    running = Peer(command_for(request.param), timeout_seconds=30)
    yield running
    running.close()


@pytest.fixture
def verifier(peer: Peer, issuer: Issuer, attackers_key: SigningKey, site: PublishedKeys) -> VerifierUnderTest:
    forge = Forge(issuer, int(time.time()), 1, attackers_key, site)
    return VerifierUnderTest(peer, VerifierIdentity.of(peer), forge, transcript=Transcript(), observe=print, seconds=60)


TOKENS = each(
    good("an honest access token", lambda forge: forge.honest()),
    good("an honest id token", lambda forge: forge.honest("id"), use="id"),
    good("the scope", lambda forge: forge.honest(), told={"required_scopes": ["orders/read"]}),
    good("the group", lambda forge: forge.honest(), told={"required_groups": ["admins"]}),
    bad("no signature", lambda forge: forge.token(header={"alg": "none"}, sign=nothing)),
    bad("HMAC", lambda forge: forge.token(header={"alg": "HS256"}, sign=hs256(forge.public_key("PEM")))),
    bad("another name", lambda forge: forge.token(claims={"username": "eve"}, sign=forge.honest_signature)),
    bad("another's key", lambda forge: forge.token(sign=rsa_pkcs1(forge.attackers_key))),
    bad("an unknown kid", lambda forge: forge.token(header={"kid": "unknown"})),
    bad("another pool", lambda forge: forge.token(claims={"iss": forge.issuer.name + "2"})),
    bad("another client", lambda forge: forge.token(claims={"client_id": "another"})),
    bad("another client's id token", lambda forge: forge.token("id", claims={"aud": "another"}), use="id"),
    bad("an id token for an access token", lambda forge: forge.honest("id")),
    bad("an access token for an id token", lambda forge: forge.honest(), use="id"),
    bad("expired", lambda forge: forge.token(claims={"exp": forge.now - 1})),
    bad("another scope", lambda forge: forge.honest(), told={"required_scopes": ["orders/write"]}),
    bad("another group", lambda forge: forge.honest(), told={"required_groups": ["owners"]}),
)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_it_is_right_about_the_plainest_tokens(verifier: VerifierUnderTest, token: TokenCase) -> None:
    judgement = verifier.verify(token)
    assert judgement.accepted == token.acceptable, judgement.described()
    assert judgement.accepted or judgement.error_type


def test_keys_are_fetched_once_for_many_tokens(verifier: VerifierUnderTest, issuer: Issuer) -> None:
    published = PublishedKeys(issuer.jwks)
    try:
        told: dict[str, Any] = {"jwks_uri": published.jwks_uri}
        honest = TokenCase("honest", lambda forge: forge.honest(), told=told)
        assert [verifier.verify(honest).accepted for _ in range(5)] == [True] * 5
        assert published.fetches == 1
    finally:
        published.close()


def test_its_clock_is_the_harnesss(verifier: VerifierUnderTest) -> None:
    for told, accepted in (({"now": verifier.forge.now + 3599}, True), ({"now": verifier.forge.now + 3601}, False)):
        assert verifier.verify(TokenCase("honest", lambda forge: forge.honest(), told=told)).accepted == accepted


@pytest.mark.parametrize("name", DRIVERS)
def test_one_command_decides_every_check(name: str, judge: Callable[..., Run]) -> None:
    numbered = [f"TOK-{number:02}" for number in range(1, 16)]
    run = judge(command_for(name), *(argument for check in numbered for argument in ("--only", check)))
    assert run.exit_code in (ExitCode.CLEAN, ExitCode.FINDINGS), run.output
    assert {record.check for record in run.records} == set(numbered)
    undecided = {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}
    assert [record.id for record in run.records if record.verdict in undecided] == []
    assert run.results.header.versions["verifier"].startswith(name)
