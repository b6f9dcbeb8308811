"""Generation that every training process asks for equally often, and for equally many rows.

Rollouts take unequal numbers of messages. Left to itself each process would generate as often as its own rollouts
need, and that breaks in two ways: under ZeRO-3 (and FSDP) each generation gathers the weights from all processes, so a
process too few is a mismatch or a hang; and a vLLM server is asked by one process for all, which then cuts its share
at `rank * rows`, so unequal numbers hand a process the completions of another, silently.

So before each round the processes agree on the largest number of rows any of them has; those with fewer send spare
rows, whose completions are thrown away, until nobody has any left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Tokens = list[int]


class Sampled(NamedTuple):
    """What was sampled for each row, and the log-probabilities where the sampler tells them."""

    tokens: list[Tokens]
    logprobs: list[list[float]] | None = None


Sample = Callable[[list[Tokens]], Sampled]
Most = Callable[[int], int]


class Together:
    """Rounds of generation in step with the other processes.

    `sample` generates for some rows in this process; `most` returns the largest of the numbers that all processes give
    (each must call it as often). `spare` continues a row that any process has, and `at_once` splits large rounds.
    """

    def __init__(self, sample: Sample, most: Most, spare: Tokens, at_once: int | None = None) -> None:
        self._sample = sample
        self._most = most
        self._spare = spare
        self._at_once = at_once

    def round(self, rows: Sequence[Tokens]) -> Sampled | None:
        """Return what was sampled for `rows` (which may be none); None when no process has any row left."""
        count = self._most(len(rows))
        if count == 0:
            return None
        padded = [*rows, *[self._spare] * (count - len(rows))]
        size = self._at_once or count
        parts = [self._sample(padded[begin : begin + size]) for begin in range(0, count, size)]
        tokens = [each for part in parts for each in part.tokens]
        logprobs = None
        if all(part.logprobs is not None for part in parts):
            logprobs = [each for part in parts for each in part.logprobs or []][: len(rows)]
        return Sampled(tokens[: len(rows)], logprobs)


def most_over_processes(accelerator: Any) -> Most:
    """Return how processes of an accelerator agree on the largest of their numbers; alone, a number is the largest."""
    if accelerator.num_processes == 1:
        return lambda number: number

    def most(number: int) -> int:
        import torch

        told = accelerator.gather(torch.tensor([number], device=accelerator.device))
        return int(told.max().item())

    return most
