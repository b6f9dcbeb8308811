"""Configuration: file, environment, command line, in that order; typos are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.config import load
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
