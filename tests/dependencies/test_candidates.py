from envfactory.bench.bench import Bench
from envfactory.dependencies.candidates import value_candidates


def test_candidates_say_which_rule_found_them(bench: Bench) -> None:
    made = value_candidates(bench.contracts, bench.inputs.facts, bench.inputs.schema)
    found = {(c.producer, c.field, c.consumer, c.slot.path): c.rules for c in made}
    assert found["search_boats", "boats[].boat_id", "book_boat", "boat_id"] == ("column",)
    assert found["get_hire", "boat_id", "book_boat", "boat_id"] == ("foreign-key",)
    assert found["confirm_hire", "hire_id", "cancel_hire", "hire_id"] == ("column", "name")
    assert ("find_customer", "name", "search_boats", "harbour") not in found
