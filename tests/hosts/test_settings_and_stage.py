"""What [triggers] says is checked when it is read, and stands at the endpoint when it is opened."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from harness.configuration_error import ConfigurationError
from harness.findings import TargetUnreachable
from harness.settings import Settings, load_settings
from harness.stage import Stage, aws_clients, function_arn
from harness.trigger_hosts import make_trigger_host
from harness.trigger_settings import TriggersSettings
from tests.hosts.conftest import NOWHERE, bare_stage

WRONG = {
    "an unknown function": (
        'host = "node"\nhandlers = { define_auth_chalenge = "a.mjs:handler" }',
        r"no function is called 'define_auth_chalenge'; did you mean define_auth_challenge\?",
    ),
    "an unknown function's environment": (
        "environment_of = { verify = { A = 'b' } }",
        "no function is called 'verify'",
    ),
    "no handlers": ('host = "python"', r'host = "python" wants handlers: .*path/to/file\.py:handler'),
    "no attribute": ('host = "node"\nhandlers = { pre_sign_up = "a.mjs" }', r"write path/to/file\.mjs:handler"),
    "no command": ('host = "command"', "wants command"),
    "handlers without a host": ('handlers = { pre_sign_up = "a.mjs:handler" }', "set host to what runs them"),
    "no URL": ('host = "runtime"\nhandlers = { pre_sign_up = "localhost:9000" }', "http://localhost:9000"),
    "no key attribute": ('tables = [{ name = "links", partition_key = "id" }]', "userNameHash:B"),
    "an unknown key": ('tables = [{ name = "links", partition_key = "id:S", ttl = "x" }]', "not a known key"),
    "an unknown key spec": ('signing_keys = [{ name = "k", spec = "RSA_1024" }]', "RSA_2048"),
    "an origin with a path": ('link_origins = ["https://app.example.com/sign-in"]', "without a path"),
    "a related origin with a path": ('related_origins = ["https://example.co.uk/"]', "without a path"),
    "an unknown variant": ("variants = { strict = { A = 'b' } }", "verification-preferred"),
    "a variant of what is deployed": (
        'host = "runtime"\nhandlers = { pre_sign_up = "http://localhost:9000" }\n'
        "variants = { verification-preferred = { A = 'b' } }",
        "variants are variables that the run sets",
    ),
    "an unknown host": ('host = "ruby"', "triggers.host"),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_section_is_refused_with_what_would_be_right(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "conformance.toml"
    file.write_text(f"[triggers]\n{text}\n")
    with pytest.raises(ConfigurationError, match=words):
        load_settings(file)


def test_paths_start_from_the_configuration_file_and_not_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "conformance.toml").write_text(
        '[triggers]\nhost = "node"\nhandlers = { pre_sign_up = "a.mjs:handler" }'
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    settings = load_settings(Path("../conformance.toml"))
    assert settings.triggers.path_of("a.mjs") == tmp_path / "a.mjs"
    as_a_worker_has_them = Settings.model_validate_json(settings.model_dump_json())
    assert as_a_worker_has_them.triggers == settings.triggers


def test_the_digest_does_not_depend_on_where_the_file_lies(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "conformance.toml"
        file.write_text("[run]\nseed = 1\n[triggers]\nlink_seconds = 60\n")
        digests.add(load_settings(file).digest())
    assert len(digests) == 1


def test_the_variables_of_a_second_policy_win_over_all_others() -> None:
    settings = TriggersSettings(
        environment={"USER_VERIFICATION": "required", "SENDER": "x"},
        environment_of={"pre_sign_up": {"USER_VERIFICATION": "required", "OWN": "y"}},
        variants={"verification-preferred": {"USER_VERIFICATION": "preferred"}},
    )
    varied = settings.varied("verification-preferred")
    assert varied.environment == {"USER_VERIFICATION": "preferred", "SENDER": "x"}
    assert varied.environment_of == {"pre_sign_up": {"USER_VERIFICATION": "preferred", "OWN": "y"}}


def test_only_the_reference_triggers_get_a_stage_that_nobody_asked_for(tmp_path: Path) -> None:
    assert load_settings().triggers.tables
    file = tmp_path / "conformance.toml"
    file.write_text('[triggers]\nhost = "node"\nhandlers = { pre_sign_up = "a.mjs:handler" }')
    assert not load_settings(file).triggers.tables


def test_a_handlers_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = settings_of(host="python", handlers={"pre_sign_up": "src/app.py:handler"}, folder=tmp_path)
    with pytest.raises(ConfigurationError, match=rf"handlers\.pre_sign_up: there is no file {tmp_path}/src/app\.py"):
        make_trigger_host(bare_stage(settings))


def test_node_that_is_not_there_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.mjs").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = settings_of(host="node", handlers={"pre_sign_up": "app.mjs:handler"}, folder=tmp_path)
    with pytest.raises(ConfigurationError, match=r"Node\.js 20 or newer"):
        make_trigger_host(bare_stage(settings))


@pytest.fixture(scope="module")
def pool() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start() as started:
        yield started


FULL: dict[str, Any] = {
    "tables": [
        {"name": "secrets", "partition_key": "userNameHash:B", "expires_attribute": "exp"},
        {
            "name": "passkeys",
            "partition_key": "pk:S",
            "sort_key": "sk:S",
            "indexes": [
                {"name": "byCredential", "partition_key": "credentialId:B", "projection": "KEYS_ONLY"},
                {"name": "byOwner", "partition_key": "owner:S", "sort_key": "made:N", "projection": ["name"]},
            ],
        },
    ],
    "signing_keys": [{"name": "links"}, {"name": "spare", "spec": "RSA_4096"}],
    "senders": ["no-reply@example.com", "mail.example.com"],
    "environment": {
        "EVERYTHING": "{endpoint} {region} {account_id} {user_pool_id} {client_id} {table:secrets} {key:links}",
        "ALIAS": "{key_alias:links}",
        "JSON": '{"plain": {}}',
        "FROM_OUTSIDE": "{env:STAGE_TEST_TOKEN}",
        "SAME": "for all",
    },
    "environment_of": {"pre_sign_up": {"SAME": "for one"}},
}


def test_tables_indexes_keys_and_senders_stand_at_the_endpoint(pool: EmbeddedPool) -> None:
    stage = Stage.open(settings_of(**FULL), pool.endpoint, pool.region)
    clients = aws_clients(pool.endpoint, pool.region)
    table = clients("dynamodb").describe_table(TableName=stage.tables.actual_name("passkeys"))["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert indexes["byCredential"]["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert indexes["byOwner"]["Projection"]["NonKeyAttributes"] == ["name"]
    expiry = clients("dynamodb").describe_time_to_live(TableName=stage.tables.actual_name("secrets"))
    assert expiry["TimeToLiveDescription"]["AttributeName"] == "exp"
    key = clients("kms").describe_key(KeyId="alias/spare")["KeyMetadata"]
    assert (key["KeyId"], key["KeySpec"], key["KeyUsage"]) == (stage.key_ids["spare"], "RSA_4096", "SIGN_VERIFY")
    assert set(clients("ses").list_identities()["Identities"]) >= {"no-reply@example.com", "mail.example.com"}


def test_a_table_can_be_searched_whole(pool: EmbeddedPool) -> None:
    tables = [{"name": "searched", "partition_key": "id:B"}]
    stage = Stage.open(settings_of(tables=tables), pool.endpoint, pool.region)
    client = aws_clients(pool.endpoint, pool.region)("dynamodb")
    for number in range(30):
        item = {"id": {"B": bytes([number])}, "nested": {"M": {"secret": {"S": "x" * 60_000}}}}
        client.put_item(TableName=stage.tables.actual_name("searched"), Item=item)
    found = stage.tables.scan("searched")
    assert {item["id"] for item in found} == {bytes([number]) for number in range(30)}
    assert all(item["nested"] == {"secret": "x" * 60_000} for item in found)


def test_two_stages_at_one_endpoint_do_not_share_tables(pool: EmbeddedPool) -> None:
    tables = [{"name": "twice", "partition_key": "id:S"}]
    one, other = (Stage.open(settings_of(tables=tables), pool.endpoint, pool.region) for _ in range(2))
    assert one.tables.actual_name("twice") != other.tables.actual_name("twice")


def test_an_environment_is_filled_in_and_holds_nothing_of_the_users(
    pool: EmbeddedPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE_TEST_TOKEN", "from outside")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a developer's")
    stage = Stage.open(settings_of(**FULL), pool.endpoint, pool.region).for_pool("us-east-1_abc", "client")
    environment = stage.environment_of("define_auth_challenge")
    table, key = stage.tables.actual_name("secrets"), stage.key_ids["links"]
    assert environment["EVERYTHING"] == f"{pool.endpoint} us-east-1 123456789012 us-east-1_abc client {table} {key}"
    assert environment["ALIAS"] == "alias/links"
    assert json.loads(environment["JSON"]) == {"plain": {}}
    assert environment["FROM_OUTSIDE"] == "from outside"
    assert environment["AWS_ENDPOINT_URL"] == pool.endpoint
    assert environment["AWS_ACCESS_KEY_ID"] != "a developer's"
    assert "AWS_PROFILE" not in environment
    assert environment["SAME"] == "for all"
    assert stage.environment_of("pre_sign_up")["SAME"] == "for one"


BAD_ENVIRONMENTS = {
    "an unknown placeholder": (
        {"A": "{tabel:links}"},
        r"triggers\.environment\.A: \{tabel:links\} .*known: \{endpoint\}",
    ),
    "an unknown table": ({"A": "{table:links}"}, r"there is no 'links'; list it under triggers\.tables"),
    "an unknown key": ({"A": "{key:links}"}, r"list it under triggers\.signing_keys"),
    "a pool before there is one": ({"A": "{user_pool_id}"}, "no user pool stands yet"),
    "an unset variable": ({"A": "{env:NOT_SET_ANYWHERE}"}, "set this environment variable"),
    "credentials": ({"AWS_SECRET_ACCESS_KEY": "x"}, "leave it out"),
}


@pytest.mark.parametrize(("environment", "words"), BAD_ENVIRONMENTS.values(), ids=BAD_ENVIRONMENTS)
def test_an_environment_that_cannot_be_filled_in_says_what_is_missing(environment: dict[str, str], words: str) -> None:
    stage = bare_stage(settings_of(host="command", command=["x"], environment=environment))
    with pytest.raises(ConfigurationError, match=words):
        stage.environment_of("pre_sign_up")


def test_an_endpoint_that_is_not_there_is_inconclusive() -> None:
    tables = [{"name": "nowhere", "partition_key": "id:S"}]
    with pytest.raises(TargetUnreachable, match="cannot be asked"):
        Stage.open(settings_of(tables=tables), NOWHERE, "us-east-1")


def test_a_function_has_the_arn_that_lambda_would_give_it() -> None:
    assert function_arn("pre_sign_up", "eu-west-1") == "arn:aws:lambda:eu-west-1:123456789012:function:pre_sign_up"


def settings_of(**values: Any) -> TriggersSettings:
    """Settings of a host that brings nothing of its own."""
    return TriggersSettings.model_validate({"host": "command", "command": [os.devnull], **values})
