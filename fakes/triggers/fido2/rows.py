"""A DynamoDB table with a partition and a sort key, whose every write may have a condition."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

Row = dict[str, Any]

_REFUSED = {"ConditionalCheckFailedException", "TransactionCanceledException"}
_write, _read = TypeSerializer().serialize, TypeDeserializer().deserialize


class Rows:
    """The rows of one table; `pk` and `sk` are texts."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, pk: str, sk: str) -> Row | None:
        """A row as it is now, or None."""
        answer = self._client.get_item(TableName=self._table, Key=_typed({"pk": pk, "sk": sk}), ConsistentRead=True)
        return _plain(answer["Item"]) if "Item" in answer else None

    def under(self, pk: str, beginning: str) -> list[Row]:
        """The rows of a partition whose sort keys begin so, oldest key first."""
        found: list[Row] = []
        more: Row = {}
        while True:
            page = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=_typed({":pk": pk, ":sk": beginning}),
                ConsistentRead=True,
                **more,
            )
            found += [_plain(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def put(self, pk: str, sk: str, row: Mapping[str, Any], *, only_if_new: bool = False) -> bool:
        """Write a row; False when there is one already and only a new one was wanted."""
        more = {"ConditionExpression": "attribute_not_exists(pk)"} if only_if_new else {}
        return self._try("put_item", Item=_typed({"pk": pk, "sk": sk, **row}), **more) is not None

    def put_new(self, *rows: Mapping[str, Any]) -> bool:
        """Write several rows, keys included, all or none; False when any of them is there already."""
        writes = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": _typed(row),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for row in rows
        ]
        return self._attempt(lambda: self._client.transact_write_items(TransactItems=writes)) is not None

    def change(self, pk: str, sk: str, how: str, values: Mapping[str, Any], *, only_if: str) -> Row | None:
        """Update attributes; the row afterwards, or None when the condition did not hold."""
        answer = self._try(
            "update_item",
            Key=_typed({"pk": pk, "sk": sk}),
            UpdateExpression=how,
            ConditionExpression=only_if,
            ExpressionAttributeValues=_typed(values),
            ReturnValues="ALL_NEW",
        )
        return None if answer is None else _plain(answer["Attributes"])

    def take(self, pk: str, sk: str) -> Row | None:
        """Remove a row and give it, or None when there is none: of two who take it one gets it."""
        answer = self._try(
            "delete_item",
            Key=_typed({"pk": pk, "sk": sk}),
            ConditionExpression="attribute_exists(pk)",
            ReturnValues="ALL_OLD",
        )
        return None if answer is None else _plain(answer["Attributes"])

    def _try(self, operation: str, **request: Any) -> Row | None:
        return self._attempt(lambda: getattr(self._client, operation)(TableName=self._table, **request))

    def _attempt(self, call: Any) -> Row | None:
        try:
            answer: Row = call()
        except ClientError as error:
            if error.response["Error"]["Code"] in _REFUSED:
                return None
            raise
        return answer


def _typed(values: Mapping[str, Any]) -> Row:
    return {name: _write(value) for name, value in values.items()}


def _plain(item: Mapping[str, Any]) -> Row:
    return {name: _as_python(_read(value)) for name, value in item.items()}


def _as_python(value: Any) -> Any:
    if isinstance(value, Binary):
        octets: Any = value
        return bytes(octets)
    if isinstance(value, Decimal):
        return int(value)
    return [_as_python(each) for each in value] if isinstance(value, list) else value
