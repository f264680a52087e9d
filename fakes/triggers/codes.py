"""Step-up by a code in a text message, for who can show an access token of an earlier sign-in."""

from __future__ import annotations

import hmac
import json
import random
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.access_tokens import AccessTokens
from fakes.triggers.addresses import is_confirmed, phone_number
from fakes.triggers.code_store import ANY_SESSION, SLOWLY, CodeStore, Guess
from fakes.triggers.configuration import Configuration
from fakes.triggers.events import SignInEvent
from fakes.triggers.link_sending import QUICKER
from fakes.triggers.links import IGNORES_USER_NOT_FOUND
from fakes.triggers.pacing import Pace
from fakes.triggers.phone_masks import NUMBER_IS_TOLD_MISSING, PhoneMasks
from fakes.triggers.pseudonyms import Pseudonyms
from fakes.triggers.refusals import SignInRefused
from fakes.triggers.services import Services
from fakes.triggers.throttle import Throttle

NO_NINES = declare_fault("triggers.codes.digits-zero-to-eight", "the digits of a code go from 0 to 8")
HALF_BYTES = declare_fault(
    "triggers.codes.digits-from-half-bytes",
    "a digit is four random bits modulo 10: 0 to 5 come twice as often as 6 to 9",
)
FROM_THE_CLOCK = declare_fault(
    "triggers.codes.from-the-clock",
    "codes come from random.Random(the second): all that are made in the same second are the same",
)
FOUR_DIGITS = declare_fault("triggers.codes.four-digits", "a code has four digits")
AS_NUMBERS = declare_fault(
    "triggers.codes.compared-as-numbers",
    "code and answer are compared as int(): leading zeros may be left out or added, a JSON number or a list of one is "
    "taken, and so are digits of other scripts",
)
FOLDS = declare_fault(
    "triggers.codes.takes-full-width-digits",
    "the answer is brought to NFKC before it is compared: full-width digits pass",
)
ANY_CODE = declare_fault("triggers.codes.any-code", "every code of six digits is right, for who shows a good token")
LOGS_CODE = declare_fault("triggers.codes.logs-the-code", "the code is logged as it is sent")
SENDS_AGAIN = declare_fault(
    "triggers.codes.texts-on-every-try",
    "the same event again, as Cognito sends it when an answer is late, sends a second text message",
)

DIGITS = 6
"""ASVS 6.5.4: at least 20 bits, or six random digits."""


@dataclass(frozen=True)
class Sent:
    """What the challenge shows, and (for faults only) the code that was sent."""

    masked: str
    code: str = ""


class StepUpCodes:
    """Sends and verifies codes."""

    def __init__(
        self,
        services: Services,
        configuration: Configuration,
        pseudonyms: Pseudonyms,
        throttle: Throttle,
        now: Callable[[], datetime],
        faults: FaultSwitches,
        log: Callable[[str], None],
    ) -> None:
        self._texts = services.texts
        self._configuration = configuration
        self._pseudonyms = pseudonyms
        self._throttle = throttle
        self._now = now
        self._faults = faults
        self._log = log
        self._masks = PhoneMasks(pseudonyms, faults)
        self._store = CodeStore(services.table(configuration.table), configuration, now, faults)
        self._tokens = AccessTokens(services.user_pools, now, faults)
        self._pace = Pace()

    def ask(self, event: SignInEvent, session_id: str, *, again: bool) -> Sent:
        """Send a code, unless the session has one, there is no number, or it is too soon; nothing tells which."""
        began = self._pace.start()
        number = phone_number(event, self._faults)
        sent = Sent(self._masks.masked(event, number))
        if again:
            return sent
        if number is None and not event.user_not_found and self._faults.on(NUMBER_IS_TOLD_MISSING):
            raise SignInRefused("This user has no verified phone number.")
        account, session = self._pseudonyms.account(event), self._pseudonyms.of("session", session_id)
        if number is not None and self._may_send(account, number):
            sent = Sent(sent.masked, self._send(account, session, session_id, number))
            self._pace.delivered(began)
        elif not (event.user_not_found and self._faults.on(QUICKER)):
            self._pace.wait(began)
        return sent

    def verify(self, event: SignInEvent) -> bool:
        """Whether the answer is this session's code in time, with a good access token of the same user."""
        answer = _read(event.answer)
        if answer is None or (event.user_not_found and not self._faults.on(IGNORES_USER_NOT_FOUND)):
            return False
        given, token = answer.get("secretCode"), answer.get("jwt")
        if not isinstance(token, str) or not is_confirmed(event, self._faults):
            return False
        if not self._is_a_code(given) or not self._tokens.is_good(token, event):
            return False
        began = self._now().timestamp()
        account, session = self._pseudonyms.account(event), self._pseudonyms.of("session", event.session_id)
        guess = self._store.guess(account, session)
        if guess is None or began >= guess.good_until or not self._is_right(given, event.session_id, guess):
            return False
        return self._store.use(guess, account, int(began * 1000))

    def _may_send(self, account: str, number: str) -> bool:
        configuration = self._configuration
        if self._faults.on(SENDS_AGAIN):
            return True
        return self._throttle.claim_code(account, configuration.seconds_between_codes) and self._throttle.may_text(
            self._pseudonyms.of("number", number), configuration.codes_per_number_and_hour
        )

    def _send(self, account: str, session: str, session_id: str, number: str) -> str:
        code = self._fresh_code()
        try:
            kept = self._store.keep(account, session, self._hash(session_id, code), code)
            if kept or self._faults.on(SENDS_AGAIN):
                self._texts.send(number, f"Your code is {code}. Tell it to nobody.")
        except Exception:
            self._store.forget(account, session)
            self._throttle.release_code(account)  # Cognito tries again, and that try shall send
            raise
        self._log(f"a code was sent{f': {code}' if self._faults.on(LOGS_CODE) else ''}")
        return code

    def _fresh_code(self) -> str:
        faults = self._faults
        digits = 4 if faults.on(FOUR_DIGITS) else DIGITS
        if faults.on(NO_NINES):
            return "".join(str(secrets.randbelow(9)) for _ in range(digits))
        if faults.on(HALF_BYTES):
            return "".join(str(secrets.randbits(4) % 10) for _ in range(digits))
        if faults.on(FROM_THE_CLOCK):
            return f"{random.Random(int(self._now().timestamp())).randrange(10**digits):0{digits}}"  # noqa: S311 - that is the fault
        return f"{secrets.randbelow(10**digits):0{digits}}"

    def _is_a_code(self, given: object) -> bool:
        """A text of six digits, the ASCII ones; the faults take more."""
        if self._faults.on(AS_NUMBERS) or self._faults.on(FOLDS):
            return _number(given) is not None
        digits = 4 if self._faults.on(FOUR_DIGITS) else DIGITS
        return isinstance(given, str) and len(given) == digits and given.isascii() and given.isdigit()

    def _is_right(self, given: Any, session_id: str, guess: Guess) -> bool:
        faults = self._faults
        if faults.on(ANY_CODE):
            return True
        if faults.on(AS_NUMBERS):
            given = f"{_number(given):0{DIGITS}}"
        if faults.on(FOLDS):
            given = unicodedata.normalize("NFKC", given) if isinstance(given, str) else ""
        if faults.on(SLOWLY):
            return self._fits_slowly(given, guess.code)
        return self._fits(given, session_id, guess)

    def _fits(self, given: str, session_id: str, guess: Guess) -> bool:
        return hmac.compare_digest(self._hash(session_id, given), guess.code_hash)

    def _fits_slowly(self, given: str, code: str) -> bool:
        for digit, right in zip(given, code, strict=False):
            time.sleep(0.015)
            if digit != right:
                return False
        return len(given) == len(code)

    def _hash(self, session_id: str, code: str) -> str:
        """A code has 20 bits: without the key its hash would be found by trying all."""
        return self._pseudonyms.of("code", "" if self._faults.on(ANY_SESSION) else session_id, code)


def _read(answer: object) -> dict[str, Any] | None:
    """The answer, which is JSON: `{"secretCode", "jwt"}`."""
    try:
        content = json.loads(answer) if isinstance(answer, str) and len(answer) < 20_000 else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _number(given: object) -> int | None:
    """What int() makes of it, as careless programs have it."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    try:
        return int(given) if isinstance(given, str | int) else None
    except ValueError:
        return None
