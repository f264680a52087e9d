"""The words that a check, a record and a report share.

They stand apart from the model so that `list` and `explain` need not import pydantic.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How binding a requirement is, in RFC 2119's words; INFO is recorded and never judged."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    INFO = "INFO"


class Severity(StrEnum):
    """What a breach costs the people who rely on the system, not how likely it is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class Evidence(StrEnum):
    """How the required behaviour is known (docs/fidelity.md defines each grade)."""

    COMPUTED = "computed"
    RFC = "rfc"
    W3C = "w3c"
    AWS_DOC = "aws-doc"
    MEASURED = "measured"
    REPORTED = "reported"
    OWN = "own"
    UNKNOWN = "unknown"


class Subject(StrEnum):
    """What is on trial."""

    ARITHMETIC = "arithmetic"
    POOL = "pool"
    TRIGGERS = "triggers"
    CLIENT = "client"
    TOKENS = "tokens"
    RELYING_PARTY = "relying party"


class Verdict(StrEnum):
    """What became of one check case."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    WARN = "warn"
    INFO = "info"
    NOT_APPLICABLE = "not applicable"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"


class ExitCode:
    """What the process says to the shell."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCONCLUSIVE = 3
    TOO_FEW = 4
    INTERNAL = 5
