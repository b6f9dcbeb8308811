"""A suite run through: what is on file is not played again, what is played goes on file before anyone counts it.

The folder of a run holds, for each suite, `<suite>.jsonl` (a line an attempt) and `<suite>.facts.json` (which model was
asked what, and how). It is gone on with only where those are the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from envfactory.environments.files import write_atomically
from envfactory.errors import ConfigError
from envfactory.evaluation.items import Item, Scored
from envfactory.evaluation.playing import Try
from envfactory.evaluation.results import SuiteResult, summed
from envfactory.evaluation.suite import Suite, spread
from envfactory.rollouts.policy import Policy
from envfactory.tasks.files import append_lines, read_lines

Notice = Callable[[str, int, int, Sequence[Scored]], None]


class Record:
    """The attempts of one suite, on file where there is a folder."""

    def __init__(self, folder: Path | None, suite: str, facts: Mapping[str, Any], *, resume: bool) -> None:
        self.scored: list[Scored] = []
        self._file = folder and folder / f"{suite}.jsonl"
        if folder is None or self._file is None:
            return
        place = folder / f"{suite}.facts.json"
        if self._file.exists() and not resume:
            raise ConfigError(f"{self._file} is there already", remedy="go on with --resume, or name another --out")
        if self._file.exists():
            _same(place, facts)
            append_lines(self._file, [])  # which cuts off what a kill has torn
            self.scored = [each for each in read_lines(self._file, Scored, "score") if each.status == "scored"]
        else:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(place, json.dumps(facts, indent=1, sort_keys=True).encode() + b"\n")

    def left(self, items: Sequence[Item], attempts: int) -> list[Try]:
        """Return the attempts still to be made."""
        made = {(each.item, each.attempt) for each in self.scored}
        return [Try(item, at) for item in items for at in range(attempts) if (item.id, at) not in made]

    def add(self, scored: Scored) -> None:
        """Put an attempt on file."""
        self.scored.append(scored)
        if self._file is not None:
            append_lines(self._file, [scored])


def run(
    suite: Suite,
    policy: Policy,
    *,
    settings: Mapping[str, Any],
    limit: int | None = None,
    attempts: int = 1,
    side_by_side: int = 16,
    folder: Path | None = None,
    resume: bool = False,
    notice: Notice = lambda *_: None,
) -> SuiteResult:
    """Play a suite and return what it came to; `notice` hears after every attempt how far it is.

    Raise ConfigError where the folder holds a run of another kind, or one that is not to be gone on with.
    """
    facts = {**suite.facts(), "model": policy.name, "attempts": attempts, "limit": limit, **settings}
    chosen = spread(suite.items(), suite.traits[0], limit)
    record = Record(folder, suite.name, facts, resume=resume)
    wanted = {item.id for item in chosen}
    left = record.left(chosen, attempts)
    notice(suite.name, len(record.scored), len(record.scored) + len(left), record.scored)
    since = time.monotonic()
    for scored in suite.play(left, policy, side_by_side):
        now = time.monotonic()
        record.add(scored.model_copy(update={"seconds": round(now - since, 3)}))
        since = now
        notice(suite.name, len(record.scored), len(wanted) * attempts, record.scored)
    return summed(suite.name, suite.measure, suite.traits, facts, record.scored)


def _same(place: Path, facts: Mapping[str, Any]) -> None:
    """Raise ConfigError where a run on file was of another model, suite or setting."""
    try:
        before = json.loads(place.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{place} cannot be read: {error}", remedy="name another --out") from error
    now = json.loads(json.dumps(facts))
    differing = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    if differing:
        key = differing[0]
        raise ConfigError(
            f"{place.parent} holds a run with {key} {before.get(key)}, not {now.get(key)}", remedy="name another --out"
        )
