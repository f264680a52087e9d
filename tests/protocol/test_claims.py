"""What is derived from the premaster secret, and what is signed."""

from __future__ import annotations

import pytest

from protocol.claims import claim_signature, hkdf_sha256, hmac_sha256, secret_hash
from protocol.errors import MalformedText


@pytest.mark.parametrize("length", [0, -1, 255 * 32 + 1])
def test_hkdf_refuses_a_length_that_it_is_not_defined_for(length: int) -> None:
    with pytest.raises(ValueError, match="1 to 8160 bytes"):
        hkdf_sha256(salt=b"", input_key=b"", info=b"", length=length)


def test_hkdf_gives_its_longest_output() -> None:
    assert len(hkdf_sha256(salt=b"", input_key=b"key", info=b"", length=255 * 32)) == 8160


def test_the_claim_is_signed_over_the_fields_in_order_with_nothing_between() -> None:
    signature = claim_signature(key=b"key", pool_name="pool", user_id="jürgen", secret_block=b"\0\xff", timestamp="now")
    assert signature == hmac_sha256(b"key", b"pool" + "jürgen".encode() + b"\0\xff" + b"now")


def test_a_lone_surrogate_cannot_be_signed() -> None:
    with pytest.raises(MalformedText):
        claim_signature(key=b"", pool_name="", user_id="\ud83e", secret_block=b"", timestamp="")
    with pytest.raises(MalformedText):
        secret_hash(client_secret="secret", username="\ud83e", client_id="id")
