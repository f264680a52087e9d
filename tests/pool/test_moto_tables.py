"""Tables behind the pool: a query and a transaction see what they name, and nothing else is lost or changed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.dynamodb import models
from moto.dynamodb.models.table import Table

from fakes.pool import EmbeddedPool

PASSKEYS = "passkeys"


@pytest.fixture
def table(service: EmbeddedPool) -> Iterator[Any]:
    """A table with partition and sort key, and an index on `id`; three rows in two partitions."""
    make: Any = boto3.client
    client = make(
        "dynamodb",
        endpoint_url=service.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )
    client.create_table(
        TableName=PASSKEYS,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "id")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by id",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk, sk, id in (("ann", "2", "A"), ("ann", "1", "B"), ("bob", "1", "A")):
        client.put_item(TableName=PASSKEYS, Item=_row(pk, sk, id))
    yield client
    client.delete_table(TableName=PASSKEYS)


def test_a_query_finds_the_rows_of_its_partition_in_order(table: Any) -> None:
    assert _queried(table, "ann") == ["ann 1 B", "ann 2 A"]
    assert _queried(table, "bob") == ["bob 1 A"]
    assert _queried(table, "nobody") == []
    assert _all(table) == ["ann 1 B", "ann 2 A", "bob 1 A"]


def test_a_query_is_paged(table: Any) -> None:
    first = _query(table, "ann", Limit=1)
    rest = _query(table, "ann", ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [_said(item) for item in first["Items"] + rest["Items"]] == ["ann 1 B", "ann 2 A"]


def test_an_index_is_searched_in_every_partition(table: Any) -> None:
    table.put_item(TableName=PASSKEYS, Item={"pk": {"S": "ann"}, "sk": {"S": "no id"}})
    found = table.query(
        TableName=PASSKEYS,
        IndexName="by id",
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "A"}},
    )
    assert sorted(_said(item) for item in found["Items"]) == ["ann 2 A", "bob 1 A"]


def test_neither_queries_nor_transactions_cost_more_the_more_there_is(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        table.put_item(TableName=PASSKEYS, Item=_row(f"user {number}", "1", f"of {number}"))
    sorted_items: list[int] = []
    copied: list[int] = []
    all_items, deepcopy = Table.all_items, copy.deepcopy

    def sort(moto_table: Table) -> Any:
        sorted_items.append(len(moto_table.items))
        return all_items(moto_table)

    def copied_deeply(found: Any) -> Any:
        copied.extend([len(found.items)] if isinstance(found, Table) else [])
        return deepcopy(found)

    with monkeypatch.context() as watched:
        watched.setattr(Table, "all_items", sort)
        watched.setattr(models, "copy", SimpleNamespace(deepcopy=copied_deeply))
        assert _queried(table, "ann") == ["ann 1 B", "ann 2 A"]
        table.transact_write_items(TransactItems=[_update("ann", "1", "D"), _update("bob", "1", "E")])
    assert sorted_items == [1]
    assert copied == [2, 2]
    assert len(_all(table)) == 53


def test_a_transaction_writes_puts_updates_and_deletions(table: Any) -> None:
    table.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": PASSKEYS, "Item": _row("carol", "1", "C")}},
            _update("ann", "1", "D"),
            {"Delete": {"TableName": PASSKEYS, "Key": _key("bob", "1")}},
        ]
    )
    assert _all(table) == ["ann 1 D", "ann 2 A", "carol 1 C"]


def test_a_transaction_that_fails_changes_nothing(table: Any) -> None:
    only_if_new = {"ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(ClientError) as refused:
        table.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": PASSKEYS, "Item": _row("carol", "1", "C")}},
                _update("ann", "1", "D"),
                {"Delete": {"TableName": PASSKEYS, "Key": _key("ann", "2")}},
                {"Put": {"TableName": PASSKEYS, "Item": _row("bob", "1", "E"), **only_if_new}},
            ]
        )
    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert _all(table) == ["ann 1 B", "ann 2 A", "bob 1 A"]
    assert _queried(table, "ann") == ["ann 1 B", "ann 2 A"]
    assert _queried(table, "carol") == []


def test_a_transaction_without_a_key_is_refused_and_changes_nothing(table: Any) -> None:
    with pytest.raises(ClientError):
        table.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": PASSKEYS, "Item": _row("carol", "1", "C")}},
                {"Delete": {"TableName": PASSKEYS, "Key": {"id": {"S": "A"}}}},
            ]
        )
    assert _all(table) == ["ann 1 B", "ann 2 A", "bob 1 A"]


def test_a_transaction_in_a_table_that_is_not_there_is_refused(table: Any) -> None:
    with pytest.raises(ClientError):
        table.transact_write_items(TransactItems=[{"Put": {"TableName": "none", "Item": _row("carol", "1", "C")}}])
    assert _all(table) == ["ann 1 B", "ann 2 A", "bob 1 A"]


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _row(pk: str, sk: str, id: str) -> dict[str, Any]:
    return {**_key(pk, sk), "id": {"S": id}}


def _update(pk: str, sk: str, id: str) -> dict[str, Any]:
    change = {"UpdateExpression": "SET id = :id", "ExpressionAttributeValues": {":id": {"S": id}}}
    return {"Update": {"TableName": PASSKEYS, "Key": _key(pk, sk), **change}}


def _query(table: Any, pk: str, **more: Any) -> Any:
    values = {":pk": {"S": pk}}
    return table.query(TableName=PASSKEYS, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, **more)


def _queried(table: Any, pk: str) -> list[str]:
    return [_said(item) for item in _query(table, pk)["Items"]]


def _all(table: Any) -> list[str]:
    return sorted(_said(item) for item in table.scan(TableName=PASSKEYS)["Items"])


def _said(item: Any) -> str:
    return " ".join(item[name]["S"] for name in ("pk", "sk", "id") if name in item)
