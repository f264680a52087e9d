"""Where a code must not be found: OTP-08."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, HIGH, MEDIUM, MUST, RFC, SHOULD, TRIGGERS, check
from harness.findings import Finding
from harness.trigger_flows import must_sign_in
from harness.triggers import CREATE

if TYPE_CHECKING:
    from harness.stage import Tables
    from harness.trigger_flows import CodeFlow
    from harness.triggers import TriggersUnderTest

CODES = 3
"""All of them have to be found. A log of a thousand other numbers of six digits holds all by chance once in 10**9."""


def holds(told: object, code: str) -> bool:
    """Whether the code stands in a value, not as a part of a longer number or word."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, default=str)
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(code)}(?![0-9A-Za-z])", text) is not None


@check(
    "OTP-08",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.code-in-public-parameters": "publicChallengeParameters hold the code"},
)
def test_the_code_goes_to_the_phone_only(codes: CodeFlow) -> None:
    """The code stands in no answer to the client, and so in no public challenge parameter.

    A code that the browser is told proves no phone. Keep it, better its keyed hash, in a table or in the private
    parameters.
    """
    code = codes.ask()
    if any(holds(outcome.answer.json, code.value) for outcome in code.sign_in.outcomes):
        raise Finding("the answer to the client, and so publicChallengeParameters hold the code")
    must_sign_in(codes.answer(code), "the code")


@check(
    "OTP-08d",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger, challengeMetadata",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-events"},
    killed_by={"triggers.codes.code-in-metadata": "challengeMetadata holds the code"},
)
def test_the_session_does_not_learn_the_code(codes: CodeFlow, triggers: TriggersUnderTest) -> None:
    """The code stands in no challengeMetadata.

    The metadata comes back in every later event of the session, and from there gets into logs. Write the method's name
    into it, and keep the code elsewhere.
    """
    code = codes.ask()
    for call in triggers.calls_of(CREATE):
        if holds(call.response.get("challengeMetadata"), code.value):
            raise Finding("challengeMetadata holds the code")
    must_sign_in(codes.answer(code), "the code")


@check(
    "OTP-08b",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 16.2.5",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-logs"},
    killed_by={
        "triggers.codes.logs-the-code": "the logs hold the codes",
        "triggers.verify.logs-the-answer": "the logs hold the codes",
    },
)
def test_the_code_is_not_logged(codes: CodeFlow, triggers: TriggersUnderTest) -> None:
    """The logs hold no code, neither when it is sent nor when it is answered.

    Logs are read by many, at once, and a code in them is still good. Log that a code was sent, and the outcome.
    """
    sent = []
    for _ in range(CODES):
        code = codes.ask()
        must_sign_in(codes.answer(code), "a code")
        sent.append(code.value)
    logs = triggers.logs()
    if all(holds(logs, code) for code in sent):
        raise Finding(f"the logs hold the codes of {CODES} sign-ins")


@check(
    "OTP-08c",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.5.2 (which says so of lookup secrets)",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "store"},
    killed_by={"triggers.codes.stored-in-clear": "the tables hold the codes"},
)
def test_the_code_is_not_stored_in_clear(codes: CodeFlow, store: Tables) -> None:
    """The tables hold no code that is still good, but its hash under a key that is kept elsewhere.

    Who may read a table, or gets hold of a backup, would read the codes of everybody who signs in. A plain hash does
    not help, for a million codes are soon tried: use an HMAC.
    """
    sent = [codes.ask() for _ in range(CODES)]
    rows = [row for name in store.names for row in store.scan(name)]
    if all(any(holds(row, code.value) for row in rows) for code in sent):
        raise Finding(f"the tables hold the codes of {CODES} sign-ins")
    must_sign_in(codes.answer(sent[-1]), "the code")
