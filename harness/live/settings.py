"""The section `[live]` of the configuration: a user pool of a team's own, and what a run may do in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.mailboxes.settings import MailboxSettings, PhoneSettings
from harness.secret_source import Secret

_POOL_ID = re.compile(r"^[\w-]+_[0-9a-zA-Z]+$")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LiveClient(_Section):
    """An app client of the pool that the run may sign in at."""

    client_id: str = Field(pattern=r"^[\w+]{1,128}$", description="its id, as DescribeUserPoolClient tells it")
    secret: Secret | None = Field(default=None, description="the client secret, for a client that has one")


class LiveAccount(_Section):
    """A test account that exists already. The run signs in to it honestly only: it never gets a wrong password."""

    username: str = Field(description="the name that it signs in with")
    password: Secret = Field(description='its password: { env = "NAME" } or { command = [...] }')


class LiveSettings(_Section):
    """The pool, and what a run may do in it."""

    user_pool_id: str | None = Field(default=None, description="the pool that is tested: eu-west-1_AbCdEfGhI")
    clients: list[LiveClient] = Field(
        default_factory=list, description="app clients to sign in at; empty: the run makes its own, where it may"
    )
    users: Literal["admin", "given", "none"] = Field(
        default="admin",
        description="admin: the run makes its own users; given: it signs in to `accounts`; none: it signs nobody in",
    )
    accounts: list[LiveAccount] = Field(default_factory=list, description="test accounts, for users = given")
    make_clients: bool = Field(default=False, description="whether the run may make app clients of its own in the pool")
    make_pools: bool = Field(
        default=False, description="whether the run may make user pools of its own beside it, for checks of settings"
    )
    production: str | None = Field(
        default=None, description="the pool's name, to be written here when it looks like production and is meant"
    )
    requests_per_second: float = Field(
        default=10, gt=0, le=1_000, description="what all workers of the run together may send; stay under the quotas"
    )
    most_users: int = Field(default=1_000, ge=0, description="a run that plans to make more users than this is refused")
    ledger: Path = Field(
        default=Path(".cognito-conformance/ledger.jsonl"),
        description="where everything is noted before it is made; `cleanup` reads it",
    )
    profile: str | None = Field(default=None, description="a profile of the AWS configuration; absent: boto3's chain")
    role_arn: str | None = Field(default=None, description="a role to assume with these credentials")
    attributes: dict[str, str] = Field(
        default_factory=dict, description="further attributes that each made user gets, for a pool that requires them"
    )
    email_address: str = Field(
        default="{name}@example.com",
        description="the address of each user that is made; {name} is replaced, so that each has its own",
    )

    mailbox: MailboxSettings | None = Field(
        default=None, description="where the run reads the mails to its users, for links and codes"
    )
    phone: PhoneSettings | None = Field(
        default=None, description="where the run reads the text messages to its users, for codes"
    )
    quiet_seconds: float = Field(
        default=10,
        gt=0,
        le=600,
        description="how long a message that must not come is waited for; longer by itself where others take longer",
    )

    @field_validator("user_pool_id")
    @classmethod
    def _is_a_pool_id(cls, value: str | None) -> str | None:
        if value is not None and not _POOL_ID.match(value):
            raise ValueError(f"{value!r} is no user pool id; it reads region_letters, as eu-west-1_AbCdEfGhI")
        return value

    @field_validator("email_address")
    @classmethod
    def _tells_users_apart(cls, value: str) -> str:
        if "{name}" not in value or "@" not in value:
            raise ValueError(f"{value!r} must hold {{name}} and a domain: conformance+{{name}}@staging.example.com")
        return value

    @model_validator(mode="after")
    def _has_what_its_users_want(self) -> LiveSettings:
        if self.users == "given" and not self.accounts:
            raise ValueError('users = "given" wants accounts, each with username and password')
        if self.users != "given" and self.accounts:
            raise ValueError(f'accounts are given but users is "{self.users}"; set users = "given"')
        if self.users == "given" and not self.clients:
            raise ValueError('users = "given" wants clients, the app clients at which the accounts sign in')
        return self
