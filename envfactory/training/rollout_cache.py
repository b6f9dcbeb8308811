"""Generation that remembers: keys and values of a rollout's tokens are kept from one message to the next.

A rollout is continued many times, each time by a message and by what came of it. Read anew each time, its prompt is paid
for as often as it has messages; remembered, every token is read once, and a prompt that a group shares once for the group.

Rows stand side by side in one cache of a common width; what a row has no token for is masked. Right for models whose layers
all attend to everything (`can_remember`); others are generated for without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from envfactory.training.ranksafe import Tokens


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn, at most `most` of them, up to the first of `ends`. `pad` stands where a row has none."""

    most: int
    ends: frozenset[int]
    pad: int
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0

    def draw(self, logits: Any) -> Any:
        """Return one token for each row."""
        scores = logits.float()
        if self.temperature != 1.0:
            scores = TemperatureLogitsWarper(self.temperature)(None, scores)
        if self.top_k > 0:
            scores = TopKLogitsWarper(self.top_k)(None, scores)
        if self.top_p < 1.0:
            scores = TopPLogitsWarper(self.top_p)(None, scores)
        return torch.multinomial(torch.softmax(scores, -1), 1)[:, 0]


def can_remember(config: Any) -> bool:
    """Tell whether all layers of a model attend to all tokens before."""
    layers = getattr(config, "layer_types", None) or ["full_attention"]
    windowed = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    return set(layers) == {"full_attention"} and not windowed


class Memory:
    """The cache, and for each of its rows the tokens that it holds and which places of it are theirs."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._cache: Any = None
        self._mask: Any = None
        self._held: list[Tokens] = []

    def forget(self) -> None:
        """Let the cache go."""
        self._cache, self._mask, self._held = None, None, []

    def sample(self, model: Any, rows: Sequence[Tokens]) -> list[Tokens]:
        """Continue rows, each by a message."""
        logits = self._read(model, rows)
        made: list[Tokens] = [[] for _ in rows]
        speaking = torch.ones(len(rows), dtype=torch.bool, device=logits.device)
        for _ in range(self._sampling.most):
            drawn = self._sampling.draw(logits)
            for place in speaking.nonzero()[:, 0].tolist():
                made[place].append(int(drawn[place]))
                speaking[place] = made[place][-1] not in self._sampling.ends
            if not speaking.any() or len(max(made, key=len)) == self._sampling.most:
                break
            logits = self._feed(model, drawn, speaking)
        return made

    def _read(self, model: Any, rows: Sequence[Tokens]) -> Any:
        """Read what of the rows is not held yet, like rows once; return what follows each of them."""
        sources = self._sources(rows)
        if all(source is None for source in sources):
            self.forget()
        known = [[] if source is None else self._held[source] for source in sources]
        asked = [(source, tuple(row[len(held) :])) for source, row, held in zip(sources, rows, known, strict=True)]
        distinct = list(dict.fromkeys(asked))
        self._select(model, [source for source, _ in distinct])
        firsts = [asked.index(each) for each in distinct]
        logits = self._forward(model, [list(new) for _, new in distinct], [len(known[first]) for first in firsts])
        places = [distinct.index(each) for each in asked]
        if len(distinct) < len(asked):
            chosen = torch.tensor(places, device=logits.device)
            self._cache.batch_select_indices(chosen)
            self._mask, logits = self._mask[chosen], logits[chosen]
        self._held = [list(row) for row in rows]
        return logits

    def _sources(self, rows: Sequence[Tokens]) -> list[int | None]:
        """Return for each row the held one that it continues; rows keep their order, so each is looked for once."""
        found: list[int | None] = []
        begin = 0
        for row in rows:
            fitting = (at for at in range(begin, len(self._held)) if row[: len(self._held[at])] == self._held[at])
            at = next(fitting, None)
            found.append(at)
            begin = begin if at is None else at + 1
        return found

    def _select(self, model: Any, sources: Sequence[int | None]) -> None:
        """Keep of the cache the rows that go on. A new row takes any place, and sees nothing of what is there."""
        if self._cache is None:
            self._cache = DynamicCache()
            self._mask = torch.zeros(len(sources), 0, dtype=torch.long, device=model.device)
            return
        chosen = torch.tensor([source or 0 for source in sources], device=self._mask.device)
        self._cache.batch_select_indices(chosen)
        fresh = torch.tensor([source is None for source in sources], device=self._mask.device)
        self._mask = self._mask[chosen].masked_fill(fresh[:, None], 0)

    def _forward(self, model: Any, new: Sequence[Tokens], held: Sequence[int]) -> Any:
        """Read new tokens of each row behind those that are held, short ones padded to the left."""
        width = max(map(len, new))
        pads = [width - len(tokens) for tokens in new]
        ids = [[self._sampling.pad] * pad + tokens for pad, tokens in zip(pads, new, strict=True)]
        positions = [[max(0, count - pad + at) for at in range(width)] for count, pad in zip(held, pads, strict=True)]
        shown = [[0] * pad + [1] * (width - pad) for pad in pads]
        device = self._mask.device
        self._mask = torch.cat([self._mask, torch.tensor(shown, device=device)], 1)
        told = model(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=self._mask,
            position_ids=torch.tensor(positions, device=device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return told.logits[:, -1]

    def _feed(self, model: Any, drawn: Any, speaking: Any) -> Any:
        """Read one token more of those rows that still speak."""
        tokens = torch.where(speaking, drawn, torch.full_like(drawn, self._sampling.pad))
        positions = torch.tensor([[len(held)] for held in self._held], device=drawn.device)
        self._mask = torch.cat([self._mask, speaking[:, None].long()], 1)
        for place in speaking.nonzero()[:, 0].tolist():
            self._held[place].append(int(drawn[place]))
        told = model(
            input_ids=tokens[:, None],
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return told.logits[:, -1]
