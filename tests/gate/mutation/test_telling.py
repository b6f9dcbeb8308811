from envfactory.bench.bench import Bench
from envfactory.gate.mutation.contract import contract_mutants
from envfactory.gate.mutation.telling import untold
from tests.support import LocalWorker


def test_whole_rules_of_the_boat_hire_are_told_apart_and_a_tie_break_is_not(bench: Bench) -> None:
    tools = ("get_boat", "add_gear")
    made = {tool: contract_mutants(bench.contracts.tool(tool), bench.inputs.schema) for tool in tools}
    seen = {tool: bench.inputs.seen(tool) for tool in tools}
    left = untold(bench.oracle_spec, LocalWorker, made, seen)
    assert [(mutant.tool, mutant.kind, mutant.what) for mutant in left] == [
        ("get_boat", "order", "name, id -> name, id DESC")
    ]


def test_without_inputs_nothing_is_told_apart(bench: Bench) -> None:
    made = {"get_boat": contract_mutants(bench.contracts.tool("get_boat"), bench.inputs.schema)}
    assert untold(bench.oracle_spec, LocalWorker, made, {"get_boat": []}) == made["get_boat"]
