"""Settings as a commented TOML file: each key with its description, those that nobody has set behind a `#`.

Text stands behind `# `, a key that can be uncommented behind `#` alone.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from harness.secret_source import Secret

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_WIDTH = 100
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def commented_section(
    name: str,
    model: type[BaseModel],
    *,
    examples: Mapping[str, str],
    given: Mapping[str, str],
    remarks: Mapping[str, list[str]],
    left_out: frozenset[str],
) -> Iterator[str]:
    """The lines of one section.

    Args:
        name: of the section, `live`.
        model: its settings.
        examples: TOML for keys that have no default worth showing, by `section.key`.
        given: TOML for keys that are set, by `section.key`; all others are commented out.
        remarks: further text above a key, by `section.key`.
        left_out: `section.key` of keys that are not shown.
    """
    yield f"[{name}]"
    for path, field in _keys(name, model):
        if path in left_out:
            continue
        key = path.removeprefix(f"{name}.")
        yield from comment(_about(field, within=key.rpartition(".")[0]))
        for remark in remarks.get(path, []):
            yield from comment(remark)
        if path in given:
            yield f"{key} = {given[path]}"
        else:
            yield f"#{key} = {examples[path] if path in examples else toml(_default(field))}"
        yield ""


def comment(text: str) -> list[str]:
    """Text as comment lines. What does not print is left out: a comment must not end before its line does."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return [f"# {line}" for line in textwrap.wrap(printable, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def toml(value: Any) -> str:
    """A value in TOML: text, numbers, booleans, paths, lists and tables of these."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str | Path):
        return json.dumps(str(value)).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {toml(member)}" for name, member in value.items()) + " }"
    return "[" + ", ".join(toml(member) for member in value) + "]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml(name)


def keys_of(name: str, model: type[BaseModel]) -> list[str]:
    """`section.key` of everything that can be set in a section, the keys of sections in it with dots."""
    return [path for path, _ in _keys(name, model)]


def _keys(name: str, model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for key, field in model.model_fields.items():
        inner = _section_in(field)
        if inner is None:
            yield f"{name}.{key}", field
        else:
            yield from _keys(f"{name}.{key}", inner)


def _section_in(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a section within a section, which is written with dotted keys; None for a value."""
    if get_origin(field.annotation) in (list, dict):
        return None
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Secret:
            return kind
    return None


def _about(field: FieldInfo, *, within: str) -> str:
    """What a key means, what it can be, and of a list of tables what stands in each."""
    told = [field.description or ""]
    if choices := _choices(field.annotation):
        told.append(f"one of {', '.join(choices)}")
    element = next((it for it in get_args(field.annotation) if isinstance(it, type)), None)
    if get_origin(field.annotation) is list and element is not None and issubclass(element, BaseModel):
        members = [f"{name}, {member.description}" for name, member in element.model_fields.items()]
        told.append(f"in each: {'; '.join(members)}")
    if field.is_required():
        told.append(f"needed with any other {within} key")
    elif _default(field) in (None, [], {}) and not any(word in told[0] for word in ("absent", "empty:", "default")):
        told.append("default: none")
    return ". ".join(part[0].upper() + part[1:] for part in told if part)


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(getattr(choice, "value", choice)) for choice in get_args(annotation)]
    return [choice for kind in get_args(annotation) for choice in _choices(kind)]


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
