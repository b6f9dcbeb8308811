"""Arguments of played calls, drawn with a bias to success: known values first, then what the guards ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envfactory.environments.contract import Contract, Insert, Parameter
from envfactory.errors import DesignError
from envfactory.runtime.expressions import translate
from envfactory.sandbox.session import Worker
from envfactory.synthesis.annotations import Generator
from envfactory.synthesis.seed import moments
from envfactory.synthesis.seed.bench import check_pure, stored
from envfactory.synthesis.seed.draws import stream
from envfactory.synthesis.seed.guards import Guards, where
from envfactory.synthesis.seed.people import person
from envfactory.synthesis.seed.values import Drawing, from_generator, json_value, natural
from envfactory.synthesis.tables import Column, Tables

_PATIENCE = 4  # attempts before optional arguments are left out and known ones given up
_BLIND = 5  # every fifth attempt leaves the guards out of account
_SOON, _LONGEST, _FEW = 30, 6, 3
_DEADLINE = 30.0


class Stage:
    """The state that is being played, in a worker."""

    def __init__(self, worker: Worker, seed: int, now: str) -> None:
        self._worker, self._seed, self.now = worker, seed, now

    def play(self, tool: str, arguments: Mapping[str, Any], moment: str, *, undo: bool = False) -> dict[str, Any]:
        """Call a tool at a moment; return outcome and changes, which stay unless they are undone."""
        payload = {"tool": tool, "arguments": dict(arguments), "now": moment, "seed": self._seed, "undo": undo}
        answer: dict[str, Any] = self._worker.request("seed_play", payload, deadline=_DEADLINE)
        return answer

    def rows(self, sql: str, scope: Mapping[str, Any], moment: str, place: str) -> list[dict[str, Any]]:
        """Return the rows of a SELECT on the present state, which may use `$now`, `$today` and the names in scope."""
        translated = translate(sql)
        known = {"now": moment, "today": moment[:10], **{name: stored(value) for name, value in scope.items()}}
        parameters = {name: known.get(name) for name in translated.names}
        payload = {"sql": translated.sql, "parameters": parameters, "seed": self._seed}
        answer = self._worker.request("seed_draw", payload, deadline=_DEADLINE)
        if "error" in answer:
            raise DesignError(f"{place}: {answer['error']}", remedy=f"in {sql[:300]}")
        rows: list[dict[str, Any]] = answer["rows"]
        return rows


@dataclass
class Pool:
    """What a life knows: arguments and results by name, and the keys of the rows it created, by table."""

    values: dict[str, Any] = field(default_factory=dict)
    created: dict[str, Any] = field(default_factory=dict)

    def learn(self, arguments: Mapping[str, Any], result: Any, changes: Iterable[Mapping[str, Any]]) -> None:
        """Take in a call that succeeded."""
        self.values.update({name: value for name, value in arguments.items() if value is not None})
        self.values.update(_leaves(result, ""))
        for change in changes:
            if change["op"] == "insert" and len(change["key"]) == 1:
                self.created.setdefault(change["table"], change["key"][0])


@dataclass(frozen=True)
class Wanted:
    """The call that arguments are wanted for. Later attempts take other values, and fewer that are optional."""

    tool: Contract
    generators: Mapping[str, Generator]
    pool: Pool
    moment: str
    purpose: tuple[object, ...]
    attempt: int
    follows: bool


class ArgumentDrawer:
    """Draws the arguments of one call after the other."""

    def __init__(self, tables: Tables, stage: Stage, seed: int) -> None:
        self._tables, self._stage, self._seed = tables, stage, seed
        self._guards: dict[str, Guards] = {}

    def draw(self, wanted: Wanted) -> dict[str, Any]:
        """Return arguments for a call."""
        tool = wanted.tool
        unknown = sorted(set(wanted.generators) - set(tool.parameters))
        if unknown and not wanted.follows:
            known = ", ".join(tool.parameters)
            raise DesignError(
                f"seed, calls of {tool.name}: there is no parameter {unknown[0]}", remedy=f"it takes {known}"
            )
        if tool.name not in self._guards:
            self._guards[tool.name] = Guards(tool)
        return _Draw(wanted, self._tables, self._stage, self._guards[tool.name], self._seed).arguments()


class _Draw:
    """One draw. `_fixed` are the arguments that the document or the life decides."""

    def __init__(self, wanted: Wanted, tables: Tables, stage: Stage, guards: Guards, seed: int) -> None:
        self._wanted, self._tables, self._stage, self._guards = wanted, tables, stage, guards
        self._tool, self._pool, self._attempt = wanted.tool, wanted.pool, wanted.attempt
        self._rng = stream(seed, *wanted.purpose, wanted.attempt)
        self._person = person(seed, "calls", "/".join(map(str, (*wanted.purpose, wanted.attempt))), [])
        self._found: dict[str, Any] = {}
        self._fixed: set[str] = set()

    def arguments(self) -> dict[str, Any]:
        """Known values, then generators, then the rest; SQL generators last, because they may use the others."""
        parameters, generators = self._tool.parameters, self._wanted.generators
        sql = {name: generator for name, generator in generators.items() if generator.sql and name in parameters}
        for name, parameter in parameters.items():
            if name not in sql and not self._take_known(name, parameter):
                self._draw(name, parameter, generators.get(name))
        for name, generator in sql.items():
            if not self._take_known(name, parameters[name]):
                self._draw_sql(name, generator)
        self._keep_order()
        self._choose_rows()
        return {name: self._found[name] for name in parameters if self._found.get(name) is not None}

    def _take_known(self, name: str, parameter: Parameter) -> bool:
        """Take a value the life knows: always the rows it created, other values until the tool has refused them."""
        table = (parameter.ref or "").partition(".")[0]
        blind = self._attempt % _BLIND == _BLIND - 1
        known = self._pool.values.get(name, None if blind else self._pool.created.get(table))
        own = known in self._pool.created.values()
        if known is None or not (own or self._attempt == 0 or self._rng.random() < 1 / 2):
            return False
        self._found[name] = known
        self._fixed.add(name)
        return True

    def _draw(self, name: str, parameter: Parameter, generator: Generator | None) -> None:
        if generator is not None:
            self._fixed.add(name)
            self._found[name] = from_generator(generator, _as_column(name, parameter), self._drawing(""))
        elif parameter.required or (self._attempt < _PATIENCE and self._rng.random() < 1 / 2):
            self._found[name] = self._natural(name, parameter)

    def _draw_sql(self, name: str, generator: Generator) -> None:
        place = f"seed, calls of {self._tool.name}, {name}"
        check_pure(generator.sql or "", place)
        rows = self._stage.rows(generator.sql or "", self._found, self._wanted.moment, place)
        self._fixed.add(name)
        if rows and self._rng.random() >= generator.null:
            self._found[name] = next(iter(self._rng.choice(rows).values()))

    def _natural(self, name: str, parameter: Parameter) -> Any:
        choices = self._choices(parameter)
        if choices:
            return self._rng.choice(choices)
        if parameter.type == "array":
            return self._items(name, parameter)
        if parameter.type == "object":
            fields = (parameter.properties or {}).items()
            return {
                key: self._natural(key, inner) for key, inner in fields if inner.required or self._rng.random() < 1 / 2
            }
        if parameter.format == "date":
            return moments.day(self._clock(), self._rng.randint(0, _SOON))
        column, noun = self._column(name, parameter)
        drawing = self._drawing(noun)
        if column.seed is not None:
            return from_generator(column.seed, column, drawing)
        return self._small(column) if column.type == "integer" and not column.enum else natural(column, drawing)

    def _choices(self, parameter: Parameter) -> list[Any]:
        """The values of the column that a parameter refers to."""
        if not parameter.ref:
            return []
        table, _, column = parameter.ref.partition(".")
        sql = f"SELECT DISTINCT {column} AS value FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
        return [row["value"] for row in self._stage.rows(sql, {}, self._wanted.moment, table)]

    def _column(self, name: str, parameter: Parameter) -> tuple[Column, str]:
        """A parameter as a column to draw for, with the generator of the column it fills; and the table's noun."""
        stated = _as_column(name, parameter)
        for effect in self._tool.effects:
            table = self._tables.get(effect.insert) if isinstance(effect, Insert) else None
            if table is not None and name in table.columns:
                like = table.columns[name]
                usable = like.seed is not None and like.seed.sql is None
                return replace(stated, seed=like.seed if usable else None, examples=like.examples), table.noun
        return stated, ""

    def _items(self, name: str, parameter: Parameter) -> list[Any]:
        inner, fewest = parameter.items or Parameter(type="string"), parameter.min_items or 1
        most = min(parameter.max_items or fewest + 2, fewest + 2)
        drawn = [self._natural(name, inner) for _ in range(self._rng.randint(fewest, max(fewest, most)))]
        return [item for place, item in enumerate(drawn) if not parameter.unique_items or item not in drawn[:place]]

    def _small(self, column: Column) -> Any:
        """A number near the lower bound, more often than not: parties, copies and nights are small."""
        low, high = column.minimum, column.maximum
        if low is None or self._rng.random() < 1 / 3:
            schema = {"type": column.type, "minimum": low, "maximum": high}
            return json_value(schema, column.name, self._drawing(""))
        return self._rng.randint(int(low), int(min(high if high is not None else low + _FEW, low + _FEW)))

    def _clock(self) -> str:
        """Days count from the call's clock, and at every other attempt from the environment's."""
        return self._wanted.moment if self._attempt % 2 == 0 else self._stage.now

    def _drawing(self, noun: str) -> Drawing:
        place = f"seed, calls of {self._tool.name}"
        return Drawing(self._rng, self._clock(), self._person, self._rng.randrange(1000), noun, place, self._found)

    def _keep_order(self) -> None:
        """Where a guard asks for two dates in order and chance drew them otherwise, move the later one."""
        for later, earlier in self._guards.orders():
            first, second = self._found.get(earlier), self._found.get(later)
            is_date = later in self._tool.parameters and self._tool.parameters[later].format == "date"
            if is_date and first is not None and second is not None and second <= first and later not in self._fixed:
                self._found[later] = moments.day(str(first), self._rng.randint(1, _LONGEST))

    def _choose_rows(self) -> None:
        """Let arguments that name rows name some that the guards let pass, and owners be the rows' owners."""
        if self._attempt % _BLIND == _BLIND - 1:
            return
        for name in self._guards.candidates:
            if name in self._found and name not in self._fixed:
                self._choose_row(name)
        for name, row, column in self._guards.owners():
            value = self._row(row).get(column)
            if value is not None and name in self._tool.parameters and name not in self._fixed:
                self._found[name] = value

    def _choose_row(self, name: str) -> None:
        """Take a row that passes all guards over it; else one that passes those over what is fixed."""
        candidates = self._guards.candidates[name]
        others = {let for let in self._guards.selects if let != candidates.let}
        for among in (frozenset(self._tool.parameters), frozenset(self._fixed)):
            passing = self._rows(where(candidates, others, among=among))
            if passing:
                self._found[name] = self._rng.choice(passing)["value"]
                return

    def _row(self, let: str) -> dict[str, Any]:
        """The row that a look-up finds with the arguments drawn so far; empty where there is none."""
        select = self._guards.selects.get(let)
        rows = self._rows(select) if select is not None else []
        return rows[0] if rows else {}

    def _rows(self, select: str) -> list[dict[str, Any]]:
        """The rows of a SELECT over arguments and other looked-up rows."""
        scope = dict(self._found)
        for name in translate(select).names:
            row, _, column = name.partition("__")
            if column and row in self._guards.selects:
                scope[name] = self._row(row).get(column)
        return self._stage.rows(select, scope, self._wanted.moment, self._tool.name)


def _as_column(name: str, parameter: Parameter) -> Column:
    return Column(
        name=name,
        type="json" if parameter.type == "array" or parameter.type == "object" else parameter.type,
        enum=tuple(parameter.enum or ()),
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        format=parameter.format or "",
        pattern=parameter.pattern or "",
        max_length=parameter.max_length,
    )


def _leaves(result: Any, prefix: str) -> dict[str, Any]:
    """The scalars of a result by name; `{"booking": {"id": …}}` gives `id` and `booking_id`."""
    found: dict[str, Any] = {}
    for name, value in result.items() if isinstance(result, dict) else ():
        if isinstance(value, dict):
            found |= _leaves(value, name)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found[name] = value
            if prefix and name == "id":
                found[f"{prefix}_id"] = value
    return found
