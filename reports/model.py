"""The results of a run: a header, one record a check case, and a footer that says it is whole."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from reports.text import plain_json, plain_text
from reports.vocabulary import Evidence, Level, Severity, Subject, Verdict

FORMAT: Final = "cognito-conformance-results"
VERSION: Final = 1

# A hostile answer must not cost the run its results: what a file cannot hold is made plain on the way in.
Text = Annotated[str, BeforeValidator(lambda value: plain_text(value) if isinstance(value, str) else value)]
Json = Annotated[Any, BeforeValidator(plain_json)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]

NaturalKey = tuple[tuple[int, str], ...]
Order = tuple[NaturalKey, NaturalKey, str]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class TargetDescription(_Model):
    """What was tested, without anything secret."""

    kind: Literal["embedded", "endpoint", "live"]
    name: Text
    endpoint: Text | None = Field(description="URL, or null when the target could not be set up")
    fingerprint: Text = Field(description="SHA-256 (hex) over kind, endpoint and what it identified itself with")
    capabilities: list[Text]


class CatalogueEntry(_Model):
    """A check that the tool has, whether this run tried it or not."""

    id: Text
    level: Level
    severity: Severity
    clause: Text
    evidence: Evidence
    subject: Subject
    explanation: Text = Field(description="what goes wrong for a user, and how to mend it; paragraphs")


class Header(_Model):
    """Everything that is known before the first check runs."""

    format: Literal["cognito-conformance-results"] = FORMAT
    version: Literal[1] = VERSION
    tool_version: Text
    started: AwareDatetime
    seed: int
    configuration_digest: Text = Field(description="SHA-256 (hex) of the resolved configuration, secrets left out")
    gate_level: Level
    floor: int
    selection: list[Text] = Field(description="check ids or prefixes asked for; empty means all")
    target: TargetDescription
    versions: dict[Text, Text] = Field(default_factory=dict, description="of Python and the libraries that matter")
    catalogue: list[CatalogueEntry] = Field(default_factory=list, description="every check of this version")


class Exchange(_Model):
    """One request and its answer, redacted when it was recorded."""

    operation: Text
    method: Text
    url: Text
    request: Json
    status: int | None = Field(description="HTTP status, or null when no answer came")
    response: Json
    started: AwareDatetime
    seconds: Seconds


def _natural(text: str) -> NaturalKey:
    """Runs of digits compare by value, that is by length and then by digits; text compares as text."""
    return tuple(
        (len(part), part) if index % 2 else (0, part) for index, part in enumerate(re.split(r"0*([0-9]+)", text))
    )


class WaiverReference(_Model):
    """The waiver that a record was waived by."""

    check: Text
    reason: Text
    owner: Text
    expires: Text


class Record(_Model):
    """One check case and its verdict."""

    check: Text = Field(description="the check's stable id, e.g. SRP-04")
    case: Text = Field(default="", description="the name of the parametrised case, or empty")
    verdict: Verdict
    level: Level
    severity: Severity
    clause: Text
    evidence: Evidence
    subject: Subject
    summary: Text = Field(description="the first paragraph of the check's docstring")
    message: Text = Field(default="", description="the finding, or why there is no verdict")
    missing_need: Text | None = None
    observations: dict[Text, Text] = Field(default_factory=dict, description="what was recorded and not judged")
    model_violations: list[Text] = Field(
        default_factory=list, description="answers of the target that the AWS service model does not allow"
    )
    transcript: list[Exchange] = Field(default_factory=list)
    started: AwareDatetime
    seconds: Seconds
    reproduce: Text = Field(default="", description="a command that runs just this case again")
    internal_error: bool = Field(default=False, description="true when the harness itself is at fault")
    waiver: WaiverReference | None = None
    waived_from: Verdict | None = Field(default=None, description="the verdict that the waiver covers")

    @property
    def id(self) -> str:
        """The case's own id: `SRP-04[N]`, or `SRP-01` for a check of one case."""
        return f"{self.check}[{self.case}]" if self.case else self.check

    @property
    def order(self) -> Order:
        """Sorts records by check, then case, numbers by size: SRP-9 before SRP-10."""
        return _natural(self.check), _natural(self.case), self.id

    @property
    def family(self) -> str:
        """The checks it belongs to, as the catalogue groups them: SRP of SRP-04, TRG-D of TRG-D-10."""
        return self.check.rpartition("-")[0] or self.check

    @model_validator(mode="after")
    def _a_waived_record_names_its_waiver(self) -> Self:
        covers_finding = self.waived_from in {Verdict.FAIL, Verdict.WARN} and self.waiver is not None
        covers_nothing = self.waived_from is None and self.waiver is None
        if not (covers_finding if self.verdict is Verdict.WAIVED else covers_nothing):
            raise ValueError(
                "a waived record has waiver and waived_from (fail or warn), and no other record has either"
            )
        return self


class RunFinding(_Model):
    """A finding that belongs to the run and to no single check: a stale waiver, a leaked canary."""

    kind: Literal["waiver", "leak", "floor", "target", "internal"]
    message: Text


class Footer(_Model):
    """What makes a results file whole; without it every reader refuses the file."""

    finished: AwareDatetime
    seconds: Seconds
    counts: dict[Verdict, Count] = Field(description="records by verdict, each verdict named")
    total: Count
    findings: list[RunFinding]
    exit_code: Annotated[int, Field(ge=0, le=5)]
    reason: Text = Field(description="why the exit code is what it is, in words")
    interrupted: bool = False
    records_digest: Text = Field(description="SHA-256 (hex) of the records as canonical JSON")


class Results(_Model):
    """A whole results file."""

    header: Header
    records: list[Record]
    footer: Footer
