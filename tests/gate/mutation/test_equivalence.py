from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.environments.contract import Contract
from envfactory.gate.mutation.contract import ContractMutant
from envfactory.gate.mutation.equivalence import Prover

CONTRACT: dict[str, Any] = {
    "name": "get_thing",
    "kind": "read",
    "description": "",
    "parameters": {
        "level": {"type": "integer", "minimum": 1, "maximum": 5, "required": True},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "free": {"type": "string"},
    },
    "steps": [
        {"let": "hire", "row": "SELECT * FROM hires WHERE id = :free", "else": "NONE"},
        {"guard": ":level >= 1", "else": "LOW"},
    ],
    "result": {"x": {"rows": "SELECT id, name FROM boats ORDER BY id, name"}},
    "errors": {"NONE": {"message": "", "subsumed_by": "LOW"}, "LOW": {"message": ""}},
}


def reason(bench: Bench, **mutant: str) -> str | None:
    given = {"tool": "get_thing", "kind": "comparison", "place": "steps[1].guard", "what": "", "contract": CONTRACT}
    prover = Prover(bench.oracle, bench.inputs.schema)
    return prover.reason(Contract.model_validate(CONTRACT), ContractMutant(**{**given, **mutant}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "mutated"),
    [
        (":level >= 1", "TRUE"),
        (":level > 2", ":level >= 3"),
        ("$hire.status <> 'cancelled'", "$hire.status IN ('pending', 'confirmed', 'completed')"),
        (":kind IS NULL OR :kind = 'a'", ":kind IS NOT 'b'"),
    ],
)
def test_expressions_that_agree_on_every_value_are_the_same(bench: Bench, text: str, mutated: str) -> None:
    assert reason(bench, text=text, mutated=mutated) == "equal for all values its variables can have"


@pytest.mark.parametrize(
    ("text", "mutated"),
    [
        (":level >= 2", "TRUE"),
        (":kind = 'a'", ":kind <> 'b' OR :kind IS NULL"),
        (":free = 'x'", ":free = 'x'"),
        ("EXISTS (SELECT 1 FROM hires)", "EXISTS (SELECT 1 FROM hires)"),
    ],
)
def test_others_are_not_or_cannot_be_proven(bench: Bench, text: str, mutated: str) -> None:
    assert reason(bench, text=text, mutated=mutated) is None


def test_a_declared_subsumption_and_an_idle_order_are_reasons(bench: Bench) -> None:
    changed = "SELECT id, name FROM boats ORDER BY id, name DESC"
    rows = str(CONTRACT["result"]["x"]["rows"])
    assert reason(bench, code="NONE") == "subsumed by LOW"
    assert reason(bench, kind="order", place="result.x.rows", text=rows, mutated=changed) is not None


def test_an_order_that_decides_is_no_reason(bench: Bench) -> None:
    rows, changed = (f"SELECT id FROM boats ORDER BY name{way}, id" for way in ("", " DESC"))
    assert reason(bench, kind="order", place="result.x.rows", text=rows, mutated=changed) is None
