"""Token in, token out: what was sampled is fed back and trained on as it was sampled, all else is masked."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.errors import ConfigError
from envfactory.rollouts.episode import Budget, TaskEpisode
from envfactory.rollouts.formats import ToolCall, write
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from envfactory.training.rollout_tokens import Encoder, Limits, TokenEpisode
from tests.tasks.written import PORTO_ANSWERS, SEARCH
from tests.training.tiny import tiny

SEARCHING = write("", [ToolCall("search_boats", SEARCH)])
WIDE = Limits(message=500, completion=8000, context=20_000)


@pytest.fixture(scope="module", params=["compact", "hermes"])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return tiny(request.param).tokenizer


def began(task: Task, scope: Scope, tokenizer: Any, limits: Limits = WIDE) -> TokenEpisode:
    episode = TaskEpisode(task, scope, budget=Budget(10, 9))
    return TokenEpisode(episode, Encoder(tokenizer), limits)


def said(tokenizer: Any, text: str) -> list[int]:
    """A message as a model samples it: its tokens, and the end of the turn."""
    return [*tokenizer(text)["input_ids"], tokenizer.eos_token_id]


def spoken(episode: TokenEpisode, kind: int) -> list[int]:
    return [token for token, mask in zip(episode.completion, episode.mask, strict=True) if mask == kind]


def test_the_context_is_what_the_template_makes_of_the_conversation(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer)
    for text in (SEARCHING, PORTO_ANSWERS[0]):
        tokens.take(said(tokenizer, text))
    whole = tokenizer.apply_chat_template(
        tokens.episode.messages, tools=tokens.episode.tools, tokenize=False, add_generation_prompt=True
    )
    assert tokenizer.decode(tokens.context) == whole


def test_only_what_the_model_wrote_is_trained_on(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer)
    for text in (SEARCHING, *PORTO_ANSWERS):
        tokens.take(said(tokenizer, text))
    trained = tokenizer.decode(spoken(tokens, 1)).split(tokenizer.eos_token)
    masked = tokenizer.decode(spoken(tokens, 0))
    assert trained == [SEARCHING, *PORTO_ANSWERS, ""]
    assert ("Sardinha" in masked, porto.turns[1].text in masked, porto.turns[2].text in masked) == (True, True, True)


def test_sampled_tokens_are_never_tokenised_again(porto: Task, scope: Scope, tokenizer: Any) -> None:
    letters = [token for letter in SEARCHING for token in tokenizer(letter)["input_ids"]]
    assert letters != tokenizer(SEARCHING)["input_ids"]  # the same text in other tokens
    tokens = began(porto, scope, tokenizer)
    tokens.take([*letters, tokenizer.eos_token_id])
    tokens.take(said(tokenizer, "Sardinha."))
    assert tokens.completion[: len(letters)] == letters
    assert [call.tool for call in tokens.episode.rollout().calls] == ["search_boats"]


def test_what_stands_behind_the_end_of_a_message_is_not_taken(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer)
    tokens.take(said(tokenizer, "Sardinha.") + said(tokenizer, "And more."))
    assert tokenizer.decode(spoken(tokens, 1)) == f"Sardinha.{tokenizer.eos_token}"


def test_a_message_without_its_end_is_cut_and_the_end_of_it_all(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer, Limits(message=5, completion=100, context=20_000))
    tokens.take(said(tokenizer, SEARCHING))
    assert (tokens.over, tokens.episode.ended, tokens.mask) == (True, "cut", [1] * 5)


def test_a_result_that_does_not_fit_ends_it_where_the_model_ended(porto: Task, scope: Scope, tokenizer: Any) -> None:
    sampled = said(tokenizer, SEARCHING)
    limits = Limits(message=500, completion=len(sampled) + 20, context=20_000)
    tokens = began(porto, scope, tokenizer, limits)
    tokens.take(sampled)
    assert (tokens.episode.ended, tokens.completion) == ("tokens", sampled)
    assert tokens.episode.rollout().status == "truncated"


def test_a_prompt_that_leaves_no_room_is_over_before_it_begins(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer, Limits(message=5, completion=100, context=50))
    assert (tokens.over, tokens.episode.ended, tokens.completion) == (True, "tokens", [])


def test_log_probabilities_stand_where_they_were_told(porto: Task, scope: Scope, tokenizer: Any) -> None:
    tokens = began(porto, scope, tokenizer)
    sampled = said(tokenizer, "Sardinha.")
    tokens.take(sampled, [-0.5] * len(sampled))
    assert tokens.logprobs[: len(sampled)] == [-0.5] * len(sampled)
    assert set(tokens.logprobs[len(sampled) :]) == {0.0}
    assert len(tokens.logprobs) == len(tokens.completion)


def test_calls_are_written_as_the_templates_write_them(tokenizer: Any) -> None:
    function = {"name": "book", "arguments": {"people": 2, "name": "Zoë"}}
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "Yes.", "tool_calls": [{"type": "function", "function": function}]},
    ]
    rendered = tokenizer.apply_chat_template(messages, tokenize=False)
    written = write("Yes.", [ToolCall("book", function["arguments"])])
    assert f"assistant\n{written}{tokenizer.eos_token}" in rendered


def test_a_template_that_ends_messages_otherwise_is_refused(tokenizer: Any) -> None:
    class Odd:
        eos_token, eos_token_id = "</s>", 2

        def apply_chat_template(self, *arguments: Any, **options: Any) -> str:
            return str(tokenizer.apply_chat_template(*arguments, **options))

    with pytest.raises(ConfigError, match="does not end the assistant's messages"):
        Encoder(Odd()).following([{"role": "user", "content": "Well?"}])
