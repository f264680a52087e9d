"""The groups: a slip in one digit would leave neither a prime nor a generator."""

from __future__ import annotations

import gmpy2
import pytest

from protocol.groups import COGNITO_GROUP, GROUPS, RFC5054_GROUPS, Group


@pytest.mark.parametrize("group", GROUPS.values(), ids=list(GROUPS))
def test_the_prime_is_a_safe_prime_of_its_length(group: Group) -> None:
    assert group.prime.bit_length() == group.bits
    assert gmpy2.is_prime(group.prime, 1)
    assert gmpy2.is_prime(group.prime // 2, 1)


@pytest.mark.parametrize("group", RFC5054_GROUPS, ids=lambda group: str(group.bits))
def test_rfc_5054s_generator_generates_the_whole_group(group: Group) -> None:
    assert gmpy2.legendre(group.generator, group.prime) == -1


def test_cognitos_group_is_rfc_5054s_of_3072_bits_with_another_generator() -> None:
    of_rfc5054 = GROUPS["RFC 5054 3072-bit"]
    assert COGNITO_GROUP.prime == of_rfc5054.prime
    assert (COGNITO_GROUP.generator, of_rfc5054.generator) == (2, 5)
    assert COGNITO_GROUP.width == 384
