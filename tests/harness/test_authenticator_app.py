"""The TOTP app of a test user, where the target's clock is its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.second_factors import AuthenticatorApp
from protocol.totp import totp

SECRET = b"12345678901234567890"


class _Time:
    def __init__(self, second: int) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, second, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.mark.parametrize("second", [0, 10, 19, 21, 25, 29])
def test_no_code_is_shown_twice_and_none_is_two_steps_old_when_it_arrives(
    second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_ = _Time(second)
    monkeypatch.setattr("harness.second_factors.time", time_)
    app = AuthenticatorApp(SECRET, now=lambda: time_.now, advance=None)
    shown = []
    for _ in range(6):
        shown.append(app.fresh_code())
        arrives = time_.now + timedelta(seconds=9)
        assert shown[-1] in {totp(SECRET, arrives + timedelta(seconds=30 * step)) for step in (-1, 0, 1)}
    assert len(set(shown)) == 6
