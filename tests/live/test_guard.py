"""The guard: a pool that looks like production is refused, and so is one that holds somebody else's users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.configuration_error import ConfigurationError
from harness.findings import TargetUnreachable
from harness.live.guard import guard, looks_like_production
from harness.live.settings import LiveSettings
from tests.live.staging import Staging

if TYPE_CHECKING:
    from pathlib import Path

RUN = "0a1b2c3d"
OTHER_WORDS = st.sampled_from(["pool", "users", "eu", "west", "1", "staging", "customers", "product", "api"])


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging.open(tmp_path) as pool:
        yield pool


def settings(pool: Staging, **live: Any) -> LiveSettings:
    return LiveSettings.model_validate({"user_pool_id": pool.user_pool_id, **live})


def rename(pool: Staging, name: str, **tags: str) -> None:
    """Another pool, of this name and with these tags, in the place of the first."""
    made = pool.administrator.ask("CreateUserPool", {"PoolName": name, "UserPoolTags": tags})
    pool.user_pool_id = made["UserPool"]["Id"]


@pytest.mark.parametrize(
    "name",
    [
        "prod", "PROD", "Prod-pool", "my-production", "prod2", "prodpool", "users_prd", "MyProdPool", "eu.live.users",
        "PRODUsers", "acme production (eu)", "productionUsers", "live",
    ],
)  # fmt: skip
def test_a_name_of_production_is_known(name: str) -> None:
    assert looks_like_production(name)


@pytest.mark.parametrize(
    "name",
    [
        "staging", "product-staging", "reproduce", "products", "producer", "non-prod", "pre-prod", "preprod",
        "deliver", "olive", "alive-test", "livestream-test", "", "eu-west-1", "NonProdPool",
    ],
)  # fmt: skip
def test_a_name_of_something_else_is_not(name: str) -> None:
    assert not looks_like_production(name)


@given(
    word=st.sampled_from(["prod", "production", "live", "prd"]),
    before=st.lists(OTHER_WORDS, max_size=3),
    after=st.lists(OTHER_WORDS, max_size=3),
    separator=st.sampled_from("-_. /:"),
    shape=st.sampled_from([str.lower, str.upper, str.capitalize]),
)
def test_a_word_of_production_is_found_wherever_it_stands(
    word: str, before: list[str], after: list[str], separator: str, shape: Any
) -> None:
    assert looks_like_production(separator.join(shape(it) for it in [*before, word, *after]))
    assert not looks_like_production(separator.join(shape(it) for it in [*before, *after]))


def test_an_empty_staging_pool_is_let_pass(staging: Staging) -> None:
    assert guard(staging.administrator, settings(staging)).name == "staging"


def test_a_pool_named_production_is_refused_and_the_message_holds_what_to_write(staging: Staging) -> None:
    rename(staging, "acme-production")
    with pytest.raises(ConfigurationError, match=r'live\.production = "acme-production"'):
        guard(staging.administrator, settings(staging))


def test_the_pools_exact_name_is_the_word_that_lets_it_pass(staging: Staging) -> None:
    rename(staging, "acme-production")
    assert guard(staging.administrator, settings(staging, production="acme-production"))
    with pytest.raises(ConfigurationError, match="look which is meant"):
        guard(staging.administrator, settings(staging, production="acme"))


def test_a_tag_of_production_is_enough(staging: Staging) -> None:
    rename(staging, "acme", Environment="Prod")
    with pytest.raises(ConfigurationError, match='its tag Environment is "Prod"'):
        guard(staging.administrator, settings(staging))
    rename(staging, "acme", Environment="staging", Team="product")
    assert guard(staging.administrator, settings(staging))


def test_users_that_no_run_made_are_refused_and_those_of_another_run_are_not(staging: Staging) -> None:
    staging.user(f"cognito-conformance-{RUN}-user-1-abcdefgh")
    assert guard(staging.administrator, settings(staging))
    staging.user("somebody-real")
    with pytest.raises(ConfigurationError, match="no run of this tool made"):
        guard(staging.administrator, settings(staging))
    assert guard(staging.administrator, settings(staging, production="staging"))


def test_a_real_user_behind_a_page_of_leftovers_is_still_found(staging: Staging) -> None:
    for number in range(62):
        staging.administrator.ask(
            "AdminCreateUser",
            {
                "UserPoolId": staging.user_pool_id,
                "Username": f"cognito-conformance-{RUN}-user-{number}",
                "MessageAction": "SUPPRESS",
            },
        )
    assert guard(staging.administrator, settings(staging))
    staging.user("zoe-real")
    with pytest.raises(ConfigurationError, match="no run of this tool made"):
        guard(staging.administrator, settings(staging))


def test_a_user_of_a_run_is_known_by_its_address_where_the_pool_makes_up_the_names(staging: Staging) -> None:
    made = staging.administrator.ask("CreateUserPool", {"PoolName": "staging", "UsernameAttributes": ["email"]})
    staging.user_pool_id = made["UserPool"]["Id"]
    ours = f"cognito-conformance+cognito-conformance-{RUN}-user-1@example.com"
    staging.user(ours, email=ours)
    assert guard(staging.administrator, settings(staging))
    staging.user("zoe@example.com", email="zoe@example.com")
    with pytest.raises(ConfigurationError, match="no run of this tool made"):
        guard(staging.administrator, settings(staging))


def test_given_accounts_are_no_strangers(staging: Staging) -> None:
    user = staging.user("test-account")
    given = {
        "users": "given",
        "clients": [{"client_id": "abc"}],
        "accounts": [{"username": user.username, "password": {"env": "NOT_READ"}}],
    }
    assert guard(staging.administrator, settings(staging, **given))
    staging.user("somebody-real")
    with pytest.raises(ConfigurationError, match="no run of this tool made"):
        guard(staging.administrator, settings(staging, **given))


def test_a_run_that_only_reads_is_never_refused(staging: Staging) -> None:
    rename(staging, "production")
    staging.user("somebody-real")
    assert guard(staging.administrator, settings(staging, users="none")).name == "production"
    with pytest.raises(ConfigurationError):
        guard(staging.administrator, settings(staging, users="none", make_clients=True))


def test_where_users_may_not_be_listed_their_estimated_number_decides(staging: Staging) -> None:
    staging.service.callers.denied = ("ListUsers",)
    assert guard(staging.administrator, settings(staging))
    staging.user("somebody-real")
    with pytest.raises(ConfigurationError, match="cognito-idp:ListUsers"):
        guard(staging.administrator, settings(staging))


def test_a_pool_that_may_not_be_described_is_refused_unless_its_id_is_the_word(staging: Staging) -> None:
    staging.service.callers.denied = ("DescribeUserPool",)
    with pytest.raises(ConfigurationError, match="cognito-idp:DescribeUserPool"):
        guard(staging.administrator, settings(staging))
    assert guard(staging.administrator, settings(staging, production=staging.user_pool_id)).refused


def test_a_pool_that_is_not_there_is_a_mistake_of_the_configuration(staging: Staging) -> None:
    with pytest.raises(ConfigurationError, match=r"live\.user_pool_id"):
        guard(staging.administrator, LiveSettings(user_pool_id="us-east-1_Nobody"))


def test_credentials_that_aws_does_not_know_decide_nothing(staging: Staging) -> None:
    staging.service.callers.requires_signature = True  # and the administrator signs nothing
    with pytest.raises(TargetUnreachable, match="does not accept these credentials"):
        guard(staging.administrator, settings(staging))


def test_a_pool_that_does_not_answer_decides_nothing(staging: Staging) -> None:
    staging.service.stop()
    with pytest.raises(TargetUnreachable):
        guard(staging.administrator, settings(staging))
