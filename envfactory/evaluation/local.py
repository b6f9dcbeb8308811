"""A local Hugging Face model as a policy: prompts by its chat template, answered in batches of like length.

Greedy, or sampled: every message has a random stream of its own, seeded by what was asked, so that a result depends
neither on the batch a message falls into nor on what was played before. (Rounding may: a batch's padding can turn a tie.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList

from envfactory.rollouts.policy import Asked, Reply, written
from envfactory.training.models import Dtype, load
from envfactory.training.rollout_tokens import Encoder

_NO_ROOM = Reply(truncated=True)


@dataclass(frozen=True)
class LocalOptions:
    """How a local model is asked. `batch_tokens` bounds a batch's prompts, padding included.

    `options` are handed to the chat template (`enable_thinking` and the like).
    """

    dtype: Dtype = "float32"
    template: str = "auto"
    temperature: float = 0.0
    seed: int = 0
    most_tokens: int = 512
    batch: int = 16
    batch_tokens: int = 16_384
    device: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)


class LocalModel:
    """A policy. Raise ConfigError where the model cannot be had, UserError without the train extra."""

    def __init__(self, source: str, options: LocalOptions | None = None) -> None:
        self.name = source
        self._asking = options or LocalOptions()
        loaded = load(source, self._asking.dtype, self._asking.template)
        self._tokenizer = loaded.tokenizer
        self._device = _device(self._asking.device)
        self._model = loaded.model.to(self._device).eval()
        self._encoder = Encoder(loaded.tokenizer, self._asking.options)
        self._window = int(getattr(loaded.model.config, "max_position_embeddings", 0)) or 1 << 30

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return the next message of each conversation; one that no longer fits the model is cut."""
        prompts = [self._encoder.prompt(each.messages, each.tools) for each in asked]
        replies = [_NO_ROOM] * len(asked)
        for places in self._batches(prompts, asked):
            made = self._generate([prompts[at] for at in places], [asked[at] for at in places])
            for at, reply in zip(places, made, strict=True):
                replies[at] = reply
        return replies

    def _batches(self, prompts: Sequence[Sequence[int]], asked: Sequence[Asked]) -> Iterator[list[int]]:
        """Yield the places of prompts that are answered together: of like length and with room for an answer."""
        places = [at for at, prompt in enumerate(prompts) if self._room(prompt, asked[at]) > 0]
        places.sort(key=lambda at: (len(prompts[at]), at))
        batch: list[int] = []
        for at in places:
            longest = len(prompts[at])
            if batch and (len(batch) == self._asking.batch or longest * (len(batch) + 1) > self._asking.batch_tokens):
                yield batch
                batch = []
            batch.append(at)
        if batch:
            yield batch

    def _room(self, prompt: Sequence[int], asked: Asked) -> int:
        limits = [self._asking.most_tokens, self._window - len(prompt)]
        return min(limits if asked.most_tokens is None else [*limits, asked.most_tokens])

    def _generate(self, prompts: Sequence[Sequence[int]], asked: Sequence[Asked]) -> list[Reply]:
        length = max(map(len, prompts))
        pad = self._tokenizer.pad_token_id
        rows = [[pad] * (length - len(prompt)) + list(prompt) for prompt in prompts]
        seen = [[0] * (length - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        rooms = [self._room(prompt, each) for prompt, each in zip(prompts, asked, strict=True)]
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(rows, device=self._device),
                attention_mask=torch.tensor(seen, device=self._device),
                max_new_tokens=min(max(rooms), self._window - length),
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                eos_token_id=self._encoder.end,
                pad_token_id=pad,
                logits_processor=self._sampling(asked),
            )
        return [
            self._reply(row[length:].tolist(), room, len(prompt))
            for row, room, prompt in zip(output, rooms, prompts, strict=True)
        ]

    def _reply(self, tokens: list[int], room: int, prompt: int) -> Reply:
        end = self._encoder.end
        whole = tokens[: tokens.index(end) + 1] if end in tokens else tokens
        kept = whole[:room]
        return written(self._encoder.text(kept), truncated=end not in kept, prompt_tokens=prompt, tokens=len(kept))

    def _sampling(self, asked: Sequence[Asked]) -> LogitsProcessorList:
        if not self._asking.temperature:
            return LogitsProcessorList()
        seeds = [_number(f"{self._asking.seed}/{each.seed}") for each in asked]
        return LogitsProcessorList([Gumbel(self._asking.temperature, seeds)])


class Gumbel(LogitsProcessor):
    """Adds Gumbel noise of each row's own stream, so that the greatest score is a sample of the softmax."""

    def __init__(self, temperature: float, seeds: Sequence[int]) -> None:
        self._temperature = temperature
        self._streams = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores whose arg max is drawn."""
        drawn = torch.stack([torch.rand(scores.shape[-1], generator=each) for each in self._streams])
        noise = -torch.log(-torch.log(drawn.clamp(1e-20, 1 - 1e-7)))
        return scores.float() / self._temperature + noise.to(scores.device)


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7], "big")


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"
