"""One private copy of an environment's state in which tools are called, snapshotted, forked and undone.

State is an in-memory SQLite database restored from a template image. Every call runs inside a savepoint, so that a
refused or crashed call leaves no trace; whoever doubts it can switch that off for one call (`atomic=False`).

Outcomes are observations, never exceptions: `{"status": "ok", "result"}`, `{"status": "error", "code", "message"}`
(a declared refusal or bad arguments), `{"status": "crash", "message"}` (the tool failed in a way it did not declare),
`{"status": "fault", "code", "message"}` (a fault injected at the tool boundary). A stale read looks like any answer, but
for `"stale": True`, which is for the caller and never for whoever asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from itertools import groupby
from types import TracebackType
from typing import Any, NamedTuple

from envfactory.runtime.arguments import normaliser
from envfactory.runtime.changes import ChangeLog, read_tables
from envfactory.runtime.context import Context, Row, ToolError
from envfactory.runtime.faults import STALE_READ, FaultPlan
from envfactory.runtime.interpreter import PreparedContract, Refusal
from envfactory.runtime.toolmodule import ToolModule

Outcome = dict[str, Any]
Invoke = Callable[[str, Context, Mapping[str, Any]], Any]
_DENIED_FUNCTIONS = frozenset({"random", "randomblob", "load_extension", "zeroblob", "fts3_tokenizer"})
_PLAIN_ACTIONS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_ROW_ACTIONS = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_ATOMS = frozenset({str, int, bool, type(None)})
_MAX_VM_TICKS = 400  # times 10,000 SQLite instructions: about half a second of SQL in one call


class Snapshot(NamedTuple):
    """A state an episode can return to."""

    image: bytes
    counters: dict[str, int]
    now: str


class DictRows:
    """Row factory: a dict by column name. A statement's column names are looked up once, not for every row."""

    def __init__(self) -> None:
        self._description: Any = None
        self._names: tuple[str, ...] = ()

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
        if cursor.description is not self._description:
            self._description = cursor.description
            self._names = tuple([column[0] for column in cursor.description])
        return dict(zip(self._names, values))  # noqa: B905 - as many as the statement has columns; strict costs a third


class Program:
    """What is common to all episodes of one environment: its tools, contracts, clock and template image.

    `invoke` runs a tool's code, or its contract where the program has no code.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        contracts = spec["contracts"]
        self.now: str = spec["now"]
        self.normalisers = {tool["name"]: normaliser(tool.get("parameters", {})) for tool in contracts}
        self.readers = frozenset(tool["name"] for tool in contracts if tool["kind"] == "read")
        self.prepared: dict[str, PreparedContract] = {}
        self.module: ToolModule | None = None
        self.invoke: Invoke = self._by_contract
        if spec.get("tools") is None:
            self.prepared = {tool["name"]: PreparedContract(tool) for tool in contracts}
        else:
            self.module = ToolModule(spec["tools"], self.normalisers)
            self.invoke = self.module.__call__
        self.image: bytes = spec.get("image") or build_image(spec["schema"], spec["seed_rows"])
        self.template = open_image(self.image)

    def _by_contract(self, tool: str, context: Context, arguments: Mapping[str, Any]) -> Any:
        return self.prepared[tool](context, arguments)


class Episode:
    """See the module's docstring. `seed` decides ids and injected faults.

    Changes are recorded only where `logged`: the triggers cost more than the calls they watch.
    """

    def __init__(
        self, program: Program, seed: int = 0, faults: FaultPlan | None = None, *, logged: bool = False
    ) -> None:
        self._program = program
        self._normalisers, self._invoke = program.normalisers, program.invoke
        self._undo_none = program.readers if not logged else frozenset()  # verified to change nothing
        self._faults = faults
        self._before: Snapshot | None = None  # the last write, where reads may be stale
        self._guarded = False
        self._ticks = 0
        self.db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.db.row_factory = DictRows()
        self._control = self.db.cursor()  # for savepoints about every call: one that is at hand is cheaper
        program.template.backup(self.db)
        self.db.execute("PRAGMA foreign_keys = ON")
        self.db.execute("PRAGMA recursive_triggers = ON")
        self.db.execute("PRAGMA temp_store = MEMORY")  # a large sort would want a file, which the jail does not give
        self.tables = read_tables(self.db)
        self._log = ChangeLog(self.db, self.tables) if logged else None
        self.context = Context(self.db, program.now, seed)
        # SQLite declares these functions by writing to its schema table, once; later the authorizer would refuse that.
        self.db.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")
        self.db.set_authorizer(self._authorise)
        self.db.set_progress_handler(self._tick, 10_000)
        self._begin(at_start=True)

    def reset(self) -> None:
        """Return to the initial state: an undo where nothing was restored in between, else a copy of the template."""
        if self._at_start:
            self.db.execute("ROLLBACK TO _ef_start")
        else:
            self._replace(self._program.template)
        self._settle(self._program.now, {})

    def snapshot(self) -> Snapshot:
        """Return the present state, to be restored here or in another episode of the same program."""
        return Snapshot(self.db.serialize(), self.context.counters(), self.context.now)

    def restore(self, snapshot: Snapshot) -> None:
        """Make the state that of `snapshot`."""
        source = open_image(snapshot.image)
        self._replace(source, at_start=False)
        source.close()
        self._settle(snapshot.now, snapshot.counters)

    def _replace(self, source: sqlite3.Connection, *, at_start: bool = True) -> None:
        # A backup, not a deserialize: that one leaves prepared statements with pointers into the schema it frees.
        self.db.execute("ROLLBACK TO _ef_start")
        self.db.execute("RELEASE _ef_start")
        source.backup(self.db)
        self._begin(at_start=at_start)

    def _begin(self, *, at_start: bool) -> None:
        self.db.execute("SAVEPOINT _ef_start")
        self._at_start = at_start

    def _settle(self, now: str, counters: dict[str, int]) -> None:
        if self._log is not None:
            self._log.mark()
        self._before = None
        self.context.now = now
        self.context.restore_counters(counters)

    def fork(self, seed: int = 0) -> Episode:
        """Return a new episode that starts in this one's present state."""
        twin = Episode(self._program, seed, self._faults)
        twin.restore(self.snapshot())
        return twin

    @property
    def log(self) -> ChangeLog:
        """The record of changes; AssertionError where the episode keeps none."""
        if self._log is None:
            raise AssertionError("this episode was not opened with logged=True")
        return self._log

    def call(self, tool: str, arguments: object, *, atomic: bool = True) -> Outcome:
        """Call a tool; the state changes only if the outcome is ok (unless `atomic` is false)."""
        normalise = self._normalisers.get(tool)
        if normalise is None:
            return {"status": "error", "code": "UNKNOWN_TOOL", "message": f"there is no tool {str(tool)[:80]!a}"}
        try:
            checked = normalise(arguments)
        except ToolError as error:
            return {"status": "error", "code": error.code, "message": error.message}
        if self._faults is not None:
            return self._faulty_call(self._faults, tool, checked, atomic)
        if tool in self._undo_none:
            return self._guarded_call(tool, checked)
        return self._undoable_call(tool, checked, atomic)

    def undone(self, name: str) -> Undone:
        """Return a context at whose end state, ids and the record of changes are again what they were before."""
        return Undone(self._control, self.context, name)

    def close(self) -> None:
        """Free the database."""
        self.db.close()

    def _faulty_call(self, plan: FaultPlan, tool: str, arguments: dict[str, Any], atomic: bool) -> Outcome:
        fault = plan.next(tool)
        if fault is not None and fault["code"] != STALE_READ:
            return fault
        reads = tool in self._program.readers
        before = self.snapshot() if plan.stale and not reads else None
        outcome = self._undoable_call(tool, arguments, atomic)
        if before is not None and outcome["status"] == "ok":
            self._before = before
        return outcome if fault is None or not reads else self._as_it_was(tool, arguments, outcome)

    def _as_it_was(self, tool: str, arguments: dict[str, Any], outcome: Outcome) -> Outcome:
        """Return what a read would have said before the last write; `outcome` where that is the same."""
        if self._before is None:
            return outcome
        past = Episode(self._program)
        try:
            past.restore(self._before)
            stale = past.call(tool, arguments)
        finally:
            past.close()
        return outcome if stale == outcome else {**stale, "stale": True}

    def _undoable_call(self, tool: str, arguments: dict[str, Any], atomic: bool) -> Outcome:
        if not atomic:
            return self._guarded_call(tool, arguments)
        counters = self.context.counters()
        self._control.execute("SAVEPOINT _ef_call")
        outcome = self._guarded_call(tool, arguments)
        if outcome["status"] != "ok":
            self._control.execute("ROLLBACK TO _ef_call")
            self.context.restore_counters(counters)
        self._control.execute("RELEASE _ef_call")
        return outcome

    def _guarded_call(self, tool: str, arguments: dict[str, Any]) -> Outcome:
        self._guarded, self._ticks = True, 0
        try:
            return {"status": "ok", "result": plain(self._invoke(tool, self.context, arguments))}
        except Refusal as refusal:
            return {"status": "error", "code": refusal.code, "message": refusal.message, "codes": refusal.codes}
        except ToolError as error:
            return {"status": "error", "code": str(error.code), "message": str(error.message)}
        except Exception as error:  # noqa: BLE001 - the boundary of tool code: whatever it does is an observation
            return {"status": "crash", "message": f"{type(error).__name__}: {error}"[:500]}
        finally:
            self._guarded = False

    def _authorise(
        self, action: int, first: str | None, second: str | None, _db: str | None, source: str | None
    ) -> int:
        if not self._guarded or action in _PLAIN_ACTIONS:
            return sqlite3.SQLITE_OK
        if action in _ROW_ACTIONS:
            logged = source is not None and source.startswith("_log_")
            return sqlite3.SQLITE_OK if logged or first in self.tables else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _DENIED_FUNCTIONS:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    def _tick(self) -> int:
        self._ticks += 1
        return int(self._guarded and self._ticks > _MAX_VM_TICKS)


class Undone:
    """See `Episode.undone`."""

    __slots__ = ("_context", "_control", "_counters", "_name")

    def __init__(self, control: sqlite3.Cursor, context: Context, name: str) -> None:
        self._control, self._context, self._name = control, context, name

    def __enter__(self) -> None:
        self._counters = self._context.counters()
        self._control.execute(f"SAVEPOINT {self._name}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.execute(f"ROLLBACK TO {self._name}")
        self._control.execute(f"RELEASE {self._name}")
        self._context.restore_counters(self._counters)


def open_image(image: bytes) -> sqlite3.Connection:
    """Return a connection to a database image, for copying from."""
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.deserialize(image)
    return db


def plain(value: Any) -> Any:
    """Return `value` if it is what JSON can hold, with string keys; raise TypeError where it is not."""
    return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False)) if _needs_copy(value) else value


def _needs_copy(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return True
        value = value.values()
    elif kind is not list:
        return kind not in _ATOMS
    for item in value:  # noqa: SIM110 - every answer passes here, and a generator would cost as much again
        if type(item) not in _ATOMS and _needs_copy(item):
            return True
    return False


def build_image(schema: str, seed_rows: Mapping[str, list[Row]]) -> bytes:
    """Return the image of a database with `schema` and these rows; raise sqlite3.Error or ValueError with the cause."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.set_authorizer(_schema_only)
    try:
        db.executescript(schema)
        db.execute("PRAGMA foreign_keys = OFF")
        for table, rows in seed_rows.items():
            _insert_rows(db, table, rows)
        broken = db.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise ValueError(f"seed: row {broken[1]} of {broken[0]} refers to a missing row of {broken[2]}")
        return db.serialize()
    finally:
        db.close()


def _insert_rows(db: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    before = db.total_changes
    for names, alike in groupby(rows, tuple):
        columns = ", ".join(f'"{column}"' for column in names)
        insert = f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))})'
        try:
            db.executemany(insert, [list(row.values()) for row in alike])
        except sqlite3.Error as error:
            raise ValueError(f"seed: row {db.total_changes - before + 1} of {table}: {error}") from error


def _schema_only(action: int, first: str | None, second: str | None, _db: str | None, _source: str | None) -> int:
    refused = (
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_CREATE_VTABLE,
    )
    return sqlite3.SQLITE_DENY if action in refused else sqlite3.SQLITE_OK
