"""How varied the words of conversations are: distinct n-grams, near-duplicates, shared delexicalised 4-grams, forms.

    python benchmarks/phrasing_variety.py --tasks tasks.jsonl --library LIBRARY [--count 600] [--draws 300] [--out FILE]

Every task's turns are put into words anew (nothing stored is read but the meaning), in the frames of the environments of
LIBRARY. Figures fall with the number of conversations, so they are taken at a fixed one, drawn from all that the file
holds (it may be in order of environments). Forms are counted after every
value is replaced by its slot: two messages that differ in a date only are one form.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from envfactory.phrasing.frames import EnvironmentFrames
from envfactory.phrasing.parsing import frames_of
from envfactory.phrasing.realise import realise
from envfactory.tasks.model import Task, Turn

TONES = ("plain", "polite", "brief", "chatty", "casual")
TARGETS = {
    "near-duplicate conversations": "< 0.5 %",
    "near-duplicate messages of 8 tokens or more": "< 2 %",
    "shared delexicalised first-turn 4-grams": "<= 65 %",
    "forms of a write in the draws, median": ">= 60",
    "forms of a read in the draws, median": ">= 25",
}


def main() -> None:
    """Put the tasks into words, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--count", type=int, default=600, help="conversations")
    parser.add_argument("--draws", type=int, default=300, help="draws of each intent")
    parser.add_argument("--intents", type=int, default=40, help="intents drawn")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args()
    frames = {path.parent.name: _frames(path) for path in sorted(options.library.glob("*/*/contracts.json"))}
    lines = options.tasks.read_text().splitlines()
    drawn = sorted(random.Random("variety").sample(range(len(lines)), min(options.count, len(lines))))
    tasks = [Task.model_validate_json(lines[at]) for at in drawn]
    spoken = [_conversation(task, frames, 0) for task in tasks]
    figures = {"conversations": len(spoken), **_lexical(spoken), **_duplicates(spoken), **_shared(spoken)}
    figures |= _forms(tasks, frames, options.draws, options.intents)
    _print(figures)
    if options.out:
        options.out.write_text(json.dumps(figures, indent=2) + "\n")


def _frames(path: Path) -> EnvironmentFrames:
    return frames_of(path.parent.name, json.loads(path.read_text()))


def _conversation(task: Task, frames: dict[str, EnvironmentFrames], seed: int) -> list[Turn]:
    """Return the turns in words, each chosen knowing the ones before."""
    for at in range(len(task.turns)):
        if task.turns[at].outcome == "declined":
            continue  # its calls were taken out when its words stood
        turn = realise(task, at, frames, random.Random(f"variety:{seed}:{task.id}:{at}"))
        task = task.model_copy(update={"turns": [*task.turns[:at], turn, *task.turns[at + 1 :]]})
    return task.turns


# --- words ------------------------------------------------------------------------------------------------------------


def _tokens(said: str) -> list[str]:
    return re.findall(r"\w+(?:'\w+)?", said.lower())


def _grams(tokens: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)]


def _delexicalised(turn: Turn) -> str:
    """Return the words with every value replaced by its slot."""
    said = turn.text
    for mention in sorted((each for each in turn.mentions if each.span), key=lambda each: -(each.span or (0, 0))[0]):
        start, end = mention.span or (0, 0)
        said = f"{said[:start]} {mention.slot.rpartition('.')[2].upper()} {said[end:]}"
    return " ".join(_tokens(said))


def _lexical(spoken: list[list[Turn]]) -> dict[str, Any]:
    messages = [_tokens(turn.text) for turns in spoken for turn in turns]
    lengths = [len(tokens) for tokens in messages]
    figures: dict[str, Any] = {"messages": len(messages)}
    for size in (1, 2, 3):
        grams = [gram for tokens in messages for gram in _grams(tokens, size)]
        figures[f"distinct-{size}"] = round(len(set(grams)) / max(1, len(grams)), 3)
    figures["tokens, mean"] = round(mean(lengths), 1)
    figures["tokens, p90"] = quantiles(lengths, n=10)[-1]
    return figures


def _duplicates(spoken: list[list[Turn]]) -> dict[str, Any]:
    conversations = [_tokens(" ".join(turn.text for turn in turns)) for turns in spoken]
    messages = [tokens for turns in spoken for turn in turns if len(tokens := _tokens(turn.text)) >= 8]
    return {
        "near-duplicate conversations": _percent(_near(conversations)),
        "near-duplicate messages of 8 tokens or more": _percent(_near(messages)),
    }


def _near(texts: list[list[str]]) -> float:
    """Return the share of texts that have another one with a Jaccard index of trigrams above 0.8."""
    sets = sorted((frozenset(_grams(tokens, 3)) for tokens in texts), key=len)
    double: set[int] = set()
    for at, here in enumerate(sets):
        for other in range(at + 1, len(sets)):
            there = sets[other]
            if len(here) < 0.8 * len(there):
                break
            both = len(here & there)
            if both > 0.8 * (len(here) + len(there) - both):
                double |= {at, other}
    return len(double) / max(1, len(sets))


def _shared(spoken: list[list[Turn]]) -> dict[str, Any]:
    """Return how many of the 4-grams of first turns stand in another conversation's first turn too."""
    grams = [set(_grams(_delexicalised(turns[0]).split(), 4)) for turns in spoken]
    seen = Counter(gram for each in grams for gram in each)
    shares = [seen[gram] > 1 for each in grams for gram in each]
    return {"shared delexicalised first-turn 4-grams": _percent(sum(shares) / max(1, len(shares)))}


# --- forms of one intent ----------------------------------------------------------------------------------------------


def _forms(tasks: list[Task], frames: dict[str, EnvironmentFrames], draws: int, wanted: int) -> dict[str, Any]:
    counts: dict[str, list[int]] = {"write": [], "read": []}
    for kind, intents in _intents(tasks, frames, wanted).items():
        for task in intents:
            counts[kind].append(len(set(_drawn(task, frames, draws))))
    figures: dict[str, Any] = {}
    for kind, found in counts.items():
        figures[f"forms of a {kind} in the draws, median"] = sorted(found)[len(found) // 2] if found else 0
        figures[f"forms of a {kind} in the draws, least"] = min(found, default=0)
    return figures


def _intents(tasks: Iterable[Task], frames: dict[str, EnvironmentFrames], wanted: int) -> dict[str, list[Task]]:
    """Return tasks whose first turn wants one thing, a different tool each, reads and writes apart."""
    known: set[tuple[str, str]] = set()
    found: dict[str, list[Task]] = {"write": [], "read": []}
    for task in tasks:
        first = task.turns[0]
        if len(first.requests) != 1:
            continue
        call = task.gold[first.requests[0].call]
        kind = frames[call.environment].tools[call.tool].kind
        if (call.environment, call.tool) not in known and len(found[kind]) < wanted // 2:
            known.add((call.environment, call.tool))
            found[kind].append(task)
    return found


def _drawn(task: Task, frames: dict[str, EnvironmentFrames], draws: int) -> Iterator[str]:
    for draw in range(draws):
        persona = task.persona.model_copy(update={"tone": TONES[draw % len(TONES)]})
        other = task.model_copy(update={"id": f"{task.id}_{draw}", "persona": persona})
        yield _delexicalised(realise(other, 0, frames, random.Random(f"draw:{task.id}:{draw}")))


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _print(figures: dict[str, Any]) -> None:
    table = Table(title="Variety of words")
    for column in ("figure", "value", "target"):
        table.add_column(column)
    for name, value in figures.items():
        table.add_row(name, str(value), TARGETS.get(name, ""))
    Console().print(table)


if __name__ == "__main__":
    main()
