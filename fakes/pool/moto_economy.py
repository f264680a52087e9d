"""What moto would do anew for each request, done once.

moto parses a DynamoDB expression, twice, and looks for the methods of a service's class each time it is asked, and
copies what it has parsed in the slowest way there is: a quarter of all that a conditional write costs. For each member
of an answer it works out again by which names its own objects might call it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from fakes.pool.moto_tables import look_at_partitions

_MOST_EXPRESSIONS = 256


def economize() -> None:
    """Put what remembers in the place of what does not; once a process, before moto serves anything."""
    from moto import backends
    from moto.core import responses, serialize
    from moto.dynamodb.parsing import validators
    from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined] # untyped

    listing: Any = backends
    modules = tuple(backends.list_of_moto_modules())  # a hundred folders, looked at for each request
    listing.list_of_moto_modules = lambda: modules
    served: Any = responses
    served.method_names_from_class = cache(served.method_names_from_class)
    # The validator works on a copy of the syntax tree, so one tree serves every request with the same expression.
    parser: Any = UpdateExpressionParser
    parser.make = lru_cache(_MOST_EXPRESSIONS)(parser.make)
    checked: Any = validators
    checked.deepcopy = _copied
    picker: Any = serialize.XFormedAttributePicker
    picker.get_possible_keys = _names_once(picker.get_possible_keys)
    look_at_partitions()


def _names_once(possible_keys: Callable[[Any, Any], Iterable[str]]) -> Callable[[Any, Any], Iterable[str]]:
    """The names of a member in a dictionary, which follow from its shape alone; an object has a say of its own."""
    known: WeakKeyDictionary[Any, dict[str, tuple[str, ...]]] = WeakKeyDictionary()

    def get_possible_keys(picker: Any, context: Any) -> Iterable[str]:
        if type(context.obj) is not dict:
            return possible_keys(picker, context)
        names = known.setdefault(context.shape, {})
        if context.key not in names:
            names[context.key] = tuple(possible_keys(picker, context))
        return names[context.key]

    return get_possible_keys


def _copied(tree: Any) -> Any:
    return pickle.loads(pickle.dumps(tree, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - made in this very line
