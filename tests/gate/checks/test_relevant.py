import pytest

from envfactory.gate.checks.relevant import matters, relevant, without
from envfactory.sandbox.session import Observation, Probe
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug


def seen(value: object, **outcome: object) -> tuple[Probe, Observation]:
    return Probe("t", {"p": value}), Observation({"status": "ok", **outcome}, [], [])


def test_all_parameters_of_the_boat_hire_matter() -> None:
    result = judged(relevant, harbour.environment())
    assert (result.status, result.measured["parameters"]) == ("pass", 33)


@pytest.mark.parametrize(
    ("tool", "old", "new", "parameter"),
    [
        ("search_boats", "(:kind IS NULL OR b.kind = :kind)", "(:kind IS NULL OR :kind <> '')", "kind"),
        ("list_hires", "(:status IS NULL OR h.status = :status)", "(:status IS NULL OR :status <> '')", "status"),
        ("rate_boat", "comment=comment", "comment=None", "comment"),
    ],
)
def test_an_ignored_parameter_is_told(tool: str, old: str, new: str, parameter: str) -> None:
    result = with_bug(relevant, tool, old, new)
    assert [(item["tool"], item["parameter"]) for item in result.evidence] == [(tool, parameter)]


def test_an_echo_is_no_effect() -> None:
    assert without({"a": "x", "b": ["x", "y"]}, "x") == without({"a": "z", "b": ["z", "y"]}, "z")
    assert not matters("p", [seen("x", result={"p": "x"}), seen("y", result={"p": "y"})], guarded=True)


def test_a_refusal_counts_only_where_a_step_mentions_the_parameter() -> None:
    refused = Probe("t", {"p": "z"}), Observation({"status": "error", "code": "NO"}, [], [])
    both = [seen("x", result=1), refused]
    assert matters("p", both, guarded=True)
    assert not matters("p", both, guarded=False)
