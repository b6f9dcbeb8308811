"""Generation that remembers writes what generation that reads everything anew writes."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from envfactory.training.models import Loaded
from envfactory.training.ranksafe import Tokens
from envfactory.training.rollout_cache import Memory, Sampling, can_remember
from tests.training.tiny import tiny

MOST = 9


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return tiny(seed=3)


@pytest.fixture
def surest(loaded: Loaded) -> Sampling:
    """Draws the likeliest token always, so that both ways must come to the same; some tokens end a message."""
    ends = frozenset(range(0, len(loaded.tokenizer), 11))
    return Sampling(most=MOST, ends=ends, pad=loaded.tokenizer.pad_token_id, top_k=1)


def anew(loaded: Loaded, row: Tokens, sampling: Sampling) -> Tokens:
    """The likeliest continuation of a row, read from its beginning for each token."""
    made: Tokens = []
    while len(made) < sampling.most and not (made and made[-1] in sampling.ends):
        with torch.no_grad():
            logits = loaded.model(torch.tensor([row + made])).logits[0, -1]
        made.append(int(logits.argmax()))
    return made


def words(loaded: Loaded, count: int, rng: Random) -> Tokens:
    return [rng.randrange(5, len(loaded.tokenizer)) for _ in range(count)]


def test_rows_that_go_on_are_continued_as_if_read_anew(loaded: Loaded, surest: Sampling) -> None:
    rng, memory = Random("rows"), Memory(surest)
    prompt = words(loaded, 30, rng)
    rows = [prompt, prompt, words(loaded, 12, rng), prompt]  # a group shares its prompt
    for _ in range(4):
        with torch.no_grad():
            made = memory.sample(loaded.model, rows)
        assert made == [anew(loaded, row, surest) for row in rows]
        rows = [row + new + words(loaded, rng.randrange(1, 20), rng) for row, new in zip(rows, made, strict=True)]
        rows = rows[1:] if len(rows) > 2 else rows  # and one after another ends


def test_rows_that_are_new_see_nothing_of_the_others(loaded: Loaded, surest: Sampling) -> None:
    rng, memory = Random("new"), Memory(surest)
    first, spare = words(loaded, 20, rng), words(loaded, 7, rng)
    with torch.no_grad():
        (made,) = memory.sample(loaded.model, [first])
        going_on = first + made + words(loaded, 3, rng)
        together = memory.sample(loaded.model, [going_on, spare, spare])
    assert together == [anew(loaded, row, surest) for row in (going_on, spare, spare)]


def test_every_token_is_read_once_and_a_shared_prompt_once_for_all(loaded: Loaded, surest: Sampling) -> None:
    read: list[int] = []

    class Counting:
        device = loaded.model.device

        def __call__(self, input_ids: Any, **more: Any) -> Any:
            read.append(input_ids.numel())
            return loaded.model(input_ids=input_ids, **more)

    memory, prompt = Memory(surest), words(loaded, 50, Random("once"))
    with torch.no_grad():
        made = memory.sample(Counting(), [prompt] * 8)
    assert read[0] == 50
    read.clear()
    with torch.no_grad():
        memory.sample(Counting(), [prompt + new + [7, 8] for new in made])
    assert read[0] <= 8 * 3  # the last token of the message, and what followed it


def test_tokens_are_drawn_by_their_chances() -> None:
    torch.manual_seed(0)
    logits = torch.log(torch.tensor([[0.7, 0.2, 0.1]])).repeat(4000, 1)
    plain = Sampling(1, frozenset(), 0).draw(logits).bincount(minlength=3) / 4000
    assert plain.tolist() == pytest.approx([0.7, 0.2, 0.1], abs=0.03)
    assert set(Sampling(1, frozenset(), 0, top_k=2).draw(logits).tolist()) == {0, 1}
    assert set(Sampling(1, frozenset(), 0, top_p=0.6).draw(logits).tolist()) == {0}
    cold = Sampling(1, frozenset(), 0, temperature=0.5).draw(logits).bincount(minlength=3) / 4000
    assert cold[0].item() == pytest.approx(0.49 / 0.54, abs=0.03)  # chances squared, and made whole again


@pytest.mark.parametrize(
    ("config", "answer"),
    [
        ({}, True),
        ({"layer_types": ["full_attention"] * 2}, True),
        ({"layer_types": ["full_attention", "sliding_attention"]}, False),
        ({"layer_types": ["linear_attention"]}, False),
        ({"sliding_window": 4096}, False),
        ({"sliding_window": 4096, "use_sliding_window": False}, True),
    ],
)
def test_only_models_that_attend_to_everything_are_remembered_for(config: dict[str, Any], answer: bool) -> None:
    assert can_remember(SimpleNamespace(**config)) is answer
