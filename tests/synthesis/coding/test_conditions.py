"""Guards as Python: exactly where SQLite would decide the same, and as a person would write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envfactory.environments.contract import Contract, Contracts
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.coding.conditions import failing_condition, render
from envfactory.synthesis.coding.facts import row_facts, table_facts
from envfactory.synthesis.coding.scope import Scope
from tests.synthesis.differential import differences

PARCELS: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "parcels.yaml").read_text())
TABLES = table_facts(PARCELS["schema"])


def failing(guard: str) -> str | None:
    scope = Scope(Contract.model_validate({**PARCELS["asker"], "errors": {"MISSING": {"message": "No."}}}))
    scope.add_row("p", row_facts("SELECT * FROM parcels", TABLES), optional=False)
    scope.add_row("owner", row_facts("SELECT * FROM people", TABLES), optional=True)
    condition = failing_condition(guard, scope)
    return None if condition is None else render(condition)


@pytest.mark.parametrize(
    ("guard", "python"),
    [
        ("$p.owner = :parcel_id", 'p["owner"] != parcel_id'),
        ("$p.state IN ('open', 'lost')", 'p["state"] not in ("open", "lost")'),
        ("$p.state <> 'sent'", 'p["state"] == "sent"'),
        ("$p.pieces > 0", 'p["pieces"] is None or p["pieces"] <= 0'),
        ("NOT $p.pieces > 0", 'p["pieces"] is None or p["pieces"] > 0'),
        ("$p.note IS NULL", 'p["note"] is not None'),
        ("$p.note = :text", 'p["note"] is None or text is None or p["note"] != text'),
        (":text IS NULL OR $owner.id IS NOT NULL", 'text is not None and owner.get("id") is None'),
        (
            "$p.owner = 'a' AND ($p.weight > 1 OR $p.weight < -5)",
            'p["owner"] != "a" or (p["weight"] <= 1 and p["weight"] >= -5)',
        ),
        ("$p.weight BETWEEN 1 AND 3", 'p["weight"] < 1 or p["weight"] > 3'),
        ("$p.due >= $today", 'p["due"] is None or p["due"] < ctx.today'),
        (":flag", "not flag"),
    ],
)
def test_simple_guards_become_the_comparison_a_person_would_write(guard: str, python: str) -> None:
    assert failing(guard) == python


@pytest.mark.parametrize(
    "guard",
    [
        "$p.owner = 1",
        "$p.owner",
        "$p.weight > 0.5",
        "$p.weight > '1'",
        "$p.weight + 1 > 2",
        "$p.state IN (SELECT id FROM people)",
        "$p.state IN ('a', 1)",
        "$p.owner LIKE 'a%'",
        "$p.owner = :tags",
        "$p.unknown = 1",
        "EXISTS (SELECT 1 FROM people)",
        "$p.note IS TRUE",
        "$p.owner = = 'a'",
    ],
)
def test_what_python_might_decide_otherwise_stays_sql(guard: str) -> None:
    assert failing(guard) is None


NUMBERS = ["$p.pieces", "$p.weight", ":number", "$p.fragile", ":flag", "$days", "$total", "0", "3", "-1", "2.5"]
TEXTS = [
    "$p.note",
    "$p.state",
    ":text",
    "$p.owner",
    "$owner.name",
    "$owner.born",
    "$p.due",
    "$today",
    "'a'",
    "'open'",
    "''",
]
ATOMS = st.sampled_from(NUMBERS) | st.sampled_from(TEXTS)
COMPARISONS = st.one_of(
    *(
        st.builds("{} {} {}".format, st.sampled_from(kind), st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]), st.sampled_from(kind))
        for kind in (NUMBERS, TEXTS)
    ),
    st.builds("{} {} {}".format, ATOMS, st.sampled_from(["=", "<>", "<", "IS"]), ATOMS),
    st.builds("{} {}".format, ATOMS, st.sampled_from(["IS NULL", "IS NOT NULL", "IN ('a', 'open')", "NOT IN (1, 3)", "IN (3)"])),
    st.builds("{} {}BETWEEN {} AND {}".format, ATOMS, st.sampled_from(["", "NOT "]), ATOMS, ATOMS),
    ATOMS,
)  # fmt: skip
GUARDS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(GUARDS)
def test_any_guard_decides_in_code_as_in_the_contract(guard: str) -> None:
    asker = {**PARCELS["asker"], "steps": [*PARCELS["asker"]["steps"], {"guard": guard, "else": "REFUSED"}]}
    contracts = Contracts.model_validate({"now": "2026-05-12T08:00:00Z", "tools": [asker]})

    code = write_tools(contracts, PARCELS["schema"])

    assert list(differences(contracts, PARCELS["schema"], PARCELS["rows"], code, seed=1, calls=60)) == []
