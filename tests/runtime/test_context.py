"""What the context's helpers give for rows: dicts by the names of the very statement, whatever was asked before."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.runtime.host import Host
from tests.runtime.conftest import spec

HEAD = "def book(ctx, *, room_id, n):\n    pass\n\ndef list_rooms(ctx):\n    "


def answered(body: str) -> Any:
    """Return what a tool of this body answers, the second time it is asked."""
    host = Host()
    host.handle("load", spec(HEAD + body))
    calls = [["list_rooms", {}]] * 2
    return host.handle("episode", {"calls": calls})[1]["result"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return ctx.one('SELECT id, free FROM rooms ORDER BY id DESC')", {"id": "r2", "free": 0}),
        ("return ctx.one('SELECT id FROM rooms WHERE free > 9')", None),
        ("return ctx.all('SELECT id AS room FROM rooms ORDER BY id')", [{"room": "r1"}, {"room": "r2"}]),
        ("return ctx.all('SELECT id FROM rooms WHERE free > 9')", []),
        ("return ctx.value('SELECT free, id FROM rooms ORDER BY id')", 3),
        ("return ctx.value('SELECT id FROM rooms WHERE free > 9')", None),
        ("return [ctx.one(f'SELECT {n} AS n{n}') for n in range(2)]", [{"n0": 0}, {"n1": 1}]),
        ("return ctx.one('SELECT :a + :b AS sum', {'a': 1}, b=2)", {"sum": 3}),
    ],
)
def test_rows_have_their_statements_names(body: str, expected: Any) -> None:
    assert answered(body) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{'rows': [{'n': (1, 2)}]}", {"rows": [{"n": [1, 2]}]}),
        ("[{'deep': {1: 'one'}}]", [{"deep": {"1": "one"}}]),
        ("{'rate': 1.5, 'none': None}", {"rate": 1.5, "none": None}),
    ],
)
def test_answers_become_what_json_holds_however_deep(value: str, expected: Any) -> None:
    assert answered(f"return {value}") == expected


def test_more_statements_than_names_are_kept_for_are_answered_too() -> None:
    assert (
        answered("return [ctx.value(f'SELECT {n}') + ctx.one(f'SELECT {n} AS x')['x'] for n in range(1200)][-1]")
        == 2398
    )
