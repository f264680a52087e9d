"""A ready profile's passkeys, as released: registered, signed in with, listed, renamed and removed, end to end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.arrangement import Arrangements, Names
from harness.custom_auth import CustomAuthSignIn
from harness.embedded_triggers import EmbeddedTriggers
from harness.fido2_flow import Fido2Flow
from harness.fido2_moves import GIVING_A_HANDLE, nobodys_options
from harness.settings import Settings, load_settings
from harness.targets import EmbeddedTarget
from harness.transcript import Transcript
from harness.webauthn_cases.making import ResponseMaker
from harness.wire import Wire
from protocol.webauthn import base64url

PROFILES = [
    path
    for path in sorted((Path(__file__).parents[2] / "adapters" / "triggers").glob("*/conformance.toml"))
    if "fido2_credentials_api" in load_settings(path).triggers.handlers
]
REFERENCE = Path("reference")


@pytest.fixture(scope="module", params=[*PROFILES, REFERENCE], ids=lambda path: path.parent.name or "reference")
def flow(request: pytest.FixtureRequest) -> Iterator[Fido2Flow]:
    """The profile's functions on a stage of their own."""
    settings = Settings() if request.param is REFERENCE else load_settings(request.param)
    target = EmbeddedTarget(settings.target, seed=7, run_name="profile")
    wire = Wire(target.open(), transcript=Transcript(), timeout_seconds=30)
    randomness = random.Random(7)  # noqa: S311 - names and credential ids of a test
    triggers = EmbeddedTriggers(settings, target, Arrangements(wire, Names(randomness, "canary"), "hosts"))
    try:
        yield Fido2Flow(triggers, target, ResponseMaker("hosts", randomness))
    finally:
        triggers.close()
        target.close()


def test_there_is_a_profile_with_passkeys() -> None:
    assert PROFILES


def test_a_passkey_is_registered_and_signs_in(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    credential = flow.register(holder)
    assert flow.sign_in(holder, credential).has_tokens
    assert flow.sign_in(holder, credential, GIVING_A_HANDLE).has_tokens


def test_a_passkey_signs_in_without_a_user_name(flow: Fido2Flow) -> None:
    holder = flow.new_holder(username="0d9f6a52-7c1e-4b7a-9b0e-5a3f2c1d8e47")
    credential = flow.register(holder)
    answer = flow.spoken.answer(flow.response(nobodys_options(flow), credential, GIVING_A_HANDLE))
    named = flow.spoken.username_of(credential.user_handle)
    assert named == holder.user.username
    sign_in = CustomAuthSignIn(flow.pool, flow.client, replace(holder.user, username=named))
    sign_in.initiate()
    assert sign_in.respond(answer).has_tokens


def test_passkeys_are_listed_renamed_and_removed(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    credential, kept = flow.register(holder), flow.register(holder)
    id = base64url.encode(credential.id)
    assert flow.call(flow.spoken.rename(id, "Blue key"), holder).succeeded
    assert {each.id: each.name for each in flow.listed(holder)}[id] == "Blue key"
    assert flow.call(flow.spoken.delete(id), holder).succeeded
    assert [each.id for each in flow.listed(holder)] == [base64url.encode(kept.id)]
    assert not flow.sign_in(holder, credential).has_tokens
    assert flow.sign_in(holder, kept).has_tokens
