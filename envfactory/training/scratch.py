"""Models made new with random weights: so small that every path of training can be walked in seconds.

The tokenizer is a byte-level BPE trained on words of our own, so that any text can be written with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envfactory.training.templates import PADDING, TURN_END, TURN_START, set_template

_WORDS = (
    "You are the assistant that people talk to about rail. It is 12:15 UTC on Tuesday 21 September 2027.",
    "Find out with the tools what you need, and ask the person for what no tool can tell you.",
    "Could you book the cheapest room for two nights? Please cancel it. Thanks! What is its status?",
    "I've booked it. That's €34.90. I'm afraid I couldn't do that: it is no longer free.",
    '<tool_call>\n{"name": "find_booking", "arguments": {"booking_id": "bk_01", "count": 2}}\n</tool_call>',
    '{"error":{"code":"NOT_FOUND","message":"There is no such booking."}}',
    '{"bookings":[{"booking_id":"bk_01","status":"confirmed","total_cents":5900,"day":"2027-09-21"}]}',
    "find_booking(booking_id: str, day?: date, count?: int) - Find a booking by its number",
    "Tools: system user assistant tool list get search create update cancel name id date city price",
)


@dataclass(frozen=True)
class Size:
    """How large a model is."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    vocabulary: int = 800
    context: int = 8192


SIZES = {"tiny": Size(), "mini": Size(width=192, layers=4, vocabulary=2000)}


def make(folder: Path, size: Size, template: str = "compact", words: Iterable[str] = _WORDS, seed: int = 0) -> None:
    """Write a new model and its tokenizer into `folder`; the same for the same arguments."""
    tokenizer = make_tokenizer(size, template, words)
    make_model(tokenizer, size, seed).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_tokenizer(size: Size, template: str = "compact", words: Iterable[str] = _WORDS) -> Any:
    """Return a byte-level BPE tokenizer trained on `words`, with one of our templates."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size.vocabulary,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[PADDING, TURN_START, TURN_END],
        show_progress=False,
    )
    core.train_from_iterator(list(words), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=TURN_END, pad_token=PADDING, padding_side="left"
    )
    set_template(tokenizer, template)
    return tokenizer


def make_model(tokenizer: Any, size: Size, seed: int = 0) -> Any:
    """Return a Llama with random weights for a tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    settings = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.width,
        intermediate_size=2 * size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads // 2,
        max_position_embeddings=size.context,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(settings)
