"""Chat models by config: any OpenAI-compatible endpoint through langchain-openai.

Two things ChatOpenAI does not do for other servers than OpenAI's are done here: the reasoning that vLLM, SGLang and
DeepSeek return beside the answer is kept, and structured output follows the method that the config says the server has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from envfactory.config import ModelConfig
from envfactory.models.keys import key_of

if TYPE_CHECKING:
    import openai

REASONING = "reasoning_content"


class ReasoningChatOpenAI(ChatOpenAI):
    """ChatOpenAI that keeps `reasoning_content` (or `reasoning`) in the message's additional_kwargs."""

    def _create_chat_result(
        self, response: dict[str, Any] | openai.BaseModel, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        result = super()._create_chat_result(response, generation_info)
        data = response if isinstance(response, dict) else response.model_dump()
        for generation, choice in zip(result.generations, data.get("choices") or [], strict=False):
            reasoning = choice["message"].get(REASONING) or choice["message"].get("reasoning")
            if reasoning:
                generation.message.additional_kwargs[REASONING] = reasoning
        return result


def open_chat(config: ModelConfig) -> ChatOpenAI:
    """Return the chat model of an `openai:NAME` config; ConfigError where its key is missing.

    Retries of transport errors, rate limits and 5xx are the client's (`max_retries`), and nobody else's.
    """
    return ReasoningChatOpenAI(
        model=config.model.removeprefix("openai:"),
        base_url=config.base_url,
        api_key=SecretStr(key_of(config) or "unused"),
        temperature=config.temperature,
        max_completion_tokens=config.max_tokens,
        timeout=config.timeout,
        max_retries=config.max_retries,
        extra_body=config.extra_body or None,
    )


def price(config: ModelConfig, input_tokens: int, output_tokens: int) -> float | None:
    """Return what an exchange cost in US dollars, or None where no prices are configured."""
    if config.input_price is None or config.output_price is None:
        return None
    return (input_tokens * config.input_price + output_tokens * config.output_price) / 1e6
