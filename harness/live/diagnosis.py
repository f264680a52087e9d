"""What the doctor found: line by line whether it is there, what it costs in checks when it is not, and the remedy."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reports.vocabulary import ExitCode

Status = Literal["ok", "missing", "not tried"]
_INDENT = " " * 11
_WIDTH = 140


@dataclass(frozen=True)
class Line:
    """One thing that a run needs."""

    status: Status
    subject: str
    """`endpoint`, `clock`, `cognito-idp:AdminCreateUser`."""
    detail: str = ""
    remedy: str = ""
    """What to do; empty where there is nothing to do."""
    lost: frozenset[str] = frozenset()
    """The ids of the checks that are not applicable, or cannot be decided, without it."""
    code: int = ExitCode.CLEAN
    """The exit code that it asks for, beside the one that lost checks do: USAGE, or INCONCLUSIVE for no answer."""


@dataclass(frozen=True)
class Diagnosis:
    """All lines, and what they are about."""

    user_pool_id: str
    region: str
    checks: int
    """How many checks the configuration lets a run decide, if everything is there."""
    selected: int
    lines: tuple[Line, ...]
    would_add: Mapping[str, int] = field(default_factory=dict)
    """How many more checks a run could decide with a setting that the configuration has not, by that setting."""

    @property
    def lost(self) -> frozenset[str]:
        """The checks that all that is missing costs together."""
        return frozenset().union(*(line.lost for line in self.lines))

    @property
    def exit_code(self) -> int:
        """0 everything there, 1 something missing that costs checks, 2 wrong configuration, 3 unreachable."""
        of_checks = ExitCode.FINDINGS if self.lost else ExitCode.CLEAN
        return max(of_checks, *(line.code for line in self.lines))

    def as_dict(self) -> dict[str, Any]:
        """The diagnosis as `--format json` prints it."""
        return {
            "user_pool_id": self.user_pool_id,
            "region": self.region,
            "selected": self.selected,
            "checks": self.checks,
            "would_add": dict(self.would_add),
            "costs": len(self.lost),
            "lost": sorted(self.lost),
            "exit_code": self.exit_code,
            "lines": [
                {
                    "status": line.status,
                    "subject": line.subject,
                    "detail": line.detail,
                    "costs": len(line.lost),
                    "remedy": line.remedy,
                }
                for line in self.lines
            ],
        }


def render_diagnosis(diagnosis: Diagnosis) -> str:
    """The diagnosis for a reader."""
    lines = [
        f"{diagnosis.user_pool_id} in {diagnosis.region}: as it is configured, a run decides at most "
        f"{diagnosis.checks} of {diagnosis.selected} checks",
        *(f"{_INDENT}{setting} would add {count}" for setting, count in diagnosis.would_add.items()),
    ]
    width = max((len(line.subject) for line in diagnosis.lines), default=0) + 2
    for line in diagnosis.lines:
        detail = _cost(line, diagnosis.checks) + line.detail
        lines += _wrapped(f"{line.status:<11}{line.subject:<{width}}", detail)
        lines += _wrapped(_INDENT, line.remedy)
    lines.append(_summary(diagnosis))
    return "\n".join(lines)


def _wrapped(head: str, text: str) -> list[str]:
    """Text behind its head, and what does not fit below it; where there is no text, the head if it says anything."""
    if not text:
        return [head.rstrip()] if head.strip() else []
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cost(line: Line, checks: int) -> str:
    if not line.lost:
        return ""
    if line.code != ExitCode.CLEAN and len(line.lost) == checks:
        return "a run would decide nothing: "
    return f"without it {len(line.lost)} of {checks} checks are not applicable{'; ' if line.detail else ''}"


def _summary(diagnosis: Diagnosis) -> str:
    counts: Mapping[Status, int] = {
        status: sum(line.status == status for line in diagnosis.lines) for status in ("ok", "missing", "not tried")
    }
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    if not diagnosis.lost:
        return told
    return f"{told}; what is missing costs {len(diagnosis.lost)} of {diagnosis.checks} checks"
