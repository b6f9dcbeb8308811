"""Writes a dataset: tasks in, a folder out that trainers and `load_dataset` take as it is; whole, or not at all.

What is written is decided task by task, and every task left out is counted under its reason. The folder is made beside
its place and moved there when it is complete, so that no reader sees half a dataset, whatever happens.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from envfactory.datasets import tally as counting
from envfactory.datasets.card import card
from envfactory.datasets.decontaminate import Decontamination
from envfactory.datasets.dedup import ALIKE, Sketch, duplicates, sketch
from envfactory.datasets.exporters import llama_factory, verl
from envfactory.datasets.formats import RL_COLUMNS, SFT_COLUMNS, Format, Writer, line
from envfactory.datasets.manifest import NAME, is_ours, manifest
from envfactory.datasets.rl import RlOptions, rl_row
from envfactory.datasets.sft import LACKS_A_FACT, LeftOut, SftOptions, sft_row
from envfactory.datasets.splits import SPLITS, Split
from envfactory.datasets.tally import Tally
from envfactory.environments.files import readable_json
from envfactory.errors import ArtefactError, TaskError
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope, all_references

Exporter = Literal["verl", "llama_factory"]
Row = Mapping[str, Any]
_STRICTEST = ("heldout", "validation", "train")
_VERL_GROUP = 256


@dataclass(frozen=True)
class ExportOptions:
    """What is written. With `verified_only` a task whose grader is not proven is left out."""

    sft: SftOptions = field(default_factory=SftOptions)
    rl: RlOptions = field(default_factory=RlOptions)
    formats: tuple[Format, ...] = ("jsonl", "parquet")
    exporters: tuple[Exporter, ...] = ("verl", "llama_factory")
    alike: float = ALIKE
    verified_only: bool = True


@dataclass(frozen=True)
class Export:
    """What was written: the folder, the counts of its files, and why tasks were left out."""

    folder: Path
    counted: Tally
    left_out: dict[str, int]
    examples: list[LeftOut]

    @property
    def tasks(self) -> int:
        """How many tasks the dataset holds."""
        return sum(self.counted.rows.get("rl", {}).values())


def export(tasks: Iterable[Task], library: Scope, folder: Path, options: ExportOptions | None = None) -> Export:
    """Write the datasets of tasks in a library's environments into `folder`.

    `tasks` is gone through twice. An existing folder is replaced only if it holds a dataset of ours. Raise TaskError where
    a task does not fit the library or nothing is left, ArtefactError where the folder cannot be written.
    """
    chosen = options or ExportOptions()
    if iter(tasks) is tasks:
        tasks = list(tasks)
    _check_place(folder)
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        made = _Maker(library, partial, chosen).make(tasks, folder.name)
        _move(partial, folder)
    except OSError as error:
        raise ArtefactError(
            f"cannot write {folder}: {error.strerror or error}", remedy="free some space, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Export(folder, *made)


def _check_place(folder: Path) -> None:
    if folder.exists() and not is_ours(folder):
        raise ArtefactError(
            f"{folder} holds something else than a dataset of ours", remedy="choose another folder, or move it away"
        )


def _move(partial: Path, folder: Path) -> None:
    """Put a finished folder in its place; what was there before goes only when the new one stands."""
    before = folder.with_name(f".{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    partial.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


class _Maker:
    """One export into a folder of its own."""

    def __init__(self, library: Scope, folder: Path, options: ExportOptions) -> None:
        self._library = library
        self._folder = folder
        self._options = options
        self._left: Counter[str] = Counter()
        self._examples: list[LeftOut] = []
        self._clean = Decontamination()

    def make(self, tasks: Iterable[Task], name: str) -> tuple[Tally, dict[str, int], list[LeftOut]]:
        skipped, splits = self._survey(tasks)
        with ExitStack() as open_files:
            files = _Files(self._folder, self._options, open_files)
            for task in tasks:
                if task.id not in skipped:
                    self._write(task, files)
        counted = counting.tally(self._folder)
        if not counted.rows:
            reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(self._left.items()))
            raise TaskError(
                f"no task is left to write ({reasons or 'there were none'})", remedy="sample more, or prove them"
            )
        self._describe(counted, splits, name)
        return counted, dict(sorted(self._left.items())), self._examples

    def _survey(self, tasks: Iterable[Task]) -> tuple[set[str], dict[str, Split]]:
        """Go through all tasks once: return those not to write, and the split of every environment."""
        held: dict[str, set[Split]] = {}
        seen: dict[Split, list[tuple[Sketch, list[str]]]] = {split: [] for split in SPLITS}
        skipped: set[str] = set()
        for task in tasks:
            names = [each.name for each in all_references(task)]
            self._library.require(all_references(task))
            if self._options.verified_only and not task.verified:
                skipped.add(self._leave(task.id, "not verified"))
                continue
            for name in names:
                held.setdefault(name, set()).add(task.split)
            seen[task.split].append((sketch(task), names))
        splits = {name: _strictest(found) for name, found in sorted(held.items())}
        mixed = {
            one.task for split in SPLITS for one, names in seen[split] if {splits[name] for name in names} != {split}
        }
        skipped.update(self._leave(task, "environments of several splits") for task in sorted(mixed))
        kept = [one for split in _STRICTEST for one, _ in seen[_as_split(split)] if one.task not in mixed]
        for each in duplicates(kept, self._options.alike):
            skipped.add(self._leave(each.task, "near-duplicate", f"like {each.like}"))
        return skipped, splits

    def _write(self, task: Task, files: _Files) -> None:
        world = self._clean.reproduced(self._library.tool_schemas(task))
        if world is not None:
            self._leave(task.id, "reproduces a benchmark", f"{world.benchmark}: {world.world}")
            return
        told = sft_row(task, self._library, self._options.sft)
        if isinstance(told, LeftOut):
            self._leave(told.task, told.reason, told.detail)
            if told.reason != LACKS_A_FACT:
                return
        else:
            files.conversation(told)
        files.rollout(rl_row(task, self._library, self._options.rl))

    def _leave(self, task: str, reason: str, detail: str = "") -> str:
        self._left[reason] += 1
        if self._left[reason] <= 3:
            self._examples.append(LeftOut(task, reason, detail))
        return task

    def _describe(self, counted: Tally, splits: Mapping[str, Split], name: str) -> None:
        """Write the card and, last, the manifest of all files."""
        environments = [self._library.environment(each) for each in sorted(counted.environments)]
        suffix = ".parquet" if "parquet" in self._options.formats else ".jsonl"
        left = dict(sorted(self._left.items()))
        (self._folder / "README.md").write_bytes(card(name, counted, environments, splits, left, suffix))
        said = {
            "options": asdict(self._options),
            "environments": {each.name: each.content_hash for each in environments},
            "splits": dict(splits),
            "counts": counted.told(),
            "left_out": left,
        }
        (self._folder / NAME).write_bytes(manifest(self._folder, said))


class _Files:
    """The files of a dataset, each opened when its first row comes."""

    def __init__(self, folder: Path, options: ExportOptions, stack: ExitStack) -> None:
        self._folder = folder
        self._options = options
        self._stack = stack
        self._writers: dict[tuple[str, str], Writer] = {}
        self._verl: dict[str, _Verl] = {}
        self._llama: dict[str, Any] = {}

    def conversation(self, row: Row) -> None:
        """Write a conversation in every form wanted."""
        split = row["split"]
        self._writer("sft", split).write(row)
        if "llama_factory" in self._options.exporters:
            self._llama_file(split).write(line(llama_factory.row(row)))

    def rollout(self, row: Row) -> None:
        """Write a task for rollouts in every form wanted."""
        split = row["split"]
        self._writer("rl", split).write(row)
        if "verl" in self._options.exporters:
            if split not in self._verl:
                self._verl[split] = _Verl(self._folder / "verl" / f"{split}.parquet", self._stack)
            self._verl[split].write(row)

    def _writer(self, config: str, split: str) -> Writer:
        if (config, split) not in self._writers:
            columns = SFT_COLUMNS if config == "sft" else RL_COLUMNS
            made = Writer(self._folder / config / split, columns, self._options.formats)
            self._writers[config, split] = self._stack.enter_context(made)
        return self._writers[config, split]

    def _llama_file(self, split: str) -> Any:
        if split not in self._llama:
            place = self._folder / "llama_factory"
            place.mkdir(exist_ok=True)
            self._llama[split] = self._stack.enter_context((place / f"{split}.jsonl").open("wb"))
            info = llama_factory.dataset_info(each for each in SPLITS if each in self._llama)
            (place / "dataset_info.json").write_bytes(readable_json(info))
        return self._llama[split]


class _Verl:
    """A Parquet file for verl, written a group at a time."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        path.parent.mkdir(exist_ok=True)
        self._file = stack.enter_context(pq.ParquetWriter(path, verl.schema(), compression="zstd"))
        self._waiting: list[Row] = []
        self._rows = 0
        stack.callback(self._flush)

    def write(self, row: Row) -> None:
        """Write one row."""
        self._waiting.append(verl.row(row, self._rows))
        self._rows += 1
        if len(self._waiting) == _VERL_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(verl.table(self._waiting))
            self._waiting.clear()


def _strictest(splits: Iterable[Split]) -> Split:
    found = set(splits)
    return next(_as_split(split) for split in _STRICTEST if split in found)


def _as_split(word: str) -> Split:
    return next(split for split in SPLITS if split == word)


def left_out_lines(made: Export) -> Iterator[str]:
    """Yield a line for every reason for which tasks were left out, with an example."""
    for reason, count in made.left_out.items():
        example = next((each for each in made.examples if each.reason == reason), None)
        yield f"{count} {reason}" + (f", e.g. {example.task} {example.detail}".rstrip() if example else "")
