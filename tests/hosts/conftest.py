from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakes.pool import EmbeddedPool
from harness.stage import Stage, Tables
from harness.trigger_hosts import make_trigger_host
from harness.trigger_settings import TriggersSettings
from tests.hosts.deployment import PROFILES, Deployment
from tests.hosts.handlers import HONEST, LANGUAGES, SUFFIX

if TYPE_CHECKING:
    from harness.peer_host import PeerHost

NOWHERE = "http://127.0.0.1:1"


def bare_stage(settings: TriggersSettings, endpoint: str = NOWHERE) -> Stage:
    """A stage with nothing on it, at an endpoint that need not be there."""
    return Stage(settings, endpoint, "us-east-1", Tables(None, {}))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_host(tmp_path: Path, language: str) -> Iterator[Callable[..., PeerHost]]:
    """Makes a host of handlers, by function; without any, of honest ones for define and create. All are closed."""
    made: list[PeerHost] = []

    def make(sources: dict[str, str] | None = None, **settings: Any) -> PeerHost:
        names = sources or dict.fromkeys(("define_auth_challenge", "create_auth_challenge"), HONEST[language])
        handlers = {}
        for function, source in names.items():
            file = tmp_path / f"{function}.{SUFFIX[language]}"
            file.write_text(source)
            handlers[function] = f"{file.name}:handler"
        configured = {"host": language, "handlers": handlers, "folder": tmp_path, **settings}
        made.append(make_trigger_host(bare_stage(TriggersSettings.model_validate(configured))))  # type: ignore[arg-type] # these kinds are PeerHosts
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def host(make_host: Callable[..., PeerHost]) -> PeerHost:
    return make_host()


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.parent.name)
def deployed(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    with EmbeddedPool.start() as pool:
        deployment = Deployment(request.param, pool)
        yield deployment
        deployment.host.close()
        assert pool.crashes == ()
        assert pool.functions.troubles == ()
