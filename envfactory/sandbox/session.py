"""A typed session with one program (tool code, or contracts) in a worker, which survives the worker's death.

`probe` is the gate's workhorse: each probe plays its set-up and one call, tells outcome and changes, and is undone. A
probe that outlasts the deadline, kills the worker or answers without measure is found by halving its batch and
observed as `hang`, `death` or `flood`; the others still get their answers. Code that makes its own worker fail (it
closes the database, leaves the interpreter) counts as having killed it, and code that answers in its worker's name
with what is no observation as having flooded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, NotRequired, Protocol, TypedDict

import msgspec

from envfactory.errors import DeadlineExceeded, ProtocolError, WorkerDied
from envfactory.sandbox.pool import HandlerFault

Call = tuple[str, Mapping[str, Any]]
BATCH = 256
ENDED_BY_CODE = (DeadlineExceeded, WorkerDied, ProtocolError)  # how code ends the worker that it runs in
_ENDS = dict(zip(ENDED_BY_CODE, ("hang", "death", "flood"), strict=True))
ENDS = frozenset(_ENDS.values())
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


class _Outcome(TypedDict):
    status: Literal["ok", "error", "crash", "fault"]
    code: NotRequired[str]
    message: NotRequired[str]
    codes: NotRequired[list[str]]


class _Change(TypedDict):
    table: str
    op: Literal["insert", "update", "delete"]
    key: list[Any]
    before: NotRequired[dict[str, Any]]
    after: NotRequired[dict[str, Any]]


class _Step(TypedDict):
    outcome: _Outcome
    changes: list[_Change]
    setup: NotRequired[list[_Outcome]]


class _Walked(TypedDict):
    steps: list[_Step]
    image: bytes


class Walk(NamedTuple):
    """A played sequence: outcome and changes of each call, and the image of the state it ended in."""

    steps: list[Observation]
    image: bytes


def ended(error: DeadlineExceeded | WorkerDied | ProtocolError) -> Observation:
    """Return the observation of code that ended its worker."""
    return Observation({"status": _ENDS[type(error)], "message": str(error)}, [], [])


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
        except ENDED_BY_CODE:
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

    def at_once(self, probes: Sequence[Probe]) -> list[Observation]:
        """Observe probes by one frame, all or none; raise one of ENDED_BY_CODE."""
        answers = self.request("probe", [probe.frame() for probe in probes])
        self._demand(answers, list[_Step])
        dumb = any(step["outcome"]["status"] == "ok" and "result" not in step["outcome"] for step in answers)
        if dumb or len(answers) != len(probes):
            self._drop()
            raise ProtocolError(f"{len(answers)} observations of {len(probes)} probes, or one without a result")
        return [Observation(answer["outcome"], answer["changes"], answer.get("setup", [])) for answer in answers]

    def walk(self, calls: Sequence[Call], **options: Any) -> Walk:
        """Play calls in one fresh episode. Options: now, fresh, seed. Raise one of ENDED_BY_CODE."""
        answer = self.request("walk", {"calls": [[tool, dict(arguments)] for tool, arguments in calls], **options})
        self._demand(answer, _Walked)
        return Walk([Observation(step["outcome"], step["changes"], []) for step in answer["steps"]], answer["image"])

    def _demand(self, answer: Any, form: Any) -> None:
        """Raise ProtocolError where an answer has another form: code can give one in its worker's name."""
        try:
            msgspec.convert(answer, form, builtin_types=(bytes,))  # else text would do for bytes
        except msgspec.ValidationError as error:
            self._drop()
            raise ProtocolError(f"an answer that is no observation: {error}") from error

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
            return self.at_once(probes)
        except ENDED_BY_CODE as error:
            if len(probes) > 1:
                middle = len(probes) // 2
                return self._batch(probes[:middle]) + self._batch(probes[middle:])
            return [ended(error)]

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
