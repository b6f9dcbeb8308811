from collections.abc import Callable
from typing import Any

import pytest

from envfactory.bench.bench import load_spec
from envfactory.environments.cases import Case, Expectation
from envfactory.errors import DeadlineExceeded
from envfactory.gate.mutation.code import CodeMutant
from envfactory.gate.mutation.killing import Executioner, passes
from envfactory.sandbox.session import Observation, Session
from tests.gate import harbour
from tests.support import LocalWorker

HEAD = "def find_customer(context, *, email):\n    "
CASES = [
    Case(
        id="known",
        tool="find_customer",
        arguments={"email": "ines.duarte@example.org"},
        expect=Expectation(
            status="ok", result={"customer_id": "cu_01", "name": "Ines Duarte", "licence": True, "club": True}
        ),
    ),
    Case(
        id="unknown",
        tool="find_customer",
        arguments={"email": "nobody@example.org"},
        expect=Expectation(status="error", codes=["CUSTOMER_NOT_FOUND"]),
    ),
]


class SlowWorker(LocalWorker):
    """Answers no probe in time."""

    def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
        if op == "probe":
            raise DeadlineExceeded("too slow")
        return super().request(op, payload, deadline=deadline)


def fate(body: str, open_worker: Callable[[], LocalWorker] = LocalWorker) -> tuple[str, str]:
    with Session(open_worker, load_spec(harbour.environment())) as session:
        executioner = Executioner(session, "find_customer", CASES)
        (verdict,) = executioner.judge([CodeMutant("find_customer", "kind", 1, "", HEAD + body)])
    return verdict.fate, verdict.case


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise ToolError('CUSTOMER_NOT_FOUND')", ("killed", "known")),
        ("raise ToolError('OTHER')", ("killed", "known")),
        ("return {}[0]", ("stillborn", "")),
        ("return (", ("stillborn", "")),
        ("row = context.one('SELECT * FROM customers WHERE email = :e', e=email)\n    return row['id'] if row else {}[0]",
         ("killed", "known")),
    ],
)  # fmt: skip
def test_the_fate_of_a_mutant(body: str, expected: tuple[str, str]) -> None:
    assert fate(body) == expected


def test_the_tool_as_it_is_survives() -> None:
    source = harbour.tools_source()
    start = source.index("def find_customer(")
    own = source[start : source.index("\n\n\n", start)]
    assert fate(own.split(":\n    ", 1)[1]) == ("survived", "")


def test_a_mutant_that_hangs_is_dead() -> None:
    assert fate("return {}", SlowWorker) == ("killed", "(hang)")


def test_a_case_compares_result_changes_and_code() -> None:
    accepted = Observation({"status": "ok", "result": CASES[0].expect.result}, [], [])
    assert passes(CASES[0], accepted)
    assert not passes(CASES[0], accepted._replace(changes=[{"table": "customers"}]))
    assert not passes(CASES[1], Observation({"status": "error", "code": "OTHER"}, [], []))
