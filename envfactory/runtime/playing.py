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

Paths that are tried one after another are mostly alike at first. So a fresh path goes back to where it leaves the one
before it, not to the start: a savepoint stands after every step, and what both have in common is not called again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class _Made(NamedTuple):
    """A step of the present fresh path: the call in one form, what came of it, the id counters after it."""

    call: str
    outcome: Outcome
    counters: dict[str, int]


class Player:
    """Plays payloads in one logged episode that nobody else touches.

    `again`: it may be left to another place, since its episode is like any other of its program.
    """

    def __init__(self, episode: Episode, *, again: bool = False) -> None:
        self.episode = episode
        self.again = again
        self._trail: list[_Made] | None = None  # None where no savepoints stand
        self._nets: dict[int, list[Change]] = {}  # by number of steps of the trail

    def play(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Play a payload; see the module's docstring."""
        if payload.get("undo"):
            return self._undone(payload)
        answer = self._fresh(payload) if payload.get("fresh") else self._further(payload)
        if payload.get("changes"):
            answer["changes"] = self.episode.log.net()
        if payload.get("image"):
            answer["image"] = self.episode.db.serialize()
        return answer

    def _undone(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        with self.episode.undone("_ef_peek"):
            return self.play({**payload, "undo": False, "fresh": False})

    def _further(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Play on from the present state."""
        marks = set(payload.get("marks") or ())
        outcomes: list[Outcome] = []
        marked: list[list[Change]] = [self.episode.log.net()] if 0 in marks else []
        for number, (tool, arguments, binds) in enumerate(payload["steps"], 1):
            outcomes.append(self.episode.call(tool, bound(arguments, binds, outcomes) if binds else arguments))
            if number in marks:
                marked.append(self.episode.log.net())
        return {"outcomes": outcomes, "marks": marked}

    def _fresh(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        steps, marks = payload["steps"], sorted(payload.get("marks") or ())
        trail = self._back_to_common(steps, set(marks))
        for step in steps[len(trail) :]:
            self._step(trail, step)
            if len(trail) in marks:
                self._nets[len(trail)] = self.episode.log.net()
        self._trail = trail
        return {"outcomes": [made.outcome for made in trail], "marks": [self._nets[mark] for mark in marks]}

    def _back_to_common(self, steps: Sequence[Sequence[Any]], marks: set[int]) -> list[_Made]:
        """Go back to where a path leaves the one before it; return what both have in common."""
        if self._trail is None:
            self.episode.reset()
            self.episode.db.execute("SAVEPOINT _ef_step_0")
            self._nets = {0: []}
        trail, self._trail = self._trail or [], None  # whatever breaks from here on leaves no false trail
        common = self._common(trail, steps, marks)
        self._return_to(common)
        self.episode.context.restore_counters(trail[common - 1].counters if common else {})
        self._nets = {number: net for number, net in self._nets.items() if number <= common}
        return trail[:common]

    def _return_to(self, common: int) -> None:
        """Go back to a savepoint, and set it anew.

        SQLite replays every page that was ever saved behind a savepoint when it goes back there, those of earlier ways
        too: without a new one each path would cost more than the one before it.
        """
        for word in ("ROLLBACK TO", "RELEASE", "SAVEPOINT"):
            self.episode.db.execute(f"{word} _ef_step_{common}")

    def _common(self, trail: Sequence[_Made], steps: Sequence[Sequence[Any]], marks: set[int]) -> int:
        outcomes = [made.outcome for made in trail]
        for number, (made, step) in enumerate(zip(trail, steps, strict=False)):
            unread = number + 1 in marks and number + 1 not in self._nets
            if unread or made.call != _call(step, outcomes):
                return number
        return min(len(trail), len(steps))

    def _step(self, trail: list[_Made], step: Sequence[Any]) -> None:
        outcomes = [made.outcome for made in trail]
        call = _call(step, outcomes)
        outcome = self.episode.call(step[0], bound(step[1], step[2], outcomes) if step[2] else step[1])
        self.episode.db.execute(f"SAVEPOINT _ef_step_{len(trail) + 1}")
        trail.append(_Made(call, outcome, self.episode.context.counters()))


def _call(step: Sequence[Any], outcomes: Sequence[Outcome]) -> str:
    tool, arguments, binds = step
    return repr((tool, bound(arguments, binds, outcomes) if binds else arguments))
