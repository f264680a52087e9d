"""How a results file is laid out: header, one record a line in canonical JSON, footer.

The layout is the same while the run goes and after it, so that a file cut short is known for one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from pydantic import BaseModel

from reports.model import FORMAT, Footer, Header, Record, Results

FILE_NAME = "results.json"
FIRST_WORDS = '{"header": {"format": ' + json.dumps(FORMAT)
RECORDS_LINE = '"records": ['
END_OF_RECORDS_LINE = "],"


def canonical(value: object) -> str:
    """Canonical JSON: ASCII, keys in order, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def record_line(record: Record) -> str:
    """The record as canonical JSON, which has no line end in it."""
    return canonical(record.model_dump(mode="json"))


def records_digest(lines: Iterable[str]) -> str:
    """SHA-256 (hex) of the canonical JSON of the list of records that the lines hold."""
    return hashlib.sha256(f"[{','.join(lines)}]".encode("ascii")).hexdigest()


def opening(header: Header) -> str:
    """What stands before the first record."""
    return f'{{"header": {_in_order(header)},\n{RECORDS_LINE}\n'


def closing(footer: Footer) -> str:
    """What stands after the last record."""
    return f'{END_OF_RECORDS_LINE}\n"footer": {_in_order(footer)}}}\n'


def whole_document(header: Header, lines: list[str], footer: Footer) -> str:
    """The results file, from records that are lines already."""
    body = ",\n".join(lines)
    return opening(header) + (f"{body}\n" if body else "") + closing(footer)


def render_json(results: Results) -> str:
    """The results as their file holds them, byte by byte."""
    return whole_document(results.header, [record_line(record) for record in results.records], results.footer)


def _in_order(model: BaseModel) -> str:
    return json.dumps(model.model_dump(mode="json"), allow_nan=False)
