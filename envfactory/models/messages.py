"""Messages and answers as plain data, and their translation to and from the chat models' own classes.

A message is `{"role", "content"}`, with `tool_calls` from an assistant and `tool_call_id` from a tool.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

Message = dict[str, Any]
REASONING = "reasoning_content"
CUT, FILTERED = ("length", "max_tokens"), "content_filter"


@dataclass(frozen=True)
class Answer:
    """What a backend said: words, calls of tools (name, args, id), its reasoning, how it came to end, what it cost.

    `cost` is what the backend itself says that it charges, in US dollars.
    """

    text: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    reasoning: str = ""
    refusal: str = ""
    finish: str = ""
    tokens: tuple[int, int] = (0, 0)
    cost: float | None = None

    @property
    def cut(self) -> bool:
        """Whether the backend stopped because it had no room left."""
        return self.finish in CUT


def heard(reply: Any) -> Answer:
    """Return a chat model's reply as plain data."""
    from langchain_core.messages import AIMessage

    if not isinstance(reply, AIMessage):
        raise TypeError(f"unexpected answer {type(reply).__name__}")
    unread = [{"name": call["name"] or "", "args": call["args"], "id": call["id"]} for call in reply.invalid_tool_calls]
    calls = [{"name": call["name"], "args": call["args"], "id": call["id"]} for call in reply.tool_calls]
    counted = reply.usage_metadata
    return Answer(
        str(reply.text),
        calls + unread,
        _reasoning(reply),
        str(reply.additional_kwargs.get("refusal") or ""),
        str(reply.response_metadata.get("finish_reason") or reply.response_metadata.get("stop_reason") or ""),
        (counted["input_tokens"], counted["output_tokens"]) if counted else (0, 0),
        _charged(reply.response_metadata.get("token_usage")),
    )


def _charged(usage: Any) -> float | None:
    """Return the cost that some gateways state beside the tokens."""
    told = usage.get("cost") if isinstance(usage, dict) else None
    return float(told) if isinstance(told, int | float) else None


def _reasoning(reply: AIMessage) -> str:
    kept = reply.additional_kwargs.get(REASONING)
    if kept:
        return str(kept)
    blocks = [block for block in reply.content if isinstance(block, dict)] if isinstance(reply.content, list) else []
    return "\n".join(str(block.get("thinking") or block.get("reasoning") or "") for block in blocks).strip()


def spoken(told: Message) -> BaseMessage:
    """Return a plain message as the chat models take it."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    if told["role"] == "tool":
        return ToolMessage(told["content"], tool_call_id=told["tool_call_id"])
    if told["role"] == "assistant":
        calls = [
            {**call, "args": call["args"] if isinstance(call["args"], dict) else {}}
            for call in told.get("tool_calls", ())
        ]
        return AIMessage(told["content"], tool_calls=calls)
    return SystemMessage(told["content"]) if told["role"] == "system" else HumanMessage(told["content"])


def said(answer: Answer) -> str:
    """Return what the trace keeps of an answer: its text, and its calls."""
    calls = [f"{call['name']}({json.dumps(call['args'], ensure_ascii=False)})" for call in answer.calls]
    return "\n".join([*([answer.text] if answer.text else []), *calls])
