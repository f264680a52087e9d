"""Writing a report: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class UnwritableReport(Exception):
    """A report cannot be written; the message names the file and says what to do."""


def write_whole(file: Path, text: str) -> None:
    """Put the text into the file in one step, so that no reader meets half of it. Raises UnwritableReport."""
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
            temporary.chmod(0o644)
            temporary.replace(file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnwritableReport(f"{file} cannot be written ({error.strerror}): name another place") from error
