"""Time-based one-time passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from protocol.errors import SecondFactorError
from protocol.totp import totp, verify_totp

SECRET = b"12345678901234567890"
MOMENT = datetime.fromtimestamp(1111111109, UTC)
STEP = timedelta(seconds=30)


def test_a_code_keeps_its_leading_zero() -> None:
    assert totp(SECRET, MOMENT) == "081804"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_step_beside_is_accepted(steps: int) -> None:
    assert verify_totp(SECRET, totp(SECRET, MOMENT + steps * STEP), MOMENT)


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_two_steps_off_is_refused(steps: int) -> None:
    assert not verify_totp(SECRET, totp(SECRET, MOMENT + steps * STEP), MOMENT)


def test_without_a_window_only_the_steps_own_code_is_accepted() -> None:
    assert verify_totp(SECRET, totp(SECRET, MOMENT), MOMENT, window=0)
    assert not verify_totp(SECRET, totp(SECRET, MOMENT + STEP), MOMENT, window=0)


@pytest.mark.parametrize("code", ["", "81804", "0818040", "000000", "０81804", "\ud800", "081804\n"])
def test_any_other_text_is_refused(code: str) -> None:
    assert not verify_totp(SECRET, code, MOMENT)


def test_the_first_step_of_1970_has_no_step_before() -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    assert verify_totp(SECRET, totp(SECRET, first), first)


def test_what_is_not_defined_is_refused() -> None:
    with pytest.raises(SecondFactorError, match="zone"):
        totp(SECRET, datetime(2026, 1, 1))
    with pytest.raises(SecondFactorError, match="1970"):
        totp(SECRET, datetime(1969, 12, 31, tzinfo=UTC))
    with pytest.raises(SecondFactorError, match="md5"):
        totp(SECRET, MOMENT, hash_name="md5")
    with pytest.raises(SecondFactorError):
        totp(SECRET, MOMENT, digits=5)
