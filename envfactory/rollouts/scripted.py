"""Policies that follow a script: the gold, nothing, chance, or an honest half. They bound what a model can score.

A script is a function of the task and of what is asked; it writes text as a model would, so that what it does is read
and played as a model's words are. Scripts know the task, which no model does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from envfactory.datasets.conversation import Message, served_name
from envfactory.errors import ConfigError
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked, Reply, written
from envfactory.runtime.paths import leaves
from envfactory.tasks.facts import gold_answers
from envfactory.tasks.model import GoldCall, Task

Script = Callable[[Task, Asked], str]
_RANDOM_CALLS, _RANDOM_STOP = 3, 0.25
_PLAIN_NUMBERS = (1, 2, 3, 5, 10)


class Scripted:
    """A policy of one script, for the tasks it is given."""

    def __init__(self, name: str, script: Script, tasks: Iterable[Task]) -> None:
        self.name = f"scripted:{name}"
        self._script = script
        self._tasks = {task.id: task for task in tasks}

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return what the script writes; a word counts as a token."""
        return [self._reply(each) for each in asked]

    def _reply(self, asked: Asked) -> Reply:
        text = self._script(self._tasks[asked.task], asked)
        return written(text, tokens=len(text.split()))


def oracle(task: Task, asked: Asked) -> str:
    """Make the gold's calls, one a message, and give its answers."""
    if asked.calls < task.turns[asked.turn].calls[1]:
        return call_text(task, task.gold[asked.calls])
    return gold_answers(task)[asked.turn]


def empty(task: Task, asked: Asked) -> str:
    """Say nothing."""
    return ""


def half(task: Task, asked: Asked) -> str:
    """Make the first half of the gold's calls (rounded up), answer what they settle, and own up to the rest."""
    enough = (len(task.gold) + 1) // 2
    last = task.turns[asked.turn].calls[1]
    if asked.calls < min(last, enough):
        return call_text(task, task.gold[asked.calls])
    return gold_answers(task)[asked.turn] if last <= enough else "I have not got any further with this."


def by_chance(task: Task, asked: Asked) -> str:
    """Call tools at random with whatever fits their schemas, and stop at random."""
    rng = Random(f"by chance/{asked.seed}")
    made = sum(message["role"] == "tool" for message in since_person(asked.messages))
    if made >= _RANDOM_CALLS or not asked.tools or rng.random() < _RANDOM_STOP:
        return "Done."
    function = rng.choice(list(asked.tools))["function"]
    return write("", [ToolCall(function["name"], guessed(function["parameters"], seen(asked.messages), rng))])


SCRIPTS: Mapping[str, Script] = {"oracle": oracle, "empty": empty, "half": half, "random": by_chance}


def scripted(name: str, tasks: Iterable[Task]) -> Scripted:
    """Return a scripted policy by name; ConfigError where there is none."""
    from envfactory.rollouts.cheats import CHEATS  # which is written with what stands here

    scripts = {**SCRIPTS, **CHEATS}
    if name not in scripts:
        raise ConfigError(f"there is no scripted policy {name}", remedy=f"one of: {', '.join(scripts)}")
    return Scripted(name, scripts[name], tasks)


# --- for whoever writes scripts ---------------------------------------------------------------------------------------


def call_text(task: Task, gold: GoldCall) -> str:
    """Return a gold call as a model would write it."""
    return write("", [ToolCall(served_name(task, gold.environment, gold.tool), gold.arguments)])


def since_person(messages: Sequence[Message]) -> list[Message]:
    """Return the messages after the person's last one."""
    last = max((at for at, message in enumerate(messages) if message["role"] == "user"), default=-1)
    return list(messages[last + 1 :])


def seen(messages: Sequence[Message]) -> dict[str, list[Any]]:
    """Return the values that results have shown, by the name of their field, the latest last."""
    found: dict[str, list[Any]] = {}
    for name, value in _shown(messages):
        found.setdefault(name, []).append(value)
    return found


def _shown(messages: Sequence[Message]) -> Iterator[tuple[str, Any]]:
    for message in messages:
        if message["role"] == "tool":
            for path, value in leaves(json.loads(message["content"])):
                yield path.rpartition(".")[2].partition("[")[0], value


def guessed(schema: Mapping[str, Any], known: Mapping[str, list[Any]], rng: Random) -> dict[str, Any]:
    """Return arguments that fit an object schema, with values that were shown under such a name where there are any."""
    required = schema.get("required", [])
    return {name: _guess(name, each, known, rng) for name, each in schema["properties"].items() if name in required}


def _guess(name: str, schema: Mapping[str, Any], known: Mapping[str, list[Any]], rng: Random) -> Any:
    shown = known.get(name) or known.get(name.rpartition("_")[2])
    if shown:
        return shown[-1 - rng.randrange(min(3, len(shown)))]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return [_guess(name.removesuffix("s"), schema.get("items", {}), known, rng)]
    if kind == "object":
        return guessed({"properties": {}, **schema}, known, rng)
    if kind in ("integer", "number"):
        return max(rng.choice(_PLAIN_NUMBERS), schema.get("minimum", 0))
    if kind == "boolean":
        return rng.random() < 0.5
    texts = [each for values in known.values() for each in values if isinstance(each, str)]
    return rng.choice(texts) if texts else name
