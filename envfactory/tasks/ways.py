"""The accept set: other ways through a task that are as good as the gold, each confirmed by execution.

Kinds: `gold`; `swap` of neighbouring calls of a turn; `reads_first` (within each turn); `extra_read` (a gold read
again, or another read that what is known allows); `default_spelled_out`; `other_producer` (a value taken from
another tool along a proven edge). A candidate whose calls do not come out as in the gold, or that ends in another
state, is no such way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.runtime.paths import find, leaves
from envfactory.tasks.changes import Renaming, compare
from envfactory.tasks.edits import Known, arranged, with_arguments, with_step
from envfactory.tasks.facts import gold_answers
from envfactory.tasks.grader import gold_path, turn_marks
from envfactory.tasks.model import FromResult, Path, Step, Task
from envfactory.tasks.play import Playback, play, word
from envfactory.tasks.scope import Scope

_MOST_SWAPS, _MOST_READS, _MOST_DEFAULTS, _MOST_PRODUCERS = 2, 2, 2, 2


class Way(NamedTuple):
    """A path with what playing it showed (with the marks of its turns)."""

    path: Path
    played: Playback


def accept_ways(task: Task, scope: Scope) -> list[Way]:
    """Return the gold and the other ways that proved as good; the gold is always the first."""
    return list(_Ways(task, scope).all())


def renamed(answers: Sequence[str], renaming: Mapping[str, Renaming]) -> list[str]:
    """Return answers with the gold's new ids replaced by those of another way."""
    pairs = [(str(old), str(new)) for ids in renaming.values() for old, new in ids.items() if isinstance(old, str)]
    marked = list(answers)
    for number, (old, _) in enumerate(pairs):
        marked = [answer.replace(old, f"\x00{number}\x00") for answer in marked]
    for number, (_, new) in enumerate(pairs):
        marked = [answer.replace(f"\x00{number}\x00", new) for answer in marked]
    return marked


class _Ways:
    def __init__(self, task: Task, scope: Scope) -> None:
        self._task = task
        self._scope = scope
        self._answers = gold_answers(task)
        self._gold = gold_path(task, scope, self._answers)
        self._steps = self._gold.steps
        self._words = [call.outcome for call in task.gold]
        self._known = self._learned()

    def all(self) -> Iterator[Way]:
        yield Way(self._gold, self._play(self._steps))
        seen = {self._key(self._steps)}
        makers = [
            (self._swaps(), _MOST_SWAPS),
            (self._reads_first(), 1),
            (self._extra_reads(), _MOST_READS),
            (self._defaults(), _MOST_DEFAULTS),
            (self._other_producers(), _MOST_PRODUCERS),
        ]
        for candidates, most in makers:
            for path in candidates:
                if most == 0:
                    break
                if self._key(path.steps) in seen:
                    continue
                seen.add(self._key(path.steps))
                way = self._confirmed(path)
                if way is not None:
                    most -= 1
                    yield way

    def _key(self, steps: Sequence[Step]) -> str:
        return repr([(step.environment, step.tool, step.arguments, step.bind, step.turn) for step in steps])

    def _play(self, steps: Sequence[Step]) -> Playback:
        return play(self._scope, steps, marks=turn_marks(self._task, steps))

    def _confirmed(self, path: Path) -> Way | None:
        """Return a candidate that ends as the gold does, its answers about its own new ids; else None."""
        played = self._play(path.steps)
        if not played.played:
            return None
        told = sorted(word(outcome) for outcome in played.outcomes if word(outcome) != "ok")
        compared = compare(self._task.goal.changes, played.changes, self._scope, self._task.goal)
        if told != sorted(outcome for outcome in self._words if outcome != "ok") or not compared.same:
            return None
        answers = renamed(self._answers, compared.renaming)
        return Way(path.model_copy(update={"answers": answers}), played)

    # --- candidates ---------------------------------------------------------------------------------------------------

    def _swaps(self) -> Iterator[Path]:
        for at in range(len(self._steps) - 1):
            if self._steps[at].turn == self._steps[at + 1].turn:
                order = [*range(at), at + 1, at, *range(at + 2, len(self._steps))]
                yield from self._path("swap", f"{self._steps[at + 1].tool} before {self._steps[at].tool}", order)

    def _reads_first(self) -> Iterator[Path]:
        order = sorted(range(len(self._steps)), key=lambda at: (self._steps[at].turn, self._is_write(at), at))
        yield from self._path("reads_first", "", order)

    def _path(self, kind: str, note: str, order: Sequence[int]) -> Iterator[Path]:
        steps = arranged(self._steps, order)
        if steps is not None:
            yield Path(kind=kind, note=note, steps=steps)

    def _extra_reads(self) -> Iterator[Path]:
        for at in range(len(self._steps)):
            if not self._is_write(at) and not self._steps[at].bind:
                end = max(n for n, step in enumerate(self._steps) if step.turn == self._steps[at].turn) + 1
                yield self._with_read(end, self._steps[at], "again")
        for name in dict.fromkeys(step.environment for step in self._steps):
            yield from self._new_reads(name)

    def _new_reads(self, name: str) -> Iterator[Path]:
        """Yield the gold with a read of its own kind before everything else, of what is known from the start."""
        used = {step.tool for step in self._steps if step.environment == name}
        for contract in self._scope.contracts(name).tools:
            if contract.kind == "write" or contract.name in used or f"{name}.{contract.name}" in self._task.withheld:
                continue
            arguments = self._known[name].arguments(contract)
            if arguments is not None:
                yield self._with_read(0, Step(environment=name, tool=contract.name, arguments=arguments), "another")

    def _with_read(self, at: int, step: Step, note: str) -> Path:
        turn = self._steps[at].turn if at < len(self._steps) else self._steps[-1].turn
        read = step.model_copy(update={"turn": min(turn, step.turn) if note == "again" else turn, "bind": {}})
        return Path(kind="extra_read", note=f"{note}: {step.tool}", steps=with_step(self._steps, at, read))

    def _defaults(self) -> Iterator[Path]:
        for at, step in enumerate(self._steps):
            for name, parameter in self._scope.contracts(step.environment).tool(step.tool).parameters.items():
                if name not in step.arguments and not parameter.required and parameter.default is not None:
                    arguments = {**step.arguments, name: parameter.default}
                    steps = with_arguments(self._steps, at, arguments)
                    yield Path(kind="default_spelled_out", note=f"{step.tool}.{name}", steps=steps)

    def _other_producers(self) -> Iterator[Path]:
        told = {fact.call for turn in self._task.turns for fact in turn.facts}
        for consumer, call in enumerate(self._task.gold):
            for path, source in call.sources.items():
                if isinstance(source, FromResult) and source.call not in told:
                    yield from self._produced(consumer, path, source.call)

    def _produced(self, consumer: int, path: str, producer: int) -> Iterator[Path]:
        """Yield the gold with the producer of an argument's value replaced by another tool that shows the value."""
        step, replaced = self._steps[consumer], self._steps[producer]
        if self._is_write(producer) or any(producer == at for each in self._steps for at, _ in each.bind.values()):
            return
        value = find(self._task.gold[consumer].arguments, path)
        for edge in self._scope.topology(step.environment).producers(step.tool, path):
            offered = (
                edge.producer != replaced.tool and f"{step.environment}.{edge.producer}" not in self._task.withheld
            )
            contract = self._scope.contracts(step.environment).tool(edge.producer)
            arguments = self._known[step.environment].arguments(contract)
            if offered and contract.kind == "read" and arguments is not None:
                other = replaced.model_copy(update={"tool": edge.producer, "arguments": arguments, "bind": {}})
                if self._shows(other, value):
                    steps = [*self._steps[:producer], other, *self._steps[producer + 1 :]]
                    yield Path(kind="other_producer", note=f"{edge.producer} instead of {replaced.tool}", steps=steps)

    def _shows(self, step: Step, value: Any) -> bool:
        outcomes = play(self._scope, [step]).outcomes
        return bool(outcomes) and any(leaf == value for _, leaf in leaves(outcomes[0].get("result")))

    # --- what is known ------------------------------------------------------------------------------------------------

    def _learned(self) -> dict[str, Known]:
        found: dict[str, Known] = {name: Known() for name in (each.name for each in self._task.environments)}
        for call in self._task.gold:
            found[call.environment].learn(self._contract(call.environment, call.tool), self._old(call.arguments, call))
        return found

    def _old(self, arguments: Mapping[str, Any], call: Any) -> dict[str, Any]:
        """Return the arguments that hold from the start on: not the ids that the path itself makes."""
        initial = self._scope.initial_values(call.environment)
        return {
            name: value
            for name, value in arguments.items()
            if not isinstance(value, str)
            or value in initial
            or call.sources.get(name) is None
            or call.sources[name].kind != "result"
        }

    def _contract(self, environment: str, tool: str) -> Any:
        return self._scope.contracts(environment).tool(tool)

    def _is_write(self, at: int) -> bool:
        step = self._steps[at]
        return bool(self._contract(step.environment, step.tool).kind == "write")
