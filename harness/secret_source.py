"""A secret of the configuration: never in a file, only in the environment or behind a command."""

from __future__ import annotations

import os

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.configuration_error import ConfigurationError
from harness.printed import DidNotPrint, printed_by

_SECONDS = 30.0
_MOST_BYTES = 65_536


class Secret(BaseModel):
    """Where a secret is found: `{ env = "NAME" }`, or `{ command = ["pass", "show", "staging"] }`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = Field(default=None, description="the environment variable that holds it")
    command: list[str] = Field(default_factory=list, description="a program that prints it")

    @model_validator(mode="after")
    def _has_one_source(self) -> Secret:
        if (self.env is None) == (not self.command):
            raise ValueError('a secret is either { env = "NAME" } or { command = ["program", "argument"] }')
        return self

    def read(self) -> str:
        """The secret itself, without a final line break. Raises ConfigurationError, which never holds the value."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise ConfigurationError(f"the environment variable {self.env} is not set; a secret is read from it")
            return value
        return self._printed()

    def _printed(self) -> str:
        program = self.command[0]  # and not its arguments, in a message
        try:
            printed = printed_by(self.command, seconds=_SECONDS, most_bytes=_MOST_BYTES)
        except DidNotPrint as failure:
            raise ConfigurationError(f"{program}, which should print a secret, {failure}") from None
        try:
            value = printed.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise ConfigurationError(f"{program}, which should print a secret, printed what is no UTF-8") from None
        if not value:
            raise ConfigurationError(f"{program}, which should print a secret, printed nothing")
        return value
