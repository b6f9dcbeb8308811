"""What a written dataset holds, counted from its files and not from what was meant to be written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from envfactory.datasets.splits import SPLITS

Row = Mapping[str, Any]
_SFT = ["environments", "outcomes", "calls", "faults", "questions"]
_RL = ["environments", "solve_rate", "verdicts", "task"]


@dataclass
class Tally:
    """Counts over all splits. `rows` is by config and split; `solve_rates` counts tenths from 0 to 10, the nearest."""

    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: int = 0
    turns: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    with_faults: int = 0
    with_questions: int = 0
    environments: dict[str, Counter[str]] = field(default_factory=dict)
    operators: Counter[str] = field(default_factory=Counter)
    solve_rates: Counter[int] = field(default_factory=Counter)
    unmeasured: int = 0
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return the counts as plain data, in a fixed order."""
        return {
            "rows": self.rows,
            "calls": self.calls,
            "turns": {str(turns): count for turns, count in sorted(self.turns.items())},
            "outcomes": dict(sorted(self.outcomes.items())),
            "with_faults": self.with_faults,
            "with_questions": self.with_questions,
            "operators": dict(sorted(self.operators.items())),
            "solve_rates": {f"{tenth / 10:.1f}": count for tenth, count in sorted(self.solve_rates.items())},
            "verdicts": {name: dict(sorted(counts.items())) for name, counts in sorted(self.verdicts.items())},
        }


def tally(folder: Path) -> Tally:
    """Count what the files of a dataset hold."""
    found = Tally()
    for config, columns, count in (("sft", _SFT, _count_sft), ("rl", _RL, _count_rl)):
        for split in SPLITS:
            rows = 0
            for row in _rows(folder / config / split, columns):
                count(found, row, split)
                rows += 1
            if rows:
                found.rows.setdefault(config, {})[split] = rows
    return found


def _rows(stem: Path, columns: list[str]) -> Iterator[Row]:
    """Yield the rows of a split, from whichever file it was written to."""
    if stem.with_suffix(".parquet").exists():
        with pq.ParquetFile(stem.with_suffix(".parquet")) as file:
            for batch in file.iter_batches(batch_size=256, columns=columns):
                yield from (_decoded(row) for row in batch.to_pylist())
    elif stem.with_suffix(".jsonl").exists():
        with stem.with_suffix(".jsonl").open("rb") as lines:
            yield from map(json.loads, lines)


def _decoded(row: dict[str, Any]) -> Row:
    """Return a row whose columns of JSON, texts to Arrow, are values again."""
    return {
        name: json.loads(value)
        if name in ("verdicts", "task")
        else [_plain(each) for each in value]
        if name == "environments"
        else value
        for name, value in row.items()
    }


def _plain(text: str) -> Any:
    return json.loads(text) if text.startswith("{") else text


def _count_sft(found: Tally, row: Row, split: str) -> None:
    found.calls += row["calls"]
    found.turns[len(row["outcomes"])] += 1
    found.outcomes.update(row["outcomes"])
    found.with_faults += row["faults"] > 0
    found.with_questions += row["questions"] > 0


def _count_rl(found: Tally, row: Row, split: str) -> None:
    for environment in row["task"]["environments"]:
        found.environments.setdefault(environment["name"], Counter())[split] += 1
    for turn in row["task"]["turns"]:
        found.operators.update({each["operator"]: 1 for each in turn.get("operators", [])})
    if row["solve_rate"] is None:
        found.unmeasured += 1
    else:
        found.solve_rates[round(row["solve_rate"] * 10)] += 1
    for name, status in row["verdicts"].items():
        found.verdicts.setdefault(name, Counter())[status] += 1
