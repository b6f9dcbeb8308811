import pytest

from envfactory.bench.bench import Bench
from envfactory.bench.sql.schema import Schema
from envfactory.gate.mutation.sql import CONTROL, sql_mutants


@pytest.fixture(scope="module")
def schema(bench: Bench) -> Schema:
    return bench.inputs.schema


@pytest.mark.parametrize(
    ("text", "kind", "mutated"),
    [
        ("$days <= 14", "boundary", "$days < 14"),
        ("$days <= 14", "constant", "$days <= 15"),
        ("$days >= 7", "constant", "$days >= 6"),
        ("$hire.status = 'pending'", "comparison", "$hire.status <> 'pending'"),
        ("$hire.status = 'pending'", "literal", "$hire.status = 'confirmed'"),
        ("$a + :b", "arithmetic", "$a - :b"),
        ("$paid.cents / 2", "rounding", "($paid.cents + (2 - 1)) / 2"),
        ("a = 1 AND b = 2", "dropped-conjunct", "TRUE AND b = 2"),
        ("a = 1 OR b = 2", "dropped-disjunct", "a = 1 OR FALSE"),
        ("NOT EXISTS (SELECT 1 FROM hires)", "comparison", "EXISTS(SELECT 1 FROM hires)"),
        ("COALESCE(:reason, notes)", "default", ":reason"),
        ("date(:start, '+7 days')", "constant", "DATE(:start, '+8 days')"),
        ("lower(:email)", "function", ":email"),
        ("SELECT id FROM boats WHERE id = :id", "dropped-conjunct", "SELECT id FROM boats WHERE TRUE"),
        ("SELECT id FROM boats ORDER BY day_cents, id", "order", "SELECT id FROM boats ORDER BY day_cents DESC, id"),
        ("SELECT id FROM boats ORDER BY day_cents, id", "order", "SELECT id FROM boats ORDER BY id"),
        ("SELECT id FROM boats ORDER BY id LIMIT 3", "limit", "SELECT id FROM boats ORDER BY id"),
        ("SELECT MIN(berths) FROM boats", "aggregate", "SELECT MAX(berths) FROM boats"),
        (
            "SELECT berths FROM boats WHERE id = 1",
            "column",
            "SELECT licence_required AS berths FROM boats WHERE id = 1",
        ),
        ("SELECT id, name FROM boats", "dropped-field", "SELECT id FROM boats"),
        ("UPDATE gear SET free = 1, stock = 2 WHERE id = 3", "dropped-set", "UPDATE gear SET stock = 2 WHERE id = 3"),
        ("UPDATE gear SET free = 1 WHERE id = 3", "dropped-set", "UPDATE gear SET free = free WHERE id = 3"),
        ("INSERT INTO hires (id, notes) VALUES (:id, :n)", "dropped-set", "INSERT INTO hires (id) VALUES (:id)"),
        (
            "id IN (SELECT gear_id FROM hire_gear)",
            "first-only",
            "id IN (SELECT gear_id FROM hire_gear LIMIT 1)",
        ),
    ],
)
def test_each_fault_is_made(schema: Schema, text: str, kind: str, mutated: str) -> None:
    assert (kind, mutated) in {(mutant.kind, mutant.text) for mutant in sql_mutants(text, schema)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(SELECT id FROM boats ORDER BY id LIMIT 1)", "constant"),
        ("EXISTS (SELECT 1 FROM hires)", "constant"),
        ("SELECT id FROM boats ORDER BY 1", "constant"),
        ("UPDATE gear SET free = 1 WHERE id = 3", "comparison-of-the-assignment"),
    ],
)
def test_what_makes_no_difference_is_left_alone(schema: Schema, text: str, kind: str) -> None:
    assert kind not in {mutant.kind for mutant in sql_mutants(text, schema)}


def test_the_first_is_the_text_itself_and_none_is_made_twice(schema: Schema) -> None:
    made = sql_mutants("a  <  :b AND c", schema)
    assert made[0] == (CONTROL, "a < :b AND c")
    assert len({mutant.text for mutant in made}) == len(made)


def test_a_placeholder_is_mistaken_for_its_like(schema: Schema) -> None:
    made = sql_mutants("$hire.boat_id = :boat_id", schema, {"hire__boat_id": "hire__id"})
    assert ("parameter", "$hire.id = :boat_id") in made


def test_unreadable_text_has_no_mutants(schema: Schema) -> None:
    assert sql_mutants("SELECT FROM", schema) == []
