"""What counts as the same code: OTP-13 and OTP-14."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.check import HIGH, LOW, MUST, RFC, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import must_not_sign_in
from suites.codes.steps import must_still_sign_in

if TYPE_CHECKING:
    from harness.trigger_flows import Code, CodeFlow

Written = Callable[[str], Any]

NOT_THE_CODE: dict[str, tuple[tuple[str, Written], tuple[str, Written]]] = {
    "numbers": (("the code as a number", int), ("the code and a decimal", lambda code: f"{code}.0")),
    "lists": (("a list of the code", lambda code: [code]), ("a list of it as a number", lambda code: [int(code)])),
    "zeros": (("the code after one more zero", lambda code: f"0{code}"), ("true", lambda code: True)),
    "objects": (("an operator of a query", lambda code: {"$ne": ""}), ("an empty object", lambda code: {})),
}
"""Two a sign-in, so that the third answer can be the right one."""

OTHER_DIGITS: dict[str, int] = {"full-width": 0xFF10, "Arabic-Indic": 0x0660}
"""Their zeros: U+FF10 and U+0660."""


@check(
    "OTP-13",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 2.2.1 and 6.5.4",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.compared-as-numbers": "tokens were issued for the code as"},
)
@cases("written", NOT_THE_CODE)
def test_the_code_is_compared_as_text(codes: CodeFlow, written: tuple[tuple[str, Written], ...]) -> None:
    """Only the code itself is right: a text, with its leading zeros, no number, no list, no object.

    What is compared as a number forgets zeros, so that 012345 and 12345 are one, and what JavaScript compares loosely
    takes a list. A client that drops a zero is then let in by one function and refused by the next. Demand a text of
    six digits, then compare.
    """
    code = codes.ask()
    refused = code.sign_in.outcome
    for name, write in written:
        value = write(code.value)
        if _said(codes, code, value) == _said(codes, code, code.value):
            continue  # where every answer is a text, a number is written like the code
        refused = codes.answer(code, value=value)
        must_not_sign_in(refused, name)
    assert refused is not None
    must_still_sign_in(codes, code, refused)


def _said(codes: CodeFlow, code: Code, value: object) -> str:
    return codes.spoken.answer(value, code.access_token).answer


@check(
    "OTP-14",
    level=SHOULD,
    severity=LOW,
    clause="Unicode Standard Annex 15 (compatibility equivalence); ASVS 5.0 2.2.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.takes-full-width-digits": "the code in full-width digits"},
)
@cases("zero", OTHER_DIGITS)
def test_digits_are_ascii(codes: CodeFlow, zero: int) -> None:
    """A code written in full-width or Arabic-Indic digits is not taken for the same.

    Libraries differ in which digits they read, and whether they fold them. Where one function folds and another
    counts or compares without, limits are passed. Take the ten of ASCII; let the client's keyboard ask for them.
    """
    code = codes.ask()
    folded = "".join(chr(zero + int(digit)) if digit.isascii() and digit.isdigit() else digit for digit in code.value)
    script = next(name for name, first in OTHER_DIGITS.items() if first == zero)
    refused = codes.answer(code, value=folded)
    must_not_sign_in(refused, f"the code in {script} digits")
    must_still_sign_in(codes, code, refused)
