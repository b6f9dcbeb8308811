"""Chat models by config: OpenAI-compatible endpoints through langchain-openai, other providers through LangChain.

Two things ChatOpenAI does not do for other servers than OpenAI's are done here: the reasoning that vLLM, SGLang and
DeepSeek return beside the answer is kept, and an answer that the limit or a filter cut short arrives as what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from envfactory.config import FAKE, OPENAI, ModelConfig
from envfactory.errors import ConfigError
from envfactory.models.fake import FakeChat
from envfactory.models.keys import check_provider, key_of
from envfactory.models.messages import REASONING

if TYPE_CHECKING:
    import openai


class ReasoningChatOpenAI(ChatOpenAI):
    """ChatOpenAI that keeps `reasoning_content` (or `reasoning`) in the message's additional_kwargs.

    A response format goes to the server past the client's own parsing, which answers a cut product with an exception
    that holds neither its words nor what it cost.
    """

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        payload: dict[str, Any] = super()._get_request_payload(input_, stop=stop, **kwargs)
        form = payload.pop("response_format", None)
        if form is not None:
            payload["extra_body"] = {**(payload.get("extra_body") or {}), "response_format": form}
        if self.openai_api_base and "max_completion_tokens" in payload:
            payload["max_tokens"] = payload.pop("max_completion_tokens")  # the name that every other server knows
        return payload

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


def open_chat(config: ModelConfig, role: str = "") -> BaseChatModel:
    """Return the chat model of a config; ConfigError where its key or package is missing.

    Retries of transport errors, rate limits and 5xx are the client's (`max_retries`), and nobody else's.
    """
    if config.provider == OPENAI:
        return _openai(config)
    return FakeChat.reading(config.name, role) if config.provider == FAKE else _other(config)


def _openai(config: ModelConfig) -> BaseChatModel:
    return ReasoningChatOpenAI(
        model=config.name,
        base_url=config.base_url,
        api_key=SecretStr(key_of(config) or "unused"),
        temperature=config.temperature,
        max_completion_tokens=config.max_tokens,
        timeout=config.timeout,
        max_retries=config.max_retries,
        extra_body=config.extra_body or None,
    )


def _other(config: ModelConfig) -> BaseChatModel:
    """Return another provider's chat model; `extra_body` goes to its constructor, whose keys are its own."""
    check_provider(config)
    from langchain.chat_models import init_chat_model

    given: dict[str, Any] = {"temperature": config.temperature, "max_tokens": config.max_tokens}
    given |= {"base_url": config.base_url, "api_key": key_of(config) or None, "timeout": config.timeout}
    given = {key: value for key, value in given.items() if value is not None} | config.extra_body
    try:
        model: BaseChatModel = init_chat_model(
            config.name, model_provider=config.provider, max_retries=config.max_retries, **given
        )
    except (ImportError, ValueError, TypeError) as error:  # what is missing or unknown, as LangChain tells it
        said = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"{config.model} cannot be opened: {said}", remedy="docs/models.md has a recipe for each provider"
        ) from error
    return model
