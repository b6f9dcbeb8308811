"""Print a random draw of conversations, with the ratings a reader gave them, as a page.

    python benchmarks/samples.py datasets/travel/tasks.jsonl --count 50 --ratings ratings.json --out docs/samples.md

`ratings.json` maps a task's id to `[1..5, remark]`; without it the page is printed for somebody to rate. The draw depends
on the file's ids and `--seed` alone.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from envfactory.environments.files import write_atomically
from envfactory.tasks.files import read_tasks
from envfactory.tasks.model import Task

Rating = tuple[int, str]
SCALE = "1 nobody would say this · 2 clearly a machine · 3 odd in places · 4 good · 5 a person could have written it"


def main() -> None:
    """Draw, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ratings", type=Path)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    tasks = sorted(read_tasks(told.tasks), key=lambda task: task.id)
    drawn = random.Random(told.seed).sample(tasks, min(told.count, len(tasks)))
    ratings = json.loads(told.ratings.read_text()) if told.ratings else {}
    page = "\n".join(lines(drawn, ratings)) + "\n"
    if told.out:
        write_atomically(told.out, page.encode())
    else:
        print(page)


def lines(tasks: list[Task], ratings: Mapping[str, Rating]) -> Iterator[str]:
    """Yield the page's lines."""
    yield "# Fifty conversations, drawn at random and rated" if len(tasks) == 50 else f"# {len(tasks)} conversations"
    yield ""
    yield "What the person says, as `rules` writes it; calls and answers are left out (`envfactory tasks show ID` has them)."
    if ratings:
        yield from summary([ratings[task.id][0] for task in tasks])
    for task in tasks:
        yield ""
        yield from conversation(task, ratings.get(task.id))


def summary(given: list[int]) -> Iterator[str]:
    """Yield what the ratings come to."""
    counts = Counter(given)
    told = ", ".join(f"{counts[mark]} × {mark}" for mark in sorted(counts, reverse=True))
    yield f"Each was read and rated by one reader, 1 to 5 ({SCALE}): mean {sum(given) / len(given):.2f} ({told})."


def conversation(task: Task, rating: Rating | None) -> Iterator[str]:
    """Yield one conversation's lines."""
    where = ", ".join(each.name for each in task.environments)
    mark = f" · **{rating[0]}**{f' ({rating[1]})' if rating[1] else ''}" if rating else ""
    yield f"**{task.id}** · {where}{mark}"
    yield ""
    for turn in task.turns:
        yield f"- {turn.text}"
        for reply in turn.replies:
            yield f"  - *{reply.question}* {reply.text}"


if __name__ == "__main__":
    main()
