"""A typed session with one program (tool code, or contracts) in a worker, which survives the worker's death.

`probe` is the gate's workhorse: each probe plays its set-up and one call, tells outcome and changes, and is undone. A
probe that outlasts the deadline, kills the worker or answers without measure is found by halving its batch and
observed as `hang`, `death` or `flood`; the others still get their answers. Code that makes its own worker fail (it
closes the database, leaves the interpreter) counts as having killed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.sandbox.pool import HandlerFault

Call = tuple[str, Mapping[str, Any]]
BATCH = 256
_ENDS = {DeadlineExceeded: "hang", WorkerDied: "death", ProtocolError: "flood"}
_PLAYING = frozenset({"call", "episode", "walk", "probe", "play", "plays"})


class Worker(Protocol):
    """A jailed process that answers frames."""

    def request(self, op: str, payload: object, *, deadline: float = 10.0) -> Any:
        """Return the answer; raise WorkerDied, DeadlineExceeded or ProtocolError (all SandboxError)."""

    def close(self) -> None:
        """End the process."""


class Probe(NamedTuple):
    """Calls from the initial state: the set-up, then one whose outcome and changes are wanted.

    All of it happens at `now` (None: the environment's), unless `setup_at` tells a time for each call of the set-up.
    """

    tool: str
    arguments: Any
    setup: tuple[Call, ...] = ()
    now: str | None = None
    atomic: bool = True
    fresh: bool = False
    setup_at: tuple[str | None, ...] = ()

    def frame(self) -> dict[str, Any]:
        """Return the probe as a worker takes it."""
        return {
            "tool": self.tool,
            "arguments": self.arguments,
            "setup": [[tool, dict(arguments)] for tool, arguments in self.setup],
            "now": self.now,
            "atomic": self.atomic,
            "fresh": self.fresh,
            "setup_at": self.setup_at,
        }


class Observation(NamedTuple):
    """What a probe showed. Statuses beyond an episode's own: `hang`, `death`, `flood`."""

    outcome: dict[str, Any]
    changes: list[dict[str, Any]]
    setup: list[dict[str, Any]]

    @property
    def ok(self) -> bool:
        return bool(self.outcome["status"] == "ok")

    @property
    def status(self) -> str:
        return str(self.outcome["status"])

    @property
    def code(self) -> str:
        """The error code, or the status where there is none."""
        return str(self.outcome.get("code", self.outcome["status"]))


class Walk(NamedTuple):
    """A played sequence: outcome and changes of each call, and the image of the state it ended in."""

    steps: list[Observation]
    image: bytes


class Session:
    """One loaded program. `open_worker` starts a fresh worker; `spec` is the payload of the op `load`."""

    def __init__(self, open_worker: Callable[[], Worker], spec: Mapping[str, Any], *, deadline: float = 5.0) -> None:
        self._open = open_worker
        self._spec = dict(spec)
        self._deadline = deadline
        self._worker: Worker | None = None
        self._variants: dict[str, str] = {}
        self.restarts = 0

    def request(self, op: str, payload: Any) -> Any:
        """Send one frame, starting and loading a worker where there is none."""
        worker = self._ready()
        try:
            return worker.request(op, payload, deadline=self._deadline)
        except (DeadlineExceeded, ProtocolError, WorkerDied):
            self._drop()
            raise
        except HandlerFault as fault:
            if op not in _PLAYING:
                raise
            self._drop()  # calls are observed, never raised: whatever comes through has broken what plays them
            raise WorkerDied(f"the tool broke its worker: {fault.message}") from fault

    def probe(self, probes: Iterable[Probe]) -> list[Observation]:
        """Observe every probe, in order."""
        wanted = list(probes)
        found: list[Observation] = []
        for start in range(0, len(wanted), BATCH):
            found += self._batch(wanted[start : start + BATCH])
        return found

    def walk(self, calls: Sequence[Call], **options: Any) -> Walk:
        """Play calls in one fresh episode. Options: now, fresh, seed."""
        answer = self.request("walk", {"calls": [[tool, dict(arguments)] for tool, arguments in calls], **options})
        return Walk([Observation(step["outcome"], step["changes"], []) for step in answer["steps"]], answer["image"])

    def set_variant(self, tool: str, source: str | None) -> None:
        """Replace one tool's function until called again with None; a variant that will not load raises a fault."""
        self.request("variant", {"tool": tool, "source": source})
        if source is None:
            self._variants.pop(tool, None)
        else:
            self._variants[tool] = source

    def check(self, expressions: Mapping[str, str], image: bytes | None = None) -> dict[str, bool | str]:
        """Evaluate named conditions on an image (the template's by default): true, false, or the error's text."""
        answer: dict[str, bool | str] = self.request("check", {"image": image, "expressions": dict(expressions)})
        return answer

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, image: bytes | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows of a SELECT on an image (the template's by default)."""
        rows: list[dict[str, Any]] = self.request("query", {"image": image, "sql": sql, "parameters": parameters})
        return rows

    def close(self) -> None:
        """End the worker."""
        self._drop()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _batch(self, probes: list[Probe]) -> list[Observation]:
        try:
            answers = self.request("probe", [probe.frame() for probe in probes])
        except tuple(_ENDS) as error:
            if len(probes) > 1:
                middle = len(probes) // 2
                return self._batch(probes[:middle]) + self._batch(probes[middle:])
            return [Observation({"status": _ENDS[type(error)], "message": str(error)}, [], [])]
        return [Observation(answer["outcome"], answer["changes"], answer["setup"]) for answer in answers]

    def _ready(self) -> Worker:
        if self._worker is None:
            worker = self._open()
            try:
                worker.request("load", self._spec, deadline=self._deadline)
                for tool, source in self._variants.items():
                    worker.request("variant", {"tool": tool, "source": source}, deadline=self._deadline)
            except BaseException:
                worker.close()
                raise
            self._worker = worker
        return self._worker

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
            self.restarts += 1
