"""Playing calls: a whole path in one frame an environment, or call by call with snapshots.

Environments do not touch one another, so a path over several is played environment by environment; only where an
argument is bound to a result of another environment must one wait for the other.

A snapshot is the calls so far. Environments are proven to be deterministic, so playing the calls again is the state,
and nothing is held in a worker that its death could lose: an episode whose worker was replaced is simply played
again.

A worker that hangs, dies or answers without measure is *infrastructure*: never an outcome of a call, nor of a task.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from envfactory.errors import SandboxError, TaskError
from envfactory.runtime.faults import KINDS
from envfactory.runtime.playing import bound
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.session import Session
from envfactory.tasks.model import Change, Step
from envfactory.tasks.scope import Scope

Outcome = dict[str, Any]
Changes = dict[str, list[Change]]
FAULTS = frozenset(KINDS)
_PLACE = "path"
_BATCH = 16
_ATTEMPTS = 2  # a worker that dies once may have been unlucky; one that dies twice is the environment's own doing


class Playback(NamedTuple):
    """A played path. `outcomes` and `arguments` (bound values filled in) go by step; `changes` are net, by environment.

    `marked` holds the net changes after those numbers of steps that were asked for. Where `status` is
    `infrastructure`, `message` says what broke, and nothing else counts.
    """

    outcomes: list[Outcome] = []
    arguments: list[dict[str, Any]] = []
    changes: Changes = {}
    status: Literal["played", "infrastructure"] = "played"
    message: str = ""
    marked: dict[int, Changes] = {}

    @property
    def played(self) -> bool:
        return self.status == "played"


def word(outcome: Outcome) -> str:
    """Return an outcome in a word: `ok`, the error code, or CRASH for a failure that the tool did not declare."""
    if outcome["status"] == "ok":
        return "ok"
    return str(outcome.get("code", outcome["status"].upper()))


def play(
    scope: Scope, steps: Sequence[Step], *, marks: Iterable[int] = (), images: bool = False, side: str = "code"
) -> Playback:
    """Play a path from the initial state.

    `marks` are numbers of steps after which the net changes are wanted too. With `images`, all net changes are read by
    the witnesses from state images, not told by the workers that ran the tools: slower, and what verdicts rest on.
    `side` "other" plays in processes with another seed of Python's hashes.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _Path(scope, steps, sorted(set(marks)), side, images).play()
        except (SandboxError, HandlerFault) as error:
            if attempt == _ATTEMPTS - 1:
                return Playback(status="infrastructure", message=str(error))
    raise AssertionError("unreachable: the last attempt returns")


def play_all(
    scope: Scope, paths: Sequence[tuple[Sequence[Step], Iterable[int]]], *, side: str = "code"
) -> list[Playback]:
    """Play many paths (steps and marks), each as `play` does; those within one environment share frames."""
    found: dict[int, Playback] = {}
    alone: dict[str, list[int]] = {}
    for number, (steps, _) in enumerate(paths):
        names = {step.environment for step in steps}
        if len(names) == 1:
            alone.setdefault(names.pop(), []).append(number)
    for name, numbers in alone.items():
        for begin in range(0, len(numbers), _BATCH):
            chunk = numbers[begin : begin + _BATCH]
            made = [_Path(scope, paths[at][0], sorted(set(paths[at][1])), side, False) for at in chunk]
            try:
                answers = _side(scope, name, side).request(
                    "plays", {"episode": _PLACE, "paths": [path.whole(name) for path in made]}
                )
            except (SandboxError, HandlerFault):
                continue  # one of them broke the worker: played one by one below, the others are not held liable
            found |= {at: path.taken(name, answer) for at, path, answer in zip(chunk, made, answers, strict=True)}
    rest = {
        at: play(scope, steps, marks=marks, side=side) for at, (steps, marks) in enumerate(paths) if at not in found
    }
    return [found.get(at) or rest[at] for at in range(len(paths))]


class _Path:
    """One playing of a path: passes over the environments until no step is left."""

    def __init__(self, scope: Scope, steps: Sequence[Step], marks: list[int], side: str, images: bool) -> None:
        _check_order(steps)
        self._images = images
        self._scope = scope
        self._steps = steps
        self._marks = marks
        names = dict.fromkeys(step.environment for step in steps)
        self._sessions = {name: _side(scope, name, side) for name in names}
        self._places = {name: [n for n, step in enumerate(steps) if step.environment == name] for name in names}
        self._done = dict.fromkeys(names, 0)
        self._outcomes: list[Outcome | None] = [None] * len(steps)
        self._told: dict[str, dict[int, list[Change]]] = {name: {0: []} for name in names}

    def play(self) -> Playback:
        while any(outcome is None for outcome in self._outcomes):
            for name in self._sessions:
                self._pass(name)
        return self._end()

    def whole(self, name: str) -> dict[str, Any]:
        """Return the payload that plays a path within one environment."""
        count = len(self._steps)
        return self._payload(name, list(range(count)), self._local_marks(name, 0, count))

    def taken(self, name: str, answer: Mapping[str, Any]) -> Playback:
        """Return what the answer to `whole` tells."""
        count = len(self._steps)
        self._take(name, list(range(count)), self._local_marks(name, 0, count), answer["outcomes"], answer["marks"])
        return self._end()

    def _end(self) -> Playback:
        ends = {name: self._told[name][self._done[name]] for name in self._sessions}
        outcomes = [outcome for outcome in self._outcomes if outcome is not None]
        return Playback(
            outcomes=outcomes,
            arguments=[bound(step.arguments, step.bind, outcomes) for step in self._steps],
            changes={name: changes for name, changes in ends.items() if changes},
            marked={mark: self._after(mark) for mark in self._marks},
        )

    def _pass(self, name: str) -> None:
        """Play an environment's next steps, as far as what they are bound to is known (and to the next image)."""
        begin = self._done[name]
        ready = self._ready(name, begin)
        if not ready:
            return
        marks = self._local_marks(name, begin, len(ready))
        answer = self._sessions[name].request("play", self._payload(name, ready, marks))
        told = answer["marks"]
        if self._images:
            told = [self._scope.difference(name, answer["image"])]
        self._take(name, ready, marks, answer["outcomes"], told)

    def _payload(self, name: str, ready: list[int], marks: list[int]) -> dict[str, Any]:
        places = {place: number for number, place in enumerate(ready)}
        frames = [self._frame(self._steps[place], places) for place in ready]
        fresh = self._done[name] == 0
        return {"episode": _PLACE, "fresh": fresh, "steps": frames, "marks": marks, "image": self._images}

    def _take(self, name: str, ready: list[int], marks: list[int], outcomes: list[Outcome], told: list[Any]) -> None:
        for place, outcome in zip(ready, outcomes, strict=True):
            self._outcomes[place] = outcome
        for mark, changes in zip(marks, told, strict=True):
            self._told[name][self._done[name] + mark] = read_changes(changes)
        self._done[name] += len(ready)

    def _ready(self, name: str, begin: int) -> list[int]:
        found: list[int] = []
        for place in self._places[name][begin:]:
            needed = [position for position, _ in self._steps[place].bind.values()]
            if any(self._outcomes[at] is None and at not in found for at in needed):
                break
            found.append(place)
        return found[: self._local_marks(name, begin, len(found))[0]] if self._images and found else found

    def _frame(self, step: Step, places: Mapping[int, int]) -> list[Any]:
        """Return a step as a worker takes it: what is known already bound, what the same frame gives still to bind."""
        known = {path: bind for path, bind in step.bind.items() if bind[0] not in places}
        rest = {path: [places[bind[0]], bind[1]] for path, bind in step.bind.items() if bind[0] in places}
        return [step.tool, bound(step.arguments, known, self._outcomes) if known else step.arguments, rest]

    def _local_marks(self, name: str, begin: int, count: int) -> list[int]:
        """Return after how many steps of this pass changes are wanted; always at its end."""
        wanted = {self._count(name, mark) - begin for mark in self._marks} | {count}
        return sorted(mark for mark in wanted if 0 < mark <= count)

    def _count(self, name: str, mark: int) -> int:
        """Return how many of the first `mark` steps are an environment's own."""
        return bisect_left(self._places[name], mark)

    def _after(self, mark: int) -> Changes:
        told = {name: self._told[name][self._count(name, mark)] for name in self._sessions}
        return {name: changes for name, changes in told.items() if changes}


def _check_order(steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps):
        if any(not 0 <= position < number for position, _ in step.bind.values()):
            raise TaskError(
                f"step {number} ({step.tool}) is bound to a step that does not come before it",
                remedy="bind arguments to results of earlier steps only",
            )


def _side(scope: Scope, name: str, side: str) -> Session:
    return scope.session(name) if side == "code" else scope.other_session(name)


def read_changes(told: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return changes as a worker tells them in the model's form; the same rows are read once and compare at once."""
    return [_change(msgspec.msgpack.encode(change)) for change in told]


@lru_cache(maxsize=1024)
def _change(told: bytes) -> Change:
    return Change.model_validate(msgspec.msgpack.decode(told))


# --- call by call -----------------------------------------------------------------------------------------------------

Call = tuple[str, dict[str, Any]]


class Snapshot(NamedTuple):
    """A state of all environments in scope: the calls that lead to it, by environment."""

    calls: Mapping[str, tuple[Call, ...]]


class Episodes:
    """A fresh episode in each of the named environments (all in scope by default).

    Every method may raise SandboxError where a worker hangs or dies; the next call finds the state as it was before.
    `faults` (`seed`, `rate`, `kinds`) has the runtime answer some calls as a busy service would.
    """

    def __init__(
        self, scope: Scope, names: Iterable[str] | None = None, *, faults: Mapping[str, Any] | None = None
    ) -> None:
        self._scope = scope
        self._faults = dict(faults) if faults else None
        self._place = scope.next_episode()
        self._calls: dict[str, tuple[Call, ...]] = dict.fromkeys(scope.names if names is None else names, ())
        self._lives: dict[str, int] = {}

    def call(self, environment: str, tool: str, arguments: Any) -> Outcome:
        """Call a tool; its effects stay."""
        outcome: Outcome = self._ask(environment, [[tool, arguments, {}]])["outcomes"][0]
        self._calls[environment] += ((tool, arguments),)
        return outcome

    def peek(self, environment: str, tool: str, arguments: Any) -> tuple[Outcome, list[Change]]:
        """Call a tool and undo it; return its outcome and what the net changes would then be."""
        answer = self._ask(environment, [[tool, arguments, {}]], undo=True, changes=True)
        return answer["outcomes"][0], read_changes(answer["changes"])

    def changes(self) -> Changes:
        """Return the net changes so far; environments without any are left out."""
        moved = [name for name, calls in self._calls.items() if calls]
        told = {name: read_changes(self._ask(name, [], changes=True)["changes"]) for name in moved}
        return {name: changes for name, changes in told.items() if changes}

    def true_changes(self) -> Changes:
        """Return the net changes as the witnesses read them from the state images."""
        found = {}
        for name in self._calls:
            if self._calls[name]:
                image = self._ask(name, [], image=True)["image"]
                found[name] = read_changes(self._scope.difference(name, image))
        return {name: changes for name, changes in found.items() if changes}

    def snapshot(self) -> Snapshot:
        """Return the present state; costs nothing."""
        return Snapshot(dict(self._calls))

    def restore(self, snapshot: Snapshot) -> None:
        """Return to a state; costs what its calls cost, nothing where the state is the same."""
        for name, calls in snapshot.calls.items():
            if self._calls.get(name) != calls:
                self._calls[name] = calls
                self._lives.pop(name, None)

    def fork(self) -> Episodes:
        """Return further episodes in the present state, which go on apart from these."""
        twin = Episodes(self._scope, self._calls, faults=self._faults)
        twin._calls = dict(self._calls)
        return twin

    def close(self) -> None:
        """Free the episodes."""
        for name, life in self._lives.items():
            session = self._scope.session(name)
            if session.restarts == life:
                session.request("leave", {"episode": self._place})
        self._lives.clear()

    def __enter__(self) -> Episodes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, name: str, steps: list[list[Any]], **wanted: bool) -> Any:
        session = self._scope.session(name)
        if name not in self._calls:
            self._scope.environment(name)  # says what is wrong with a name that is nobody's
            self._calls[name] = ()
        if self._lives.get(name) != session.restarts:
            self._replay(session, name)
        return session.request("play", {"episode": self._place, "steps": steps, **wanted})

    def _replay(self, session: Session, name: str) -> None:
        steps = [[tool, arguments, {}] for tool, arguments in self._calls[name]]
        payload = {"episode": self._place, "fresh": True, "steps": steps, "faults": self._faults}
        session.request("play", payload)
        self._lives[name] = session.restarts
