import ast

import pytest

from envfactory.bench.bench import Bench
from envfactory.environments.contract import Contract
from envfactory.gate.lint.module import Module, parse_module
from envfactory.gate.mutation.code import CodeMutant, code_mutants
from envfactory.gate.mutation.faults import delta
from tests.gate import harbour

PARAMETERS = {name: {"type": "string", "required": True} for name in ("first", "second")}


def made(bench: Bench, body: str, helpers: str = "") -> list[CodeMutant]:
    source = f"{helpers}\n\ndef get_thing(context, *, first: str, second: str):\n    {body}\n"
    module = parse_module(source)
    assert isinstance(module, Module)
    contract = Contract.model_validate(
        {
            "name": "get_thing",
            "kind": "read",
            "description": "",
            "parameters": PARAMETERS,
            "steps": [{"guard": "1", "else": "NO"}, {"guard": "1", "else": "NEVER"}],
            "result": {"x": "1"},
            "errors": {"NO": {"message": ""}, "NEVER": {"message": ""}},
        }
    )
    return code_mutants(module, contract, bench.inputs.schema)


@pytest.mark.parametrize(
    ("body", "kind", "holds"),
    [
        ("if first:\n        raise ToolError('NO')", "dropped-guard", "if False:"),
        ("if first:\n        raise ToolError('NO')", "wrong-code", "ToolError('NEVER')"),
        ("if first and second:\n        raise ToolError('NO')", "dropped-conjunct", "if second:"),
        ("if first and second:\n        raise ToolError('NO')", "negated", "if not (first and second):"),
        ("context.execute('DELETE FROM hires')", "dropped-write", "pass"),
        ("return {'a': 1 if first < second else 2}", "boundary", "first <= second"),
        ("return {'a': first == second}", "comparison", "first != second"),
        ("return {'a': 5 // 2}", "arithmetic", "5 * 2"),
        ("return {'a': 5 // 2}", "rounding", "--5 // 2".replace("--5", "-(-5")),
        ("return {'a': 5}", "constant", "'a': 6"),
        ("return {'a': first, 'b': second}", "dropped-field", "{'b': second}"),
        ("for x in first:\n        context.execute('DELETE FROM hires')", "loop-once", "break"),
        ("total = 0\n    total += len(first)", "dropped-statement", "pass"),
        ("return {'a': 'pending' == first}", "literal", "'confirmed' == first"),
        ("row = {}\n    return {'a': row['start_date']}", "wrong-column", "row['end_date']"),
        ("return context.one('SELECT :a', a=first)", "wrong-argument", "a=second"),
        ("return min(first, second)", "aggregate", "max(first, second)"),
        ("return first.strip()", "function", "return first"),
        ("return context.new_id('hi')", "literal", "new_id('zz')"),
        ("return context.value('SELECT MIN(berths) FROM boats')", "sql-aggregate", "MAX(berths)"),
    ],
)
def test_each_fault_is_made(bench: Bench, body: str, kind: str, holds: str) -> None:
    assert any(mutant.kind == kind and holds in mutant.source for mutant in made(bench, body))


def test_a_helper_s_guard_is_dropped_with_its_code(bench: Bench) -> None:
    helper = "def _check(first):\n    if not first:\n        raise ToolError('NO')"
    found = [m for m in made(bench, "_check(first)", helper) if m.kind == "dropped-guard"]
    assert [mutant.code for mutant in found] == ["NO", "NO"]
    assert all("def get_thing" in mutant.source for mutant in found)


def test_what_keeps_a_while_loop_going_is_left_alone(bench: Bench) -> None:
    body = "day = 0\n    while day < 5:\n        day += 1\n        context.execute('DELETE FROM hires')"
    kinds = {mutant.kind for mutant in made(bench, body)}
    assert "dropped-statement" not in kinds
    assert "dropped-write" in kinds


def test_the_boat_hire_s_mutants_compile_and_are_the_same_every_time(bench: Bench) -> None:
    module = parse_module(harbour.tools_source())
    assert isinstance(module, Module)
    contract = bench.contracts.tool("cancel_hire")
    first, second = (code_mutants(module, contract, bench.inputs.schema) for _ in range(2))
    assert first == second
    assert all(ast.parse(mutant.source) for mutant in first)


def test_the_cap_keeps_all_that_must_die(bench: Bench) -> None:
    module = parse_module(harbour.tools_source())
    assert isinstance(module, Module)
    few = code_mutants(module, bench.contracts.tool("book_boat"), bench.inputs.schema, most=25)
    assert (
        len([mutant for mutant in few if mutant.kind == "dropped-guard"]) == 10
    )  # nine codes; one helper's guard twice
    assert {mutant.kind for mutant in few} > {"dropped-write", "wrong-code", "control"}


def test_a_difference_is_shown_with_a_little_around_it() -> None:
    assert delta("a b c d < e f g h", "a b c d <= e f g h") == "c d < e f -> c d <= e f"
