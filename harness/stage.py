"""The stage: what stands around triggers under test. Tables, signing keys, senders, and each function's environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Self

from harness.configuration_error import ConfigurationError
from harness.findings import SetUpRefused, TargetUnreachable

if TYPE_CHECKING:
    import boto3

    from harness.trigger_settings import TableSettings, TriggersSettings

ACCOUNT_ID = "123456789012"
"""The account in the functions' ARNs; the services at the endpoint take any."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")
_PLACEHOLDERS = (
    "{endpoint}",
    "{region}",
    "{account_id}",
    "{user_pool_id}",
    "{client_id}",
    "{table:NAME}",
    "{key:NAME}",
    "{key_alias:NAME}",
    "{env:NAME}",
)
_NOT_FOR_THE_FILE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "NODE_EXTRA_CA_CERTS")
"""Variables that a function has from the harness's own environment: nothing that could hold a secret."""


def function_arn(function: str, region: str) -> str:
    """The ARN under which a user pool names a function: `arn:aws:lambda:{region}:123456789012:function:{name}`."""
    return f"arn:aws:lambda:{region}:{ACCOUNT_ID}:function:{function}"


def aws_session(region: str) -> boto3.Session:
    """A boto3 session with credentials that mean nothing, and without the user's own profile and files."""
    import boto3
    import botocore.session

    own = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    own.set_credentials("conformance", "conformance")
    own.register_component("data_loader", _service_models())
    return boto3.Session(botocore_session=own, region_name=region)


@cache
def _service_models() -> Any:
    """Botocore's service models, read once a process: a session of its own reads each anew for a tenth of a second."""
    from botocore.loaders import create_loader

    return create_loader()


def aws_clients(endpoint: str, region: str) -> Callable[[str], Any]:
    """Makes boto3 clients pointed at the endpoint: `clients("kms")`."""
    from botocore.config import Config

    session = aws_session(region)
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=30)

    def client(service: str) -> Any:
        make: Any = session.client  # its stubs know a service by its literal name only
        return make(service, endpoint_url=endpoint, config=config)

    return client


class Tables:
    """The tables of a stage, to be searched for what should not stand in them."""

    def __init__(self, clients: Any, names: Mapping[str, str]) -> None:
        self._clients = clients
        self._names = dict(names)

    @cached_property
    def _client(self) -> Any:
        return self._clients("dynamodb")

    @property
    def names(self) -> tuple[str, ...]:
        """The tables' names as the configuration has them."""
        return tuple(self._names)

    def actual_name(self, name: str) -> str:
        """The name that the table got at the endpoint."""
        return self._names[name]

    def put(self, name: str, item: Mapping[str, Any]) -> None:
        """Write an item into a table. Raises KeyError for an unknown table."""
        from boto3.dynamodb.types import TypeSerializer

        write = TypeSerializer().serialize
        typed = {attribute: write(value) for attribute, value in item.items()}
        self._client.put_item(TableName=self._names[name], Item=typed)

    def scan(self, name: str) -> list[dict[str, Any]]:
        """Every item of a table, binary values as bytes. Raises KeyError for an unknown table."""
        from boto3.dynamodb.types import Binary, TypeDeserializer

        def plain(value: Any) -> Any:
            return value.__bytes__() if isinstance(value, Binary) else value

        read = TypeDeserializer().deserialize
        pages = self._client.get_paginator("scan").paginate(TableName=self._names[name])
        return [
            {attribute: plain(read(value)) for attribute, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]


@dataclass(frozen=True)
class Stage:
    """What stands at one endpoint for one set of triggers.

    A stage knows no user pool until `for_pool` is asked for one that does; placeholders for it are an error before.
    """

    settings: TriggersSettings
    endpoint: str
    region: str
    tables: Tables
    key_ids: Mapping[str, str] = field(default_factory=dict)
    user_pool_id: str | None = None
    client_id: str | None = None

    @classmethod
    def open(cls, settings: TriggersSettings, endpoint: str, region: str) -> Self:
        """Make the tables, keys and identities at the endpoint, over the wire.

        Raises:
            SetUpRefused: the endpoint refused to make one of them.
            TargetUnreachable: the endpoint did not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        settings = settings.completed()
        clients = aws_clients(endpoint, region)
        try:
            names = {table.name: _make_table(clients, table) for table in settings.tables}
            key_ids = {key.name: _make_key(clients, key.name, key.spec) for key in settings.signing_keys}
            _make_senders(clients, settings.senders)
        except ClientError as refusal:
            raise SetUpRefused(f"{endpoint} does not make what [triggers] asks for: {refusal}") from refusal
        except BotoCoreError as failure:
            raise TargetUnreachable(f"{endpoint} cannot be asked for what [triggers] wants: {failure}") from failure
        return cls(settings, endpoint, region, Tables(clients, names), key_ids)

    def for_pool(self, user_pool_id: str, client_id: str) -> Stage:
        """The same stage, its functions told of a user pool and an app client."""
        return Stage(self.settings, self.endpoint, self.region, self.tables, self.key_ids, user_pool_id, client_id)

    def environment_of(self, function: str) -> dict[str, str]:
        """All variables of a function: what Lambda sets, the endpoint, then the configuration's, filled in.

        Nothing comes from the harness's own environment but paths and the locale: no function under test gets at
        a developer's credentials.

        Raises:
            ConfigurationError: a placeholder is unknown, or what it stands for is not there.
        """
        return {
            **self.base_environment(),
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            **self.shared_environment(),
            **self._configured(self.settings.environment_of.get(function, {}), f"environment_of.{function}"),
        }

    def shared_environment(self) -> dict[str, str]:
        """The variables that the configuration gives to every function, filled in. Raises as `environment_of`."""
        return self._configured(self.settings.environment, "environment")

    def base_environment(self) -> dict[str, str]:
        """The variables of a program that runs functions: where AWS is, and credentials that mean nothing."""
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "TZ": ":UTC",  # Lambda's
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "conformance",
            "AWS_SECRET_ACCESS_KEY": "conformance",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def redirects(self) -> dict[str, str]:
        """Origins that the functions call, and what is called in their place."""
        redirect = self.settings.redirect
        return {self.filled_in(origin, "redirect"): self.filled_in(to, "redirect") for origin, to in redirect.items()}

    def filled_in(self, value: str, key: str) -> str:
        """The value of a setting with its placeholders filled in; `key` is its place under [triggers].

        Raises:
            ConfigurationError: as for `environment_of`.
        """

        def replace(found: re.Match[str]) -> str:
            try:
                return self._placeholder(found[1], found[2])
            except LookupError as missing:
                raise ConfigurationError(f"triggers.{key}: {found[0]} cannot be filled in: {missing.args[0]}") from None

        return _PLACEHOLDER.sub(replace, value)

    def _configured(self, variables: Mapping[str, str], key: str) -> dict[str, str]:
        for name in variables:
            if name in _NOT_FOR_THE_FILE:
                raise ConfigurationError(f"triggers.{key}.{name} is set by the run, and no secret; leave it out")
        return {name: self.filled_in(value, f"{key}.{name}") for name, value in variables.items()}

    def _placeholder(self, kind: str, name: str | None) -> str:
        plain = {
            "endpoint": self.endpoint,
            "region": self.region,
            "account_id": ACCOUNT_ID,
            "user_pool_id": self.user_pool_id,
            "client_id": self.client_id,
        }
        if name is None and kind in plain:
            if (value := plain[kind]) is None:
                raise LookupError("no user pool stands yet")
            return value
        named: dict[str, tuple[Mapping[str, str], str]] = {
            "table": (self.tables._names, "list it under triggers.tables"),
            "key": (self.key_ids, "list it under triggers.signing_keys"),
            "key_alias": ({key: f"alias/{key}" for key in self.key_ids}, "list it under triggers.signing_keys"),
            "env": (os.environ, "set this environment variable"),
        }
        if name is None or kind not in named:
            raise LookupError(f"there is no such placeholder; known: {' '.join(_PLACEHOLDERS)}")
        values, advice = named[kind]
        if name not in values:
            raise LookupError(f"there is no {name!r}; {advice}")
        return values[name]


def _make_table(clients: Any, table: TableSettings) -> str:
    """Make a table and give its name, numbered when another stage at the endpoint has the plain one."""
    written = [table.partition_key, table.sort_key]
    for index in table.indexes:
        written += [index.partition_key, index.sort_key]
    types = dict(attribute.split(":") for attribute in written if attribute)
    more: dict[str, Any] = {}
    if table.indexes:
        more["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _key_schema(index.partition_key, index.sort_key),
                "Projection": _projection(index.projection),
            }
            for index in table.indexes
        ]
    client = clients("dynamodb")
    for number in range(1, 10_000):
        name = table.name if number == 1 else f"{table.name}-{number}"
        try:
            client.create_table(
                TableName=name,
                AttributeDefinitions=[{"AttributeName": each, "AttributeType": types[each]} for each in types],
                KeySchema=_key_schema(table.partition_key, table.sort_key),
                BillingMode="PAY_PER_REQUEST",
                **more,
            )
        except client.exceptions.ResourceInUseException:
            continue
        break
    if table.expires_attribute:
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": table.expires_attribute}
        )
    return name


def _key_schema(partition_key: str, sort_key: str | None) -> list[dict[str, str]]:
    keys = [(partition_key, "HASH"), *([(sort_key, "RANGE")] if sort_key else [])]
    return [{"AttributeName": written.split(":")[0], "KeyType": kind} for written, kind in keys]


def _projection(projection: str | list[str]) -> dict[str, Any]:
    if isinstance(projection, str):
        return {"ProjectionType": projection}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection}


def _make_key(clients: Any, name: str, spec: str) -> str:
    """Make a signing key and give its id; its alias names the newest key of that name at the endpoint."""
    client = clients("kms")
    key_id: str = client.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    try:
        client.create_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)
    except client.exceptions.AlreadyExistsException:
        client.update_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)
    return key_id


def _make_senders(clients: Any, senders: Sequence[str]) -> None:
    client = clients("ses")
    for sender in senders:
        if "@" in sender:
            client.verify_email_identity(EmailAddress=sender)
        else:
            client.verify_domain_identity(Domain=sender)
