"""What attempts come to, and two results against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import ConfigError
from envfactory.evaluation.items import Scored
from envfactory.evaluation.results import Result, SuiteResult, compared, differing, read_result, summed


def made(item: str, score: float, attempt: int = 0, **more: object) -> Scored:
    told = {"item": item, "attempt": attempt, "score": score, "cluster": item[0], "traits": {"letter": item[0]}, **more}
    return Scored.model_validate(told)


def suite(*scored: Scored) -> SuiteResult:
    return summed("names", "right", ("letter",), {}, scored)


def test_a_score_is_a_mean_over_items_of_means_over_attempts() -> None:
    found = suite(made("ann", 1.0), made("ann", 0.0, 1), made("bob", 1.0), made("bob", 1.0, 1))
    assert (found.overall.value, found.overall.items, found.attempts) == (0.75, 2, 2)
    assert {name: each.value for name, each in found.groups["letter"].items()} == {"a": 0.5, "b": 1.0}


def test_what_infrastructure_broke_is_counted_and_not_scored() -> None:
    found = suite(made("ann", 1.0), made("bob", 0.0, status="infrastructure"))
    assert (found.infrastructure, found.overall.items, found.overall.value) == (1, 1, 1.0)


def test_passes_are_told_of_several_attempts_only() -> None:
    several = suite(made("ann", 1.0), made("ann", 0.0, 1), made("bob", 1.0), made("bob", 1.0, 1))
    # Of two attempts each: ann passes one, bob both.
    assert several.passes == {"pass@1": 0.75, "pass^1": 0.75, "pass@2": 1.0, "pass^2": 0.5}
    assert suite(made("ann", 1.0)).passes == {}


def test_other_measures_are_told_beside_the_score() -> None:
    found = suite(made("ann", 0.0, parts={"reward": 0.4}), made("bob", 1.0, parts={"reward": 1.0}))
    assert found.parts["reward"].value == pytest.approx(0.7)


def test_a_measure_that_some_items_lack_is_a_mean_over_the_others() -> None:
    found = suite(made("ann", 0.0), made("bob", 0.0, parts={"prefix": 0.5}), made("cid", 1.0, parts={"prefix": 1.0}))
    assert (found.parts["prefix"].value, found.parts["prefix"].items) == (0.75, 2)


def test_two_results_are_compared_as_a_whole_and_by_group() -> None:
    before = Result(model="base", suites=[suite(made("ann", 0.0), made("abe", 0.0), made("bob", 1.0))])
    after = Result(model="sft", suites=[suite(made("ann", 1.0), made("abe", 1.0), made("bob", 1.0), made("cid", 1.0))])
    lines = {each.group: each for each in compared(before, after)}
    assert list(lines) == ["all", "a", "b"]  # nothing of c was in the first
    assert (lines["all"].tasks, lines["all"].better, lines["all"].worse) == (3, 2, 0)
    assert lines["all"].p == pytest.approx(0.5)  # two of two: 2 / 4


def test_results_of_other_data_are_noted() -> None:
    def of(tasks: str, model: str) -> Result:
        facts = {"tasks": tasks, "model": model, "temperature": 0.0 if model == "base" else 1.0}
        made_of = summed("names", "right", ("letter",), facts, [made("ann", 1.0)])
        return Result(model=model, settings={"temperature": facts["temperature"]}, suites=[made_of])

    assert list(differing(of("ab12", "base"), of("ab12", "sft"))) == []
    (note,) = differing(of("ab12", "base"), of("cd34", "sft"))
    assert note.startswith("names differs in tasks")


def test_suites_that_only_one_has_are_left_out() -> None:
    assert list(compared(Result(model="a"), Result(model="b", suites=[suite(made("ann", 1.0))]))) == []


def test_a_result_comes_back_from_its_file(tmp_path: Path) -> None:
    result = Result(model="base", suites=[suite(made("ann", 1.0), made("bob", 0.0))])
    place = tmp_path / "result.json"
    place.write_text(result.model_dump_json())
    assert read_result(place) == result


@pytest.mark.parametrize("text", [None, "{", '{"version": 1}', '{"version": 1, "model": "x", "suites": [{}]}'])
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, text: str | None) -> None:
    place = tmp_path / "result.json"
    if text is not None:
        place.write_text(text)
    with pytest.raises(ConfigError, match="--json writes it"):
        read_result(place)
