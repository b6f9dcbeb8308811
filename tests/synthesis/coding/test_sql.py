"""SQL as it stands in code: laid out, never changed."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.synthesis.coding.sql import bound_names, flat, literal_lines, operand, renamed, unwrapped, value_query


def read_back(lines: list[str]) -> str:
    """The text that the literal stands for."""
    return str(ast.literal_eval("\n".join(lines)))


def test_a_short_statement_stays_on_its_line() -> None:
    assert literal_lines("SELECT *  FROM t -- all\n WHERE a = 'x  y'", 4) == ["\"SELECT * FROM t WHERE a = 'x  y'\""]


def test_a_long_statement_gets_a_line_for_each_clause_condition_and_subquery() -> None:
    sql = (
        "WITH best AS (SELECT r.id, MIN(r.price_cents) AS price_cents FROM rooms r LEFT JOIN hotels h ON h.id = r.hotel_id "
        "WHERE r.free > 0 GROUP BY r.id) SELECT id FROM best WHERE price_cents BETWEEN :low AND :high AND "
        "(:city IS NULL OR EXISTS (SELECT 1 FROM hotels WHERE hotels.city = :city)) AND id <> 'a AND b' ORDER BY id LIMIT 5"
    )

    lines = literal_lines(sql, 4)

    assert lines == [
        '"""',
        "    WITH best AS (",
        "      SELECT r.id, MIN(r.price_cents) AS price_cents",
        "      FROM rooms r",
        "      LEFT JOIN hotels h ON h.id = r.hotel_id",
        "      WHERE r.free > 0",
        "      GROUP BY r.id",
        "    )",
        "    SELECT id",
        "    FROM best",
        "    WHERE price_cents BETWEEN :low AND :high",
        "      AND (:city IS NULL OR EXISTS (SELECT 1 FROM hotels WHERE hotels.city = :city))",
        "      AND id <> 'a AND b'",
        "    ORDER BY id",
        "    LIMIT 5",
        '    """',
    ]


@given(
    st.lists(
        st.sampled_from(["a", "b.c", ":x", "'it''s  \\ \"\"\" x'", "(", ")", ",", " AND ", " FROM ", "=", " "]),
        max_size=60,
    )
)
def test_layout_changes_nothing_but_space_outside_of_quotes(parts: list[str]) -> None:
    sql = "SELECT " + "".join(parts)

    found = read_back(literal_lines(sql, 8))

    assert "".join(flat(found).split()) == "".join(flat(sql).split())
    assert found.count("'it''s  \\ \"\"\" x'") == sql.count("'it''s  \\ \"\"\" x'")


def test_names_of_row_columns_are_shortened_where_they_are_free() -> None:
    names = bound_names(["room__price", "room_price", "from", "room__id"])

    assert names == {"room__price": "room__price", "room_price": "room_price", "from": "from_", "room__id": "room_id"}
    assert renamed("SELECT :room__id, ':room__id'", names) == "SELECT :room_id, ':room__id'"


@pytest.mark.parametrize(
    ("expression", "inner"),
    [
        ("((1 + 2))", "1 + 2"),
        ("(1) + (2)", "(1) + (2)"),
        ("(SELECT ')' FROM t)", "SELECT ')' FROM t"),
        ("f(x)", "f(x)"),
    ],
)
def test_only_parentheses_around_everything_are_taken_off(expression: str, inner: str) -> None:
    assert unwrapped(expression) == inner


def test_a_query_as_a_value_needs_parentheses_only_among_others() -> None:
    assert value_query("(SELECT a FROM t)") == "SELECT a FROM t"
    assert value_query("a + (SELECT b FROM t)") == "SELECT a + (SELECT b FROM t)"
    assert operand("SELECT a FROM t") == "(SELECT a FROM t)"
    assert operand("(SELECT a FROM t)") == "(SELECT a FROM t)"
