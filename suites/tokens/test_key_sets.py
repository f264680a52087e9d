"""How a verifier fetches keys: TOK-14 and TOK-15."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from harness.check import MEDIUM, MUST, OWN, SHOULD, TOKENS, check
from harness.forge import rsa_pkcs1
from harness.verifier import TokenCase

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.fixtures import Observe
    from harness.key_site import KeySite
    from harness.verifier import VerifierUnderTest

UNKNOWN_KEY_IDS = 100
MOST_FETCHES = 10
LONGEST_WAIT_SECONDS = 900
"""How long a verifier may wait, at most, before it fetches the keys again."""


def unknown_key_id(number: int, key_site: KeySite) -> TokenCase:
    """A token, otherwise honest, of a key that nobody publishes."""
    return TokenCase(
        "an unknown kid", lambda forge: forge.token(header={"kid": f"unknown-{number}"}), told=key_site.told
    )


@check(
    "TOK-14",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness: a flood of unknown key ids",
    evidence=OWN,
    subject=TOKENS,
    needs={"verifier", "verifier.jwks-fetch"},
    killed_by={"verifier.fetches-for-every-unknown-kid": "unknown key ids made the verifier fetch the keys"},
)
def test_unknown_key_ids_cost_few_fetches(verifier: VerifierUnderTest, key_site: KeySite, observe: Observe) -> None:
    """A flood of tokens with unknown key ids does not become a flood of requests for the keys.

    Anybody can make such tokens. A verifier that fetches the keys for each lets a stranger slow the service
    down, and use up what the issuer allows its address. After a key id that was not found, wait before the
    keys are fetched again; tokens of known keys stay welcome meanwhile.
    """
    honest = TokenCase("the honest token", lambda forge: forge.honest(), told=key_site.told)
    with verifier.between_honest(honest):
        before = key_site.fetches
        for number in range(UNKNOWN_KEY_IDS):
            judgement = verifier.verify(unknown_key_id(number, key_site))
            assert not judgement.accepted, "the verifier accepted a token (an unknown kid)"
        fetches = key_site.fetches - before
    observe(f"fetches for {UNKNOWN_KEY_IDS} unknown key ids", str(fetches))
    assert fetches <= MOST_FETCHES, (
        f"{UNKNOWN_KEY_IDS} unknown key ids made the verifier fetch the keys {fetches} times"
    )


@check(
    "TOK-15",
    level=MUST,
    severity=MEDIUM,
    clause="AWS, verifying JSON web tokens: keys are rotated",
    evidence=OWN,
    subject=TOKENS,
    needs={"verifier", "verifier.jwks-fetch"},
    killed_by={
        "verifier.never-fetches-again": "a token of the new key",
        "verifier.forgets-the-other-keys": "a token of the old key",
        "verifier.keeps-removed-keys": "a token of a removed key: accepted",
    },
)
def test_a_new_key_is_taken_up_and_the_old_one_kept(
    verifier: VerifierUnderTest, key_site: KeySite, observe: Observe, needing: Callable[[str], NoReturn]
) -> None:
    """When the pool publishes a new key, its tokens are accepted; those of the old key stay accepted.

    A verifier that fetches the keys once and never again locks everybody out on the day of a rotation, until it
    is started anew. Fetch the keys again for a kid that is not known, at once or after a short wait. What
    becomes of the tokens of a removed key, once the keys were fetched again, is recorded.
    """

    def later(waits: int) -> dict[str, object]:
        return {**key_site.told, "now": verifier.forge.now + waits * LONGEST_WAIT_SECONDS}

    old = TokenCase("a token of the old key", lambda forge: forge.honest(), told=key_site.told)
    with verifier.between_honest(old):
        new_key = key_site.add_key()
        new = TokenCase(
            "a token of the new key",
            lambda forge: forge.token(header={"kid": new_key.key_id}, sign=rsa_pkcs1(new_key)),
            told=key_site.told,
        )
        fetches = key_site.fetches
        judgement = verifier.verify(new)
        if not judgement.accepted and key_site.fetches == fetches and not verifier.can("clock"):
            needing("verifier.clock")  # it waits before it fetches again, and nobody can wait with it
        observe("a new key is taken up", "at once" if judgement.accepted else "after a wait")
        verifier.must_accept(new if judgement.accepted else _told(new, later(1)))
        verifier.must_accept(_told(old, later(1) if verifier.can("clock") else key_site.told))
    if not verifier.can("clock"):
        observe("a token of a removed key", "not tried: the verifier's clock cannot be moved")
        return
    key_site.remove_all_but(new_key)
    verifier.verify(_told(unknown_key_id(0, key_site), later(2)))  # has it fetch the keys again
    observe("a token of a removed key", verifier.verify(_told(old, later(2))).described())


def _told(token: TokenCase, told: dict[str, object]) -> TokenCase:
    return TokenCase(token.what, token.make, use=token.use, told=told)
