"""How a run of a hundred megabytes looks: a synthetic trace, its page, and what a browser makes of it.

Writes a trace of the wanted size through the recorder (roles by a model, with revisions, bad answers and reasoning; words
that compress about as well as a model's), makes its page, and prints one table and a JSON file: seconds to read, to
make and to search, size of the page. Open the page in a browser to look at it: `python benchmarks/trace_page.py --megabytes 100 --out big`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from envfactory.events import (
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    GateStarted,
    ModelCalled,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    Usage,
)
from envfactory.pages.bodies import Packed
from envfactory.pages.document import document
from envfactory.pages.runs import run_page
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import Redactor
from envfactory.traces.search import Query, compiled, search
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story

ROLES = ("schema_designer", "coder", "tester", "reviser", "reviser")
_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


class Words:
    """Text of a few thousand words of its own, drawn as often as words are: the n-th with weight 1/n."""

    def __init__(self, seed: str, count: int = 6000) -> None:
        self._random = random.Random(seed)
        self._words = ["".join(self._random.choices(_LETTERS, k=self._random.randint(2, 11))) for _ in range(count)]
        self._weights = [1 / (number + 2) for number in range(count)]

    def text(self, characters: int) -> str:
        words = self._random.choices(self._words, self._weights, k=characters // 6)
        return "\n".join(" ".join(words[start : start + 14]) for start in range(0, len(words), 14))


def events(megabytes: int, words: Words) -> Iterator[Event]:
    """Yield a run whose prompts and answers come to so many megabytes."""
    yield RunStarted("big-run", "travel", False)
    number = told = 0
    while told < megabytes * 1_000_000:
        name = f"environment_{number:03d}"
        yield EnvironmentPlanned(name, f"Environment {number}", "it is there")
        for place, role in enumerate(ROLES):
            for event in _role(name, role, max(place - 2, 0), words):
                told += sum(len(m["content"]) for m in event.messages) if isinstance(event, ModelCalled) else 0
                yield event
        yield EnvironmentFinished(name, "verified" if number % 4 else "rejected", {"tools": 12, "revisions": 2})
        number += 1
    yield RunFinished("big-run", "finished", number, 0)


def _role(name: str, role: str, revision: int, words: Words) -> Iterator[Event]:
    spent = Usage(1, 9000, 3000, 0.01)
    yield RoleStarted(name, role, revision, "openai:synthetic")
    messages = [{"role": "system", "content": words.text(2000)}, {"role": "human", "content": words.text(30_000)}]
    answer = ""
    for attempt in range(3):
        answer = json.dumps({"source": words.text(12_000)})
        yield ModelCalled(
            name, role, revision, "openai:synthetic", list(messages), answer, words.text(3000), "ok", 20.0, spent
        )
        messages += [{"role": "ai", "content": answer}, {"role": "human", "content": f"wrong, {attempt}"}]
    yield RoleFinished(
        name, role, revision, "openai:synthetic", "ok", "done", 60.0, spent, messages[1]["content"], answer
    )
    if role in ("tester", "reviser"):
        yield GateStarted(name, revision)
        checks = [{"id": f"check{n}", "status": "fail" if n == 3 else "pass", "summary": "so it is"} for n in range(19)]
        report = json.dumps({"checks": checks})
        yield GateFinished(name, revision, "rejected", 18, 19, ["check3"], 30.0, report)


def measured(told: dict[str, Any], name: str, job: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    value = job()
    told[name] = round(time.perf_counter() - started, 2)
    return value


def write(folder: Path, megabytes: int) -> Path:
    """Write the trace, unless it is there."""
    file = folder / "trace.db"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        store = TraceStore(file)
        recorder, words = Recorder(store, Redactor([])), Words("trace page")
        for event in events(megabytes, words):
            recorder(event)
        store.close()
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("trace-page"))
    given = parser.parse_args()
    told: dict[str, Any] = {"megabytes": given.megabytes}
    file = measured(told, "seconds to write the trace", lambda: write(given.out, given.megabytes))
    store = TraceStore(file, read_only=True)
    story = measured(told, "seconds to read the story", lambda: read_story(store))
    bodies = Packed()
    content = measured(told, "seconds to make the page", lambda: run_page("big-run", store, story, bodies))
    page = given.out / "run.html"
    measured(told, "seconds to write the page", lambda: page.write_text(document("big-run", content, bodies.packs())))
    query = Query(compiled("zzqq never said"))
    told["lines found"] = len(measured(told, "seconds to search in vain", lambda: list(search(store, query))))
    store.close()
    told |= {"trace, MB": file.stat().st_size // 10**6, "page, MB": page.stat().st_size // 10**6}
    told["steps"] = sum(1 for _ in story.steps())
    for name, value in told.items():
        print(f"{name:<28} {value}")
    (given.out / "trace_page.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
