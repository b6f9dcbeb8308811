"""What a set of tasks covers: tools, proven edges, error codes, shapes, lengths; and how often it repeats itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from envfactory.runtime.paths import general
from envfactory.sampling.beyond import states_beyond, values_beyond
from envfactory.sampling.views import EnvironmentView
from envfactory.tasks.model import FromResult, GoldCall, Task
from envfactory.tasks.motives import FOR_OTHERS, MOTIVES

ValueKey = tuple[str, str, str, str, str]
StateKey = tuple[str, str, str, str, str]


@dataclass
class Coverage:
    """Counts over tasks. An edge is covered by a call that took the value, or by the change of state.

    A value edge is covered by a `result` source; a state edge by producer and consumer called in this order on a common
    thing (or dealt as the task's focus), the consumer refused with the code where it disables, accepted where it enables.
    """

    views: dict[str, EnvironmentView]
    tasks: int = 0
    calls: Counter[int] = field(default_factory=Counter)
    turns: Counter[int] = field(default_factory=Counter)
    per_turn: Counter[int] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    environments: Counter[int] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    tools: Counter[tuple[str, str]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    values: Counter[ValueKey] = field(default_factory=Counter)
    states: Counter[StateKey] = field(default_factory=Counter)
    repeating: int = 0
    writing: int = 0
    motives: int = 0

    def add(self, task: Task) -> None:
        """Count a task."""
        self.tasks += 1
        self.calls[len(task.gold)] += 1
        self.turns[len(task.turns)] += 1
        self.shapes[task.shape] += 1
        self.environments[len(task.environments)] += 1
        self.stories[task.story] += 1
        self.writing += bool(task.goal.changes)
        self.repeating += repeats(task)
        self.motives += any(each.story in MOTIVES - {FOR_OTHERS} for turn in task.turns for each in turn.requests)
        for turn in task.turns:
            self.outcomes[turn.outcome] += 1
            self.per_turn[turn.calls[1] - turn.calls[0]] += 1
        for place, call in enumerate(task.gold):
            self._add_call(task.gold, place, call)
        self._add_states(task)

    def update(self, tasks: Iterable[Task]) -> Coverage:
        """Count tasks and return the coverage."""
        for task in tasks:
            self.add(task)
        return self

    def _add_call(self, gold: list[GoldCall], place: int, call: GoldCall) -> None:
        self.tools[call.environment, call.tool] += 1
        if call.outcome != "ok":
            self.codes[call.environment, call.tool, call.outcome] += 1
        for parameter, source in call.sources.items():
            if isinstance(source, FromResult) and source.call < place:
                producer = gold[source.call]
                edge = (call.environment, producer.tool, general(source.path), call.tool, general(parameter))
                self.values[edge] += 1

    def _add_states(self, task: Task) -> None:
        for name in {call.environment for call in task.gold}:
            calls = [call for call in task.gold if call.environment == name]
            for edge in self.views[name].topology.graph.state_edges:
                wanted = edge.code if edge.effect == "disables" else "ok"
                key = (name, edge.producer, edge.consumer, edge.effect, edge.code)
                dealt = task.focus == f"{name}: {edge.producer} {edge.effect} {edge.consumer} ({edge.code})"
                if _in_order(calls, edge.producer, edge.consumer, wanted, self.views[name], dealt):
                    self.states[key] += 1

    # --- what there is --------------------------------------------------------------------------------------------

    def all_values(self) -> list[ValueKey]:
        """Return every proven value edge that gives something new."""
        return [
            (name, edge.producer, edge.field, edge.consumer, edge.parameter)
            for name, view in self.views.items()
            for edge in view.topology.graph.value_edges
            if not edge.echo
        ]

    def all_states(self) -> list[StateKey]:
        """Return every proven state edge."""
        return [
            (name, edge.producer, edge.consumer, edge.effect, edge.code)
            for name, view in self.views.items()
            for edge in view.topology.graph.state_edges
        ]

    def beyond(self) -> dict[ValueKey | StateKey, str]:
        """Return the edges that nobody travels, those that some story came along by the way left out, and why."""
        found: dict[ValueKey | StateKey, str] = {}
        for name, view in self.views.items():
            for edge, reason in values_beyond(view):
                found[name, edge.producer, edge.field, edge.consumer, edge.parameter] = reason
            found |= {(name, *place): reason for place, reason in states_beyond(view)}
        return {edge: reason for edge, reason in found.items() if edge not in self.values and edge not in self.states}

    def all_tools(self) -> list[tuple[str, str]]:
        """Return every tool."""
        return [(name, tool) for name, view in self.views.items() for tool in view.tools]

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        values, states, tools = self.all_values(), self.all_states(), self.all_tools()
        beyond = self.beyond()
        return {
            "tasks": self.tasks,
            "tools": [sum(each in self.tools for each in tools), len(tools)],
            "value_edges": [sum(each in self.values for each in values), len(values)],
            "state_edges": [sum(each in self.states for each in states), len(states)],
            "value_edges_beyond": sum(each in beyond for each in values),
            "state_edges_beyond": sum(each in beyond for each in states),
            "beyond": dict(Counter(beyond.values()).most_common()),
            "codes": len(self.codes),
            "writing": self.writing,
            "repeating": self.repeating,
            "motives": self.motives,
            "calls": _spread(self.calls),
            "turns": _spread(self.turns),
            "calls_per_turn": _spread(self.per_turn),
            "shapes": dict(sorted(self.shapes.items())),
            "outcomes": dict(sorted(self.outcomes.items())),
            "environments": _spread(self.environments),
            "stories": dict(self.stories.most_common()),
        }


def repeats(task: Task) -> bool:
    """Tell whether a task repeats a call needlessly.

    The same tool with the same arguments and the same answer twice, or one tool more than twice within a turn only to
    find values.
    """
    made = [repr((call.environment, call.tool, sorted(call.arguments.items()), call.outcome)) for call in task.gold]
    answers = [repr(call.result) for call in task.gold]
    again = any(
        made[late] == made[early] and answers[late] == answers[early]
        for late in range(len(made))
        for early in range(late)
    )
    return again or any(_searches_twice(task.gold[slice(*turn.calls)]) for turn in task.turns)


def _searches_twice(calls: list[GoldCall]) -> bool:
    made = [(call.environment, call.tool, call.purpose) for call in calls if call.purpose == "resolve"]
    return len(made) - len(set(made)) > 1


def _in_order(calls: list[GoldCall], first: str, then: str, outcome: str, view: EnvironmentView, dealt: bool) -> bool:
    """Tell whether `first` succeeded and `then` came to an outcome after it, both about one thing."""
    for place, call in enumerate(calls):
        if call.tool == first and call.outcome == "ok":
            for later in calls[place + 1 :]:
                if later.tool == then and later.outcome == outcome and (dealt or _common(call, later, view)):
                    return True
    return False


def _common(one: GoldCall, other: GoldCall, view: EnvironmentView) -> bool:
    """Tell whether two calls have a thing in common, other than the person."""
    keys = {slot.name for slot in view.tools[other.tool].slots.values() if slot.role == "key"}
    named = {value for name, value in other.arguments.items() if name in keys}
    shown = set(map(repr, [*one.arguments.values(), *(one.result if isinstance(one.result, dict) else {}).values()]))
    return any(repr(value) in shown for value in named)


def _spread(counter: Counter[int]) -> dict[str, int]:
    return {str(key): counter[key] for key in sorted(counter)}
