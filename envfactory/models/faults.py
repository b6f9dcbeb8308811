"""How a backend's failure becomes one typed error, with what to do about it: the vocabulary stands here and only here.

What fails for good because of what was asked (no room for the prompt) is a bad answer: the environment or task at hand
is rejected. All else is the backend's trouble, stops the run, and is gone on with once it is mended. Transport errors,
rate limits and 5xx have been retried by the client before they come here.
"""

from __future__ import annotations

import re

from langchain_core import exceptions as told

from envfactory.config import ModelConfig
from envfactory.errors import EnvFactoryError, ModelError, PromptTooLong

_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many tokens|exceed\w* (?:the )?(?:context|max_model_len|model)"
    r"|max_position_embeddings|longer than the (?:maximum )?model",
    re.IGNORECASE,
)
_BARE, _MOST = 40, 400  # `Error code: 400` and no more; characters of an error that are told
_REMEDIES: tuple[tuple[type[Exception], str], ...] = (
    (told.ModelAuthenticationError, "check the key in {key}"),
    (told.ModelPermissionDeniedError, "check what the key in {key} may use"),
    (told.ModelNotFoundError, "check the model's name and base_url; `envfactory models check` asks each backend"),
    (told.ModelRateLimitError, "wait, or lower max_concurrency; raise max_retries to wait longer by itself"),
    (told.ModelTimeoutError, "raise timeout, or lower max_concurrency"),
    (told.ModelConnectionError, "check that the server runs and base_url leads to it"),
    (told.ModelInvalidRequestError, "the server does not take this request: try another structured_output"),
    (told.ModelAPIError, "the server is in trouble: try again later"),
)


def typed(error: Exception, config: ModelConfig) -> EnvFactoryError:
    """Return the typed error that a client's exception means."""
    if isinstance(error, EnvFactoryError):
        return error
    said = f"{config.model}: {type(error).__name__}: {_in_one_line(error)}"
    if too_long(error):
        return PromptTooLong(said, remedy="use a model with a longer context, or a smaller document")
    key = config.api_key_env or ("OPENAI_API_KEY" if config.provider == "openai" else "the provider's variable")
    remedy = next((text for kind, text in _REMEDIES if isinstance(error, kind)), "check the backend of this role")
    return ModelError(said, remedy=remedy.format(key=key))


def too_long(error: Exception) -> bool:
    """Tell whether a backend says that the prompt does not fit into its context."""
    if isinstance(error, told.ContextOverflowError):
        return True
    asked_wrongly = isinstance(error, told.ModelInvalidRequestError) or getattr(error, "status_code", None) in (
        400,
        413,
    )
    return asked_wrongly and bool(_TOO_LONG.search(_in_one_line(error)))


def _in_one_line(error: Exception) -> str:
    """Return what an error says, and what the server did where the client has dropped it."""
    body = str(getattr(getattr(error, "response", None), "text", "") or "")
    told = str(error)
    return " ".join((told if not body or len(told) > _BARE else f"{told}: {body}").split())[:_MOST]
