from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import given

from reports.document import render_json
from reports.model import Record
from reports.schema import SCHEMA_FILE, render_schema, results_schema
from reports.vocabulary import Verdict
from tests.reports.samples import a_record, any_records, whole_runs, written


def test_the_committed_schema_is_the_one_that_the_model_makes() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == render_schema(), "run python -m reports.schema"


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(results_schema())


@whole_runs
@given(records=any_records)
def test_every_written_file_fits_the_schema(records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        document = json.loads(render_json(written(Path(directory), records)))
    jsonschema.validate(document, results_schema())


@pytest.mark.parametrize("field", ["verdict", "severity", "clause", "transcript"])
def test_the_schema_misses_a_field_that_was_taken_out(tmp_path: Path, field: str) -> None:
    document = json.loads(render_json(written(tmp_path, [a_record(verdict=Verdict.FAIL)])))
    del document["records"][0][field]
    with pytest.raises(jsonschema.ValidationError, match=f"'{field}' is a required property"):
        jsonschema.validate(document, results_schema())
