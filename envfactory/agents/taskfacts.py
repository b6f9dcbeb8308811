"""What can be counted in the tasks of an environment: sizes, operators, solve rate, and what of the environment they use."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from envfactory.environments.artefact import Environment
from envfactory.tasks.model import FromResult, Task

_POSITION = re.compile(r"\[\d+\]")
Edge = tuple[str, str, str, str]


@dataclass
class Facts:
    """Counts over the tasks that name an environment first; of its own calls only, for what they cover."""

    environment: Environment
    tasks: int = 0
    turns: int = 0
    calls: int = 0
    example: str = ""
    split: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    solved: int = 0
    tools: set[str] = field(default_factory=set)
    edges: set[Edge] = field(default_factory=set)
    codes: set[tuple[str, str]] = field(default_factory=set)

    def add(self, task: Task) -> None:
        """Count a task."""
        self.tasks += 1
        self.example, self.split = self.example or task.id, task.split
        self.turns += len(task.turns)
        self.calls += len(task.gold)
        self.outcomes.update(turn.outcome for turn in task.turns)
        self.operators.update(record.operator for turn in task.turns for record in turn.operators)
        if task.calibration is not None:
            self.attempts += task.calibration.attempts
            self.solved += task.calibration.solved

    def cover(self, task: Task) -> None:
        """Note what a task uses of this environment."""
        name = self.environment.name
        for call in task.gold:
            if call.environment != name:
                continue
            self.tools.add(call.tool)
            if call.outcome != "ok":
                self.codes.add((call.tool, call.outcome))
            for path, source in call.sources.items():
                if isinstance(source, FromResult) and task.gold[source.call].environment == name:
                    producer = task.gold[source.call].tool
                    self.edges.add((producer, _general(source.path), call.tool, _general(path)))

    def row(self) -> dict[str, Any]:
        """Return the environment's row: what is met of what there is stands in pairs."""
        contracts = self.environment.contracts.tools
        graph = self.environment.graph
        edges = {(e.producer, e.field, e.consumer, e.parameter) for e in graph.value_edges if not e.echo}
        codes = {(tool.name, code) for tool in contracts for code in tool.errors}
        return {
            "environment": self.environment.name,
            "split": self.split,
            "tasks": self.tasks,
            "example": self.example,
            "turns": self.turns,
            "calls": self.calls,
            "outcomes": dict(self.outcomes),
            "operators": dict(self.operators.most_common()),
            "solved": [self.solved, self.attempts],
            "tools": [len(self.tools & {tool.name for tool in contracts}), len(contracts)],
            "edges": [len(self.edges & edges), len(edges)],
            "codes": [len(self.codes & codes), len(codes)],
        }


def _general(path: str) -> str:
    """Return a path with any position: `trips[3].trip_id` as `trips[].trip_id`."""
    return _POSITION.sub("[]", path)
