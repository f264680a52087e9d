"""Runs the suite for a CI job: ARGUMENTS, as a shell would split them, and OUT come from the environment."""

from __future__ import annotations

import os
import shlex
import sys

from cognito_conformance.launcher import main

if __name__ == "__main__":
    sys.argv = ["cognito-conformance", "run", "--out", os.environ["OUT"], *shlex.split(os.environ["ARGUMENTS"])]
    main()
