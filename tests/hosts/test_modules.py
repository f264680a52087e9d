"""Handlers are found in every kind of module that Lambda takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.trigger_hosts import make_trigger_host
from harness.trigger_settings import TriggersSettings
from tests.hosts.conftest import bare_stage

MODULES: dict[str, tuple[str, dict[str, str], str]] = {
    "an ES module": ("node", {"a.mjs": "export const handler = async () => 'found';"}, "a.mjs:handler"),
    "a default export": ("node", {"a.mjs": "export default { handler: async () => 'found' };"}, "a.mjs:handler"),
    "a CommonJS module": ("node", {"a.cjs": "exports.handler = async () => 'found';"}, "a.cjs:handler"),
    "a .js that is CommonJS": ("node", {"a.js": "module.exports = { handler: async () => 'found' };"}, "a.js:handler"),
    "CommonJS with names made while it runs": (
        "node",
        {"a.js": "for (const name of ['handler']) module.exports[name] = async () => 'found';"},
        "a.js:handler",
    ),
    "a .js that its package makes an ES module": (
        "node",
        {"package.json": '{"type": "module"}', "src/a.js": "export const handler = async () => 'found';"},
        "src/a.js:handler",
    ),
    "a handler that calls back": (
        "node",
        {"a.js": "exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'found'));"},
        "a.js:handler",
    ),
    "a handler that is not asynchronous": ("node", {"a.mjs": "export const handler = () => 'found';"}, "a.mjs:handler"),
    "one that imports its neighbour": (
        "node",
        {
            "a.mjs": "import { word } from './b.mjs'; export const handler = async () => word;",
            "b.mjs": "export const word = 'found';",
        },
        "a.mjs:handler",
    ),
    "a Python module": ("python", {"a.py": "def main(event, context): return 'found'"}, "a.py:main"),
    "a Python module and its neighbour": (
        "python",
        {"a.py": "import b\ndef handler(event, context): return b.word", "b.py": "word = 'found'"},
        "a.py:handler",
    ),
    "a Python package": (
        "python",
        {
            "team/__init__.py": "",
            "team/words.py": "word = 'found'",
            "team/a.py": "from .words import word\nfrom team import words\ndef handler(event, context): return word",
        },
        "team/a.py:handler",
    ),
    "a Python module named as one of the host's own": (
        "python",
        {
            "redirection.py": "word = 'found'",
            "python_host.py": "import redirection\ndef handler(event, context): return redirection.word",
        },
        "python_host.py:handler",
    ),
}


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    for name, text in request.param.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(("host", "folder", "handler"), MODULES.values(), ids=MODULES, indirect=["folder"])
def test_a_handler_is_found(host: str, folder: Path, handler: str) -> None:
    settings = TriggersSettings.model_validate({"host": host, "handlers": {"pre_sign_up": handler}, "folder": folder})
    made = make_trigger_host(bare_stage(settings))
    try:
        assert made.invoke("pre_sign_up", {}) == "found"
    finally:
        made.close()
