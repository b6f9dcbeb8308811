"""Diffs that are equal up to new ids, and what is said of those that are not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envfactory.tasks.changes import Rules, compare, explain, match
from envfactory.tasks.columns import ColumnFacts
from envfactory.tasks.model import Change, Goal, Task
from envfactory.tasks.play import play
from envfactory.tasks.scope import Scope
from tests.tasks.test_play import BOOK, PAY

FACTS = ColumnFacts(
    generated=frozenset({("orders", "id"), ("items", "id"), ("items", "order_id"), ("counts", "id")}),
    refer=frozenset({("notes", "count_id")}),
    fed={},
)
RULES = Rules(FACTS, {("orders", "note"): "free", ("orders", "name"): "normalised"}, frozenset({"or_old", "cu_1"}))


def order(key: str, customer: str = "cu_1", name: str = "Ann Lee", note: str | None = None, **rest: Any) -> Change:
    row = {"id": key, "customer": customer, "name": name, "note": note, **rest}
    return Change(table="orders", op="insert", key=[key], after=row)


def item(key: str, of: str, sku: str = "tea", log: str = "[]") -> Change:
    return Change(table="items", op="insert", key=[key], after={"id": key, "order_id": of, "sku": sku, "log": log})


def update(table: str, key: str, **after: Any) -> Change:
    return Change(table=table, op="update", key=[key], before=dict.fromkeys(after), after=after)


def test_new_ids_match_under_any_name() -> None:
    gold = [order("or_aaaaa"), item("it_aaaaa", "or_aaaaa")]
    other = [item("it_zzzzz", "or_yyyyy"), order("or_yyyyy")]
    assert match(gold, other, RULES) == {"or_aaaaa": "or_yyyyy", "it_aaaaa": "it_zzzzz"}


def test_a_renaming_is_consistent() -> None:
    gold = [order("or_aaaaa"), order("or_bbbbb", "cu_2"), item("it_aaaaa", "or_aaaaa")]
    other = [order("or_yyyyy"), order("or_zzzzz", "cu_2"), item("it_zzzzz", "or_zzzzz")]
    assert match(gold, other, RULES) is None


def test_new_ids_match_inside_texts_and_other_rows() -> None:
    gold = [order("or_aaaaa"), update("carts", "ca_1", last="or_aaaaa", log='["or_aaaaa", "or_old"]')]
    good = [order("or_zzzzz"), update("carts", "ca_1", last="or_zzzzz", log='["or_zzzzz", "or_old"]')]
    bad = [order("or_zzzzz"), update("carts", "ca_1", last="or_zzzzz", log='["or_old", "or_old"]')]
    assert match(gold, good, RULES) == {"or_aaaaa": "or_zzzzz"}
    assert match(gold, bad, RULES) is None


def test_an_old_id_is_not_renamed() -> None:
    gold = [item("it_aaaaa", "or_old")]
    assert match(gold, [item("it_zzzzz", "or_old")], RULES) == {"it_aaaaa": "it_zzzzz"}
    assert match(gold, [item("it_zzzzz", "or_other")], RULES) is None


def test_numbers_are_ids_only_where_ids_stand() -> None:
    def count(key: int, size: int) -> list[Change]:
        row = Change(table="counts", op="insert", key=[key], after={"id": key, "size": size})
        return [row, update("notes", "no_1", count_id=key)]

    assert match(count(7, 7), count(8, 7), RULES) == {7: 8}
    assert match(count(7, 7), count(8, 8), RULES) is None


def test_alike_rows_are_told_apart_by_trying() -> None:
    """Two equal orders in a ring of items that only a consistent choice closes."""

    def ring(a: str, b: str) -> list[Change]:
        return [order(a), order(b), item(f"i{a}", a, log=json.dumps([b])), item(f"i{b}", b, log=json.dumps([a]))]

    assert match(ring("or_aaaaa", "or_bbbbb"), ring("or_yyyyy", "or_zzzzz"), RULES) is not None
    broken = [*ring("or_yyyyy", "or_zzzzz")[:3], item("ior_zzzzz", "or_zzzzz", log=json.dumps(["or_zzzzz"]))]
    assert match(ring("or_aaaaa", "or_bbbbb"), broken, RULES) is None


@pytest.mark.parametrize(
    ("column", "value", "equal"),
    [
        ("note", "anything at all", True),
        ("note", None, True),
        ("name", "ann  LEE.", True),
        ("name", "Ann Leigh", False),
        ("customer", "CU_1", False),
    ],
)
def test_text_rules(column: str, value: Any, equal: bool) -> None:
    row = order("or_aaaaa", note="by the door")
    other = row.model_copy(update={"after": {**(row.after or {}), column: value}})
    assert (match([row], [other], RULES) is not None) == equal


def _renamed(changes: list[Change], rename: Callable[[str], str]) -> list[Change]:
    text = json.dumps([change.model_dump() for change in changes])
    keys = {change.key[0] for change in changes}
    for key in keys:
        text = text.replace(key, f"<{key}>")
    for key in keys:
        text = text.replace(f"<{key}>", rename(key))
    return [Change.model_validate(each) for each in json.loads(text)]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_renaming_and_order_is_recognised_and_any_edit_is_not(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    keys = [f"or_{n}{n}{n}{n}{n}" for n in range(count)]
    orders = [order(key, data.draw(st.sampled_from(["cu_1", "cu_2"]))) for key in keys]
    items = [
        item(f"it_{n}{n}{n}{n}{n}", data.draw(st.sampled_from(keys)), data.draw(st.sampled_from("ab")))
        for n in range(count)
    ]
    gold = orders + items
    names = {
        key: f"new_{at:05d}" for at, key in enumerate(random.Random(data.draw(st.integers(0, 99))).sample(keys, count))
    }
    other = _renamed(data.draw(st.permutations(gold)), lambda key: names.get(key, f"x{key}"))
    assert match(gold, other, RULES) is not None
    edited = data.draw(st.integers(0, len(other) - 1))
    row = other[edited].after or {}
    column = "customer" if "customer" in row else "sku"
    other[edited] = other[edited].model_copy(update={"after": {**row, column: "something else"}})
    assert match(gold, other, RULES) is None


def test_what_differs_is_said_row_by_row() -> None:
    gold = [update("stock", "st_1", left=3), order("or_aaaaa"), update("carts", "ca_1", open=0)]
    found = [
        update("stock", "st_1", left=2),
        order("or_zzzzz", "cu_2"),
        Change(table="tills", op="delete", key=["ti_1"], before={}),
    ]
    assert explain(gold, found, RULES) == [
        "different: stock[st_1].left is 2 instead of 3",
        'different: orders.customer is "cu_2" instead of "cu_1"',
        "missing: update of carts[ca_1]: open=0",
        "extra: delete of tills[ti_1]",
    ]


def test_every_environment_counts(scope: Scope, porto: Task) -> None:
    changes = play(scope, [BOOK, PAY]).changes
    elsewhere = {"lake_office": changes["boat_hire"]}
    told = compare(changes, {**changes, **elsewhere}, scope, Goal(), explained=True)
    assert not told.same
    assert all(line.startswith("lake_office: extra: insert of") for line in told.differences)
