"""Starts the application that this package carries."""

from __future__ import annotations

import importlib
import sys

from cognito_conformance import application_root


def main() -> None:
    """Run the command line, with the application's folders importable in this process only.

    They have plain names (`suites`, `fakes`, …), so they come first: a folder of the same name in
    the user's working directory must not take their place.
    """
    root = str(application_root())
    sys.path[:] = [root, *(entry for entry in sys.path if entry != root)]
    importlib.import_module("harness.command_line").main()
