"""A local model as a policy, on the tiny model: batches, limits, seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from envfactory.evaluation.local import LocalModel, LocalOptions
from envfactory.rollouts.policy import Asked
from tests.training.tiny import tiny_folder

TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "Look.", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


def asked(text: str, **more: object) -> Asked:
    return Asked([{"role": "user", "content": text}], [TOOL], text, **more)  # type: ignore[arg-type]


MANY = [asked("Where?"), asked("When does the first train leave for the coast, and what is its number?"), asked("Hm.")]


def test_every_conversation_is_answered_in_its_place_whatever_the_batch(folder: Path) -> None:
    alone = LocalModel(str(folder), LocalOptions(most_tokens=6, batch=1)).replies(MANY)
    together = LocalModel(str(folder), LocalOptions(most_tokens=6, batch=3)).replies(MANY)
    assert [each.content for each in alone] == [each.content for each in together]
    assert [each.prompt_tokens for each in alone] == [each.prompt_tokens for each in together]
    assert alone[1].prompt_tokens > alone[0].prompt_tokens > 0


def test_sampling_depends_on_what_is_asked_and_on_the_seed_alone(folder: Path) -> None:
    def said(seed: int, batch: int) -> list[str]:
        options = LocalOptions(temperature=1.0, seed=seed, batch=batch, most_tokens=8)
        return [each.content for each in LocalModel(str(folder), options).replies(MANY)]

    assert said(0, 1) == said(0, 3)
    assert said(0, 3) != said(1, 3)


def test_another_attempt_draws_anew(folder: Path) -> None:
    model = LocalModel(str(folder), LocalOptions(temperature=1.0, most_tokens=8))
    first, second = model.replies([asked("Where?", attempt=0), asked("Where?", attempt=1)])
    assert first.content != second.content


def test_a_message_is_cut_where_it_may_be_no_longer(folder: Path) -> None:
    model = LocalModel(str(folder), LocalOptions(most_tokens=6))
    long, short = model.replies([asked("Where?"), asked("Where?", most_tokens=2)])
    assert (long.tokens, short.tokens) == (6, 2)  # the tiny model never ends by itself so soon
    assert long.truncated
    assert short.truncated


def test_a_conversation_that_no_longer_fits_is_cut(folder: Path) -> None:
    model = LocalModel(str(folder), LocalOptions(most_tokens=4))
    fits, does_not = model.replies([asked("Where?"), asked("where " * 5000)])
    assert (fits.tokens, does_not.tokens) == (4, 0)
    assert does_not.truncated
