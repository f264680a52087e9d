"""`init`: a commented configuration that loads, follows the settings, and says what can be seen of the pool."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.configuration_error import ConfigurationError
from harness.live.commented_toml import comment, keys_of, toml
from harness.live.init import (
    EXAMPLES,
    LEFT_OUT,
    PLACEHOLDER,
    SECTIONS,
    Suggestions,
    configuration,
    region_of,
    suggestions_for,
    without_looking,
    write_new,
)
from harness.settings import Settings, load_settings
from reports.vocabulary import ExitCode
from tests.harness.conftest import command
from tests.live.staging import CREDENTIALS, Staging

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.conftest import Finished

__all__ = ["command"]  # a fixture here too

POOL = "eu-west-1_AbCdEfGhI"
COMMENTED_KEY = re.compile(r"#([a-z_.]+) = ")
KEYS = [key for name, model in SECTIONS.items() for key in keys_of(name, model) if key not in LEFT_OUT]


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staging]:
    """A pool with credentials for it in the environment, and its endpoint in the place of AWS's."""
    with Staging.open(tmp_path) as pool:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COGNITO_CONFORMANCE_TARGET__ENDPOINT", pool.service.endpoint)
        yield pool


def lines() -> list[str]:
    return configuration(without_looking(POOL, "eu-west-1")).splitlines()


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "conformance.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def found(staging: Staging) -> Suggestions:
    """What `init` finds out, while signatures are demanded."""
    staging.service.callers.requires_signature = True
    try:
        return suggestions_for(staging.user_pool_id, "us-east-1")
    finally:
        staging.service.callers.requires_signature = False


def section(text: str, name: str) -> dict[str, Any]:
    read: dict[str, Any] = tomllib.loads(text)[name]
    return read


def test_the_file_loads_as_it_is_written(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "\n".join(lines()))
    assert (settings.target.kind, settings.target.region) == ("live", "eu-west-1")
    assert settings.live.user_pool_id == POOL
    assert settings.live == settings.live.model_copy(update=dict(type(settings.live)(user_pool_id=POOL)))


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_there_with_its_description_and_uncommented_it_is_valid_or_explained(
    tmp_path: Path, key: str
) -> None:
    name, _, short = key.partition(".")
    text = lines()
    begins = text.index(f"[{name}]")
    at = next(
        index for index, line in enumerate(text[begins:], begins) if line.startswith((f"#{short} = ", f"{short} = "))
    )
    assert text[at - 1].startswith("# "), f"give {key} a description in the settings"
    text[at] = text[at].removeprefix("#")
    try:
        loaded(tmp_path, "\n".join(text))
    except ConfigurationError as refused:
        told = str(refused)
        assert "conformance.toml" in told
        explains = key in told or "wants" in told or short in told or "Field required" in told
        assert explains, told


def test_each_example_belongs_to_a_key_and_nothing_is_left_out_that_is_none() -> None:
    every = {key for name, model in SECTIONS.items() for key in keys_of(name, model)}
    assert every >= EXAMPLES.keys()
    assert every >= LEFT_OUT
    assert set(SECTIONS) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("uncommented", "mailbox"),
    [
        ({"kind", "address", "host", "user", "password"}, "imap"),
        ({"kind", "address", "bucket", "region", "prefix"}, "s3"),
        ({"kind", "address", "queue_url", "bucket"}, "sqs"),
        ({"kind", "address", "command"}, "command"),
    ],
)
def test_the_keys_of_a_mailbox_uncommented_together_make_one(
    tmp_path: Path, uncommented: set[str], mailbox: str
) -> None:
    def chosen(line: str) -> str:
        key = COMMENTED_KEY.match(line)
        if key is None or key[1].removeprefix("mailbox.") not in uncommented or not key[1].startswith("mailbox."):
            return line
        return line.removeprefix("#").replace('kind = "imap"', f'kind = "{mailbox}"')

    settings = loaded(tmp_path, "\n".join(map(chosen, lines())))
    assert settings.live.mailbox is not None
    assert settings.live.mailbox.kind == mailbox


def test_a_comment_cannot_end_before_its_line() -> None:
    told = comment('a pool named "x\n[live]\nproduction = true"')
    assert all(line.startswith("# ") for line in told)
    assert toml({"a b": 'x"\n', "plain": [1, 2.5, True]}) == '{ "a b" = "x\\"\\n", plain = [1, 2.5, true] }'


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "conformance.toml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="left as it is"):
        write_new(file, "other = 1")
    assert file.read_text(encoding="utf-8") == "mine"


def test_the_region_is_the_pools_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert region_of(POOL, None) == "eu-west-1"
    assert region_of(None, "eu-north-1") == "eu-north-1"
    assert region_of(None, None) == "ap-south-1"
    with pytest.raises(ConfigurationError, match="leave --region out"):
        region_of(POOL, "us-east-1")


def test_offline_it_works_and_says_what_to_fill_in(command: Callable[..., Finished], tmp_path: Path) -> None:
    done = command("init", "--region", "eu-north-1", env={"AWS_EC2_METADATA_DISABLED": "true"})
    assert done.exit_code == ExitCode.CLEAN, done.errors
    assert "put the pool's id into live.user_pool_id" in done.errors
    settings = load_settings(tmp_path / "conformance.toml")
    assert settings.live.user_pool_id == f"eu-north-1_{PLACEHOLDER}"
    again = command("init")
    assert again.exit_code == ExitCode.USAGE
    assert "is there already" in again.errors


def test_an_id_that_is_none_is_refused_before_anything_is_written(
    command: Callable[..., Finished], tmp_path: Path
) -> None:
    done = command("init", "--user-pool-id", "not a pool")
    assert done.exit_code == ExitCode.USAGE
    assert "is no user pool id" in done.errors
    assert not (tmp_path / "conformance.toml").exists()


def test_the_pool_is_looked_at_and_its_clients_are_filled_in_without_their_secrets(
    staging: Staging, tmp_path: Path
) -> None:
    public, confidential = staging.client(), staging.client(GenerateSecret=True)
    machine = staging.client(flows=("ALLOW_REFRESH_TOKEN_AUTH",))
    secret = staging.administrator.ask(
        "DescribeUserPoolClient", {"UserPoolId": staging.user_pool_id, "ClientId": confidential}
    )["UserPoolClient"]["ClientSecret"]
    before = staging.configured()
    text = configuration(found(staging))
    live = loaded(tmp_path, text).live
    assert {client.client_id for client in live.clients} == {public, confidential}
    assert machine not in text
    assert secret not in text
    assert "it has a secret" in text
    assert live.users == "admin"
    assert 'Its name is "staging".' in text
    assert staging.configured() == before
    changing = [name for name in staging.service.network.requests_seen if name.startswith(("Admin", "Create"))]
    assert sorted(changing) == ["CreateUserPool", "CreateUserPoolClient"], "the test's own"


def test_a_pool_with_other_peoples_users_is_only_read(staging: Staging, tmp_path: Path) -> None:
    staging.user()
    suggested = found(staging)
    assert loaded(tmp_path, configuration(suggested)).live.users == "none"
    assert "users that no run of this tool made" in " ".join(suggested.above["live.users"])


def test_triggers_that_the_pool_calls_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:of-the-team"
    names = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
    with Staging.open(tmp_path, LambdaConfig=dict.fromkeys(names, arn)) as pool:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COGNITO_CONFORMANCE_TARGET__ENDPOINT", pool.service.endpoint)
        text = configuration(found(pool))
    assert section(text, "triggers") == {"host": "pool"}


def test_without_a_permission_the_file_is_written_all_the_same(staging: Staging) -> None:
    staging.service.callers.denied = ["Describe*"]
    suggested = found(staging)
    assert any("the pool could not be looked at" in told for told in suggested.told)
    assert tomllib.loads(configuration(suggested))["live"]["user_pool_id"] == staging.user_pool_id
