"""ACEBench over a small folder of the same form, with a checker of the same signature."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envfactory.errors import ConfigError
from envfactory.evaluation.acebench import AceBench
from envfactory.evaluation.playing import Try
from envfactory.evaluation.suite import Scripts
from envfactory.rollouts.formats import ToolCall, write

WEATHER = {
    "name": "weather",
    "description": "Look up the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ENTRIES = {
    "normal_single_turn_parallel_function": (
        {
            "id": "normal_single_turn_parallel_function_0",
            "question": "user: Rome and Oslo?\n",
            "function": [WEATHER],
            "time": "",
        },
        [{"weather_1": {"city": "Rome"}, "weather_2": {"city": "Oslo"}}],
    ),
    "normal_multi_turn_user_adjust": (
        {
            "id": "normal_multi_turn_user_adjust_0_1",
            "question": "user: Rome?\n",
            "function": [WEATHER],
            "time": "Monday.",
        },
        {"weather": {"city": "Rome"}},
    ),
    "special_incomplete": (
        {"id": "special_incomplete_0", "question": "user: The weather?\n", "function": [WEATHER], "time": ""},
        {"weather": ["city"]},
    ),
    "special_error_param": (
        {"id": "special_error_param_0", "question": "user: In 12?\n", "function": [WEATHER], "time": ""},
        {"city": ["12"]},
    ),
    "special_irrelevant": (
        {"id": "special_irrelevant_0", "question": "user: Buy milk.\n", "function": [WEATHER], "time": ""},
        "limitations",
    ),
}
CHECKER = """
import re


def normal_checker(func_descriptions, model_output, possible_answers, question, test_category):
    wanted = [{re.sub(r"_\\\\d+$", "", name): values} for name, values in possible_answers.items()]
    right = all(call in wanted for call in model_output) and len(model_output) == len(wanted)
    return {"valid": right, "error": [] if right else ["other calls were wanted"], "error_type": ""}
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "data_all" / "data_en"
    (data / "possible_answer").mkdir(parents=True)
    for category, (entry, answer) in ENTRIES.items():
        (data / f"data_{category}.json").write_text(json.dumps(entry) + "\n")
        told = {"id": entry["id"], "ground_truth": answer}
        (data / "possible_answer" / f"data_{category}.json").write_text(json.dumps(told) + "\n")
    (tmp_path / "model_eval").mkdir()
    (tmp_path / "model_eval" / "checker.py").write_text(CHECKER.replace("\\\\d", "\\d"))
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "model_eval"]:
        del sys.modules[name]


def scores(suite: AceBench, policy: object) -> dict[str, float]:
    found = suite.play([Try(item) for item in suite.items()], policy, side_by_side=4)  # type: ignore[arg-type]
    return {each.traits["category"]: each.score for each in found}


def test_right_answers_are_right_and_silence_is_wrong(place: Path) -> None:
    suite = AceBench(place)
    assert scores(suite, suite.scripted("oracle")) == dict.fromkeys(ENTRIES, 1.0)
    assert scores(suite, suite.scripted("empty")) == dict.fromkeys(ENTRIES, 0.0)


def test_other_calls_are_wrong(place: Path) -> None:
    suite = AceBench(place, ["normal_multi_turn_user_adjust"])
    said = write("", [ToolCall("weather", {"city": "Oslo"})])
    assert scores(suite, Scripts("x", lambda _: said)) == {"normal_multi_turn_user_adjust": 0.0}


def test_turns_of_one_conversation_are_a_cluster(place: Path) -> None:
    clusters = {item.id: item.cluster for item in AceBench(place).items()}
    assert clusters["normal_multi_turn_user_adjust_0_1"] == "normal_multi_turn_user_adjust_0"
    assert clusters["special_irrelevant_0"] == "special_irrelevant_0"


@pytest.mark.parametrize("categories", [["agent_multi_turn"], ["weather"]])
def test_categories_that_are_not_played_are_refused(place: Path, categories: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"not played here|no category"):
        AceBench(place, categories)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a checkout of ACEBench"):
        AceBench(tmp_path)
    with pytest.raises(ConfigError, match=r"--place acebench=DIR"):
        AceBench(None)
