"""Reads a results file, and refuses one that is not whole."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from reports.document import (
    END_OF_RECORDS_LINE,
    FILE_NAME,
    FIRST_WORDS,
    RECORDS_LINE,
    canonical,
    records_digest,
)
from reports.model import FORMAT, VERSION, Results
from reports.text import visible
from reports.vocabulary import Verdict

_RUN_AGAIN = "run it again, or take the file from where it was written"


class UnreadableResults(Exception):
    """A results file cannot be used; the message names it and says what to do."""


class MissingResults(UnreadableResults):
    """There is no such file."""


class NotJson(UnreadableResults):
    """The file is not JSON."""


class NotResults(UnreadableResults):
    """The file is JSON, and something else than results."""


class UnknownVersion(UnreadableResults):
    """The file is of a version of the format that this tool does not know."""


class NoFooter(UnreadableResults):
    """The file ends before its footer."""


class WrongDigest(UnreadableResults):
    """The records are not those that the run wrote."""


class MalformedResults(UnreadableResults):
    """The file does not fit the schema."""


class CountsDisagree(UnreadableResults):
    """The footer counts other records than the file holds."""


def read_results(path: Path) -> Results:
    """The results in a file, or in the `results.json` of a directory.

    Raises UnreadableResults, in a class of its own for each way in which a file can be broken.
    """
    file = path / FILE_NAME if path.is_dir() else path
    text = _read(file)
    _look_over(file, _parse(file, text))
    try:
        results = Results.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise MalformedResults(f"{file} does not fit the schema: {_summary(error)}; {_RUN_AGAIN}") from error
    _count(file, results)
    return results


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingResults(
            f"there is no {file}: name a results file or the directory that a run was given with --out"
        ) from error
    except OSError as error:
        raise UnreadableResults(f"{file} cannot be read: {error.strerror}; mend that or name another file") from error
    except UnicodeDecodeError as error:
        raise NotJson(f"{file} is not JSON: it is not text; name a results file") from error


def _parse(file: Path, text: str) -> object:
    try:
        document: object = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        if _is_cut_short(text):
            raise _no_footer(file) from error
        raise NotJson(f"{file} is not JSON ({visible(str(error), limit=200)}); {_RUN_AGAIN}") from error
    return document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _is_cut_short(text: str) -> bool:
    """Whether this is a results file up to some point, which may be in the middle of a line."""
    header, *rest = text.split("\n")
    if not rest:
        return FIRST_WORDS.startswith(text) or text.startswith(FIRST_WORDS)
    *whole_lines, _ = rest
    return (
        header.startswith(FIRST_WORDS)
        and whole_lines[:1] in ([], [RECORDS_LINE])
        and all(line == END_OF_RECORDS_LINE or _is_json(line.removesuffix(",")) for line in whole_lines[1:])
    )


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _no_footer(file: Path) -> NoFooter:
    return NoFooter(
        f"{file} has no footer: the run that wrote it was killed or is still going, or the copy was cut short; "
        "run it again"
    )


def _look_over(file: Path, document: object) -> None:
    """Refuse what is not a whole results file of this version, before its details are read."""
    match document:
        case {"header": {"format": str(name), "version": version}, **rest} if name == FORMAT:
            pass
        case _:
            raise NotResults(f"{file} is JSON, but not the results of a run; name a {FILE_NAME}")
    if version != VERSION or isinstance(version, bool):
        raise UnknownVersion(
            f"{file} is of version {visible(str(version), limit=40)} of the format, this tool reads version {VERSION}: "
            "read it with the release that wrote it, or run again with this one"
        )
    match rest:
        case {"records": list(records), "footer": {"records_digest": str(digest)}}:
            if records_digest(canonical(record) for record in records) != digest:
                raise WrongDigest(
                    f"{file} was changed after the run: its records do not match its digest; {_RUN_AGAIN}"
                )
        case {"footer": _}:
            pass
        case _:
            raise _no_footer(file)


def _summary(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    others = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return visible(f"{place}: {first['msg']}", limit=300) + others


def _count(file: Path, results: Results) -> None:
    counted, footer = Counter(record.verdict for record in results.records), results.footer
    ids = Counter(record.id for record in results.records)
    wrong = [
        f"it counts {footer.counts.get(verdict, 0)} of '{verdict}' and holds {counted[verdict]}"
        for verdict in Verdict
        if footer.counts.get(verdict, 0) != counted[verdict]
    ]
    if footer.total != len(results.records):
        wrong.append(f"it counts {footer.total} records and holds {len(results.records)}")
    wrong.extend(f"it holds {visible(id_, limit=80)} {times} times" for id_, times in ids.items() if times > 1)
    if wrong:
        raise CountsDisagree(f"{file} does not agree with its footer: {'; '.join(wrong[:3])}; {_RUN_AGAIN}")
