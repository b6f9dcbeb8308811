import pytest

from envfactory.environments.cases import Cases
from envfactory.gate.checks.deterministic import deterministic
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug


def test_the_boat_hire_is_deterministic(cases: Cases) -> None:
    result = judged(deterministic, harbour.environment(cases=cases))
    assert result.status == "pass"
    assert result.measured["calls"] > 150


@pytest.mark.parametrize(
    "stamp",
    ["str(__import__('datetime').datetime.now())", "str(id(object()))"],
)
def test_what_differs_between_two_processes_is_told(stamp: str) -> None:
    result = with_bug(deterministic, "book_boat", "notes=notes,", f"notes={stamp},")
    assert result.status == "fail"
    assert result.evidence[0]["tool"] == "book_boat"
