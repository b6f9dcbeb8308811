"""The corpus of planted bugs: the boat hire with one thing wrong, and the check of the gate that must say so.

Bugs of the code stand in boat_hire/planted.yaml, edit by edit; those of contracts, schema, seed, stored cases and
graph are written here. A new check, or a bug that got past the old ones, gets its entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import yaml

from envfactory.environments.artefact import Environment
from envfactory.environments.cases import Case, Cases
from envfactory.environments.graph import StateEdge
from tests.gate import edits, harbour

Change = Callable[[dict[str, dict[str, Any]]], None]
_IMPORTS = (
    "from datetime import date\n",
    "from datetime import date, datetime, timedelta\nfrom fractions import Fraction\n",
)


class Planted(NamedTuple):
    """One bug. `plant` makes the faulty environment from the sound one; `jailed` ones would harm their process.

    `long` ones concern a check that takes seconds.
    """

    name: str
    check: str
    part: str
    plant: Callable[[Environment], Environment]
    jailed: bool = False
    long: bool = False


def planted_bugs() -> list[Planted]:
    """Return the whole corpus."""
    return [*code_bugs(), *_contract_bugs(), *_twofold_bugs(), *_schema_and_seed_bugs(), *_case_bugs(), *_graph_bugs()]


def code_bugs() -> list[Planted]:
    """Return the bugs of the code."""
    listed = yaml.safe_load((harbour.HERE / "planted.yaml").read_text())
    return [_code_bug(entry) for entry in listed]


def _code_bug(entry: dict[str, Any]) -> Planted:
    made = [(edit["old"], edit["new"]) for edit in entry["edits"]]
    source = edits.in_tool(entry["tool"], *made) if "tool" in entry else edits.code(*made)
    plant = partial(replace, tools_source=edits.replaced(source, _IMPORTS))
    jailed = entry.get("jailed", False)
    return Planted(entry["name"], entry["check"], "tools.py", plant, jailed, long=jailed)


def _in_contracts(name: str, check: str, change: Change, *, long: bool = False) -> Planted:
    return Planted(name, check, "contracts.json", partial(replace, contracts=edits.contracts(change)), long=long)


def _contract_bugs() -> list[Planted]:
    """Contracts that do not say what the code does, or that cannot be trusted."""

    def drop_step(tool: str, code: str) -> Change:
        def change(tools: dict[str, dict[str, Any]]) -> None:
            tools[tool]["steps"] = [step for step in tools[tool]["steps"] if step.get("else") != code]
            del tools[tool]["errors"][code]

        return change

    def set_in(tool: str, *path: str | int, to: Any) -> Change:
        def change(tools: dict[str, dict[str, Any]]) -> None:
            place: Any = tools[tool]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = to

        return change

    def without_invariants(*names: str) -> Change:
        def change(tools: dict[str, dict[str, Any]]) -> None:
            rules = tools[""]["invariants"]
            tools[""]["invariants"] = [rule for rule in rules if names and rule["name"] not in names]

        return change

    def without_source(tools: dict[str, dict[str, Any]]) -> None:
        del tools["book_boat"]["source"]

    def two_tables(tools: dict[str, dict[str, Any]]) -> None:
        tools["confirm_hire"]["effects"].append(
            {"update": "boats", "where": "id = $hire.boat_id", "set": {"status": "'service'"}}
        )

    def unused_parameter(tools: dict[str, dict[str, Any]]) -> None:
        tools["get_boat"]["parameters"]["language"] = {"type": "string", "max_length": 2, "description": "Language."}

    return [
        _in_contracts("a rule the contract forgot", "lint", drop_step("book_boat", "CREW_TOO_LARGE")),
        _in_contracts(
            "another deadline than the code's", "conforms", set_in("book_boat", "steps", 5, "guard", to="$days <= 10")
        ),
        _in_contracts("an effect the code lacks", "conforms", two_tables),
        _in_contracts(
            "an effect on the wrong rows",
            "conforms",
            set_in("confirm_hire", "effects", 0, "where", to="customer_id = :customer_id"),
        ),
        _in_contracts(
            "a guard that can never fail", "reject", set_in("book_boat", "steps", 5, "guard", to="$days <= 40000000")
        ),
        _in_contracts("no invariants at all", "contract-sound", without_invariants()),
        _in_contracts(
            "a guard that can never hold",
            "contract-adequate",
            set_in("rate_boat", "steps", 2, "guard", to="0 = 1"),
            long=True,
        ),
        _in_contracts("a tool without a source", "contract-sound", without_source),
        _in_contracts(
            "a reference to no column", "load", set_in("get_boat", "parameters", "boat_id", "ref", to="boats.number")
        ),
        _in_contracts(
            "rows in no decided order",
            "lint",
            set_in(
                "get_hire",
                "result",
                "gear",
                "rows",
                to=(
                    "SELECT g.id AS gear_id, g.name, x.quantity FROM hire_gear x JOIN gear g ON g.id = x.gear_id"
                    " WHERE x.hire_id = :hire_id"
                ),
            ),
        ),
        _in_contracts(
            "the machine's clock in a contract",
            "lint",
            set_in("book_boat", "steps", 2, "guard", to=":start_date >= date('now')"),
        ),
        _in_contracts("a parameter that nothing reads", "relevant", unused_parameter),
        _in_contracts(
            "an error called subsumed that is not",
            "reject",
            set_in("book_boat", "errors", "TOO_LONG", "subsumed_by", to="INVALID_RANGE"),
        ),
        _in_contracts(
            "a life cycle with a tool there is not",
            "lint",
            lambda tools: tools[""]["lifecycles"][0]["transitions"].update({"sink": [["pending", "cancelled"]]}),
        ),
        _in_contracts(
            "a result that cannot be computed",
            "conforms",
            set_in("get_boat", "result", "name", to="no_such_function($boat.name)"),
        ),
        _in_contracts(
            "another default than the code expects",
            "conforms",
            set_in(
                "search_boats",
                "result",
                "boats",
                "rows",
                to=(
                    "SELECT b.id AS boat_id, b.name, b.kind, b.berths, b.licence_required, b.day_cents,"
                    " b.day_cents * $days AS total_cents FROM boats b"
                    " WHERE b.harbour_id = $place.id ORDER BY b.day_cents, b.id LIMIT :limit"
                ),
            ),
        ),
    ]


def _twofold_bugs() -> list[Planted]:
    """Code and contract wrong alike: only invariants, life cycles and the world's own rules can tell."""

    def both(name: str, check: str, change: Change, tool: str, *made: edits.Edit) -> Planted:
        plant = partial(replace, contracts=edits.contracts(change), tools_source=edits.in_tool(tool, *made))
        return Planted(name, check, "contracts.json", plant)

    def no_stock(tools: dict[str, dict[str, Any]]) -> None:
        tools["add_gear"]["effects"][1]["set"]["free"] = "free - 0 * :quantity"

    def refund_double(tools: dict[str, dict[str, Any]]) -> None:
        tools["cancel_hire"]["effects"][3]["set"]["amount_cents"] = "$refund_cents * 2"

    def cancel_completed(tools: dict[str, dict[str, Any]]) -> None:
        tools["cancel_hire"]["steps"][2]["guard"] = "$hire.status IN ('pending', 'confirmed', 'completed')"

    return [
        both(
            "completed hires may be cancelled, by contract",
            "contract-sound",
            cancel_completed,
            "cancel_hire",
            ('not in ("pending", "confirmed")', 'not in ("pending", "confirmed", "completed")'),
        ),
        both(
            "stock is never reduced, by contract",
            "referential",
            no_stock,
            "add_gear",
            ("SET free = free - :quantity WHERE", "SET free = free - :quantity * 0 WHERE"),
        ),
        both(
            "twice the refund, by contract",
            "referential",
            refund_double,
            "cancel_hire",
            ("amount_cents=refund_cents", "amount_cents=refund_cents * 2"),
        ),
    ]


def _schema_and_seed_bugs() -> list[Planted]:
    def schema(name: str, check: str, *made: edits.Edit) -> Planted:
        return Planted(name, check, "schema.sql", partial(replace, schema_sql=edits.schema(*made)))

    def seed(name: str, check: str, change: Callable[[dict[str, list[dict[str, Any]]]], None]) -> Planted:
        rows = harbour.seed_rows()
        change(rows)
        return Planted(name, check, "seed.json", partial(replace, seed_rows=rows))

    def same_state(rows: dict[str, list[dict[str, Any]]]) -> None:
        kept = [row for row in rows["hires"] if row["status"] == "completed"]
        ids = {row["id"] for row in kept}
        rows["hires"] = kept
        rows["hire_gear"] = [row for row in rows["hire_gear"] if row["hire_id"] in ids]
        rows["payments"] = [row for row in rows["payments"] if row["hire_id"] in ids]
        for item in rows["gear"]:
            item["free"] = item["stock"]

    def stale_total(rows: dict[str, list[dict[str, Any]]]) -> None:
        rows["hires"][9]["total_cents"] += 1

    def orphan(rows: dict[str, list[dict[str, Any]]]) -> None:
        rows["payments"][0]["hire_id"] = "hi_99"

    def three_rows(rows: dict[str, list[dict[str, Any]]]) -> None:
        for table in rows:
            rows[table] = [] if table in ("hires", "hire_gear", "payments", "ratings") else rows[table][:3]
        for boat in rows["boats"]:
            boat |= {"rating": None, "rating_count": 0}
        for item in rows["gear"]:
            item["free"] = item["stock"]
        rows["gear"] = [item for item in rows["gear"] if item["harbour_id"] in {row["id"] for row in rows["harbours"]}]

    return [
        schema(
            "a table without a key", "lint", ("  PRIMARY KEY (hire_id, gear_id)\n", "  UNIQUE (hire_id, gear_id)\n")
        ),
        schema(
            "a table that is not strict",
            "lint",
            ("  country TEXT NOT NULL CHECK (length(country) = 2)\n) STRICT", "  country TEXT NOT NULL\n)"),
        ),
        schema(
            "the machine's date as a default",
            "lint",
            ("  cancelled_at TEXT,\n", "  cancelled_at TEXT DEFAULT CURRENT_DATE,\n"),
        ),
        schema(
            "a key that refers to no key",
            "load",
            (
                "id TEXT NOT NULL REFERENCES harbours (id),\n  name TEXT NOT NULL,\n  stock",
                "id TEXT NOT NULL REFERENCES harbours (country),\n  name TEXT NOT NULL,\n  stock",
            ),
        ),
        schema(
            "a check that the seed breaks",
            "load",
            ("berths INTEGER NOT NULL CHECK (berths > 0)", "berths INTEGER NOT NULL CHECK (berths > 2)"),
        ),
        seed("a total that does not add up", "load", stale_total),
        seed("a payment for no hire", "load", orphan),
        seed("three rows", "load", three_rows),
        seed("every hire in one state", "load", same_state),
    ]


def _case_bugs() -> list[Planted]:
    """Stored cases that are wrong, missing or too weak."""

    def cases(name: str, check: str, change: Callable[[list[Case]], list[Case]], *, long: bool = False) -> Planted:
        def plant(sound: Environment) -> Environment:
            return replace(sound, cases=Cases(cases=change([case.model_copy(deep=True) for case in sound.cases.cases])))

        return Planted(name, check, "tests.json", plant, long=long)

    def wrong_result(stored: list[Case]) -> list[Case]:
        case = next(case for case in stored if case.tool == "book_boat" and case.expect.status == "ok")
        case.expect.result["total_cents"] += 1
        return stored

    def wrong_diff(stored: list[Case]) -> list[Case]:
        case = next(case for case in stored if case.tool == "cancel_hire" and case.expect.status == "ok")
        case.expect.changes.pop()
        return stored

    def wrong_code(stored: list[Case]) -> list[Case]:
        case = next(case for case in stored if case.expect.codes == ["TOO_LONG"])
        case.expect.codes[:] = ["NOT_AVAILABLE"]
        return stored

    def unknown_tool(stored: list[Case]) -> list[Case]:
        return [*stored, stored[0].model_copy(update={"id": "one more", "tool": "sink_boat"})]

    return [
        cases("a case with the wrong result", "accept", wrong_result),
        cases("a case with half of the changes", "accept", wrong_diff),
        cases("a case with the wrong code", "reject", wrong_code),
        cases("a case of a tool there is not", "accept", unknown_tool),
        cases(
            "no case that succeeds",
            "accept",
            lambda stored: [c for c in stored if c.tool != "rate_boat" or c.expect.status != "ok"],
        ),
        cases(
            "no case for one code",
            "reject",
            lambda stored: [c for c in stored if "NOT_YOUR_HIRE" not in c.expect.codes],
        ),
        cases("a tool with one case only", "mutants", _one_each, long=True),
    ]


def _one_each(stored: list[Case]) -> list[Case]:
    first = {(case.tool, tuple(case.expect.codes)): case for case in reversed(stored)}
    return list(first.values())


def _graph_bugs() -> list[Planted]:
    """Edges that nothing bears out, and a graph that says too little."""

    def graph(name: str, check: str, **changes: Callable[[Any], Any]) -> Planted:
        def plant(sound: Environment) -> Environment:
            made = {field: change(getattr(sound.graph, field)) for field, change in changes.items()}
            return replace(sound, graph=sound.graph.model_copy(update=made))

        return Planted(name, check, "graph.json", plant)

    def turned(edges: list[StateEdge]) -> list[StateEdge]:
        other = "disables" if edges[0].effect == "enables" else "enables"
        return [edges[0].model_copy(update={"effect": other}), *edges[1:]]

    return [
        graph("no edges at all", "edges", value_edges=lambda _: [], state_edges=lambda _: []),
        graph("an edge the wrong way round", "edges", state_edges=turned),
        graph(
            "an edge to a tool there is not",
            "edges",
            state_edges=lambda edges: [*edges, edges[0].model_copy(update={"consumer": "sink_boat"})],
        ),
        graph("a tool left out of the graph", "reachable", nodes=lambda nodes: nodes[1:]),
    ]
