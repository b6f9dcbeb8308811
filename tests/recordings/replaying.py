"""Replays the recording by the real commands and says what came of it: a hash for every file that must be the same.

python -m tests.recordings.replaying      # after a new recording: writes hashes.json anew
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from envfactory.environments import artefact
from envfactory.environments.files import canonical_json, digest, readable_json

FOLDER = Path(__file__).parent
HASHES = FOLDER / "hashes.json"
EXCHANGES, TASKS = FOLDER / "exchanges", FOLDER / "tasks.jsonl"
DOCUMENTS = {"commerce": "subscription_boxes", "lifestyle": "gym_classes", "office": "meeting_rooms"}
_BUILD = ("-m", "envfactory.run", "--no-tasks", "--replay", str(EXCHANGES))
_REFINE = ("-m", "envfactory.cli.main", "refine", str(TASKS), "--replay", str(EXCHANGES))


def build(folder: Path) -> None:
    """Build the three environments side by side into `folder`/library; raise where a run fails."""
    running = []
    for domain, name in DOCUMENTS.items():
        source = FOLDER / "documents" / f"{name}.yaml"
        own = folder / domain
        own.mkdir()
        options = ["--domain", domain, "--resource", str(source), "--out", str(folder / "library")]
        running.append(_started([*_BUILD, *options], own))
    for process in running:
        _ended(process)


def refine(folder: Path) -> None:
    """Refine the stored tasks in the environments of `folder`/library into `folder`/refined.jsonl."""
    options = ["--library", str(folder / "library"), "--out", str(folder / "refined.jsonl")]
    _ended(_started([*_REFINE, *options], folder))


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file made in `folder`; of a gate's report the hash of all but its timings."""
    found = {}
    for file in sorted((folder / "library").glob("*/*/*")):
        place = str(file.relative_to(folder))
        if file.name == "gate.json":
            report = artefact.load_report(file.parent)
            found[place] = digest(canonical_json(report.verdict_record())) if report else "none"
        else:
            found[place] = digest(file.read_bytes())
    refined = folder / "refined.jsonl"
    return found | ({"refined.jsonl": digest(refined.read_bytes())} if refined.exists() else {})


def stored() -> Mapping[str, str]:
    """Return the hashes that the recording was stored with."""
    told: dict[str, str] = json.loads(HASHES.read_bytes())
    return told


def _started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start one command in a folder of its own, with no key and no address of any model in its environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "ENVFACTORY_"))}
    place = {**kept, "PYTHONPATH": str(FOLDER.parents[1]), "NO_COLOR": "1"}
    command, out = [sys.executable, *arguments], subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=place, text=True, stdout=out, stderr=subprocess.STDOUT)


def _ended(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate(timeout=600)
    if process.returncode:
        raise AssertionError(said[-4000:])


def main() -> None:
    """Replay everything and write down what came of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        refine(folder)
        HASHES.write_bytes(readable_json(hashes(folder)))


if __name__ == "__main__":
    main()
