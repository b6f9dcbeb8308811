from envfactory.bench.bench import Bench
from envfactory.bench.inputs.facts import ToolFacts, scalars
from envfactory.environments.contract import Contract


def test_parameters_are_linked_to_the_columns_they_are_compared_with(bench: Bench) -> None:
    leaves = bench.inputs.facts["search_boats"].leaves
    assert ("boats", "berths") in leaves["min_berths"].columns
    assert ("boats", "day_cents") in leaves["max_day_cents"].columns
    assert ("hires", "end_date") in leaves["start_date"].columns
    assert leaves["harbour"].columns == (("harbours", "name"),)


def test_parameters_are_linked_to_the_columns_they_are_stored_in(bench: Bench) -> None:
    assert bench.inputs.facts["rate_boat"].leaves["stars"].columns[0] == ("ratings", "stars")


def test_constants_of_the_rules_are_found(bench: Bench) -> None:
    assert bench.inputs.facts["book_boat"].constants == [14]
    assert bench.inputs.facts["cancel_hire"].constants == [2, 7]


def test_scalars_have_paths_into_lists_and_objects() -> None:
    contract = Contract.model_validate(
        {
            "name": "order",
            "kind": "read",
            "description": "",
            "result": {"one": "1"},
            "parameters": {
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "sku": {"type": "string"},
                            "tags": {"type": "array", "items": {"type": "string"}},
                        },
                    },
                },
                "note": {"type": "string"},
            },
        }
    )
    assert [path for path, _ in scalars(contract.parameters)] == ["lines[].sku", "lines[].tags[]", "note"]


def test_tables_are_those_the_contract_mentions(bench: Bench) -> None:
    facts = ToolFacts(bench.contracts.tool("add_gear"), bench.inputs.schema)
    assert set(facts.tables) == {"hires", "boats", "gear", "hire_gear"}
