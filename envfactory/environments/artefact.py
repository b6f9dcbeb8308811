"""The environment artefact: a folder that holds everything needed to run, re-verify and train in an environment.

`environment.json` names the hash of every other file but gate.json, and a content hash over itself; so a changed byte
anywhere is noticed, and the file that no longer matches is named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts, Strict
from envfactory.environments.files import canonical_json, digest, readable_json, write_atomically
from envfactory.environments.graph import DependencyGraph
from envfactory.environments.report import GateReport
from envfactory.errors import ArtefactError

MANIFEST, GATE, SEAL = "environment.json", "gate.json", "seal"
HASHED = ("schema.sql", "seed.json", "contracts.json", "tools.py", "tests.json", "graph.json")
_AGAIN = "restore the file, or build the environment again"
SeedRows = dict[str, list[dict[str, Any]]]


class ResourceRecord(Strict):
    """Where an environment's facts come from."""

    source: str
    sha256: str
    format: str
    title: str = ""
    licence: str = ""
    retrieved: str = ""
    urls: list[str] = []


class Manifest(Strict):
    """environment.json. `built_by` names the backend of each role; `files` the sha256 of each hashed file."""

    version: Literal[1] = 1
    name: str
    domain: str
    summary: str
    resources: list[ResourceRecord] = []
    built_by: dict[str, str] = {}
    revisions: int = 0
    licence: str = ""
    files: dict[str, str] = {}
    content_hash: str = ""


@dataclass(frozen=True)
class Environment:
    """An environment in memory. `manifest.files` and the content hash are filled in by `sealed`."""

    manifest: Manifest
    schema_sql: str
    seed_rows: SeedRows
    contracts: Contracts
    tools_source: str
    cases: Cases
    graph: DependencyGraph = DependencyGraph()  # noqa: RUF009 - frozen

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def content_hash(self) -> str:
        return self.manifest.content_hash

    def files(self) -> dict[str, bytes]:
        """Return the hashed files' bytes by name, without the manifest."""
        return {
            "schema.sql": self.schema_sql.encode(),
            "seed.json": readable_json(self.seed_rows),
            "contracts.json": readable_json(dump(self.contracts)),
            "tools.py": self.tools_source.encode(),
            "tests.json": readable_json(dump(self.cases)),
            "graph.json": readable_json(dump(self.graph)),
        }

    def sealed(self) -> Environment:
        """Return the environment with the hashes of its present content in its manifest."""
        files = {name: digest(data) for name, data in self.files().items()}
        manifest = self.manifest.model_copy(update={"files": files, "content_hash": ""})
        return replace(self, manifest=manifest.model_copy(update={"content_hash": manifest_hash(manifest)}))


def dump(model: BaseModel) -> Any:
    """Return a stored model as plain data, defaults left out."""
    return model.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def manifest_hash(manifest: Manifest) -> str:
    """Return the content hash: the sha256 of the manifest, which names every file's hash."""
    return digest(canonical_json(dump(manifest.model_copy(update={"content_hash": ""}))))


def save(environment: Environment, folder: Path, report: GateReport | None = None) -> Environment:
    """Write a sealed environment (and its gate report) into `folder`, each file atomically; return it sealed."""
    sealed = environment.sealed()
    for name, data in sealed.files().items():
        write_atomically(folder / name, data)
    write_atomically(folder / MANIFEST, readable_json(dump(sealed.manifest)))
    if report is not None:
        write_atomically(folder / GATE, _report_file(report))
    return sealed


def _report_file(report: GateReport) -> bytes:
    """Return gate.json: the report and, so that a changed byte is noticed here too, the hash of what it says."""
    told = report.model_dump(mode="json")
    return readable_json({**told, SEAL: digest(canonical_json(told))})


def load(folder: Path) -> Environment:
    """Read an environment; raise ArtefactError naming the file that is missing, unreadable or no longer matches."""
    try:
        manifest = Manifest.model_validate(_json(folder, MANIFEST))
    except ValidationError as error:
        raise ArtefactError(f"{folder / MANIFEST}: {_first(error)}", remedy=_AGAIN) from error
    changed = changed_files(folder, manifest)
    if changed:
        raise ArtefactError(
            f"{folder}: {', '.join(changed)} no longer {'match' if len(changed) > 1 else 'matches'} the manifest",
            remedy=_AGAIN,
        )
    try:
        return Environment(
            manifest=manifest,
            schema_sql=_read(folder, "schema.sql").decode(),
            seed_rows=_json(folder, "seed.json"),
            contracts=Contracts.model_validate(_json(folder, "contracts.json")),
            tools_source=_read(folder, "tools.py").decode(),
            cases=Cases.model_validate(_json(folder, "tests.json")),
            graph=DependencyGraph.model_validate(_json(folder, "graph.json")),
        )
    except ValidationError as error:
        raise ArtefactError(f"{folder}: {_first(error)}", remedy=_AGAIN) from error


def load_report(folder: Path) -> GateReport | None:
    """Read the gate's report, or None where the environment has none; ArtefactError where it is not as it was written."""
    if not (folder / GATE).exists():
        return None
    told = _json(folder, GATE)
    if isinstance(told, dict):
        told.pop(SEAL, None)
    try:
        report = GateReport.model_validate(told)
    except ValidationError as error:
        raise ArtefactError(f"{folder / GATE}: {_first(error)}", remedy=_AGAIN) from error
    if _read(folder, GATE) != _report_file(report):
        raise ArtefactError(f"{folder}: {GATE} is not as the gate wrote it", remedy=_AGAIN)
    return report


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return the names of the files that no longer match the manifest (the manifest itself included)."""
    changed = [name for name in HASHED if digest(_read(folder, name)) != manifest.files.get(name)]
    whole = set(manifest.files) == set(HASHED) and manifest_hash(manifest) == manifest.content_hash
    as_written = _read(folder, MANIFEST) == readable_json(dump(manifest))
    return changed if whole and as_written else [MANIFEST, *changed]


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"{folder / name}: {error.strerror}",
            remedy="give the folder of an environment, the one that holds environment.json",
        ) from error


def _json(folder: Path, name: str) -> Any:
    try:
        return json.loads(_read(folder, name))
    except ValueError as error:
        raise ArtefactError(f"{folder / name} is not JSON: {error}", remedy=_AGAIN) from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
