"""Cognito's second try.

A trigger that did not answer within five seconds is called with the same event again, three times in all. What
the first try used up was then used up by nobody: the second must find it as though unused. A redemption in
parallel looks the same but for one thing: it comes at once.
"""

from __future__ import annotations

EARLIEST_MS = 3_000
"""Cognito's five seconds, less a cold start that the function did not see."""

LATEST_MS = 20_000
"""Three times five seconds, and some leeway."""


def is_a_retry(first_began_ms: int, began_ms: int) -> bool:
    """Whether an event that came before has come again because its answer was too late."""
    return EARLIEST_MS <= began_ms - first_began_ms <= LATEST_MS
