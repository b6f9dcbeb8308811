"""Configuration: file, environment, command line, in that order; typos are refused by name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from envfactory.agents.controls import check_controls, defaults_of
from envfactory.config import TasksConfig, load, restored
from envfactory.errors import ConfigError

TOML = """
[run]
seed = 3
concurrency = 1

[models.default]
model = "openai:qwen3"
base_url = "http://127.0.0.1:8000/v1"

[models.coder]
model = "rules"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TOML)
    return path


def test_defaults_need_no_file() -> None:
    config = load(None)
    assert config.models.of("coder").model == "rules"
    assert config.run.seed == 0


def test_roles_fall_back_on_the_default(file: Path) -> None:
    models = load(file).models
    assert (models.of("tester").model, models.of("coder").model) == ("openai:qwen3", "rules")


def test_the_environment_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFACTORY_RUN__SEED", "7")
    monkeypatch.setenv("ENVFACTORY_MODELS__CODER__MODEL", "openai:other")
    config = load(file)
    assert (config.run.seed, config.run.concurrency) == (7, 1)
    assert config.models.of("coder").model == "openai:other"


def test_the_command_line_beats_both(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFACTORY_RUN__SEED", "7")
    config = load(file, {"run": {"seed": 9, "out": None}, "models": {"coder": {"model": "openai:third"}}})
    assert (config.run.seed, config.run.out) == (9, Path("library"))
    assert config.models.of("coder").model == "openai:third"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[run]\nsed = 1", "unknown key run.sed"),
        ("[models.codr]\nmodel = 'rules'", "unknown key models.codr"),
        ("[run]\nseed = 'x'", "run.seed"),
        ("[models.default]\nmodel = 'gpt'", "not a backend"),
        ("[models]\ncoder = 'rules'", "models.coder must be a table"),
        ("[run", "not TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says) as refused:
        load(path)
    assert refused.value.remedy


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.toml")


def test_a_mistake_is_told_where_it_was_made(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"command line: models\.default\.model"):
        load(file, {"models": {"default": {"model": "gpt"}}})
    monkeypatch.setenv("ENVFACTORY_RUN__COUNT", "0")
    with pytest.raises(ConfigError, match=r"environment variables: run\.count"):
        load(file)


def test_an_environment_variable_that_is_not_json_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFACTORY_RUN", "{bad")
    with pytest.raises(ConfigError, match="environment variables"):
        load(None)


def test_unset_options_leave_the_defaults() -> None:
    config = load(None, {"run": {"seed": None, "out": None}, "models": {}})
    assert (config.run.seed, config.run.out) == (0, Path("library"))


def test_a_restored_configuration_is_deaf_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFACTORY_RUN__SEED", "7")
    assert restored({"run": {"seed": 3}}).run.seed == 3


PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"


def test_the_page_shows_every_key_of_stage_two_with_its_default() -> None:
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)]
    shown = next(block["tasks"] for block in blocks if "tasks" in block)
    plain = {key: value for key, value in TasksConfig().model_dump(mode="json").items() if not isinstance(value, dict)}
    tables = {name: defaults_of(name) for name in ("splits", "sampling", "refinement", "export")}
    unset = {"seed": None, "calibration": {**shown["calibration"], "drop_unsolved": None}}
    assert {**shown, **unset} == {
        **plain,
        **tables,
        "calibration": TasksConfig().calibration.model_dump(),
    }


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"sampling": {"max_turn": 3}}, "unknown key tasks.sampling.max_turn"),
        ({"sampling": {"max_turns": 33}}, "tasks.sampling.max_turns"),
        ({"splits": {"held": 0.2}}, "unknown key tasks.splits.held"),
        ({"splits": {"heldout": 2}}, "shares"),
        ({"export": {"thinking": "loud"}}, "tasks.export.thinking"),
    ],
)
def test_mistakes_in_the_tables_of_packages_are_named(table: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        check_controls(load(None, {"tasks": table}).tasks)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tasks]\ncout = 3", "unknown key tasks.cout"),
        ("[tasks]\nformats = ['csv']", "tasks.formats"),
        ("[tasks.calibration]\ntries = 3", "unknown key tasks.calibration.tries"),
        ("[models.smapler]\nmodel = 'rules'", "unknown key models.smapler"),
    ],
)
def test_mistakes_in_stage_two_are_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says):
        load(path)
