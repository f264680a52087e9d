"""How links are signed, and with which key they are verified: ML-33 to ML-35."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import CustomChange, must_not_sign_in
from harness.findings import Finding
from harness.link_keys import LinkKeys
from harness.link_probes import unharmed
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bench import Bench
    from harness.fixtures import Observe
    from harness.link_keys import Signer
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest

SALT_OCTETS = (0, 20, 32, None)
"""RSASSA_PSS_SHA_512 has 64; None is the most that fit."""

NAMES_OF_KEYS = ("kmsKeyId", "kms_key_id", "keyId", "key_id", "kid", "signingKeyId")
RSA_SIGNATURES_TOO_SHORT = {128: 1024, 256: 2048}
"""Octets of a signature, and the bits of the RSA key that makes such."""

WEAK_SPECS = frozenset({"RSA_2048"})


@check(
    "ML-33",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 8725 3.1 (algorithm and key are the verifier's choice); AWS KMS developer guide, RSASSA-PSS",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "signing-keys"},
    killed_by={
        "triggers.links.takes-pkcs1-signatures": "a signature by another algorithm",
        "triggers.links.takes-any-salt-length": "a signature with a salt of another length",
        "triggers.links.kms-key-from-the-client": "a signature by another key",
        "triggers.links.signature-not-verified": "a signature by",
    },
)
@cases("forged", {"algorithm": "algorithm", "salt length": "salt", "key": "key", "key that the client names": "named"})
def test_algorithm_and_key_are_not_the_links_choice(links: LinkFlow, observe: Observe, forged: str) -> None:
    """A link's message under a signature of another algorithm, salt length or key is refused.

    A verifier that takes what comes verifies by the weakest scheme that the key can be used with, or by a key of the
    attacker's. Fix the algorithm in code (RSASSA_PSS_SHA_512, a salt as long as the digest), and take the key's id
    from the table or the configuration.
    """
    keys = LinkKeys(links)
    with unharmed(links) as link:
        opened = links.spoken.opened(link.secret)
        signer = keys.signer_of(link)
        if opened is None or signer is None:
            observe("links", "are not signed by a key of triggers.signing_keys")
            return
        for what, signature, change in _forgeries(keys, signer, keys.to_be_signed(signer, opened[0]), forged):
            outcome = links.redeem(link, secret=links.spoken.closed(opened[0], signature), change=change)
            must_not_sign_in(outcome, what)


def _forgeries(keys: LinkKeys, signer: Signer, message: bytes, kind: str) -> Iterator[tuple[str, bytes, CustomChange]]:
    """What each is called in a finding, the signature, and what else the client says."""
    is_rsa = signer.spec.startswith("RSA")
    plain = CustomChange()
    if kind == "algorithm" and is_rsa:
        for scheme in ("RSASSA_PSS", "RSASSA_PKCS1_V1_5"):
            for bits in (256, 384, 512):
                algorithm = f"{scheme}_SHA_{bits}"
                if algorithm != signer.algorithm:
                    yield "a signature by another algorithm", keys.sign(signer.key_id, message, algorithm), plain
    elif kind == "salt" and signer.algorithm == "RSASSA_PSS_SHA_512":
        for octets in SALT_OCTETS:
            signature = keys.sign_with_salt(signer.key_id, message, octets)
            yield "a signature with a salt of another length", signature, plain
    elif kind in ("key", "named"):
        other = keys.spare(signer.spec)
        named = CustomChange(metadata=dict.fromkeys(NAMES_OF_KEYS, other)) if kind == "named" else plain
        yield "a signature by another key", keys.sign(other, message, signer.algorithm), named


@check(
    "ML-34",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 11.2.3; NIST SP 800-57 part 1, table 2 (128-bit strength)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.signs-with-rsa-2048": "links are signed with RSA of 2048 bits"},
)
def test_the_signing_key_has_128_bits_of_strength(links: LinkFlow, bench: Bench, observe: Observe) -> None:
    """Signed links are signed with a key of 128-bit strength: RSA of 3072 bits or more, or ECC of 256.

    RSA of 2048 bits has 112. The key's spec is chosen when KMS makes the key: RSA_3072 costs the same.
    """
    link = links.ask()
    opened = links.spoken.opened(link.secret)
    if opened:
        signer = LinkKeys(links).signer_of(link) if "signing-keys" in bench.capabilities() else None
        observe("key", signer.spec if signer else f"unknown; signatures of {len(opened[1])} octets")
        bits = 2048 if signer and signer.spec in WEAK_SPECS else None
        if signer is None:
            bits = RSA_SIGNATURES_TOO_SHORT.get(len(opened[1]))
        if bits:
            raise Finding(f"links are signed with RSA of {bits} bits, which have less than 128-bit strength")
    must_sign_in(links.redeem(link), "the link")


@check(
    "ML-35",
    level=SHOULD,
    severity=MEDIUM,
    clause="AWS KMS developer guide, rotate keys manually (an alias is pointed to a new key)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "signing-keys", "invocation"},
    killed_by={"triggers.links.verifies-with-one-key-for-ever": "after the alias was pointed to a new key"},
)
def test_links_survive_a_change_of_the_signing_key(
    links: LinkFlow, triggers: TriggersUnderTest, observe: Observe
) -> None:
    """After the signing key's alias was pointed to a new key, links of the old key and of the new one both sign in.

    Asymmetric KMS keys are rotated by hand, by moving the alias. Functions that keep the old public key refuse every
    new link until their next cold start, and after it every old one. Keep with each link the id of the key that
    signed it, and fetch public keys by that.
    """
    keys = LinkKeys(links)
    must_sign_in(links.sign_in(), "a link before the change")  # whatever is cached is cached by now
    older, oldest = links.ask(), links.ask()
    signer = keys.signer_of(older)
    if signer is None:
        observe("links", "are not signed by a key of triggers.signing_keys")
        return
    try:
        keys.point_alias(signer.name, keys.spare(signer.spec))
        newer = links.ask()
        follows = keys.signer_of(newer) is None
        observe("signing key", "follows the alias" if follows else "is named by its id: an alias changes nothing")
        for link, which in ((newer, "a link of the new key"), (older, "a link of the old key")):
            outcome = links.redeem(link)
            assert outcome.has_tokens, (
                f"{which} is refused after the alias was pointed to a new key: {outcome.answer.described()}"
            )
        triggers.host.recycle()
        outcome = links.redeem(oldest)
        assert outcome.has_tokens, (
            f"a link of the old key is refused by a fresh function after the alias was pointed to a new key: "
            f"{outcome.answer.described()}"
        )
    finally:
        keys.point_alias(signer.name, signer.key_id)
        triggers.host.recycle()
