"""The triggers as Lambda functions: one handler each, configured by the environment (`Configuration`).

What a cold start makes (clients, configuration) is kept for the events after it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from fakes.faults import FaultSwitches
from fakes.triggers.configuration import Configuration
from fakes.triggers.services import Services
from fakes.triggers.triggers import JsonObject, ReferenceTriggers


@cache
def _triggers() -> ReferenceTriggers:
    return ReferenceTriggers(
        Services.at(os.environ.get("AWS_ENDPOINT_URL"), os.environ["AWS_REGION"]),
        Configuration.from_environment(os.environ),
        lambda: datetime.now(UTC),
        FaultSwitches(),
    )


def define_auth_challenge(event: JsonObject, context: Any) -> JsonObject:
    """Handler of DefineAuthChallenge."""
    return _triggers().define_auth_challenge(event)


def create_auth_challenge(event: JsonObject, context: Any) -> JsonObject:
    """Handler of CreateAuthChallenge."""
    return _triggers().create_auth_challenge(event)


def verify_auth_challenge_response(event: JsonObject, context: Any) -> JsonObject:
    """Handler of VerifyAuthChallengeResponse."""
    return _triggers().verify_auth_challenge_response(event)


def pre_token_generation(event: JsonObject, context: Any) -> JsonObject:
    """Handler of PreTokenGeneration."""
    return _triggers().pre_token_generation(event)


def pre_sign_up(event: JsonObject, context: Any) -> JsonObject:
    """Handler of PreSignUp."""
    return _triggers().pre_sign_up(event)


def fido2_credentials_api(event: JsonObject, context: Any) -> JsonObject:
    """Handler of the API by which users keep their passkeys; API Gateway's authorizer stands before it."""
    return _triggers().functions["fido2_credentials_api"](event)


def fido2_challenge_api(event: JsonObject, context: Any) -> JsonObject:
    """Handler of the public API that gives out challenges."""
    return _triggers().functions["fido2_challenge_api"](event)
