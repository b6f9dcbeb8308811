"""Chat templates of our own: ChatML, prefix-preserving, with generation markers, calls as `<tool_call>` blocks of JSON.

`hermes` shows tools as whole JSON schemas; `compact` as one-line signatures, for models too small to read schemas.
`rollouts.formats` reads what a model writes under either.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from envfactory.errors import ConfigError

NAMES = ("hermes", "compact")
TURN_START, TURN_END, PADDING = "<|im_start|>", "<|im_end|>", "<|endoftext|>"


def template_text(name: str) -> str:
    """Return the Jinja text of a template: one of ours by name, or a file. Raise ConfigError where there is none."""
    if name in NAMES:
        text = files(__name__).joinpath(f"{name}.jinja").read_text(encoding="utf-8")
        return text.removesuffix("\n")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(("auto", "own", *NAMES))
        raise ConfigError(f"there is no chat template {name}", remedy=f"use one of {known}, or a file") from error


def set_template(tokenizer: Any, wanted: str = "auto") -> None:
    """Give a tokenizer the chat template that is wanted.

    `own` keeps the model's, `auto` keeps it where it shows tools and can be trained on, and takes `hermes` otherwise.
    """
    if wanted == "own":
        if not tokenizer.chat_template:
            raise ConfigError("the model has no chat template of its own", remedy="set model.template to hermes")
        return
    if wanted == "auto":
        if _trainable(tokenizer):
            return
        wanted = "hermes"
    tokenizer.chat_template = template_text(wanted)


def ours(tokenizer: Any) -> bool:
    """Say whether a tokenizer has one of our templates."""
    return tokenizer.chat_template in {template_text(name) for name in NAMES}


def _trainable(tokenizer: Any) -> bool:
    """Whether the template shows tools, and is marked for training or known to TRL with a marked twin."""
    if not tokenizer.chat_template:
        return False
    if ours(tokenizer):
        return True
    from trl.chat_template_utils import get_training_chat_template, supports_tool_calling

    try:
        get_training_chat_template(tokenizer)
    except ValueError:
        return False
    return bool(supports_tool_calling(tokenizer))
