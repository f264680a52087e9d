"""Evidence for a reviewer: a run and what it rests on, in one archive that can be checked again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cognito_conformance import __version__
from harness.catalogue import APPLICATION_ROOT
from reports.document import FILE_NAME, render_json
from reports.html import render_html
from reports.model import Results
from reports.reader import UnreadableResults, read_results

FORMAT = "cognito-conformance-evidence"
VERSION = 1
MANIFEST = "manifest.json"
CONFIGURATION = "configuration.json"
REPORT = "report.html"
VECTORS = "vectors.json"

_LARGEST_MEMBER = 512 * 2**20
_SAME_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same run makes the same archive."""


class EvidenceError(Exception):
    """An archive cannot be made or read; the message says what to do."""


@dataclass(frozen=True)
class EvidenceReview:
    """What was found: `problems` speak against the archive, `remarks` only against what holds it against it."""

    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def bundle_evidence(folder: Path, archive: Path) -> dict[str, str]:
    """Write the archive of a run's folder; the SHA-256 (hex) of each member.

    It holds the results, the report made from them, the configuration that the run wrote (secrets are never in it),
    the digests of the vectors, and the manifest. Raises UnreadableResults, EvidenceError.
    """
    results = read_results(folder)
    members = {
        FILE_NAME: render_json(results).encode("ascii"),
        REPORT: render_html(results).encode("utf-8"),
        VECTORS: _json({"tool_version": __version__, "vectors": vector_digests()}),
    }
    configuration = folder / CONFIGURATION
    if configuration.is_file():
        members[CONFIGURATION] = configuration.read_bytes()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(members.items())}
    members[MANIFEST] = _json(
        {
            "format": FORMAT,
            "version": VERSION,
            "tool_version": results.header.tool_version,
            "seed": results.header.seed,
            "versions": results.header.versions,
            "sha256": digests,
        }
    )
    _write_archive(archive, members)
    return digests


def verify_evidence(archive: Path) -> EvidenceReview:
    """Hold an archive against its manifest, its report against its results, its vectors against this tool's.

    Raises EvidenceError for what is no such archive.
    """
    members = _read_archive(archive)
    manifest = _manifest(archive, members)
    listed: dict[str, str] = manifest["sha256"]
    problems = [f"{name} is in the manifest and not in the archive" for name in listed if name not in members]
    problems += [
        f"{name} is in the archive and not in the manifest" for name in members if name not in {*listed, MANIFEST}
    ]
    problems += [
        f"{name} was changed: its SHA-256 is not the manifest's"
        for name, digest in listed.items()
        if name in members and hashlib.sha256(members[name]).hexdigest() != digest
    ]
    remarks: list[str] = []
    results = _results(members, problems)
    if results is not None and results.header.tool_version != __version__:
        remarks.append(
            f"made by version {results.header.tool_version}, looked at with {__version__}: "
            "the report and the vectors were not made again"
        )
    elif results is not None:
        if members.get(REPORT) != render_html(results).encode("utf-8"):
            problems.append(f"{REPORT} is not the report of these results")
        if members.get(VECTORS) != _json({"tool_version": __version__, "vectors": vector_digests()}):
            problems.append(f"{VECTORS} does not name the vectors of this version")
    return EvidenceReview(tuple(problems), tuple(remarks))


def vector_digests() -> dict[str, str]:
    """The SHA-256 (hex) of each file of known answers."""
    folder = APPLICATION_ROOT / "vectors"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.json"))}


def _write_archive(archive: Path, members: dict[str, bytes]) -> None:
    try:
        descriptor, name = tempfile.mkstemp(dir=archive.parent, prefix=f".{archive.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
                for member, content in members.items():
                    made.writestr(zipfile.ZipInfo(member, _SAME_MOMENT), content, zipfile.ZIP_DEFLATED)
            temporary.chmod(0o644)
            temporary.replace(archive)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EvidenceError(f"{archive} cannot be written ({error.strerror}); name another place") from error


def _read_archive(archive: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(archive) as opened:
            large = [each.filename for each in opened.infolist() if each.file_size > _LARGEST_MEMBER]
            if large:
                raise EvidenceError(f"{archive}: {large[0]} is larger than any evidence; this is another archive")
            names = opened.namelist()
            if len(set(names)) != len(names):
                raise EvidenceError(f"{archive} holds one name twice; it was not made by this tool")
            return {name: opened.read(name) for name in names}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise EvidenceError(f"{archive} cannot be read ({error}); name one that `report bundle` wrote") from error


def _manifest(archive: Path, members: dict[str, bytes]) -> dict[str, dict[str, str]]:
    try:
        manifest = json.loads(members.get(MANIFEST, b""))
    except ValueError:
        manifest = None
    match manifest:
        case {"format": str(name), "version": int(version), "sha256": dict()} if name == FORMAT and version == VERSION:
            return dict(manifest)
        case _:
            raise EvidenceError(f"{archive} has no {MANIFEST} that this version can read; run `report bundle` again")


def _results(members: dict[str, bytes], problems: list[str]) -> Results | None:
    if FILE_NAME not in members:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE_NAME
        file.write_bytes(members[FILE_NAME])
        try:
            return read_results(file)
        except UnreadableResults as error:
            problems.append(str(error).replace(str(file), FILE_NAME))
            return None


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode("ascii")
