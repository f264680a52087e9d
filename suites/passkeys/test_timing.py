"""How long a refusal takes: WA-AUT-25b."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from harness.check import LOW, SHOULD, TRIGGERS, W3C, check
from harness.fido2_flow import PLAIN
from harness.findings import Finding
from harness.timing import Compared
from harness.webauthn_cases.cases import signature

if TYPE_CHECKING:
    from fakes.authenticator.credential import Credential
    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow, Holder
    from harness.fixtures import Observe
    from harness.webauthn_cases.edits import Edits

SERIES, ROUNDS = 3, 8
SMALLEST_DIFFERENCE = 0.004
"""Seconds, of one call of VerifyAuthChallengeResponse."""

_USUAL = "a wrong signature"
Attempt = tuple["Holder", "Credential", "Edits"]


@check(
    "WA-AUT-25b",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 14.6.2; ASVS 5.0 6.3.8",
    evidence=W3C,
    subject=TRIGGERS,
    needs={"custom-auth", "fido2", "credential-api", "in-process"},
    killed_by={"triggers.passkeys.takes-its-time-with-what-it-knows": "an unknown user is refused in another time"},
)
def test_refusals_take_as_long(fido2: Fido2Flow, fido2_court: Fido2Court, observe: Observe) -> None:
    """A wrong signature, an unknown credential and an unknown user are refused in the same time.

    Looking a credential up and verifying a signature take time that can be measured, and tell who has an account and
    which credential is theirs. Do the same work for what is not there, with a key that nobody has. (Only a gross
    difference can be seen from outside; the figures are recorded for reviewers.)
    """
    registered = fido2_court.registered()
    fido2_court.twin_must_sign_in(registered)
    stranger = replace(
        registered.holder, user=replace(registered.holder.user, username=fido2.pool.names.username()), template=None
    )
    attempts: dict[str, Attempt] = {
        _USUAL: (registered.holder, registered.credential, signature(lambda made: made[:-1] + bytes([made[-1] ^ 1]))),
        "an unknown credential": (registered.holder, replace(registered.credential, id=bytes(32)), ()),
        "an unknown user": (stranger, registered.credential, ()),
    }
    for attempt in attempts.values():
        _seconds(fido2, attempt)  # connections, caches, code that is loaded at first use
    for _ in range(SERIES):
        apart = _told_apart(fido2, attempts, observe)
        if not apart:
            break
    fido2_court.twin_must_sign_in(registered)
    if apart:
        raise Finding("; ".join(apart))


def _told_apart(fido2: Fido2Flow, attempts: dict[str, Attempt], observe: Observe) -> list[str]:
    """What takes another time than a wrong signature, in one series of rounds in changing order."""
    seconds: dict[str, list[float]] = {what: [] for what in attempts}
    for number in range(ROUNDS):
        for what in list(attempts) if number % 2 else reversed(attempts):
            seconds[what].append(_seconds(fido2, attempts[what]))
    found = []
    for what in attempts:
        if what == _USUAL:
            continue
        compared = Compared.of(seconds[_USUAL], seconds[what])
        observe(f"{_USUAL} less {what}", compared.described())
        if compared.is_told_apart(SMALLEST_DIFFERENCE):
            found.append(f"{what} is refused in another time than {_USUAL}: sooner by {compared.described()}")
    return found


def _seconds(fido2: Fido2Flow, attempt: Attempt) -> float:
    """How long VerifyAuthChallengeResponse takes to refuse it."""
    holder, credential, edits = attempt
    asked = fido2.ask(holder)
    event = fido2.verify_event(
        asked, fido2.spoken.answer(fido2.response(asked.options, credential, PLAIN, edits)).answer, holder
    )
    began = perf_counter()
    call = fido2.triggers.invoke("verify_auth_challenge_response", event)
    took = perf_counter() - began
    if call.failed is None and call.response.get("answerCorrect"):
        raise Finding("an answer was right that proves nothing")
    return took
