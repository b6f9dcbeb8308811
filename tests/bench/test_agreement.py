import json
from typing import Any

import pytest

from envfactory.bench.agreement import agrees, differences, printable, same, simplest
from envfactory.sandbox.session import Observation, Probe


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (2.67, 2.68, False),
        ("1", 1, False),
        (None, 0, False),
        ([1, 2], [2, 1], False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)
def test_json_values_are_the_same_or_not(first: Any, second: Any, equal: bool) -> None:
    assert same(first, second) is equal


def ok(result: Any, *changes: dict[str, Any]) -> Observation:
    return Observation({"status": "ok", "result": result}, list(changes), [])


def refused(*codes: str, **more: Any) -> Observation:
    return Observation({"status": "error", "code": codes[0], "codes": list(codes), **more}, [], [])


CHANGE = {"table": "t", "op": "insert", "key": [1], "after": {"id": 1}}


@pytest.mark.parametrize(
    ("expected", "got", "agree"),
    [
        (ok(1), ok(1), True),
        (ok(1), ok(2), False),
        (ok(1, CHANGE), ok(1), False),
        (ok(1), refused("A"), False),
        (refused("A", "B"), Observation({"status": "error", "code": "B"}, [], []), True),
        (refused("A"), Observation({"status": "error", "code": "B"}, [], []), False),
        (refused("A"), Observation({"status": "crash", "message": "A"}, [], []), False),
        (refused("A"), ok(1), False),
        (refused("A"), Observation({"status": "error", "code": "A"}, [CHANGE], []), False),
    ],
)
def test_code_agrees_with_the_oracle_or_not(expected: Observation, got: Observation, agree: bool) -> None:
    assert agrees(expected, got) is agree


def test_differences_name_the_places() -> None:
    found = list(differences({"a": 1, "b": [{"c": 2}]}, {"a": 1, "b": [{"c": 3}], "d": 4}, "result"))
    assert found == [("result.b[0].c", 2, 3), ("result.d", "(absent)", 4)]


@pytest.mark.parametrize("value", ["\ud800", float("nan"), 2**70, {"\ud800": ["\ud800"]}])
def test_what_is_printable_is_utf8_json(value: Any) -> None:
    assert json.loads(json.dumps(printable(value), allow_nan=False).encode()) == printable(value)


def test_simple_calls_come_first() -> None:
    plain, moved = Probe("t", {"a": 1}), Probe("t", {}, (), "2026-01-01T00:00:00Z")
    after = Probe("t", {}, (("u", {}),))
    assert [item[0] for item in simplest([(p, 0, 0) for p in (after, moved, plain)], 2)] == [plain, moved]
