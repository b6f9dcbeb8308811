"""A rollout as the tokens it is made of: what was sampled is fed back as it was sampled, and the rest is masked.

Text is made into tokens only where somebody else than the model speaks (the prompt, tool results, the person); a
message that the model wrote is never tokenised again, so what is trained on is what was sampled, token for token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envfactory.datasets.conversation import Message
from envfactory.errors import ConfigError
from envfactory.rollouts.episode import TaskEpisode
from envfactory.rollouts.formats import read
from envfactory.rollouts.policy import Reply

_HERE = "envfactory-the-words-of-the-assistant"


class Encoder:
    """Messages to tokens by a tokenizer's chat template, and tokens to text."""

    def __init__(self, tokenizer: Any, options: Mapping[str, Any] | None = None) -> None:
        self._tokenizer = tokenizer
        self._options = dict(options or {})
        self.end: int = tokenizer.eos_token_id

    def prompt(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> list[int]:
        """Return the tokens of a prompt, up to where the assistant is to speak."""
        return self._tokens(self._rendered(messages, tools))

    def following(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens between the end of the assistant's message and the next place where it is to speak.

        They are found by rendering an exchange whose assistant says something that is said nowhere else. Raise
        ConfigError where the template does not end a message with the tokenizer's end of text.
        """
        exchange = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _HERE}]
        rendered = self._rendered([*exchange, *messages])
        end = str(self._tokenizer.eos_token)
        _, found, rest = rendered.rpartition(f"{_HERE}{end}")
        if not found:
            raise ConfigError(
                f"the chat template does not end the assistant's messages with {end}",
                remedy="train with one of ours: model.template = 'hermes' or 'compact'",
            )
        return self._tokens(rest)

    def text(self, tokens: Sequence[int]) -> str:
        """Return what sampled tokens say, without the end of the message."""
        kept = tokens[:-1] if tokens and tokens[-1] == self.end else tokens
        return str(self._tokenizer.decode(kept, skip_special_tokens=False))

    def _rendered(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                list(messages), tools=list(tools) or None, tokenize=False, add_generation_prompt=True, **self._options
            )
        )

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


@dataclass(frozen=True)
class Limits:
    """Tokens that a message and a whole completion (tools and person included) may have, and prompt and completion."""

    message: int
    completion: int
    context: int


@dataclass
class TokenEpisode:
    """One attempt in tokens. `mask` is 1 where the model spoke; `logprobs` stand where the sampler told them, else 0."""

    episode: TaskEpisode
    encoder: Encoder
    limits: Limits
    prompt: list[int] = field(init=False)
    completion: list[int] = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prompt = self.encoder.prompt(self.episode.messages, self.episode.tools)
        if self._room() < 1:
            self.episode.out_of_tokens()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.episode.ended is not None

    @property
    def context(self) -> list[int]:
        """What the model continues: the prompt and all that followed, each token as it was."""
        return self.prompt + self.completion

    def take(self, sampled: Sequence[int], logprobs: Sequence[float] | None = None) -> None:
        """Take what was sampled: to its first end of message, and no more than there is room for."""
        new = self._cut(sampled)
        self._add(new, 1, logprobs)
        whole = bool(new) and new[-1] == self.encoder.end
        reply = Reply(read(self.encoder.text(new)), truncated=not whole, tokens=len(new))
        messages = self.episode.take(reply)
        if self.over:
            return
        following = self.encoder.following(messages)
        if len(following) >= self._room():
            self.episode.out_of_tokens()  # without them, the completion ends where the model ended it
        else:
            self._add(following, 0)

    def _add(self, tokens: Sequence[int], spoken: int, logprobs: Sequence[float] | None = None) -> None:
        self.completion += tokens
        self.mask += [spoken] * len(tokens)
        self.logprobs += list(logprobs[: len(tokens)]) if logprobs is not None else [0.0] * len(tokens)

    def _cut(self, sampled: Sequence[int]) -> list[int]:
        tokens = list(sampled)[: min(self.limits.message, self._room())]
        return tokens[: tokens.index(self.encoder.end) + 1] if self.encoder.end in tokens else tokens

    def _room(self) -> int:
        """Return how many tokens there is room for."""
        used = len(self.completion)
        return min(self.limits.completion - used, self.limits.context - len(self.prompt) - used)
