from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.fixed_base import EXPONENT_BITS, FixedBase
from protocol.groups import COGNITO_GROUP

PRIME = COGNITO_GROUP.prime
TABLE = FixedBase(3**500, PRIME)
EXPONENTS = st.integers(0, 2**EXPONENT_BITS - 1) | st.sampled_from([0, 1, 15, 16, 2**255, 2**EXPONENT_BITS - 1])


@given(exponent=EXPONENTS)
def test_a_power_out_of_the_table_is_the_power(exponent: int) -> None:
    assert TABLE.power(exponent) == pow(3**500, exponent, PRIME)


@given(exponent=EXPONENTS | st.integers(2**EXPONENT_BITS, 2**600))
def test_a_power_of_the_generator_is_the_same_with_the_table_and_beyond_it(exponent: int) -> None:
    assert COGNITO_GROUP.power_of_generator(exponent) == pow(COGNITO_GROUP.generator, exponent, PRIME)


@pytest.mark.parametrize("exponent", [-1, 2**EXPONENT_BITS])
def test_an_exponent_that_the_table_does_not_hold_is_refused(exponent: int) -> None:
    with pytest.raises(ValueError, match="256 bits"):
        TABLE.power(exponent)
