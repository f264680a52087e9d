"""Finding the dialect that a configuration names: one that ships, or a class in the user's own file."""

from __future__ import annotations

import importlib.util
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.configuration_error import ConfigurationError
from harness.dialects.dialect import Codes, Dialect, Links
from harness.dialects.passkeys import Passkeys

SHIPPED = ("passwordless",)


class DialectError(ConfigurationError):
    """The dialect cannot be used; the message names it and says what to mend."""


def load_dialect(named: str, relative_to: Path | None = None) -> Dialect:
    """The dialect of a name.

    Args:
        named: a dialect that ships ("passwordless"), or "path/to/file.py:ClassName".
        relative_to: the folder that a relative path starts from; the working directory when absent.

    Raises:
        DialectError: there is no such file or class, or it does not fill a dialect's place.
    """
    if named == "passwordless":
        from harness.dialects.passwordless import Passwordless

        return Passwordless()
    path, separator, class_name = named.rpartition(":")
    if not separator or not path.endswith(".py") or not class_name.isidentifier():
        raise DialectError(
            f'triggers.dialect: {named!r} is no dialect; give "path/to/file.py:ClassName"'
            f" or one that ships: {', '.join(SHIPPED)}"
        )
    file = (relative_to or Path()) / path
    found = getattr(_module(file, named), class_name, None)
    if not isinstance(found, type):
        raise DialectError(f"triggers.dialect: {file} has no class {class_name}")
    if not issubclass(found, Dialect):
        raise DialectError(
            f"triggers.dialect: {class_name} in {file} is no dialect; make it a subclass of harness.dialects.Dialect"
        )
    try:
        dialect = found()
    except Exception as error:
        raise DialectError(f"triggers.dialect: {class_name}() in {file} failed: {_said(error)}") from error
    _require_whole(dialect, file)
    return dialect


def _module(file: Path, named: str) -> ModuleType:
    if not file.is_file():
        raise DialectError(f"triggers.dialect: {named!r}: there is no file {file}; paths start at the configuration")
    spec = importlib.util.spec_from_file_location(f"dialect_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise DialectError(f"triggers.dialect: {file} cannot be loaded: {_said(error, file)}") from error
    return module


def _said(error: Exception, file: Path | None = None) -> str:
    """What went wrong, and in which line of the file where that is known."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {error}{where}"


def _require_whole(dialect: Dialect, file: Path) -> None:
    """Raise DialectError when a part has the wrong kind, or a name that the checks need is missing."""

    def refuse(what: str) -> None:
        raise DialectError(f"triggers.dialect: {type(dialect).__name__} in {file}: {what}")

    parts: dict[str, tuple[Any, type]] = {
        "links": (dialect.links, Links),
        "codes": (dialect.codes, Codes),
        "passkeys": (dialect.passkeys, Passkeys),
    }
    for name, (part, kind) in parts.items():
        if part is None:
            continue
        if not isinstance(part, kind):
            refuse(f"{name} must be an instance of a subclass of harness.dialects.{kind.__name__}, or None")
        if not isinstance(getattr(part, "method", None), str):
            refuse(f"{name}.method must be a text: what the flow calls the method")
    if dialect.links is None and dialect.codes is None and dialect.passkeys is None:
        refuse("give it links, codes, passkeys or several; a dialect that speaks nothing leaves nothing to judge")
