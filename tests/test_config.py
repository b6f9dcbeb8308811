"""Configuration: file, environment, command line, in that order; typos are refused by name."""

from __future__ import annotations

import json
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


ENDPOINT = """
[models.default]
model = "openai:small"
base_url = "http://h/v1"
max_concurrency = 9
temperature = 0.7
input_price = 1.0
output_price = 2.0
"""


@pytest.mark.parametrize(
    ("role", "kept"),
    [
        ("temperature = 0.1", ("openai:small", "http://h/v1", 9, 0.1, 1.0)),
        ('model = "openai:large"', ("openai:large", "http://h/v1", 9, None, None)),
        ('model = "openai:large"\nbase_url = "http://other/v1"', ("openai:large", "http://other/v1", 4, None, None)),
        ('model = "anthropic:claude"', ("anthropic:claude", None, 4, None, None)),
        ('model = "rules"', ("rules", None, 4, None, None)),
    ],
    ids=["sampling", "another model", "another server", "another provider", "rules"],
)
def test_a_role_takes_from_the_default_what_fits(tmp_path: Path, role: str, kept: tuple[object, ...]) -> None:
    path = tmp_path / "models.toml"
    path.write_text(f"{ENDPOINT}[models.coder]\n{role}\n")
    models = load(path).models
    for coder in (models.of("coder"), models.resolved().of("coder")):
        assert (coder.model, coder.base_url, coder.max_concurrency, coder.temperature, coder.input_price) == kept


def test_the_command_line_names_another_model_of_the_same_endpoint(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(ENDPOINT)
    coder = load(path, {"models": {"coder": {"model": "openai:large"}}}).models.of("coder")
    assert (coder.model, coder.base_url, coder.input_price) == ("openai:large", "http://h/v1", None)


@pytest.mark.parametrize(
    ("model", "method"),
    [("openai:x", "json_schema"), ("anthropic:x", "function_calling"), ("google_genai:x", "function_calling")],
)
def test_a_provider_has_its_way_to_products(model: str, method: str) -> None:
    assert load(None, {"models": {"default": {"model": model}}}).models.of("coder").method == method


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    folder = tmp_path / "exchanges"
    folder.mkdir()
    told = {"coder": {"model": "openai:small", "temperature": 0.2}, "tester": {"model": "openai:large"}}
    (folder / "models.json").write_text(json.dumps(told))
    return folder


def test_replaying_takes_the_models_of_the_recording(recording: Path) -> None:
    config = load(None, {"recording": {"mode": "replay", "folder": recording}})
    assert (config.models.of("coder").model, config.models.of("coder").temperature) == ("openai:small", 0.2)
    assert (config.models.of("tester").model, config.models.of("reviser").model) == ("openai:large", "rules")


@pytest.mark.parametrize(
    ("models", "answered"),
    [
        ({"default": {"model": "replay:{}"}}, {"coder": "openai:small", "tester": "openai:large", "solver": "rules"}),
        ({"coder": {"model": "replay:{}"}}, {"coder": "openai:small", "tester": "rules"}),
        (
            {"default": {"model": "replay:{}"}, "coder": {"model": "rules"}},
            {"coder": "rules", "tester": "openai:large"},
        ),
    ],
    ids=["all", "one", "all but one"],
)
def test_a_role_may_be_replayed(recording: Path, models: dict[str, dict[str, str]], answered: dict[str, str]) -> None:
    table = {role: {"model": own["model"].format(recording)} for role, own in models.items()}
    config = load(None, {"models": table}).models
    assert {role: config.of(role).model for role in answered} == answered
    assert {config.of(role).replay for role, model in answered.items() if model != "rules"} == {recording}


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"models": {"default": {"model": "replay:nowhere"}}}, "holds no recording"),
        ({"recording": {"mode": "auto"}}, "needs a folder"),
        ({"recording": {"mode": "often"}}, "recording.mode"),
        ({"budget": {"max_cost": -1}}, "budget.max_cost"),
        ({"models": {"coder": {"structured_output": "xml"}}}, "models.coder.structured_output"),
    ],
)
def test_mistakes_with_models_are_named(overrides: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(None, overrides)
