"""What the triggers are told: by their environment, as Lambda gives it to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.triggers.fido2.configuration import PasskeyConfiguration

SHORTEST_SECRET = 16
"""Characters. A shorter secret could be found by trying."""


class InvalidConfiguration(Exception):
    """A variable is missing or holds what it cannot; the message names it."""


@dataclass(frozen=True)
class Configuration:
    """The settings of all triggers; numbers have defaults that satisfy OWASP ASVS 5.0, section 6.5."""

    table: str
    """DynamoDB table with the partition key `id` (text); its time to live is the attribute `expires_at`."""

    signing_key: str
    """KMS key or alias that signs links: RSA of 3072 bits or more, SIGN_VERIFY (ASVS 11.2.3: 128-bit strength)."""

    hashing_secret: bytes
    """Keys the hashes that stand for users, sessions and codes in the table. Keep it where secrets are kept."""

    sender: str
    """The address that links are mailed from."""

    link_origins: tuple[str, ...]
    """The origins that a link may lead to, `https://host[:port]`."""

    link_paths: tuple[str, ...] = ("/sign-in",)
    """The paths that a link may lead to: no other page of an origin shall see a link's fragment."""

    link_seconds: int = 600
    seconds_between_links: int = 60
    """At most `link_seconds`: so whoever is asked to wait has a mail whose link is still good."""

    mails_per_client_and_minute: int = 200
    mails_per_minute: int = 1000
    clock_skew_seconds: int = 60
    """How far in the future a link may have been made, by the clock of the function that redeems it."""

    code_seconds: int = 300
    seconds_between_codes: int = 60
    codes_per_number_and_hour: int = 10
    answers_per_session: int = 3
    failures_before_slow: int = 10
    """Wrong codes in a row; after them one answer in `slow_seconds` is looked at."""

    slow_seconds: int = 900
    failures_before_locked: int = 100
    """Wrong codes in a row after which no code is right until the account's row is deleted (SP 800-63B 5.2.2)."""

    method_claim: str = "sign_in_method"
    persisted_metadata: tuple[str, ...] = ()
    """Members of the client's metadata that become claims, unverified, as `client:<name>`."""

    longest_persisted: int = 128
    passkeys: PasskeyConfiguration | None = None
    """Signing in with passkeys; None where it is not offered."""

    passkeys_table: str | None = None
    """Table of passkeys, partition key `pk` = `USER#<sub>`. Who has one there signs in with it, not by link."""

    links_yield_to_second_factors: bool = False
    """Whether no link signs a user with a second factor (UserMFASettingList) in: Cognito may ask for nothing more."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Configuration:
        """Read the variables. Raises InvalidConfiguration."""
        read = _Environment(environment)
        secret = read.text("HASHING_SECRET")
        if len(secret) < SHORTEST_SECRET:
            raise InvalidConfiguration(f"HASHING_SECRET is too short: at least {SHORTEST_SECRET} random characters")
        configuration = cls(
            table=read.text("SIGN_IN_TABLE"),
            signing_key=read.text("SIGNING_KEY_ID"),
            hashing_secret=secret.encode(),
            sender=read.text("MAIL_SENDER"),
            link_origins=read.texts("LINK_ORIGINS"),
            link_paths=read.texts("LINK_PATHS", ("/sign-in",)),
            link_seconds=read.number("LINK_SECONDS", 600),
            seconds_between_links=read.number("SECONDS_BETWEEN_LINKS", 60),
            mails_per_client_and_minute=read.number("MAILS_PER_CLIENT_AND_MINUTE", 200),
            mails_per_minute=read.number("MAILS_PER_MINUTE", 1000),
            code_seconds=read.number("CODE_SECONDS", 300),
            seconds_between_codes=read.number("SECONDS_BETWEEN_CODES", 60),
            persisted_metadata=read.texts("PERSISTED_METADATA", ()),
            passkeys=PasskeyConfiguration.from_environment(environment),
            passkeys_table=environment.get("PASSKEYS_TABLE") or None,
            links_yield_to_second_factors=environment.get("LINKS_YIELD_TO_SECOND_FACTORS") == "yes",
        )
        if configuration.seconds_between_links > configuration.link_seconds:
            raise InvalidConfiguration(
                "SECONDS_BETWEEN_LINKS is longer than LINK_SECONDS: who asks others' links away locks them out"
            )
        return configuration


@dataclass(frozen=True)
class _Environment:
    variables: Mapping[str, str]

    def text(self, name: str) -> str:
        if not (value := self.variables.get(name, "").strip()):
            raise InvalidConfiguration(f"the variable {name} is not set")
        return value

    def texts(self, name: str, absent: tuple[str, ...] | None = None) -> tuple[str, ...]:
        if absent is not None and not self.variables.get(name):
            return absent
        return tuple(each.strip() for each in self.text(name).split(",") if each.strip())

    def number(self, name: str, absent: int) -> int:
        value = self.variables.get(name) or str(absent)
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise InvalidConfiguration(f"{name} is {value!r}; give a whole number above zero")
        return int(value)
