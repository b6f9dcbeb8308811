"""Plays a path in one frame: calls whose arguments may come from results of earlier calls of the same frame.

| key of the payload | meaning |
|---|---|
| steps | [[tool, arguments, {path: [position of an earlier step, path in its result]}]] |
| fresh | begin at the initial state |
| undo | leave the state as it was before |
| marks | numbers of steps after which to tell the net changes since the start of the episode |
| changes | whether to tell the net changes at the end |
| image | whether to give the state's image at the end |

Where a bound result is missing, the literal in the arguments stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envfactory.runtime.changes import Change
from envfactory.runtime.episode import Episode, Outcome
from envfactory.runtime.paths import MISSING, find, placed

Binds = Mapping[str, Sequence[Any]]


def bound(arguments: Any, binds: Binds, outcomes: Sequence[Outcome | None]) -> Any:
    """Return arguments with the values that earlier outcomes give."""
    for path, (position, field) in binds.items():
        outcome = outcomes[position]
        value = find(outcome["result"], field) if outcome and outcome["status"] == "ok" else MISSING
        if value is not MISSING:
            arguments = placed(arguments, path, value)
    return arguments


def play(episode: Episode, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Play a payload (see the module's docstring) in a logged episode."""
    if payload.get("fresh"):
        episode.reset()
    if not payload.get("undo"):
        return _played(episode, payload)
    counters = episode.context.counters()
    episode.db.execute("SAVEPOINT _ef_peek")
    try:
        return _played(episode, payload)
    finally:
        episode.db.execute("ROLLBACK TO _ef_peek")
        episode.db.execute("RELEASE _ef_peek")
        episode.context.restore_counters(counters)


def _played(episode: Episode, payload: Mapping[str, Any]) -> dict[str, Any]:
    marks = set(payload.get("marks") or ())
    outcomes: list[Outcome] = []
    marked: list[list[Change]] = [episode.log.net()] if 0 in marks else []
    for number, (tool, arguments, binds) in enumerate(payload["steps"], 1):
        outcomes.append(episode.call(tool, bound(arguments, binds, outcomes) if binds else arguments))
        if number in marks:
            marked.append(episode.log.net())
    answer: dict[str, Any] = {"outcomes": outcomes, "marks": marked}
    if payload.get("changes"):
        answer["changes"] = episode.log.net()
    if payload.get("image"):
        answer["image"] = episode.db.serialize()
    return answer
