"""How model servers speak, each as its documentation shows it: what a request may hold, and the form of an answer.

A server answers as a capable model behind it would: with a product where a schema or a tool of that name asks for one,
with a call where it is offered a tool, and in words else.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from envfactory.models.checking import City

CALL = {"name": "book", "arguments": '{"n": 1}'}
TOKENS = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
CITY = json.dumps(City(town="Oslo", inhabitants_in_millions=0.7).model_dump())


def body(message: dict[str, Any], finish: str, usage: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a chat completion."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", **message},
        "finish_reason": finish,
        **more.pop("choice", {}),
    }
    told = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1764000000, "model": "qwen3"}
    return {**told, "choices": [choice], "usage": usage or TOKENS, **more}


FORMS: dict[str, Any] = {
    "vLLM": body(
        {
            "content": "Well.",
            "refusal": None,
            "annotations": None,
            "audio": None,
            "function_call": None,
            "tool_calls": [{"id": "chatcmpl-tool-1", "type": "function", "function": CALL}],
            "reasoning": "it must book",
        },
        "tool_calls",
        {**TOKENS, "prompt_tokens_details": None},
        choice={"logprobs": None, "stop_reason": None, "token_ids": None},
        service_tier=None,
        system_fingerprint=None,
        prompt_logprobs=None,
        kv_transfer_params=None,
    ),
    "older vLLM": body(
        {
            "content": "Well.",
            "reasoning_content": "it must book",
            "tool_calls": [{"id": "chatcmpl-tool-1", "type": "function", "function": CALL}],
        },
        "tool_calls",
    ),
    "SGLang": body(
        {
            "content": "Well.",
            "reasoning_content": "it must book",
            "tool_calls": [{"id": "call_1", "index": 0, "type": "function", "function": CALL}],
        },
        "tool_calls",
        {**TOKENS, "prompt_tokens_details": None, "reasoning_tokens": 0},
        choice={"logprobs": None, "matched_stop": None},
        metadata={"weight_version": "default"},
    ),
    "Ollama": body(
        {
            "content": "Well.",
            "reasoning": "it must book",
            "tool_calls": [{"id": "call_1", "index": 0, "type": "function", "function": CALL}],
        },
        "tool_calls",
        system_fingerprint="fp_ollama",
    ),
    "llama.cpp": body(
        {
            "content": "Well.",
            "reasoning_content": "it must book",
            "tool_calls": [{"type": "function", "function": CALL, "id": "call_1"}],
        },
        "tool_calls",
        system_fingerprint="b6000-abc",
        timings={"prompt_n": 100, "predicted_n": 20, "predicted_per_second": 40.0},
    ),
    "OpenRouter": body(
        {
            "content": "Well.",
            "refusal": None,
            "reasoning": "it must book",
            "reasoning_details": [{"type": "reasoning.text", "text": "it must book"}],
            "tool_calls": [{"id": "call_1", "index": 0, "type": "function", "function": CALL}],
        },
        "tool_calls",
        {**TOKENS, "cost": 0.25, "cost_details": {"upstream_inference_cost": None}},
        provider="Somebody",
        choice={"native_finish_reason": "tool_calls", "logprobs": None},
    ),
}

_CHAT = frozenset("model messages stream temperature top_p stop seed response_format tools".split())
_NAMED = _CHAT | {"tool_choice", "max_tokens"}


@dataclass(frozen=True)
class Dialect:
    """A server: what it takes, the form of its answers, where it listens, and what it makes of a named tool_choice."""

    form: str
    takes: frozenset[str]
    path: str = "/v1/chat/completions"
    forces: bool = True  # a tool_choice that names a tool is held to
    silent: frozenset[str] = field(default=frozenset())  # keys of the form's message that it never sends

    def strange(self, asked: dict[str, Any]) -> list[str]:
        """Return what a request holds that the documentation does not know."""
        return sorted(asked.keys() - self.takes)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what a capable model says, in the server's form."""
        told = copy.deepcopy(FORMS[self.form])
        message = told["choices"][0]["message"]
        calls = message.pop("tool_calls")
        for key in self.silent:
            message.pop(key, None)
        called = self._called(asked)
        if called is not None:
            message |= {"content": None, "tool_calls": [{**calls[0], "function": called}]}
            return told
        message["content"] = CITY if self._holds_schema(asked) else "ready"
        told["choices"][0]["finish_reason"] = "stop"
        return told

    def _called(self, asked: dict[str, Any]) -> dict[str, str] | None:
        names = [tool["function"]["name"] for tool in asked.get("tools", [])]
        if "City" in names:
            return {"name": "City", "arguments": CITY} if self.forces and "tool_choice" in asked else None
        return {"name": names[0], "arguments": '{"city": "Oslo"}'} if names else None

    def _holds_schema(self, asked: dict[str, Any]) -> bool:
        """Whether a schema stands where servers look for it, or the words say the shape."""
        schema = asked.get("response_format", {}).get("json_schema", {}).get("schema", {})
        return "town" in schema.get("properties", {}) or '"town"' in str(asked["messages"][-1]["content"])


_SAMPLED = _NAMED | {"top_k", "min_p", "chat_template_kwargs"}
DIALECTS = {
    "OpenAI": Dialect(
        "vLLM", _CHAT | {"tool_choice", "max_completion_tokens", "reasoning_effort"}, silent=frozenset({"reasoning"})
    ),
    "vLLM": Dialect("vLLM", _SAMPLED | {"structured_outputs", "thinking_token_budget"}),
    "SGLang": Dialect("SGLang", _SAMPLED | {"separate_reasoning"}),
    "Ollama": Dialect("Ollama", _CHAT | {"max_tokens", "reasoning_effort", "reasoning"}, forces=False),
    "llama.cpp": Dialect("llama.cpp", _SAMPLED | {"reasoning_format"}, forces=False),
    "OpenRouter": Dialect("OpenRouter", _NAMED | {"reasoning", "provider"}, path="/api/v1/chat/completions"),
    "transformers serve": Dialect(
        "older vLLM", _NAMED - {"response_format", "tool_choice"}, silent=frozenset({"reasoning_content"})
    ),
}
