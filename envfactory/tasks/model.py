"""The task artefact: user turns, gold calls with the source of every argument, goal, accept and reject sets, verdicts.

A task says three things apart: what was *said* (mentions in the words of a turn), what was *done* (gold calls whose
every argument names where a solver can have it), and what must *come of it* (the row diff of the goal and the facts of
the answers). docs/tasks.md explains the parts; one task is one line of JSON.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from envfactory.environments.contract import Identifier, Strict

Json = Any
Row = dict[str, Any]


class EnvironmentRef(Strict):
    """An environment by name and content hash, so that a task never runs in another one than it was sampled in."""

    name: Identifier
    domain: Identifier
    content_hash: str
    now: str


# --- what was said ----------------------------------------------------------------------------------------------------


class Mention(Strict):
    """One thing a person conveys: a value, a ranking, a reference back.

    `slot` is what it is about: `tool.parameter` (a value for a parameter) or `table.column` (a visible property by which
    a row is known). `value` is its denotation: the canonical value (for a ranking, `min` or `max`; for a reference back,
    the row's key). `span` is where the words stand, `[start, end)` in characters of the turn's text or, for what is
    supplied when asked, of the reply's. `form` says how it is put: outright, relative to now ("tomorrow"), vaguely with
    one resolution, as a ranking ("the cheapest"), by reference back ("that one").
    """

    id: str
    environment: Identifier
    slot: str
    value: Json
    form: Literal["stated", "relative", "vague", "ranked", "referred", "profile"] = "stated"
    span: tuple[int, int] | None = None
    words: str = ""


class Reply(Strict):
    """A missing parameter: what the assistant must ask for, and what the person then says (their mentions only)."""

    question: str
    text: str
    mentions: list[Mention]


# --- where an argument comes from -------------------------------------------------------------------------------------


class Tagged(Strict):
    """A member of a union: its `kind` is written always, also where defaults are left out, so that it can be read back."""

    kind: str

    @model_serializer(mode="wrap")
    def _with_kind(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"kind": self.kind, **plain(self)}


class Said(Tagged):
    """The value of a mention, of this turn or an earlier one."""

    kind: Literal["said"] = "said"
    mention: str


class Condition(Strict):
    """What singles a row out: its `field` (a path within the row) stands in relation `op` to the value of a mention."""

    field: str
    op: Literal["eq", "ne", "le", "ge", "lt", "gt", "contains"] = "eq"
    value: Json
    mention: str | None = None


class Rank(Strict):
    """Among the rows left by the conditions, the one with the least or greatest `field`, by a strict margin."""

    field: str
    order: Literal["min", "max"]
    mention: str | None = None


class FromResult(Tagged):
    """A field of an earlier gold call's result: `path` such as `quotes[2].area_id` (concrete positions).

    Where the path runs through a list, `where` and `rank` single the row out; both empty means that all rows agree on
    the value or that there is one row.
    """

    kind: Literal["result"] = "result"
    call: int
    path: str
    where: list[Condition] = []
    rank: Rank | None = None


class FromProfile(Tagged):
    """A value the assistant was told about the signed-in person (`Task.profile`)."""

    kind: Literal["profile"] = "profile"
    environment: Identifier
    column: str


class FromClock(Tagged):
    """A value that follows from the environment's clock and nothing else (today's date)."""

    kind: Literal["clock"] = "clock"


class Free(Tagged):
    """A wording of the assistant's own, in a field graded as free text."""

    kind: Literal["free"] = "free"


Source = Annotated[Said | FromResult | FromProfile | FromClock | Free, Field(discriminator="kind")]


class GoldCall(Strict):
    """One executed call. `sources` has one entry for every leaf of `arguments`, by path (`people`, `items[0].sku`).

    `outcome` is `ok` or the error code; `result` is what the tool answered. Purposes: `resolve` finds a value for a
    later call, `establish` makes a later call possible, `goal` is what was asked for, `check` looks whether it can be
    done.
    """

    environment: Identifier
    tool: Identifier
    arguments: dict[str, Json]
    sources: dict[str, Source] = {}
    outcome: str = "ok"
    result: Json = None
    message: str = ""
    purpose: Literal["resolve", "establish", "goal", "check"] = "goal"


# --- what must come of it ---------------------------------------------------------------------------------------------

FactKind = Literal["money", "number", "date", "time", "datetime", "text", "boolean", "refusal"]


class Fact(Strict):
    """Something the answer of a turn must state: the value at `path` of the result of gold call `call`.

    Graded by normalised value, never by wording. Kind `money` is in minor units of `unit` (a currency code). For a
    `refusal` the value is the error code of call `call`; the answer must say that it was not done, and `terms` are words
    of the reason one of which must stand in it. `rivals` are the values that the other rows had: an answer that lists
    them all has not answered.
    """

    name: str
    kind: FactKind
    value: Json
    call: int
    path: str = ""
    unit: str = ""
    terms: list[str] = []
    rivals: list[Json] = []


class Change(Strict):
    """One row of a diff: all columns for an insert or delete, the changed ones for an update."""

    table: Identifier
    op: Literal["insert", "update", "delete"]
    key: list[Json]
    before: Row | None = None
    after: Row | None = None


TextRule = Literal["exact", "normalised", "free"]


class Goal(Strict):
    """The net diff of final against initial state over all tables of all environments in scope (absent: no change).

    `text_rules` names the text columns (`environment.table.column`) that are not compared exactly.
    """

    changes: dict[Identifier, list[Change]] = {}
    text_rules: dict[str, TextRule] = {}


class Request(Strict):
    """One thing wanted in a turn: the gold call that grants it, and what it is in the story (the tool's verb, `again`)."""

    call: int
    story: str = ""


class OperatorRecord(Strict):
    """A refinement that was applied: which, to what, and the measured values by which its contract was checked."""

    operator: str
    mentions: list[str] = []
    evidence: dict[str, Json] = {}


class Turn(Strict):
    """One user turn. `plain` is the over-specified wording before refinement, `text` what the person says.

    `calls` is the range `[first, last)` of its gold calls. `outcome`: `done` (state changed), `informed` (read only),
    `refused` (a rule forbids it and the person must be told), `declined` (no offered tool can do it), `chat`.
    """

    text: str
    plain: str = ""
    requests: list[Request] = []
    mentions: list[Mention] = []
    replies: list[Reply] = []
    calls: tuple[int, int]
    facts: list[Fact] = []
    outcome: Literal["done", "informed", "refused", "declined", "chat"]
    answer: str = ""
    operators: list[OperatorRecord] = []


# --- other ways -------------------------------------------------------------------------------------------------------


class Step(Strict):
    """One call of a path. `bind` fills arguments (by path) from results of earlier steps: `{"ride_id": [0, "ride_id"]}`.

    Where the bound result is missing (the step failed), the literal in `arguments` stays.
    """

    environment: Identifier
    tool: Identifier
    arguments: dict[str, Json]
    bind: dict[str, tuple[int, str]] = {}
    turn: int = 0


class Path(Strict):
    """A whole way through a task: calls and the answer to each turn. `kind` names how it was made from the gold."""

    kind: str
    note: str = ""
    steps: list[Step] = []
    answers: list[str] = []


class Verdict(Strict):
    """One check of a task: status, what was measured, and what to do. Ids are those of OpenEnv RFC 008 or ours."""

    status: Literal["pass", "fail", "skip", "error"]
    measured: dict[str, Json] = {}
    evidence: str = ""
    remedy: str = ""


class Flow(Strict):
    """One line of the information-flow audit: how a solver can have the argument `path` of gold call `call`."""

    call: int
    path: str
    way: str
    recovered: bool = True


class Calibration(Strict):
    """Measured attempts: `solver` (backend), how many, how many solved, calls used in each, and whether they agree."""

    solver: str
    attempts: int
    solved: int
    calls: list[int] = []
    ambiguous: bool = False

    @property
    def rate(self) -> float:
        """Solved attempts over attempts, 0 to 1."""
        return self.solved / self.attempts if self.attempts else 0.0


class Persona(Strict):
    """Who speaks: tone of speech, and the situation that holds the turns together (consistent over all of them)."""

    tone: Literal["plain", "polite", "brief", "chatty", "casual"] = "plain"
    situation: str = ""
    party: int | None = None


class Profile(Strict):
    """What the assistant is told of the signed-in person in one environment: a row of the principal's table."""

    environment: Identifier
    table: Identifier
    columns: dict[str, Json]


Shape = Literal["linear", "fan-in", "fan-out", "branching"]


class Task(Strict):
    """One line of tasks.jsonl. `withheld` are tools (`environment.tool`) not offered to the solver."""

    version: Literal[1] = 1
    id: str
    seed: int
    index: int
    environments: list[EnvironmentRef]
    distractors: list[EnvironmentRef] = []
    split: Literal["train", "validation", "heldout"] = "train"
    shape: Shape = "linear"
    story: str = ""
    focus: str = ""
    persona: Persona = Persona()
    profile: list[Profile] = []
    withheld: list[str] = []
    turns: list[Turn]
    gold: list[GoldCall]
    goal: Goal = Goal()
    accept: list[Path] = []
    reject: list[Path] = []
    flow: list[Flow] = []
    verdicts: dict[str, Verdict] = {}
    calibration: Calibration | None = None
    written_by: dict[str, str] = {}

    @property
    def verified(self) -> bool:
        """Whether every check was made and none failed."""
        return bool(self.verdicts) and all(each.status == "pass" for each in self.verdicts.values())


# --- what a solver did ------------------------------------------------------------------------------------------------


class Played(Strict):
    """One call that a solver's rollout really executed, with the outcome that the environment gave.

    The grader plays calls again, so outcome and result may be left out; of them it reads only whether the call was
    answered by a fault of the runtime and never reached the tool.
    """

    environment: str
    tool: str
    arguments: Json
    outcome: str = ""
    result: Json = None
    turn: int = 0


class Rollout(Strict):
    """A solver's attempt: executed calls in order, the answer to each turn, calls that never ran, and how it ended.

    `unexecuted` are calls that were written but never executed (after the last step, within thoughts); `unparsed`
    counts those that could not even be read.
    """

    calls: list[Played] = []
    answers: list[str] = []
    unexecuted: list[Played] = []
    unparsed: int = 0
    status: Literal["complete", "truncated", "infrastructure"] = "complete"


class Grade(Strict):
    """What a rollout is worth: `reward` 0 to 1 (None where infrastructure failed), its parts, and why not full."""

    status: Literal["graded", "infrastructure"]
    reward: float | None
    solved: bool = False
    parts: dict[str, float] = {}
    reasons: list[str] = []
