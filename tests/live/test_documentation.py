"""docs/live.md: what it tells a reader to write and to allow is what the tool takes and wants."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from harness.live.policy import make_policy
from harness.settings import load_settings
from tests.harness.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def _blocks(language: str) -> list[str]:
    text = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    return [textwrap.dedent(found) for found in re.findall(rf" *```{language}\n(.*?) *```", text, re.DOTALL)]


def test_the_policy_that_is_shown_is_the_one_for_the_configuration_that_is_shown(tmp_path: Path) -> None:
    (configuration,), (policy,) = _blocks("toml"), _blocks("json")
    (tmp_path / "conformance.toml").write_text(configuration, encoding="utf-8")
    assert json.loads(policy) == make_policy(load_settings(tmp_path / "conformance.toml"))
