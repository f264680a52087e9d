"""The JSON Schema of a results file, made from the model.

`python -m reports.schema` writes the one that is committed beside this module.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reports.model import VERSION, Results

SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


def results_schema() -> dict[str, Any]:
    """The schema of what a run writes; it allows nothing that a reader refuses for its form."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cognito-conformance:results:{VERSION}",
        **Results.model_json_schema(mode="serialization"),
    }


def render_schema() -> str:
    """The schema as it is committed."""
    return json.dumps(results_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(render_schema(), encoding="utf-8")
