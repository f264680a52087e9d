"""The catalogue as a page of Markdown, made from the checks themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.check import Check
from harness.needs import NEEDS
from reports.flows import flow_name

_INTRODUCTION = """\
# The catalogue

Made from the checks by `make docs`; do not edit it. {checks} checks, {faults} faults that they catch.

Each check says what it requires, how binding that is (MUST fails a run, SHOULD is a warning, INFO is recorded), how
grave a breach would be, what is on trial, the clause that requires it, and [how that is known](fidelity.md).
`cognito-conformance explain ID` says why, and how to mend a breach. What a check *catches* are faults of the stand-ins
that it is proven to fail under (`cognito-conformance prove`). Without what it *needs* it is not applicable; the
[needs](#needs) are explained at the end.
"""


def render_catalogue(checks: Sequence[Check]) -> str:
    """The page: a section a flow, a heading a check, in the order of ids."""
    faults = {fault for check in checks for fault in check.killed_by}
    parts = [_INTRODUCTION.format(checks=len(checks), faults=len(faults))]
    for family, group in groupby(sorted(checks, key=_order), key=_family):
        parts.append(f"## {_text(flow_name(family))}\n")
        parts += ["\n".join(_check(check)) + "\n" for check in group]
    needed = sorted({need for check in checks for need in check.needs})
    parts.append("## Needs\n")
    parts.append("\n".join(f"- `{need}`: the target {_text(NEEDS[need])}" for need in needed) + "\n")
    return "\n".join(parts)


def _check(check: Check) -> Iterator[str]:
    yield f"### {check.id}\n"
    yield f"{_text(check.summary)}\n"
    yield f"- {check.level.value}, {check.severity.value}; on trial: {check.subject.value}"
    yield f"- clause: {_text(check.clause)} (evidence: {check.evidence.value})"
    if check.needs:
        yield f"- needs: {', '.join(f'`{need}`' for need in sorted(check.needs))}"
    yield f"- catches: {', '.join(f'`{fault}`' for fault in sorted(check.killed_by)) or 'nothing: it records'}"


def _family(check: Check) -> str:
    return check.id.rpartition("-")[0]


def _order(check: Check) -> tuple[str, str]:
    return _family(check), check.id


def _text(text: str) -> str:
    """Plain words as Markdown that shows just them."""
    return re.sub(r"([\\*\[\]<>|]|\b_|_\b)", r"\\\1", " ".join(text.split()))
