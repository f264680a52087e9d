"""Writes a commented configuration for a live pool, out of the settings' own descriptions."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from harness.configuration_error import ConfigurationError
from harness.live.commented_toml import comment, commented_section, toml
from harness.live.settings import LiveSettings
from harness.settings import (
    AuthenticatorSettings,
    ClientSettings,
    GateSettings,
    RelyingPartySettings,
    RunSettings,
    Settings,
    TargetSettings,
    VerifierSettings,
)
from harness.trigger_settings import SET_WHERE_DEPLOYED, TriggersSettings

SECTIONS: Mapping[str, type[BaseModel]] = {
    "target": TargetSettings,
    "live": LiveSettings,
    "triggers": TriggersSettings,
    "gate": GateSettings,
    "run": RunSettings,
    "client": ClientSettings,
    "verifier": VerifierSettings,
    "relying_party": RelyingPartySettings,
    "authenticator": AuthenticatorSettings,
}

LEFT_OUT = frozenset({"run.file", *(f"triggers.{name}" for name in SET_WHERE_DEPLOYED)})
"""What the tool sets itself, and what nobody sets for functions that a live pool calls."""

PLACEHOLDER = "POOLID"
"""Stands behind the region in place of a pool's id that nobody has named."""

EXAMPLES = {
    "target.endpoint": '"http://127.0.0.1:4566"',
    "target.capabilities": '["srp", "accounts"]',
    "live.clients": '[{ client_id = "1example23456789", secret = { env = "STAGING_CLIENT_SECRET" } }]',
    "live.accounts": '[{ username = "conformance-1", password = { env = "STAGING_PASSWORD_1" } }]',
    "live.production": '"the pool\'s name"',
    "live.profile": '"staging"',
    "live.role_arn": '"arn:aws:iam::123456789012:role/conformance"',
    "live.attributes": '{ family_name = "Conformance", "custom:tenant" = "tests" }',
    "live.mailbox.kind": '"imap"',
    "live.mailbox.queue_url": '"https://sqs.eu-west-1.amazonaws.com/123456789012/mails"',
    "live.mailbox.bucket": '"staging-mails"',
    "live.mailbox.region": '"eu-west-1"',
    "live.mailbox.endpoint": '"http://127.0.0.1:4566"',
    "live.mailbox.command": '["python", "print_mails.py"]',
    "live.mailbox.address": '"conformance+{name}@staging.example.com"',
    "live.mailbox.host": '"imap.example.com"',
    "live.mailbox.ca_file": '"ca.pem"',
    "live.mailbox.user": '"conformance@staging.example.com"',
    "live.mailbox.password": '{ env = "STAGING_MAILBOX_PASSWORD" }',
    "live.mailbox.prefix": '"mails/"',
    "live.phone.kind": '"sqs"',
    "live.phone.queue_url": '"https://sqs.eu-west-1.amazonaws.com/123456789012/texts"',
    "live.phone.bucket": '"staging-texts"',
    "live.phone.region": '"eu-west-1"',
    "live.phone.endpoint": '"http://127.0.0.1:4566"',
    "live.phone.command": '["python", "print_texts.py"]',
    "live.phone.number": '"+1555555####"',
    "triggers.host": '"pool"',
    "triggers.apis": '{ fido2_credentials_api = "https://api.staging.example.com/v1" }',
    "triggers.relying_party.id": '"staging.example.com"',
    "triggers.relying_party.origins": '["https://staging.example.com"]',
    "triggers.link_origins": '["https://staging.example.com"]',
    "triggers.link_seconds": "900",
    "triggers.app_origins": '["android:apk-key-hash:hCMyW6Xj9bdN2S0pYQ5jqV3aKkzTn4uB7cD1eF8gH9I"]',
    "triggers.related_origins": '["https://staging.example.org"]',
    "triggers.mails_per_minute": "60",
    "gate.waivers": '"waivers.toml"',
    "run.select": '["SRP", "TOK-16"]',
    "run.seed": "1",
    "run.workers": "4",
    "client.command": '["node", "client-driver.mjs"]',
    "verifier.command": '["node", "verifier-driver.mjs"]',
    "relying_party.command": '["node", "relying-party-driver.mjs"]',
    "authenticator.browser": '"/usr/bin/chromium"',
    "authenticator.driver": '"/usr/bin/chromedriver"',
}
"""What is written behind keys that have no default, or none that would do for a live pool."""

_HEAD = """\
Configuration of cognito-conformance for a live user pool. What stands behind `#` without a blank is a key with its
default or, where it has none, an example. Secrets never stand in this file: { env = "NAME" } or { command = [...] }.
Then: `cognito-conformance doctor` looks whether everything is there, `cognito-conformance policy` prints the IAM
policy that it takes, `cognito-conformance run --plan` tells what a run would do, and `run --live` runs."""


@dataclass(frozen=True)
class Suggestions:
    """What is set in the file, in TOML, and said above its keys, by `section.key`; and what whoever asked is told."""

    given: dict[str, str]
    above: dict[str, list[str]] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def region_of(user_pool_id: str | None, region: str | None) -> str:
    """The region: the pool's own, the one that was named, or the environment's. Raises ConfigurationError."""
    own = (user_pool_id or "").rpartition("_")[0]
    if own and region and own != region:
        raise ConfigurationError(f"--region is {region}, but the pool {user_pool_id} is in {own}; leave --region out")
    elsewhere = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return own or region or elsewhere or str(TargetSettings.model_fields["region"].default)


def without_looking(user_pool_id: str | None, region: str) -> Suggestions:
    """What can be said of a pool without asking anybody."""
    given = {
        "target.kind": toml("live"),
        "target.region": toml(region),
        "live.user_pool_id": toml(user_pool_id or f"{region}_{PLACEHOLDER}"),
    }
    if user_pool_id:
        return Suggestions(given)
    return Suggestions(
        given, {"live.user_pool_id": ["Put the pool's id here."]}, ("put the pool's id into live.user_pool_id",)
    )


def suggestions_for(user_pool_id: str | None, region: str) -> Suggestions:
    """What can be said of the pool, which is looked at where it is named and there are credentials.

    Raises ConfigurationError for an id that is none.
    """
    known = without_looking(user_pool_id, region)
    if user_pool_id is None:
        return known
    from harness.live.pool_found import look_at_pool  # boto3 is heavy, and offline nobody needs it

    try:
        settings = Settings.model_validate(
            {"target": {"kind": "live", "region": region}, "live": {"user_pool_id": user_pool_id}}
        )
    except ValidationError as error:
        raise ConfigurationError("; ".join(str(problem["msg"]) for problem in error.errors())) from error
    return look_at_pool(settings, known)


def configuration(suggestions: Suggestions) -> str:
    """The file's text."""
    return "\n".join(_lines(suggestions))


def _lines(suggestions: Suggestions) -> Iterator[str]:
    yield from comment(_HEAD.replace("\n", " "))
    yield ""
    for name, model in SECTIONS.items():
        yield from commented_section(
            name,
            model,
            examples=EXAMPLES,
            given=suggestions.given,
            remarks=suggestions.above,
            left_out=LEFT_OUT,
        )


def write_new(file: Path, text: str) -> None:
    """Write a file that was not there before. Raises ConfigurationError when one is, or it cannot be written."""
    tomllib.loads(text)  # a file that cannot be read is never written
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise ConfigurationError(f"{file} is there already, and is left as it is; name another with --output") from None
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written ({error.strerror})") from error
