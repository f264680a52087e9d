"""The configuration of a run: conformance.toml, overridden by the environment, overridden by flags."""

from __future__ import annotations

import hashlib
import secrets
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from harness.configuration_error import ConfigurationError
from harness.live.settings import LiveSettings
from harness.needs import NEEDS
from harness.trigger_settings import TriggersSettings
from reports.vocabulary import Level

ENVIRONMENT_PREFIX = "COGNITO_CONFORMANCE_"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TargetSettings(_Section):
    """What is tested."""

    kind: Literal["embedded", "endpoint", "live"] = Field(
        default="embedded", description="the embedded pool, an endpoint at a URL, or a live user pool (see `[live]`)"
    )
    endpoint: str | None = Field(
        default=None,
        description="URL of the Cognito endpoint, for kind = endpoint; for live only to rehearse against another",
    )
    region: str = Field(default="us-east-1", description="the AWS region that requests and tokens name")
    capabilities: list[str] | None = Field(
        default=None, description="what the target can do (see `needs`); found out by probing when absent"
    )
    timeout_seconds: float = Field(default=10, gt=0, le=300, description="for one exchange, connect to last byte")
    edge_sign_ins: int = Field(
        default=0, ge=0, description="how often to sign in while waiting for an edge that cannot be forced; 0: never"
    )

    @field_validator("endpoint")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no URL; give http://host:port or https://host")
        return value.rstrip("/") if value else value

    @field_validator("capabilities")
    @classmethod
    def _are_known(cls, value: list[str] | None) -> list[str] | None:
        for name in value or []:
            if name not in NEEDS:
                raise ValueError(f"unknown capability {name!r}; known: {', '.join(sorted(NEEDS))}")
        return value

    @model_validator(mode="after")
    def _has_an_endpoint(self) -> TargetSettings:
        if self.kind == "endpoint" and not self.endpoint:
            raise ValueError('kind = "endpoint" wants target.endpoint, the URL to test')
        if self.kind == "embedded" and self.endpoint:
            raise ValueError('target.endpoint is given but kind is embedded; set kind = "endpoint"')
        return self


class GateSettings(_Section):
    """What makes the exit code."""

    level: Literal[Level.MUST, Level.SHOULD] = Field(
        default=Level.MUST, description="the lowest level whose findings fail the run"
    )
    floor: int = Field(default=1, ge=1, description="fewer decided checks than this is exit 4")
    waivers: Path | None = Field(default=None, description="a file of known findings, as TOML")


class RunSettings(_Section):
    """How the checks are run."""

    select: list[str] = Field(default_factory=list, description="check ids or their beginnings; empty: all")
    seed: int = Field(
        default_factory=lambda: secrets.randbelow(2**32),
        ge=0,
        lt=2**64,
        description="repeats a run, whose report tells it; absent: another each time",
    )
    workers: int | None = Field(
        default=None, ge=1, le=64, description="absent: 1; at a live pool as many as its rate and latency ask for"
    )
    examples: int = Field(default=40, ge=1, le=100_000, description="generated inputs a property")
    check_seconds: float = Field(default=120, gt=0, description="a check case that takes longer is inconclusive")
    file: str | None = Field(default=None, description="the file that --config named; set by the tool")

    @property
    def longest_case(self) -> timedelta:
        """The time limit of one check case."""
        return timedelta(seconds=self.check_seconds)


class VerifierSettings(_Section):
    """The token verifier that is judged."""

    command: list[str] = Field(
        default_factory=list,
        description="starts a driver of the verifier (docs/testing-verifiers.md); absent: the reference verifier",
    )
    timeout_seconds: float = Field(default=10, gt=0, le=300, description="for one answer of the driver")


class ClientSettings(_Section):
    """The client that is judged."""

    command: list[str] = Field(
        default_factory=list,
        description="starts a driver of the client (docs/testing-clients.md); absent: the reference client",
    )
    timeout_seconds: float = Field(default=10, gt=0, le=300, description="for one answer of the driver")
    silence_seconds: float = Field(
        default=1, gt=0, le=60, description="how long a silent server keeps a connection before it closes it"
    )


class RelyingPartySettings(_Section):
    """The relying-party library that is judged."""

    command: list[str] = Field(
        default_factory=list,
        description="starts a driver of the library (docs/testing-relying-parties.md); absent: the reference one",
    )
    timeout_seconds: float = Field(default=10, gt=0, le=300, description="for one answer of the driver")


class AuthenticatorSettings(_Section):
    """What makes the honest WebAuthn ceremonies; what is changed in them is always made by the builder."""

    kind: Literal["software", "chromium"] = Field(
        default="software", description="the authenticator that ships, or a browser's virtual one"
    )
    browser: Path | None = Field(default=None, description="Chromium, for kind = chromium; absent: from the PATH")
    driver: Path | None = Field(default=None, description="chromedriver, of the same major version; from the PATH")


class Settings(BaseSettings):
    """The whole configuration. An unknown key is an error."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    target: TargetSettings = TargetSettings()
    gate: GateSettings = GateSettings()
    run: RunSettings = RunSettings()
    verifier: VerifierSettings = VerifierSettings()
    relying_party: RelyingPartySettings = RelyingPartySettings()
    client: ClientSettings = ClientSettings()
    authenticator: AuthenticatorSettings = AuthenticatorSettings()
    triggers: TriggersSettings = TriggersSettings()
    live: LiveSettings = LiveSettings()

    @model_validator(mode="after")
    def _names_its_live_pool(self) -> Settings:
        if self.target.kind == "live" and self.live.user_pool_id is None:
            raise ValueError('target.kind = "live" wants live.user_pool_id, the pool to test; `init` writes a file')
        if self.target.kind != "live" and self.triggers.host == "pool":
            raise ValueError(
                'triggers.host = "pool" is for target.kind = "live", a pool that calls its functions itself; '
                'host = "lambda" puts deployed functions behind the embedded pool'
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags (given to the initialiser) before the environment before the file; no dotenv files."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def digest(self) -> str:
        """SHA-256 (hex) of the configuration, seed and folder left out: equal for runs that differ in them only."""
        told = self.model_dump_json(exclude={"run": {"seed", "workers", "file"}, "triggers": {"folder"}})
        return hashlib.sha256(told.encode()).hexdigest()

    def without_secrets(self) -> dict[str, Any]:
        """The configuration as it may be shown: what functions find in their environment is named, not told."""
        told = self.model_dump(mode="json", exclude={"run": {"file"}, "triggers": {"folder"}})
        triggers = told.get("triggers", {})
        for name in ("environment", "host_environment"):
            if triggers.get(name):
                triggers[name] = dict.fromkeys(triggers[name], "(set)")
        if triggers.get("environment_of"):
            triggers["environment_of"] = {
                function: dict.fromkeys(values, "(set)") for function, values in triggers["environment_of"].items()
            }
        return told


def load_settings(file: Path | None = None, flags: dict[str, Any] | None = None) -> Settings:
    """Resolve the configuration. Raises ConfigurationError naming the key at fault.

    Args:
        file: the TOML file, or None for `conformance.toml` in the working directory if there is one.
        flags: values given on the command line, nested as in the file; they win.
    """
    path = file or Path("conformance.toml")
    if file is not None and not file.is_file():
        raise ConfigurationError(f"{file}: there is no such file; give --config the right path")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        settings = _found_from(path.parent, FromFile(**(flags or {})))
        return settings.model_copy(
            update={"run": settings.run.model_copy(update={"file": str(file) if file else None})}
        )
    except ValidationError as error:
        problems = "; ".join(_explain(problem) for problem in error.errors())
        where = str(path) if path.is_file() else "configuration"
        raise ConfigurationError(f"{where}: {problems}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error


def _found_from(folder: Path, settings: Settings) -> Settings:
    """The settings, with the paths that are relative in a configuration file starting from the file's folder."""
    start = (folder / settings.triggers.folder).absolute()
    triggers = settings.triggers.model_copy(update={"folder": start}).completed()
    return settings.model_copy(update={"triggers": triggers})


def _explain(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key} is not a known key"
    said: str = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {said}" if key else said
