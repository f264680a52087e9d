"""The plan of a live run: what each check costs is measured, and what a run may cost is told before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from harness.catalogue import all_checks
from harness.configuration_error import ConfigurationError
from harness.live.footprints import Footprint, load_footprints, save_footprints
from harness.live.measuring import measure
from harness.live.plan import Plan, make_plan, may_meet, render_plan, require_affordable
from harness.settings import Settings
from reports.vocabulary import ExitCode
from tests.live.staging import Staging

if TYPE_CHECKING:
    from pathlib import Path

POOL = "us-east-1_Staging"
CHEAP = ("SRP-01", "SRP-04", "TOK-16", "STA-02", "CLM-04")
"""Some that measure quickly: with and without pools of their own, with refused sign-ins."""


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging.open(tmp_path) as pool:
        yield pool


def settings(*only: str, workers: int = 1, target: Mapping[str, Any] | None = None, **live: Any) -> Settings:
    return Settings.model_validate(
        {
            "target": {"kind": "live", **(target or {})},
            "run": {"select": list(only), "workers": workers},
            "live": {"user_pool_id": POOL, **live},
        }
    )


def plan(*only: str, **how: Any) -> Plan:
    return make_plan(settings(*only, **how))


def test_every_check_has_a_footprint_and_no_other_has() -> None:
    missing = {check.id for check in all_checks()} ^ load_footprints().keys()
    assert not missing, "measure them: make footprints ARGS=--missing"


def test_the_footprints_are_what_is_measured_now() -> None:
    known = load_footprints()
    assert measure(CHEAP) == {id: known[id] for id in CHEAP}


def test_the_file_holds_what_was_saved(tmp_path: Path) -> None:
    footprints = {"A-1": Footprint({"InitiateAuth": 2}, users=1, pools=("ab",), clients=("ab/cd",)), "A-2": Footprint()}
    save_footprints(footprints, tmp_path / "footprints.json")
    assert load_footprints(tmp_path / "footprints.json") == footprints


def test_a_plan_counts_what_is_selected_with_making_and_deleting() -> None:
    srp_01 = load_footprints()["SRP-01"]
    made = plan("SRP-01", make_clients=True)
    assert (made.checks, made.users, made.clients, made.pools) == (["SRP-01"], 1, 1, 0)
    extra = {"CreateUserPoolClient": 1, "DeleteUserPoolClient": 1, "AdminDeleteUser": 1}
    assert made.requests == {**srp_01.requests, **extra}


def test_the_least_time_is_the_requests_at_the_rate() -> None:
    made = plan("SRP-01", make_clients=True, requests_per_second=0.5)
    assert made.least_time == timedelta(seconds=made.total_requests / 0.5)


def test_each_worker_makes_its_own_clients_but_not_more_than_want_one() -> None:
    assert plan("SRP-01", workers=4, make_clients=True).clients == 1
    assert plan("SRP-01", "SRP-02", "SRP-03", workers=2, make_clients=True).clients == 2


def test_without_pools_of_its_own_a_run_makes_none_and_counts_no_check_that_wants_one() -> None:
    without, with_pools = plan(make_clients=True), plan(make_clients=True, make_pools=True)
    assert (without.pools, with_pools.pools > 0) == (0, True)
    wanting = {check.id for check in all_checks() if "configure" in check.needs}
    assert not wanting & set(without.checks)
    assert wanting & set(with_pools.checks)


def test_without_users_of_its_own_a_run_makes_none_and_refuses_nobody() -> None:
    accounts = [{"username": "tester", "password": {"env": "X"}}]
    made = plan("SRP", users="given", clients=[{"client_id": "abc"}], accounts=accounts)
    assert (made.users, made.refused_sign_ins, made.active_users) == (0, 0, 1)
    assert not {"AdminCreateUser", "AdminDeleteUser", "SignUp"} & made.requests.keys()
    assert "SRP-01" in made.checks


def test_a_run_that_only_reads_signs_nobody_in() -> None:
    made = plan(users="none")
    assert made.users == made.refused_sign_ins == 0
    assert not {"InitiateAuth", "AdminInitiateAuth", "SignUp", "AdminCreateUser"} & made.requests.keys()
    assert any(id.startswith("POS-") for id in made.checks)


def test_nobody_moves_the_clock_of_a_live_pool_and_edges_are_waited_for_on_request_only() -> None:
    met = may_meet(settings(make_pools=True))
    assert not met & {"clock", "key-rotation", "in-process", "edges"}
    assert "edges" in may_meet(settings(target={"edge_sign_ins": 100}))


def test_capabilities_that_are_claimed_are_all_that_is_planned() -> None:
    made = plan("SRP", "TOK", target={"capabilities": ["srp", "users", "accounts"]}, make_pools=True)
    needs = {need for check in all_checks() if check.id in made.checks for need in check.needs}
    assert {"srp"} <= needs
    assert not needs & {"configure", "refresh-rotation", "devices"}


def test_more_users_than_are_allowed_are_refused_with_the_number() -> None:
    made = plan("SRP-02", make_clients=True)
    require_affordable(made, settings(most_users=made.users).live)
    with pytest.raises(ConfigurationError, match=rf"live\.most_users = {made.users}"):
        require_affordable(made, settings(most_users=made.users - 1).live)


def test_a_check_that_nobody_measured_is_named() -> None:
    made = make_plan(settings("SRP-01"), {})
    assert made.unmeasured == ["SRP-01"]
    assert "SRP-01: no footprint" in render_plan(made, settings("SRP-01"), "staging")


def test_the_command_shows_the_plan_and_makes_nothing(staging: Staging) -> None:
    done = staging.run("--plan", "--only", "SRP", live="make_clients = true\nmake_pools = true")
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    assert '"staging"' in done.output
    assert "users made" in done.output
    assert staging.usernames == []
    assert staging.pools == ["staging"]
    assert staging.configured()["clients"] == []
    assert {path.name for path in staging.folder.iterdir()} == {"conformance.toml"}


def test_a_run_of_too_many_users_is_refused_before_anything_is_made(staging: Staging) -> None:
    done = staging.run("--only", "SRP-02", live="make_clients = true\nmost_users = 3")
    assert done.exit_code == ExitCode.USAGE
    assert "live.most_users" in done.errors
    assert {path.name for path in staging.folder.iterdir()} == {"conformance.toml"}


def test_a_run_makes_no_more_than_was_planned(staging: Staging) -> None:
    live = "make_clients = true\nmake_pools = true"
    done = staging.run("--only", "SRP-02", "--only", "STA-02", live=live)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    planned = plan("SRP-02", "STA-02", make_clients=True, make_pools=True)
    everything = [exchange for record in staging.records().values() for exchange in record.transcript]
    asked = [exchange for exchange in everything if not exchange.operation.startswith("Describe")]  # what is there
    made = [exchange for exchange in asked if exchange.operation == "AdminCreateUser"]
    assert 0 < len(made) <= planned.users
    assert len(asked) <= planned.total_requests


def test_a_live_pool_in_the_file_is_not_enough_and_the_word_alone_is_not_either(staging: Staging) -> None:
    staging.configuration()
    from tests.live.test_cleanup import command

    refused = command(staging, "run", "--only", "SRP-01")
    assert refused.exit_code == ExitCode.USAGE
    assert "run --live" in refused.errors
    (staging.folder / "conformance.toml").unlink()
    alone = command(staging, "run", "--live", "--only", "SRP-01")
    assert alone.exit_code == ExitCode.USAGE
    assert "live.user_pool_id" in alone.errors
    assert staging.usernames == []


def test_production_is_refused_by_the_command_before_anything_is_made(staging: Staging) -> None:
    staging.user("somebody-real")
    done = staging.run("--only", "SRP-01", live="make_clients = true")
    assert done.exit_code == ExitCode.USAGE
    assert 'live.production = "staging"' in done.errors
    assert staging.usernames == ["somebody-real"]
    meant = staging.run("--only", "SRP-01", live='make_clients = true\nproduction = "staging"')
    assert meant.exit_code == ExitCode.CLEAN, meant.output + meant.errors
    assert staging.usernames == ["somebody-real"]
