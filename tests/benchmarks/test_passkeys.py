from __future__ import annotations

from benchmarks.at_triggers import milliseconds_at
from benchmarks.passkeys import in_node, measured_round
from harness.settings import load_settings


def test_a_ready_profile_with_passkeys_is_measured_in_the_node_host() -> None:
    triggers = load_settings(in_node()).triggers
    assert triggers.host == "node"
    assert "fido2_credentials_api" in triggers.handlers


def test_the_measured_sign_ins_are_whole_ones() -> None:
    assert milliseconds_at(None, 1, measured_round) > 0
