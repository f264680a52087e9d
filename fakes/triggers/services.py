"""The borders: what the triggers want of AWS, over boto3 clients that are made once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import urllib3
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

Record = dict[str, Any]

SECONDS_TO_ANSWER = 4.0
"""Cognito waits five seconds for a trigger: what takes longer is of no use."""


def _asking(times: int, seconds: float) -> Config:
    """How a service is asked: at most so many times, each for so long. What would be sent twice is asked once."""
    return Config(
        retries={"total_max_attempts": times, "mode": "standard"},
        connect_timeout=seconds,
        read_timeout=seconds,
        max_pool_connections=64,
        parameter_validation=False,
    )


class Table:
    """A DynamoDB table with the partition key `id`. Every write may have a condition, and is atomic with it."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def read(self, id: str) -> Record | None:
        """The record as it is now, or None."""
        answer = self._client.get_item(TableName=self._name, Key={"id": {"S": id}}, ConsistentRead=True)
        return _plain(answer["Item"]) if "Item" in answer else None

    def put(self, id: str, record: Mapping[str, Any], *, only_if: str = "", values: Record | None = None) -> bool:
        """Write a whole record; False when the condition did not hold."""
        item = _typed({"id": id, **record})
        return self._try("put_item", only_if, values, Item=item) is not None

    def change(self, id: str, how: str, *, only_if: str = "", values: Record | None = None) -> Record | None:
        """Update attributes; the record afterwards, or None when the condition did not hold."""
        return self._try(
            "update_item", only_if, values, Key={"id": {"S": id}}, UpdateExpression=how, ReturnValues="ALL_NEW"
        )

    def delete(self, id: str, *, only_if: str = "", values: Record | None = None) -> bool:
        """Delete a record; False when the condition did not hold."""
        return self._try("delete_item", only_if, values, Key={"id": {"S": id}}) is not None

    def _try(self, operation: str, only_if: str, values: Record | None, **request: Any) -> Record | None:
        if only_if:
            request["ConditionExpression"] = only_if
        if values:
            request["ExpressionAttributeValues"] = _typed(values)
        try:
            answer = getattr(self._client, operation)(TableName=self._name, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise
        return _plain(answer.get("Attributes", {}))


class SigningService:
    """KMS: signs digests, tells public keys."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def sign(self, key: str, digest: bytes, algorithm: str) -> tuple[bytes, str]:
        """Signature over a digest, and the ARN of the key that made it: what an alias stood for."""
        answer = self.client.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)
        return answer["Signature"], answer["KeyId"]

    def public_key(self, key: str) -> bytes:
        """The public key, DER."""
        answer: bytes = self.client.get_public_key(KeyId=key)["PublicKey"]
        return answer


class Mails:
    """SES."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, sender: str, to: list[str], *, subject: str, text: str, html: str) -> None:
        """Send one mail with two bodies."""
        body = {"Text": {"Data": text, "Charset": "UTF-8"}, "Html": {"Data": html, "Charset": "UTF-8"}}
        self._client.send_email(
            Source=sender,
            Destination={"ToAddresses": to},
            Message={"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body},
        )


class Texts:
    """SNS."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, number: str, text: str) -> None:
        """Send one text message."""
        self._client.publish(PhoneNumber=number, Message=text)


class UserPools:
    """Cognito itself: what it knows of a token, of its keys, of an address."""

    def __init__(self, client: Any, endpoint: str, seconds: float) -> None:
        self._client = client
        self._endpoint = endpoint
        self._http = urllib3.PoolManager(maxsize=64, timeout=seconds, retries=False)

    def owner_of(self, access_token: str) -> str | None:
        """The `sub` of the user whom an access token serves, or None when Cognito does not take it (any more)."""
        try:
            answer = self._client.get_user(AccessToken=access_token)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                return None
            raise
        return next((each["Value"] for each in answer["UserAttributes"] if each["Name"] == "sub"), None)

    def published_keys(self, user_pool_id: str) -> Record:
        """The JWKS of a user pool."""
        answer = self._http.request("GET", f"{self._endpoint}/{user_pool_id}/.well-known/jwks.json")
        keys: Record = json.loads(answer.data)
        return keys

    def has_address(self, user_pool_id: str, address: str) -> bool:
        """Whether a user has this e-mail address."""
        quoted = address.replace("\\", "\\\\").replace('"', '\\"')
        found = self._client.list_users(UserPoolId=user_pool_id, Filter=f'email = "{quoted}"', Limit=1)
        return bool(found["Users"])

    def sign_out_everywhere(self, user_pool_id: str, username: str) -> None:
        """End all sign-ins of a user (cognito-idp:AdminUserGlobalSignOut)."""
        self._client.admin_user_global_sign_out(UserPoolId=user_pool_id, Username=username)

    def has_second_factor(self, user_pool_id: str, username: str) -> bool:
        """Whether the user has set up one (cognito-idp:AdminGetUser)."""
        found = self._client.admin_get_user(UserPoolId=user_pool_id, Username=username)
        return bool(found.get("UserMFASettingList"))


@dataclass(frozen=True)
class Services:
    """All of them, at one endpoint."""

    database: Any
    """A DynamoDB client; `table` makes a border of it."""

    signing: SigningService
    mails: Mails
    texts: Texts
    user_pools: UserPools

    @classmethod
    def at(
        cls, endpoint: str | None, region: str, session: Any = None, *, seconds: float = SECONDS_TO_ANSWER
    ) -> Services:
        """Make the clients.

        Args:
            endpoint: the URL of all services; None for AWS itself.
            region: AWS region.
            session: a boto3 session, for credentials that are not the environment's.
            seconds: how long to wait for one answer. A write that is given up and asked again finds its own traces.
        """
        session = session or boto3.Session()
        again, once = _asking(2, seconds), _asking(1, seconds)

        def client(service: str, config: Config) -> Any:
            return session.client(service, region_name=region, endpoint_url=endpoint, config=config)

        return cls(
            database=client("dynamodb", again),
            signing=SigningService(client("kms", again)),
            mails=Mails(client("ses", once)),
            texts=Texts(client("sns", once)),
            user_pools=UserPools(
                client("cognito-idp", again), endpoint or f"https://cognito-idp.{region}.amazonaws.com", seconds
            ),
        )

    def table(self, name: str) -> Table:
        """A table of the database."""
        return Table(self.database, name)

    def has_row(self, table: str, partition_key: str, value: str) -> bool:
        """Whether a table that is not the triggers' own has a row under a partition key."""
        found = self.database.query(
            TableName=table,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": partition_key},
            ExpressionAttributeValues=_typed({":value": value}),
            Limit=1,
        )
        return bool(found["Items"])


_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def _typed(values: Mapping[str, Any]) -> Record:
    return {name: _serialize(value) for name, value in values.items()}


def _plain(item: Mapping[str, Any]) -> Record:
    return {name: _as_python(_deserialize(value)) for name, value in item.items()}


def _as_python(value: Any) -> Any:
    if isinstance(value, Binary):
        octets: Any = value
        return bytes(octets)
    return value if isinstance(value, str | bool | None) else int(value)
