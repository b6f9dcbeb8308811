"""A whole dataset: loadable offline, byte-stable over processes, atomic, and honest about what it left out."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfactory.datasets.export import Export, ExportOptions, export, left_out_lines
from envfactory.datasets.manifest import changed_files
from envfactory.datasets.sft import SftOptions
from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.datasets.conftest import booking, refusal

OPTIONS = ExportOptions(sft=SftOptions(faults=0.0))
TEXTS = [
    "Which motor boats are free in Porto from 9 to 11 June?",
    "Hello, we would like something with an engine at Porto, 9 June until 11 June. What have you got?",
    "Motor boat, Porto, 9-11 June, what's there?",
]


@pytest.fixture(scope="session")
def tasks(scope: Scope) -> list[Task]:
    made = [booking(scope, f"t_{number}", text) for number, text in enumerate(TEXTS)]
    return [*made, refusal(scope, "t_3")]


@pytest.fixture(scope="session")
def written(scope: Scope, tasks: list[Task], tmp_path_factory: pytest.TempPathFactory) -> Export:
    return export(tasks, scope, tmp_path_factory.mktemp("made") / "boats", OPTIONS)


def header(folder: Path) -> dict[str, Any]:
    text = (folder / "README.md").read_text()
    told: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return told


def test_every_task_is_in_both_configs(written: Export) -> None:
    assert written.tasks == 4
    assert written.counted.rows == {"sft": {"train": 4}, "rl": {"train": 4}}
    assert written.left_out == {}


def test_files_and_manifest_agree(written: Export) -> None:
    assert changed_files(written.folder) == []
    (written.folder / "extra.txt").write_text("x")
    assert changed_files(written.folder) == ["extra.txt"]
    (written.folder / "extra.txt").unlink()


def test_the_card_counts_what_the_files_hold(written: Export) -> None:
    text = (written.folder / "README.md").read_text()
    rows = len((written.folder / "sft" / "train.jsonl").read_text().splitlines())
    assert f"| sft | train | {rows} |" in text
    assert "Turns by outcome: 1 declined, 3 done, 3 informed, 1 refused." in text
    assert "| missing_parameter | 3 |" in text
    assert "Boat hire (openapi 3.1.0, Apache-2.0, sha256 abababababab)" in text
    assert header(written.folder)["license"] == "apache-2.0"


@pytest.mark.parametrize("config", ["sft", "rl"])
def test_load_dataset_gives_rows_as_they_were_written(written: Export, tmp_path: Path, config: str) -> None:
    lines = (written.folder / config / "train.jsonl").read_text().splitlines()
    code = (
        "import json, sys, datasets; datasets.disable_progress_bars();"
        f"rows = datasets.load_dataset({str(written.folder)!r}, {config!r}, split='train', cache_dir={str(tmp_path)!r});"
        "print(json.dumps([rows[n] for n in range(len(rows))]))"
    )
    environment = {**os.environ, "HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [json.loads(line) for line in lines]


def test_no_argument_becomes_null(written: Export) -> None:
    for line in (written.folder / "sft" / "train.jsonl").read_text().splitlines():
        for message in json.loads(line)["messages"]:
            for call in message.get("tool_calls", []):
                assert None not in call["function"]["arguments"].values()


EXPORTING = """
import sys
from pathlib import Path
from envfactory.datasets.export import export
from envfactory.tasks.scope import Scope
from tests.datasets.conftest import boat, booking, refusal
from tests.datasets.test_export import TEXTS
from tests.support import LocalWorker
with Scope([boat("boat_hire"), boat("lake_office")], open_worker=LocalWorker) as scope:
    made = [booking(scope, f"t_{number}", text) for number, text in enumerate(TEXTS)]
    export([*made, refusal(scope, "t_3")], scope, Path(sys.argv[1]) / "boats")
"""


def test_two_processes_with_other_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    for seed in "12":
        place = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        root = Path(__file__).parents[2]
        subprocess.run([sys.executable, "-c", EXPORTING, str(place)], cwd=root, env=environment, check=True)
    one, other = ({path.relative_to(tmp_path / seed): path.read_bytes() for path in (tmp_path / seed).rglob("*.*") if path.is_file()} for seed in "12")  # fmt: skip
    assert len(one) >= 9
    assert one == other


# --- what is left out -------------------------------------------------------------------------------------------------


def test_near_duplicates_and_unproven_tasks_are_left_out(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    again = tasks[0].model_copy(update={"id": "t_again"})
    unproven = tasks[1].model_copy(update={"id": "t_unproven", "verdicts": {}})
    made = export([*tasks, again, unproven], scope, tmp_path / "out", OPTIONS)
    assert made.left_out == {"near-duplicate": 1, "not verified": 1}
    assert "1 near-duplicate, e.g. t_again like t_0" in list(left_out_lines(made))


def test_an_environment_is_in_one_split_only(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    held = tasks[1].model_copy(update={"split": "heldout"})
    made = export([tasks[0], held], scope, tmp_path / "out", OPTIONS)
    assert made.counted.rows["rl"] == {"heldout": 1}
    assert made.left_out == {"environments of several splits": 1}


def test_a_task_whose_answer_lacks_a_fact_is_for_rollouts_only(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    mute = tasks[0].model_copy(
        update={"turns": [tasks[0].turns[0].model_copy(update={"answer": "There are."}), tasks[0].turns[1]]}
    )
    made = export([mute, tasks[3]], scope, tmp_path / "out", OPTIONS)
    assert made.counted.rows == {"sft": {"train": 1}, "rl": {"train": 2}}
    assert made.left_out == {"an answer lacks a fact": 1}


def test_a_task_of_another_version_of_its_environment_is_refused(
    scope: Scope, tasks: list[Task], tmp_path: Path
) -> None:
    reference = tasks[0].environments[0].model_copy(update={"content_hash": "0" * 64})
    with pytest.raises(TaskError, match="boat_hire"):
        export([tasks[0].model_copy(update={"environments": [reference]})], scope, tmp_path / "out", OPTIONS)


def test_nothing_left_is_an_error_and_no_folder(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="no task is left"):
        export([tasks[0].model_copy(update={"verdicts": {}})], scope, tmp_path / "out", OPTIONS)
    assert list(tmp_path.iterdir()) == []


# --- whole or not at all ----------------------------------------------------------------------------------------------


def test_a_dataset_of_ours_is_replaced(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    export(tasks, scope, tmp_path / "out", OPTIONS)
    export(tasks[:1], scope, tmp_path / "out", OPTIONS)
    assert len((tmp_path / "out" / "rl" / "train.jsonl").read_text().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_others_is_left_alone(scope: Scope, tasks: list[Task], tmp_path: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("[]")
    with pytest.raises(ArtefactError, match="something else"):
        export(tasks, scope, tmp_path / "out", OPTIONS)
    assert (tmp_path / "out" / name).read_text() == "[]"


def test_a_full_disk_leaves_the_old_dataset_and_nothing_torn(
    scope: Scope, tasks: list[Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tasks, scope, tmp_path / "out", OPTIONS)

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("envfactory.datasets.export.card", full)
    with pytest.raises(ArtefactError, match="No space left on device"):
        export(tasks[:1], scope, tmp_path / "out", OPTIONS)
    assert changed_files(tmp_path / "out") == []
    assert len((tmp_path / "out" / "rl" / "train.jsonl").read_text().splitlines()) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_be_written_is_a_clear_error(scope: Scope, tasks: list[Task], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtefactError, match="cannot write"):
        export(tasks, scope, tmp_path / "file" / "out", OPTIONS)


@pytest.mark.parametrize(("formats", "files"), [(("jsonl",), {".jsonl"}), (("parquet",), {".parquet"})])
def test_only_the_wanted_formats_are_written(
    scope: Scope, tasks: list[Task], tmp_path: Path, formats: tuple[Any, ...], files: set[str]
) -> None:
    made = export(tasks, scope, tmp_path / "out", ExportOptions(formats=formats, exporters=()))
    assert {path.suffix for path in (tmp_path / "out" / "sft").iterdir()} == files
    assert made.counted.rows["sft"] == {"train": 4}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"README.md", "manifest.json", "sft", "rl"}
