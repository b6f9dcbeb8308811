"""What meets a stored expectation, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.environments.cases import Expectation, meets

CHANGE: dict[str, Any] = {"table": "rooms", "op": "update", "key": ["r1"], "before": {"free": 1}, "after": {"free": 0}}
ACCEPT = Expectation(status="ok", result={"id": 1}, changes=[CHANGE])
REJECT = Expectation(status="error", codes=["FULL", "LATE"])


@pytest.mark.parametrize(
    ("expect", "outcome", "changes", "met"),
    [
        (ACCEPT, {"status": "ok", "result": {"id": 1}}, [CHANGE], True),
        (ACCEPT, {"status": "ok", "result": {"id": 2}}, [CHANGE], False),
        (ACCEPT, {"status": "ok", "result": {"id": 1}}, [], False),
        (ACCEPT, {"status": "crash", "message": ""}, [CHANGE], False),
        (REJECT, {"status": "error", "code": "LATE"}, [], True),
        (REJECT, {"status": "error", "code": "GONE"}, [], False),
        (REJECT, {"status": "error", "code": "FULL"}, [CHANGE], False),
    ],
)
def test_meets(expect: Expectation, outcome: dict[str, Any], changes: list[dict[str, Any]], met: bool) -> None:
    assert meets(expect, outcome, changes) is met
