"""Each example is judged from its conformance.toml alone, keeps the contract, and is warned of what its page admits."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.vocabulary import ExitCode
from tests.harness.conftest import ROOT
from tests.hosts.judging import judged

CONTRACT = ("TRG-D-01", "TRG-D-02", "TRG-D-03", "TRG-C-01", "TRG-C-07", "TRG-V-02")
OF_THE_METHOD = {
    "python-codes": ("OTP-01", "OTP-03", "OTP-08", "OTP-08d", "OTP-13"),
    "node-links": ("ML-01", "ML-02", "ML-07", "ML-12", "ML-18", "ML-24"),
}
ADMITTED = {
    "python-codes": {"TRG-D-13": "refused when the same event comes again", "OTP-12": "20 messages"},
    "node-links": {"TRG-D-13": "refused when the same event comes again", "ML-28b": "a link to a former address"},
}


@pytest.mark.parametrize("name", OF_THE_METHOD)
def test_an_example_keeps_the_contract_and_is_warned_of_what_it_leaves_out(name: str, tmp_path: Path) -> None:
    kept, admitted = {*CONTRACT, *OF_THE_METHOD[name]}, ADMITTED[name]
    run = judged(ROOT / "examples" / name / "conformance.toml", tmp_path, *kept, *admitted)
    assert run.exit_code == ExitCode.CLEAN, run.output
    assert run.checks("fail") == run.checks("inconclusive") == set(), run.output
    assert kept <= run.checks("pass"), run.output
    assert run.checks("warn") == admitted.keys(), run.output
    for check, words in admitted.items():
        assert words in run.messages(check, "warn")


def test_every_example_is_judged_here() -> None:
    assert {path.parent.name for path in (ROOT / "examples").glob("*/conformance.toml")} == OF_THE_METHOD.keys()
