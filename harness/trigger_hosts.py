"""Which host runs the functions under test: made from the section [triggers] of the configuration."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.configuration_error import ConfigurationError
from harness.trigger_host import TriggerHost
from harness.trigger_settings import FUNCTIONS

if TYPE_CHECKING:
    from fakes.faults import FaultSwitches
    from fakes.pool.clock import Clock
    from harness.stage import Stage
    from harness.trigger_settings import TriggersSettings

__all__ = ["TriggerHost", "make_trigger_host"]

_PROGRAMS = Path(__file__).resolve().parents[1] / "adapters" / "triggers"
_TOLD_IN = "CONFORMANCE_TRIGGERS"
"""The variable in which a host program finds what to run: JSON, described in docs/testing-triggers.md."""


def make_trigger_host(stage: Stage, *, faults: FaultSwitches | None = None, clock: Clock | None = None) -> TriggerHost:
    """The host of `stage.settings`, up and ready. Whoever asks for one closes it.

    Args:
        stage: where the functions run; `stage.for_pool` first when an environment names the user pool.
        faults: the switches that spoil the reference triggers; other hosts have none.
        clock: what the reference triggers take their time from until they are told another.

    Raises:
        ConfigurationError: a handler's file is not there, or a placeholder cannot be filled in.
        Inconclusive: the host does not come up.
    """
    settings = stage.settings
    if settings.host == "reference":
        from harness.reference_host import ReferenceHost

        return ReferenceHost(stage, faults=faults, clock=clock)
    if settings.host in {"lambda", "runtime"}:
        return _deployed(settings, stage)

    from harness.peer_host import PeerHost

    told = {_TOLD_IN: json.dumps(_told(settings, stage))}
    if settings.host == "command":
        return PeerHost(
            settings.command,
            environment={**stage.base_environment(), **stage.shared_environment(), **told},
            seconds=settings.timeout_seconds,
            start_seconds=settings.start_seconds,
        )
    return PeerHost(
        _program(settings),
        environment={**stage.base_environment(), **told},
        seconds=settings.start_seconds + settings.timeout_seconds,  # it cuts functions off itself, and sooner
        start_seconds=settings.start_seconds,
    )


def _deployed(settings: TriggersSettings, stage: Stage) -> TriggerHost:
    from harness.deployed_hosts import LambdaHost, RuntimeEndpointHost

    if settings.host == "runtime":
        where = {name: stage.filled_in(url, f"handlers.{name}") for name, url in settings.handlers.items()}
        return RuntimeEndpointHost(where, seconds=settings.timeout_seconds + settings.start_seconds)

    import boto3
    from botocore.config import Config

    config = Config(
        read_timeout=settings.timeout_seconds + settings.start_seconds,
        retries={"total_max_attempts": 1},  # Cognito's own tries are the pool's business
        max_pool_connections=64,
    )
    return LambdaHost(settings.handlers, boto3.client("lambda", region_name=stage.region, config=config))


def _program(settings: TriggersSettings) -> list[str]:
    if settings.host == "python":
        return [settings.interpreter or sys.executable, str(_PROGRAMS / "python_host.py")]
    node = settings.interpreter or shutil.which("node")
    if node is None:
        raise ConfigurationError(
            'host = "node" wants Node.js 20 or newer: put `node` on the PATH, or name it as triggers.interpreter'
        )
    return [node, str(_PROGRAMS / "node_host.mjs")]


def _told(settings: TriggersSettings, stage: Stage) -> dict[str, object]:
    """What a host program is told: for a command, of every function; it says itself which of them it has."""
    located = {function: _located(settings, function, handler) for function, handler in settings.handlers.items()}
    return {
        "functions": {
            function: {
                **({"handler": located[function]} if function in located else {}),
                "environment": stage.environment_of(function),
            }
            for function in (located or FUNCTIONS)
        },
        "environments": settings.environments,
        "timeout_seconds": settings.timeout_seconds,
        "start_seconds": settings.start_seconds,
        "redirect": stage.redirects(),
    }


def _located(settings: TriggersSettings, function: str, handler: str) -> str:
    path, _, attribute = handler.rpartition(":")
    found = settings.path_of(path)
    if not found.is_file():
        raise ConfigurationError(
            f"triggers.handlers.{function}: there is no file {found}; if a build makes it, run the build first"
        )
    return f"{found}:{attribute}"
