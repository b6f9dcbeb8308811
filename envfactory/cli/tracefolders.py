"""Which run is meant, where its trace lies, and what its folder says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envfactory.cli.boundary import fail

if TYPE_CHECKING:
    from envfactory.traces.store import TraceStore


def runs_folder(given: Path | None) -> Path:
    """Return the folder of the runs: the one that is given, else the configured one."""
    from envfactory.config import load

    return given or load(None).run.runs


def find(run: str, runs: Path) -> Path:
    """Return a run's folder."""
    from envfactory.graphs.folders import run_folders

    folders = run_folders(runs)
    if run == "last" and folders:
        return folders[-1]
    for folder in (Path(run), runs / run):
        if run and (folder / "trace.db").is_file():
            return folder
    known = ", ".join(folder.name for folder in folders[-5:])
    return fail(
        f"there is no run {run}", f"runs in {runs}: {known}" if known else f"there are none in {runs} (see --runs)"
    )


@contextmanager
def reading(folder: Path) -> Iterator[TraceStore]:
    """Open a run's trace to read it."""
    from contextlib import closing

    from envfactory.traces.store import TraceStore

    with closing(TraceStore(folder / "trace.db", read_only=True)) as store:
        yield store


def record_of(folder: Path) -> dict[str, Any]:
    """Return what is known of a run, in one form, however its folder looks."""
    from envfactory.cli.lock import is_held

    try:
        told = _read(folder)
        settings, request = told["config"]["run"], told["request"]
        status, died = told["status"], told["status"] == "running" and not is_held(folder)
        record = {"run": told["run"], "status": "died" if died else status, "folder": str(folder)}
        asked = request["resources"] or [request["domain"]]
        return record | {"asked": asked, "seed": settings["seed"], "verdicts": told.get("verdicts", {})}
    except (OSError, ValueError, KeyError, TypeError):
        return {
            "run": folder.name,
            "status": "unreadable",
            "folder": str(folder),
            "asked": [],
            "seed": 0,
            "verdicts": {},
        }


def facts_of(folder: Path) -> dict[str, str]:
    """Return what a page says of a run: what was asked for, the seed, who answered, the versions."""
    record = record_of(folder)
    verified = list(record["verdicts"].values()).count("verified")
    facts = {"asked": ", ".join(record["asked"]), "seed": str(record["seed"]), "status": record["status"]}
    facts["verified"] = f"{verified} of {len(record['verdicts'])}" if record["verdicts"] else ""
    try:
        told = _read(folder)
        models = told["config"]["models"]
        named = {role: config["model"] for role, config in models.items() if config}
        default = named.pop("default")
        others = [f"{role}: {model}" for role, model in named.items() if model != default]
        facts["models"] = ", ".join([default, *others])
        facts["versions"] = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return facts
    return facts


def places_of(folder: Path) -> list[Path]:
    """Return from where the folders that a run recorded are looked for: where it was started, and beside its own."""
    try:
        started = [Path(_read(folder)["cwd"])]
    except (OSError, ValueError, KeyError, TypeError):
        started = []
    return [*started, folder.absolute().parent.parent]


def _read(folder: Path) -> Any:
    return json.loads((folder / "run.json").read_text())
