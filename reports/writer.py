"""Writes a run's results as they come, and makes the file whole at the end."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from reports.document import FILE_NAME, opening, record_line, records_digest, whole_document
from reports.model import Footer, Header, Record, Results, RunFinding
from reports.vocabulary import Verdict


class UnwritableResults(Exception):
    """The results could not be kept; the message names the file and says what to do."""


class BadDestination(UnwritableResults):
    """Results cannot be written where they should go."""


class ResultsUnfinished(UnwritableResults):
    """The file could not be written on or made whole: it has no footer, and every reader refuses it."""


class DuplicateRecord(UnwritableResults):
    """A check case was recorded twice."""


class ResultsWriter:
    """Keeps `results.json` in a directory, one line a record as the run goes.

    Until `finish` the file has no footer, so that what a killed run leaves is refused by every
    reader. `finish` replaces it in one step by the whole document. Used in a `with` block, the file
    is closed at its end, finished or not.

    Raises BadDestination when the directory or the file cannot be made.
    """

    def __init__(self, directory: Path, header: Header) -> None:
        self.path = directory / FILE_NAME
        self._header = header
        self._kept: dict[str, tuple[Record, str]] = {}
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open("w", encoding="ascii", newline="\n")
        except OSError as error:
            raise BadDestination(_advice(directory, error)) from error
        self._write(opening(header))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def append(self, record: Record) -> None:
        """Write one record and hand it to the operating system.

        Raises DuplicateRecord when the case has one already, ResultsUnfinished when it cannot be
        written; the record is kept for `finish` all the same.
        """
        if record.id in self._kept:
            raise DuplicateRecord(f"{record.id} is recorded twice: give each case of {record.check} a name of its own")
        line = record_line(record)
        self._kept[record.id] = (record, line)
        self._write(f"{line},\n")

    def finish(
        self,
        *,
        seconds: float,
        exit_code: int,
        reason: str,
        findings: Sequence[RunFinding] = (),
        interrupted: bool = False,
    ) -> Results:
        """Replace the file by the whole document, its records in the order of ids, and return what it holds.

        `seconds` is the run's duration. Called again, with what came to light since, it replaces the
        file again. Raises ResultsUnfinished when that fails; the file is then left as it was.
        """
        kept = sorted(self._kept.values(), key=lambda entry: entry[0].order)
        records, lines = [record for record, _ in kept], [line for _, line in kept]
        counts = Counter(record.verdict for record in records)
        footer = Footer(
            finished=self._header.started + timedelta(seconds=seconds),
            seconds=seconds,
            counts={verdict: counts[verdict] for verdict in Verdict},
            total=len(records),
            findings=list(findings),
            exit_code=exit_code,
            reason=reason,
            interrupted=interrupted,
            records_digest=records_digest(lines),
        )
        self.close()
        self._replace(whole_document(self._header, lines, footer))
        return Results(header=self._header, records=records, footer=footer)

    def close(self) -> None:
        """Close the file as it is: without footer, unless it was finished."""
        with suppress(OSError):  # what could not be written was reported when it was appended
            self._stream.close()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            raise self._unfinished(error) from error

    def _replace(self, document: str) -> None:
        beside = self.path.with_name(f"{FILE_NAME}.new")
        try:
            with beside.open("w", encoding="ascii", newline="\n") as stream:
                stream.write(document)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise self._unfinished(error) from error

    def _unfinished(self, error: OSError) -> ResultsUnfinished:
        return ResultsUnfinished(
            f"{self.path} is not finished ({error.strerror}) and readers will refuse it: "
            "make room or choose another directory with --out, and run again"
        )


def _advice(directory: Path, error: OSError) -> str:
    match error.errno:
        case errno.EEXIST | errno.ENOTDIR:
            problem = "a file is in the way; move it"
        case errno.EISDIR:
            problem = f"{FILE_NAME} in it is a directory; move it"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            problem = "there is no permission to write; grant it"
        case _:
            problem = f"{error.strerror}; mend that"
    return f"results cannot be written to {directory}: {problem} or choose another directory with --out"
