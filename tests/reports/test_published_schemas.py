from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from jsonschema import Draft7Validator

from reports.junit import render_junit
from reports.model import Record, Results, RunFinding
from reports.sarif import render_sarif
from reports.vocabulary import Verdict
from tests.reports.published import JUNIT_SCHEMA, SARIF_SCHEMA, published
from tests.reports.samples import HOSTILE, a_record, an_exchange, any_records, whole_runs, written

SKIPPED_IN_RELEASE_4 = '<xs:element name="skipped" type="xs:string"/>'
SKIPPED_IN_RELEASE_10 = """
    <xs:element name="skipped">
        <xs:complexType mixed="true">
            <xs:attribute name="type" type="xs:string" use="optional"/>
            <xs:attribute name="message" type="xs:string" use="optional"/>
        </xs:complexType>
    </xs:element>
"""


@pytest.fixture(scope="module")
def sarif_schema() -> Draft7Validator:
    """The published schema, whose declared draft (04) is read as 07: the two differ in no word that it uses."""
    schema: dict[str, Any] = json.loads(published(SARIF_SCHEMA).read_text(encoding="utf-8"))
    return Draft7Validator({**schema, "$schema": Draft7Validator.META_SCHEMA["$schema"]})


@pytest.fixture(scope="module")
def junit_schema() -> xmlschema.XMLSchema:
    """The published schema, with the reason of a skip where Jenkins reads it: in attributes, as in release 10.

    The package holds release 4, which knows the reason as text only. Nothing else of it is changed.
    """
    schema = published(JUNIT_SCHEMA).read_text(encoding="utf-8")
    assert schema.count(SKIPPED_IN_RELEASE_4) == 1
    return xmlschema.XMLSchema(schema.replace(SKIPPED_IN_RELEASE_4, SKIPPED_IN_RELEASE_10))


def a_run(directory: Path, records: list[Record]) -> Results:
    finding = RunFinding(kind="waiver", message="it expired")
    return written(directory, records, findings=[finding], exit_code=1, reason="fail: 1")


@whole_runs
@given(records=any_records)
def test_sarif_is_valid_whatever_a_run_holds(sarif_schema: Draft7Validator, records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        results = a_run(Path(directory), records)
    for findings_only in (False, True):
        sarif_schema.validate(json.loads(render_sarif(results, findings_only=findings_only)))


@whole_runs
@given(records=any_records)
def test_junit_is_valid_whatever_a_run_holds(junit_schema: xmlschema.XMLSchema, records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        junit_schema.validate(render_junit(a_run(Path(directory), records)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_both_are_valid_for_hostile_text(
    tmp_path: Path, sarif_schema: Draft7Validator, junit_schema: xmlschema.XMLSchema, text: str
) -> None:
    results = written(
        tmp_path,
        [
            a_record(
                "SRP-04",
                f"{verdict} {text}",
                verdict,
                message=text,
                summary=text,
                clause=text,
                missing_need=text,
                observations={text: text},
                transcript=[an_exchange(response=text)],
            )
            for verdict in Verdict
        ],
    )
    sarif_schema.validate(json.loads(render_sarif(results)))
    junit_schema.validate(render_junit(results))


def test_the_schemas_refuse_what_is_wrong(
    tmp_path: Path, sarif_schema: Draft7Validator, junit_schema: xmlschema.XMLSchema
) -> None:
    results = written(tmp_path, [a_record()])
    log = json.loads(render_sarif(results))
    log["runs"][0]["results"][0]["kind"] = "passed"
    assert not sarif_schema.is_valid(log)
    assert not junit_schema.is_valid(render_junit(results).replace("classname=", "class="))
