"""What the configuration says of triggers behind a live pool, and which checks say that they need more than that."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from harness.catalogue import all_checks
from harness.configuration_error import ConfigurationError
from harness.live.found_triggers import WHY_NEVER, find_live_triggers
from harness.needs import NEEDS
from harness.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

POOL = '[target]\nkind = "live"\n[live]\nuser_pool_id = "eu-west-1_AbCdEfGhI"\n'
JUDGED = '[triggers]\nhost = "pool"\nlink_origins = ["https://app.example.com"]\n'
MAILBOX = '[live.mailbox]\nkind = "s3"\nbucket = "mails"\naddress = "conformance+{name}@staging.example.com"\n'
PHONE = '[live.phone]\nkind = "command"\nnumber = "+1555#######"\ncommand = ["texts"]\n'
ALL_THREE = {
    "DefineAuthChallenge": "arn:1",
    "CreateAuthChallenge": "arn:2",
    "VerifyAuthChallengeResponse": "arn:3",
}
_EVENTS = re.compile(r"\bcalls_of\(|triggers\.calls\b|verify_event\(")
_INVOCATION = re.compile(r"triggers\.invoke\(|Strangers\(|triggers\.host\b")
_ASKED_DIRECTLY = {"definer", "decisions", "sampled_codes"}


def settings_of(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "conformance.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_everything_that_a_live_pool_lacks_for_triggers_has_a_reason_and_is_a_need() -> None:
    assert WHY_NEVER.keys() <= NEEDS.keys()
    assert all(WHY_NEVER.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[triggers]\nhost = "pool"\n', 'triggers.host = "pool" is for target.kind = "live"'),
        (POOL + JUDGED + 'handlers = { pre_sign_up = "name" }\n', 'handlers: not for host = "pool"'),
        (POOL + JUDGED + 'environment = { A = "b" }\nsenders = ["a@b.example"]\n', "environment, senders: not for"),
        (POOL + JUDGED + '[live.mailbox]\nkind = "s3"\naddress = "a+{name}@b.example"\n', "wants bucket"),
        (POOL + JUDGED + MAILBOX + 'host = "imap.example.com"\n', 'host: not for kind = "s3"'),
    ],
)
def test_what_cannot_be_meant_is_explained(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        settings_of(tmp_path, text)
    assert words in str(error.value)


def test_workers_read_the_settings_as_they_were_written(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, POOL + JUDGED + MAILBOX + PHONE)
    assert Settings.model_validate_json(settings.model_dump_json()).model_dump() == settings.model_dump()


@pytest.mark.parametrize(
    ("text", "lambda_config", "need", "words"),
    [
        (POOL, ALL_THREE, "custom-auth", 'triggers.host = "pool"'),
        (POOL + 'users = "none"\n' + JUDGED, ALL_THREE, "custom-auth", "live.users"),
        (POOL + JUDGED, {"DefineAuthChallenge": "arn"}, "custom-auth", "CreateAuthChallenge, VerifyAuthChallenge"),
        (POOL + JUDGED, ALL_THREE, "magic-links", "live.mailbox"),
        (POOL + '[triggers]\nhost = "pool"\n' + MAILBOX, ALL_THREE, "magic-links", "triggers.link_origins"),
        (POOL + JUDGED + MAILBOX, ALL_THREE, "codes", "live.phone"),
        (POOL + JUDGED + MAILBOX, ALL_THREE, "step-up", "live.phone"),
        (POOL + JUDGED + PHONE.replace("#######", "5550100"), ALL_THREE, "codes", "run.workers = 1"),
        (POOL + JUDGED, ALL_THREE, "pre-sign-up", "names no PreSignUp"),
        (POOL + JUDGED, None, "pre-token-generation", "cognito-idp:DescribeUserPool"),
        (POOL + JUDGED, ALL_THREE, "invocation", 'target.kind = "embedded"'),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, text: str, lambda_config: dict[str, Any] | None, need: str, words: str
) -> None:
    found = find_live_triggers(settings_of(tmp_path, text), lambda_config)
    assert need not in found.needs_met
    assert words in found.lacking[need]


@pytest.mark.parametrize("lambda_config", [ALL_THREE, None], ids=["described", "not described"])
def test_with_mailbox_and_phone_all_that_the_dialect_speaks_but_passkeys_is_met(
    tmp_path: Path, lambda_config: dict[str, Any] | None
) -> None:
    found = find_live_triggers(settings_of(tmp_path, POOL + JUDGED + MAILBOX + PHONE), lambda_config)
    assert found.needs_met == {"custom-auth", "magic-links", "codes", "step-up", "several-methods"}
    assert "eu-west-1_AbCdEfGhI" in found.name


def test_one_phone_for_all_users_is_enough_for_one_worker(tmp_path: Path) -> None:
    one = POOL + JUDGED + PHONE.replace("#######", "5550100") + "[run]\nworkers = 1\n"
    assert "codes" in find_live_triggers(settings_of(tmp_path, one), ALL_THREE).needs_met


def test_a_pre_token_generation_trigger_of_any_version_is_seen(tmp_path: Path) -> None:
    versioned = {**ALL_THREE, "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "arn:4"}}
    settings = settings_of(tmp_path, POOL + JUDGED + MAILBOX)
    assert "pre-token-generation" in find_live_triggers(settings, versioned).needs_met


def test_every_check_that_looks_at_events_or_asks_functions_directly_says_so() -> None:
    silent = []
    for check in all_checks():
        if not check.module.startswith("suites.") or "custom-auth" not in check.needs or "fido2" in check.needs:
            continue
        function = getattr(import_module(check.module), check.function)
        text = inspect.getsource(function)
        asked = bool(_ASKED_DIRECTLY & inspect.signature(function).parameters.keys())
        if (asked or _EVENTS.search(text)) and "trigger-events" not in check.needs:
            silent.append(f"{check.id}: trigger-events")
        if (asked or _INVOCATION.search(text)) and "invocation" not in check.needs:
            silent.append(f"{check.id}: invocation")
    assert silent == []
