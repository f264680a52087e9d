"""moto's DynamoDB, made to look at the partitions that a request names and at no others.

moto answers a Query by sorting all items of the table, and before a transaction it copies every table that the
transaction names: the thousandth user of a run waits a thousand times as long as the first. Its own code answers
here too, but finds only the partitions in question in the table, which get their place back afterwards. moto is
entered by one thread at a time, so that nobody meets a table in this state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from typing import Any

Partitions = dict[Any, Any]
"""By partition key (moto's DynamoType): the items by sort key, or the one item where the table has no sort key."""


def look_at_partitions() -> None:
    """Put it in the place of moto's own; once a process, before moto serves anything."""
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table

    backend, table = _untyped(DynamoDBBackend), _untyped(Table)
    table.query = _queried(table.query)
    backend.transact_write_items = _written(backend.transact_write_items)


def _queried(moto_query: Callable[..., Any]) -> Callable[..., Any]:
    takes = signature(moto_query)

    def query(table: Any, *args: Any, **named: Any) -> Any:
        asked = takes.bind(table, *args, **named).arguments
        whole = table.items
        if asked.get("index_name"):
            wanted = dict(asked.get("hash_key_conditions") or ())
            keys = [key for key, partition in whole.items() if _holds(table, partition, wanted)]
        else:
            keys = [asked["hash_key"]]
        table.items = _only(whole, keys)
        try:
            return moto_query(table, *args, **named)
        finally:
            table.items = whole

    return query


def _written(moto_writes: Callable[..., Any]) -> Callable[..., Any]:
    def transact_write_items(backend: Any, transact_items: Sequence[Mapping[str, Any]]) -> Any:
        try:
            keys = _keys_of(backend.tables, transact_items)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return moto_writes(backend, transact_items)  # it says what is wrong with the request
        whole = {name: backend.tables[name].items for name in keys}
        for name, named in keys.items():
            backend.tables[name].items = _only(whole[name], named)
        try:
            return moto_writes(backend, transact_items)
        finally:
            for name, named in keys.items():  # a table that moto has rolled back is another object
                written = backend.tables[name].items
                for key in named:
                    whole[name].pop(key, None)
                whole[name].update({key: written[key] for key in named if key in written})
                backend.tables[name].items = whole[name]

    return transact_write_items


def _keys_of(tables: Mapping[str, Any], transact_items: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The partition keys that a transaction names, by table. Raises what a malformed one makes Python raise."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    keys: defaultdict[str, list[Any]] = defaultdict(list)
    for item in transact_items:
        for operation in item.values():
            table = tables[operation["TableName"]]  # an ARN is none of the names
            attributes = operation["Item"] if "Item" in operation else operation["Key"]
            key = DynamoType(attributes[table.hash_key_attr])
            hash(key)
            keys[operation["TableName"]].append(key)
    return keys


def _holds(table: Any, partition: Any, wanted: Mapping[str, Any]) -> bool:
    items = partition.values() if table.has_range_key else [partition]
    return any(all(_has(item, name, value) for name, value in wanted.items()) for item in items)


def _has(item: Any, name: str, value: Any) -> bool:
    return name in item.attrs and bool(item.attrs[name] == value)


def _only(whole: Partitions, keys: Iterable[Any]) -> defaultdict[Any, Any]:
    return defaultdict(dict, {key: whole[key] for key in keys if key in whole})


def _untyped(found: Any) -> Any:
    return found
