"""Designs written whole, then in parts: what is kept, what is replaced, and that all faults are told at once."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.agents.drafts import DesignAnswer, DesignChange, Draft, Query, Short, filled
from envfactory.environments.artefact import dump
from envfactory.errors import BadAnswer
from envfactory.sandbox.doctor import diagnose
from envfactory.synthesis.design import Design
from tests.gate import harbour

pytestmark = pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox")
HIRE = harbour.environment()
DESIGN = Design(schema_sql=HIRE.schema_sql, seed_rows=HIRE.seed_rows, contracts=HIRE.contracts)
SCHEMA = """
CREATE TABLE piers (id TEXT PRIMARY KEY, berths INTEGER NOT NULL CHECK (berths > 0)) STRICT;
CREATE TABLE nights (pier_id TEXT NOT NULL REFERENCES piers (id), night TEXT NOT NULL, PRIMARY KEY (pier_id, night)) STRICT;
"""
NOW = "2027-05-01T09:00:00Z"


def whole(**changes: Any) -> DesignAnswer:
    plain = dump(HIRE.contracts)
    parts = {"schema_sql": HIRE.schema_sql, "seed_rows": HIRE.seed_rows, "now": plain["now"], "tools": plain["tools"]}
    return DesignAnswer.model_validate({**parts, "invariants": plain.get("invariants", []), **changes})


def changed(**parts: Any) -> Design:
    draft = Draft(DESIGN)
    draft.take(DesignChange.model_validate(parts))
    return draft.design("auto")


def test_rows_may_be_written_short_or_as_a_select_which_sees_all_rows_whatever_their_order() -> None:
    nights = Query(select="SELECT p.id AS pier_id, d.date AS night FROM piers p, days d WHERE d.n BETWEEN 0 AND 1")
    piers = Short(columns=["id", "berths"], rows=[["north", 3]])
    rows = filled(SCHEMA, NOW, {"nights": nights, "piers": piers}, "auto")
    assert rows["piers"] == [{"id": "north", "berths": 3}]
    assert [row["night"] for row in rows["nights"]] == ["2027-05-01", "2027-05-02"]


def test_every_row_that_does_not_fit_is_named_at_once() -> None:
    piers = [{"id": "north", "berths": 0}, {"id": "east", "berths": 2}, {"id": "west", "berths": -1}]
    with pytest.raises(BadAnswer) as refused:
        filled(SCHEMA, NOW, {"piers": piers, "nights": [{"pier_id": "south", "night": "2027-05-01"}]}, "auto")
    assert [word in str(refused.value) for word in ("row 1 of piers", "row 3 of piers", "missing row of piers")] == [
        True
    ] * 3
    assert "row 2 of piers" not in str(refused.value)


def test_an_uneven_row_is_shown() -> None:
    with pytest.raises(BadAnswer, match="1 values for the columns id, berths"):
        filled(SCHEMA, NOW, {"piers": Short(columns=["id", "berths"], rows=[["north"]])}, "auto")


def test_all_contracts_that_are_not_well_formed_are_named() -> None:
    tools = [{**tool, "result": {}} for tool in dump(HIRE.contracts)["tools"][:2]]
    draft = Draft()
    draft.take(whole(tools=tools))
    with pytest.raises(BadAnswer) as refused:
        draft.design("auto")
    assert all(f"tools {tool['name']}" in str(refused.value) for tool in tools)


def test_what_a_correction_leaves_out_stays() -> None:
    draft = Draft()
    draft.take(whole(seed_rows={**HIRE.seed_rows, "boats": []}))
    draft.take(DesignAnswer.model_validate({"seed_rows": {"boats": HIRE.seed_rows["boats"]}}))
    design = draft.design("auto")
    assert [tool.name for tool in design.contracts.tools] == [tool.name for tool in HIRE.contracts.tools]
    assert len(design.seed_rows["boats"]) == len(HIRE.seed_rows["boats"])


def test_a_design_without_its_parts_is_refused() -> None:
    draft = Draft()
    draft.take(DesignAnswer(now=NOW))
    with pytest.raises(BadAnswer, match="some of these are missing"):
        draft.design("auto")


def test_a_contract_that_is_replaced_still_comes_from_its_operation() -> None:
    old = HIRE.contracts.tools[0]
    tool = {**dump(old), "description": "Another text.", "source": {"resource": "x", "operation": "y"}}
    design = changed(tools=[tool])
    assert design.contracts.tools[0].description == "Another text."
    assert design.contracts.tools[0].source == old.source


def test_rows_are_changed_added_and_taken_out_by_their_values() -> None:
    draft = Draft(
        Design(
            schema_sql=SCHEMA,
            seed_rows={"piers": [{"id": "a", "berths": 1}, {"id": "b", "berths": 2}]},
            contracts=HIRE.contracts,
        )
    )
    change = {
        "changed_rows": [
            {"table": "piers", "where": {"id": "a"}, "set": {"berths": 9}},
            {"table": "piers", "where": {"berths": 2}},
        ],
        "added_rows": {"piers": {"columns": ["id", "berths"], "rows": [["c", 4]]}},
    }
    draft.take(DesignChange.model_validate(change))
    assert draft.design("auto").seed_rows["piers"] == [{"id": "a", "berths": 9}, {"id": "c", "berths": 4}]


def test_a_change_of_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadAnswer, match="has no row with"):
        changed(changed_rows=[{"table": "boats", "where": {"id": "none"}, "set": {"id": "other"}}])


def test_a_dropped_tool_takes_its_moves_along() -> None:
    life = next((each for each in HIRE.contracts.lifecycles if each.transitions), None)
    assert life is not None
    tool = next(iter(life.transitions))
    design = changed(dropped_tools=[tool])
    assert tool not in {each.name for each in design.contracts.tools}
    assert all(tool not in each.transitions for each in design.contracts.lifecycles)
