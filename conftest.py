"""Puts the harness to work for plain `pytest`."""

pytest_plugins = ("harness.plugin", "harness.fixtures")
