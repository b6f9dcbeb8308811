"""How much the independent reader hears: spans of refined tasks deleted or replaced, and whether it notices.

    python benchmarks/audit_power.py TASKS LIBRARY [--limit N] [--out FILE]

TASKS is a file of refined tasks, LIBRARY the folder of their environments. The reader is not told where a mention stood:
after each change the mentions are looked for again in the text alone. A deletion that leaves the value said elsewhere in
the turn, or said by another mention of the same value, is redundant and counts neither way.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from envfactory.refinement.audit import all_mentions, audit_words
from envfactory.refinement.edits import turn_with
from envfactory.refinement.hearing import Ear, kind_of
from envfactory.refinement.locate import located
from envfactory.refinement.selection import same
from envfactory.tasks.model import Mention, Task
from envfactory.tasks.scope import Scope, open_library


@dataclass
class Count:
    """What came of one kind of change to one kind of mention."""

    tried: int = 0
    redundant: int = 0
    noticed: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def power(self) -> float:
        """Noticed over those that ought to be."""
        counted = self.tried - self.redundant
        return self.noticed / counted if counted else 1.0


@dataclass(frozen=True)
class Place:
    """One mention with its words in one turn of one task."""

    task: Task
    turn: int
    mention: Mention
    kind: str

    @property
    def text(self) -> str:
        return self.task.turns[self.turn].text

    def with_words(self, words: str) -> str:
        """Return the turn's text with other words at the mention's span."""
        start, end = self.mention.span or (0, 0)
        return " ".join(f"{self.text[:start]}{words}{self.text[end:]}".split())


def places(tasks: list[Task], scope: Scope) -> Iterator[Place]:
    """Yield every mention that words stand for."""
    for task in tasks:
        for number, turn in enumerate(task.turns):
            for mention in turn.mentions:
                if mention.span:
                    yield Place(task, number, mention, kind(mention, scope))


def kind(mention: Mention, scope: Scope) -> str:
    """Return what sort of thing a mention says."""
    if mention.form in ("ranked", "referred"):
        return mention.form
    contracts = scope.contracts(mention.environment)
    return kind_of(Ear("", contracts.now, contracts, ()), mention)


def reread(place: Place, text: str, scope: Scope) -> Task:
    """Return the task with another text in the turn, its mentions looked for anew."""
    task = place.task
    contracts = {each.name: scope.contracts(each.name) for each in task.environments}
    earlier = [each for turn in task.turns[: place.turn] for each in all_mentions(turn)]
    mentions = located(text, task.turns[place.turn].mentions, contracts, earlier)
    return turn_with(task, place.turn, text=text, mentions=mentions)


def noticed(before: Task, after: Task, turn: int, scope: Scope) -> bool:
    """Tell whether the reader finds something in the turn that it did not find before."""
    known = {each[1:] for each in audit_words(before, scope) if each.turn == turn}
    return any(each.turn == turn and each[1:] not in known for each in audit_words(after, scope))


def redundant(place: Place, after: Task) -> bool:
    """Tell whether the value is said elsewhere in the turn: by another mention, or in words that are no mention's."""
    others = [each for each in place.task.turns[place.turn].mentions if each.id != place.mention.id]
    if any(same(each.value, place.mention.value) or _within(place.mention, each) for each in others):
        return True
    again = next(each for each in after.turns[place.turn].mentions if each.id == place.mention.id)
    taken = [each.span for each in after.turns[place.turn].mentions if each.id != again.id and each.span]
    return again.span is not None and not any(a < again.span[1] and again.span[0] < b for a, b in taken)


def _within(mention: Mention, other: Mention) -> bool:
    return str(mention.value)[:10] == str(other.value)[:10] and len(str(mention.value)) >= 10


def measure(tasks: list[Task], scope: Scope, rng: random.Random) -> dict[str, dict[str, Count]]:
    """Delete and replace every span, one at a time."""
    counts: dict[str, dict[str, Count]] = {"deleted": defaultdict(Count), "replaced": defaultdict(Count)}
    everything = list(places(tasks, scope))
    pool: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for place in everything:
        pool[place.mention.environment, place.mention.slot].append(place.mention)
    for place in everything:
        sound = reread(place, place.text, scope)
        gone = reread(place, place.with_words(""), scope)
        record(counts["deleted"][place.kind], place, sound, gone, scope, redundant(place, gone))
        rivals = [
            each
            for each in pool[place.mention.environment, place.mention.slot]
            if not same(each.value, place.mention.value) and each.words.lower() != place.mention.words.lower()
        ]
        if rivals and place.kind not in ("referred", "ranked"):
            other = reread(place, place.with_words(rng.choice(rivals).words), scope)
            record(counts["replaced"][place.kind], place, sound, other, scope, redundant(place, other))
    return counts


def record(count: Count, place: Place, sound: Task, changed: Task, scope: Scope, again: bool) -> None:
    """Count one change."""
    count.tried += 1
    if noticed(sound, changed, place.turn, scope):
        count.noticed += 1
    elif again:
        count.redundant += 1
    else:
        count.missed.append(f"{place.task.id} turn {place.turn} {place.mention.slot}: {changed.turns[place.turn].text}")


def table(counts: dict[str, dict[str, Count]]) -> Table:
    """Return one row for each change and kind, and the sums."""
    shown = Table("change", "kind", "tried", "redundant", "noticed", "missed", "power")
    for change, kinds in counts.items():
        for name, count in sorted(kinds.items()):
            shown.add_row(change, name, *_cells(count))
        total = Count(
            sum(each.tried for each in kinds.values()),
            sum(each.redundant for each in kinds.values()),
            sum(each.noticed for each in kinds.values()),
            [miss for each in kinds.values() for miss in each.missed],
        )
        shown.add_row(change, "all", *_cells(total), style="bold")
    return shown


def _cells(count: Count) -> tuple[str, ...]:
    return str(count.tried), str(count.redundant), str(count.noticed), str(len(count.missed)), f"{count.power:.1%}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = options.tasks.read_text().splitlines()[: options.limit]
    tasks = [Task.model_validate_json(line) for line in lines if line.strip()]
    with Scope.open(open_library(options.library)) as scope:
        counts = measure(tasks, scope, random.Random("audit power"))
    console = Console()
    console.print(table(counts))
    for change, kinds in counts.items():
        for miss in [miss for count in kinds.values() for miss in count.missed][:10]:
            console.print(f"{change}, missed: {miss}", markup=False)
    if options.out:
        told = {change: {name: asdict(each) for name, each in kinds.items()} for change, kinds in counts.items()}
        options.out.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
