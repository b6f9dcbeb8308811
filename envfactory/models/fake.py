"""A chat model that answers from a script: a provider like any other, for trying a pipeline without a model.

The script is JSON Lines. A line's `answer` is text, or an object to be written as JSON; or it has `tool_calls` (name,
args), with `reasoning` beside either. `role` keeps a line for one role, `match` for prompts that hold those words. The
first line that fits and has not been used answers; one with `"always": true` answers as often as it fits.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

from envfactory.errors import ConfigError, ModelError
from envfactory.models.messages import REASONING

_KEYS = {"role", "match", "answer", "tool_calls", "reasoning", "always"}


class FakeChat(BaseChatModel):
    """Answers from the lines of a script. Tools and response formats are taken and not looked at."""

    role: str
    lines: list[dict[str, Any]]
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def reading(cls, path: str, role: str) -> FakeChat:
        """Return the model that a script's lines for a role make; ConfigError where they are no script."""
        try:
            lines = [json.loads(line) for line in Path(path).read_text().splitlines() if line.strip()]
            strange = [key for line in lines for key in line if key not in _KEYS]
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(f"fake:{path} cannot be read: {error}", remedy="docs/models.md shows a script") from error
        if strange:
            raise ConfigError(
                f"fake:{path}: unknown key {strange[0]}", remedy=f"the keys are {', '.join(sorted(_KEYS))}"
            )
        return cls(role=role, lines=[line for line in lines if line.get("role") in (None, role)])

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Take tools as any chat model does."""
        return self

    def _generate(self, messages: list[BaseMessage], *arguments: Any, **kwargs: Any) -> ChatResult:
        told = self._next("\n".join(str(message.text) for message in messages))
        answer = told.get("answer", "")
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        calls = [{**call, "id": f"call_{number}"} for number, call in enumerate(told.get("tool_calls", []))]
        extra = {REASONING: told["reasoning"]} if "reasoning" in told else {}
        message = AIMessage(text, tool_calls=calls, additional_kwargs=extra)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _next(self, prompt: str) -> dict[str, Any]:
        with self._lock:
            for line in self.lines:
                if line.get("match", "") in prompt:
                    if not line.get("always"):
                        self.lines.remove(line)
                    return line
        raise ModelError(f"the script has no answer left for {self.role or 'this prompt'}", remedy="add a line to it")
