"""The W3C's WebAuthn vectors are what their published recipe gives."""

from __future__ import annotations

from pathlib import Path

from vectors.load import FOLDER
from vectors.webauthn_file import CASES, FILE_NAME, write


def test_the_file_is_derived_again_as_it_was_committed(tmp_path: Path) -> None:
    assert write(tmp_path).read_bytes() == (FOLDER / FILE_NAME).read_bytes()


def test_each_example_has_an_anchor_of_its_own() -> None:
    anchors = [case.anchor for case in CASES]
    assert len(set(anchors)) == len(anchors) == 15
    assert "sctn-test-vectors-none-es256-crossOrigin" in anchors
