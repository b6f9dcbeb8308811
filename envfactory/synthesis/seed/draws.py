"""Random streams that depend only on the seed and on what they are for, never on the order in which they are used."""

from __future__ import annotations

import hashlib
import random

_BENCH, _PLAYER = "generated", "played"


def stream(seed: int, *purpose: object) -> random.Random:
    """Return the stream of one purpose, the same in every process."""
    return random.Random(number(seed, *purpose))


def number(seed: int, *purpose: object) -> int:
    """Return 64 bits that depend on nothing but the arguments."""
    text = "/".join(map(str, (seed, *purpose)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def bench_seed(seed: int) -> int:
    """The seed of ids and functions while tables are generated, unlike that of any episode."""
    return number(seed, _BENCH) >> 1


def player_seed(seed: int) -> int:
    """The seed of ids while tools are played, unlike that of any episode and of generated rows."""
    return number(seed, _PLAYER) >> 1
