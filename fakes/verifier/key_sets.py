"""Fetching an issuer's keys: once, again for a key id that is not there, and then not for a while."""

from __future__ import annotations

from typing import Any

import urllib3

from fakes.faults import declare_fault
from fakes.verifier.refusal import On, Refused

FETCHES_FOR_EVERY_UNKNOWN_KID = declare_fault(
    "verifier.fetches-for-every-unknown-kid", "each unknown kid makes it fetch the keys again"
)
NEVER_FETCHES_AGAIN = declare_fault("verifier.never-fetches-again", "keys are fetched once and for all")
FORGETS_THE_OTHER_KEYS = declare_fault(
    "verifier.forgets-the-other-keys", "after fetching again only the newest key is known"
)
KEEPS_REMOVED_KEYS = declare_fault("verifier.keeps-removed-keys", "keys that the issuer no longer publishes stay known")

WAIT_SECONDS = 10
_SECONDS_TO_FETCH = 3


class KeySets:
    """The keys of each address that was fetched. Times are seconds since the epoch."""

    def __init__(self, on: On) -> None:
        self._on = on
        self._known: dict[str, list[Any]] = {}
        self._not_before: dict[str, float] = {}

    def jwks(self, uri: str, key_id: object, now: float) -> dict[str, Any]:
        """The keys at this address, fetched if they have to be. Raises Refused when they cannot be had."""
        if uri not in self._known:
            self._known[uri] = fetch(uri)
        elif not self._knows(uri, key_id) and self._may_fetch(uri, now):
            self._renew(uri)
            if not self._knows(uri, key_id):
                self._not_before[uri] = now + WAIT_SECONDS
        return {"keys": self._known[uri]}

    def _knows(self, uri: str, key_id: object) -> bool:
        return any(isinstance(key, dict) and key.get("kid") == key_id for key in self._known[uri])

    def _may_fetch(self, uri: str, now: float) -> bool:
        if self._on(NEVER_FETCHES_AGAIN):
            return False
        return now >= self._not_before.get(uri, now) or self._on(FETCHES_FOR_EVERY_UNKNOWN_KID)

    def _renew(self, uri: str) -> None:
        fetched = fetch(uri)
        if self._on(FORGETS_THE_OTHER_KEYS):
            fetched = fetched[-1:]
        if self._on(KEEPS_REMOVED_KEYS):
            fetched = self._known[uri] + fetched
        self._known[uri] = fetched


def fetch(uri: str) -> list[Any]:
    """The keys that are published at this address. Raises Refused when there are none."""
    try:
        return list(urllib3.request("GET", uri, timeout=_SECONDS_TO_FETCH, retries=False).json()["keys"])
    except (urllib3.exceptions.HTTPError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"the issuer's keys cannot be had: {error}") from None
