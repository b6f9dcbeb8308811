"""A model of two random layers, made in a second, that every training test can train: never wise, always quick."""

from __future__ import annotations

from pathlib import Path

from envfactory.training.models import Loaded
from envfactory.training.scratch import SIZES, make, make_model, make_tokenizer


def tiny(template: str = "compact", seed: int = 0) -> Loaded:
    """Return the tiny model and its tokenizer."""
    tokenizer = make_tokenizer(SIZES["tiny"], template)
    return Loaded(make_model(tokenizer, SIZES["tiny"], seed), tokenizer)


def tiny_folder(folder: Path, template: str = "compact", seed: int = 0) -> Path:
    """Write the tiny model into `folder`, from where training and evaluation load it."""
    make(folder, SIZES["tiny"], template, seed=seed)
    return folder
