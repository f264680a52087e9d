from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from harness.catalogue import find_check
from harness.configuration_error import ConfigurationError
from harness.plugin import reproduction
from harness.settings import load_settings
from reports.vocabulary import Level

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conformance.toml"
    path.write_text('[target]\nregion = "from-file"\ntimeout_seconds = 3\n[gate]\nlevel = "SHOULD"\nfloor = 7\n')
    return path


def test_a_flag_beats_the_environment_which_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITO_CONFORMANCE_TARGET__REGION", "from-environment")
    monkeypatch.setenv("COGNITO_CONFORMANCE_GATE__FLOOR", "8")
    settings = load_settings(file, {"gate": {"floor": 9}})
    assert settings.gate.floor == 9
    assert settings.target.region == "from-environment"
    assert settings.target.timeout_seconds == 3
    assert settings.gate.level is Level.SHOULD


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[target]\nendpont = "http://x"\n', "target.endpont"),
        ('[targets]\nkind = "embedded"\n', "targets"),
        ('[target]\nkind = "endpoint"\n', "target.endpoint"),
        ('[target]\nkind = "endpoint"\nendpoint = "localhost:5000"\n', "no URL"),
        ('[target]\nkind = "embedded"\nendpoint = "http://x"\n', "kind is embedded"),
        ('[target]\ncapabilities = ["sprint"]\n', "sprint"),
        ("[gate]\nfloor = 0\n", "gate.floor"),
        ('[gate]\nlevel = "INFO"\n', "gate.level"),
        ("[run]\nworkers = 'two'\n", "run.workers"),
        ("[run\n", "not TOML"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_key_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_settings(path)


def test_a_wrong_environment_variable_is_refused_with_the_key_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITO_CONFORMANCE_TARGET__ENDPONT", "http://x")
    with pytest.raises(ConfigurationError, match=r"target\.endpont"):
        load_settings()


def test_the_digest_is_the_same_for_runs_that_differ_in_seed_and_workers() -> None:
    one = load_settings(flags={"run": {"seed": 1, "workers": 1}})
    other = load_settings(flags={"run": {"seed": 2, "workers": 2}})
    third = load_settings(flags={"gate": {"floor": 2}})
    assert one.digest() == other.digest() != third.digest()


def test_the_command_that_repeats_a_case_names_the_configuration_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "staging pool.toml"
    path.write_text("[target]\nkind = 'endpoint'\nendpoint = 'http://x'\n")
    flags = {"run": {"seed": 7}, "authenticator": {"kind": "chromium"}}
    repeated = reproduction(find_check("SRP-04"), "N", load_settings(path, flags))
    words = shlex.split(repeated)
    assert words[:6] == ["cognito-conformance", "run", "--only", "SRP-04[N]", "--seed", "7"]
    assert words[words.index("--config") + 1] == str(path)
