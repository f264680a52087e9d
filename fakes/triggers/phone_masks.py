"""What a challenge shows of a phone number: two digits, and as many of nobody's."""

from __future__ import annotations

import unicodedata

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent
from fakes.triggers.pseudonyms import Pseudonyms

UNMASKED = declare_fault("triggers.codes.phone-unmasked", "the challenge shows the whole phone number")
FOUR_OF_ANY = declare_fault(
    "triggers.codes.mask-by-length",
    "the mask has a star for each digit but the last five, which it shows, of short numbers too",
)
FROM_THE_NAME = declare_fault(
    "triggers.codes.mask-from-the-name",
    "the mask of an unknown user ends in the last two digits of the sum of the name's bytes: anybody can compute it",
)
NUMBER_IS_TOLD_MISSING = declare_fault(
    "triggers.codes.tells-users-without-a-number",
    "for a known user without a verified number the request is refused in words, which an unknown user never sees",
)
NO_MASK_FOR_NOBODY = declare_fault(
    "triggers.codes.no-mask-without-a-number",
    "phoneNumber is an empty text for unknown users and for those without one",
)

_SHOWN = 2
_HIDDEN = "+********"
"""The same for every number, so that not even its length is told."""


class PhoneMasks:
    """Masks. Who has no number has a mask too, always the same, made of their pseudonym."""

    def __init__(self, pseudonyms: Pseudonyms, faults: FaultSwitches) -> None:
        self._pseudonyms = pseudonyms
        self._faults = faults

    def masked(self, event: SignInEvent, number: str | None) -> str:
        """What may be shown."""
        if number is None:
            return self._of_nobody(event)
        if self._faults.on(UNMASKED):
            return number
        if self._faults.on(FOUR_OF_ANY):
            return "+" + "*" * max(0, len(number) - 6) + number[-5:]
        return _HIDDEN + number[-_SHOWN:]

    def _of_nobody(self, event: SignInEvent) -> str:
        if self._faults.on(NO_MASK_FOR_NOBODY):
            return ""
        if self._faults.on(FROM_THE_NAME):
            return f"{_HIDDEN}{sum(unicodedata.normalize('NFC', event.user_name).encode()) % 100:02}"
        made = int(self._pseudonyms.of("mask", self._pseudonyms.account(event))[:8], 16) % 10**_SHOWN
        return f"{_HIDDEN}{made:0{_SHOWN}}"
