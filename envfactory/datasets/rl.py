"""Tasks alone, for rollouts: what the policy is shown first, where it acts, and what its attempt is graded by.

Only `prompt` and `tools` are for the policy. The later turns and the answers to its questions are the simulated user's;
`task` (with gold calls, goal and facts) is the grader's, and never enters a prompt or a worker.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from envfactory.datasets.conversation import system_text
from envfactory.environments.files import canonical_json, digest
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope, all_references

Row = dict[str, Any]
REWARD = "goal"
_FOR_THE_PROOF = {"accept", "reject", "flow", "verdicts", "calibration", "written_by"}


@dataclass(frozen=True)
class RlOptions:
    """How rollouts are set up. A budget is the gold's number of calls times `slack`, and `spare` more."""

    seed: int = 0
    slack: float = 1.5
    spare: int = 4


def rl_row(task: Task, scope: Scope, options: RlOptions) -> Row:
    """Return a task as a row for rollouts."""
    return {
        "id": task.id,
        "split": task.split,
        "domain": task.environments[0].domain,
        "environments": [each.model_dump(mode="json") for each in all_references(task)],
        "state": {"seed": 0, "tables": {each.name: state_hash(scope, each.name) for each in all_references(task)}},
        "prompt": [
            {"role": "system", "content": system_text(task, options.seed)},
            {"role": "user", "content": task.turns[0].text},
        ],
        "tools": scope.tool_schemas(task),
        "user": [_for_the_user(task, number) for number in range(len(task.turns))],
        "goal": task.goal.model_dump(mode="json"),
        "facts": [[fact.model_dump(mode="json", exclude_defaults=True) for fact in turn.facts] for turn in task.turns],
        "max_calls": most_calls(task, options),
        "max_turns": most_messages(task),
        "reward": REWARD,
        "solve_rate": task.calibration.rate if task.calibration else None,
        "verdicts": {name: verdict.status for name, verdict in sorted(task.verdicts.items())},
        "task": task.model_dump(mode="json", exclude=_FOR_THE_PROOF, exclude_defaults=True),
    }


def most_calls(task: Task, options: RlOptions) -> int:
    """Return how many calls a policy may make."""
    return math.ceil(len(task.gold) * options.slack) + options.spare


def most_messages(task: Task) -> int:
    """Return how many times a policy may speak to the person: twice a turn, and once for each question."""
    return 2 * len(task.turns) + sum(len(turn.replies) for turn in task.turns)


def state_hash(scope: Scope, name: str) -> str:
    """Return the sha256 of an environment's initial rows in their canonical form, the same under every SQLite."""
    made: str = scope.keep(name, "state hash", lambda: digest(canonical_json(scope.initial_rows(name))))
    return made


def _for_the_user(task: Task, number: int) -> Row:
    """Return what the person says in a turn: its text, and what they answer when they are asked."""
    turn = task.turns[number]
    replies = [{"question": each.question, "text": each.text} for each in turn.replies]
    return {"text": turn.text, "replies": replies}
