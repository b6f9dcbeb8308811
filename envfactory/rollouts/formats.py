"""What a policy wrote, read as reasoning, words and calls; and back.

The form is that of Hermes and Qwen, and of our chat templates::

    <think>
    reasoning, never executed and never heard by the person
    </think>

    words for the person
    <tool_call>
    {"name": "find_trains", "arguments": {"day": "2027-03-05"}}
    </tool_call>

A call that cannot be read is neither dropped nor guessed at: it is counted, with what is wrong about it in words that
the policy is then told.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from envfactory.datasets.conversation import UNREADABLE, compact

OPEN, CLOSE = "<tool_call>", "</tool_call>"
_THINK, _THOUGHT = "<think>", "</think>"
_CALL = re.compile(rf"{OPEN}(.*?)(?:{CLOSE}|(?={OPEN})|\Z)", re.DOTALL)
_STRAY = re.compile(rf"\s*{CLOSE}\s*")
_SHOWN = 120
_DEEPEST, _LONGEST_NUMBER = 32, 100
_CALL_FORM = 'a call is {"name": ..., "arguments": {...}}'


@dataclass(frozen=True)
class ToolCall:
    """A call by the name under which the tool is offered. Whether there is such a tool is not judged here."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Malformed:
    """A call that could not be read: its text, and what is wrong with it in a few words."""

    text: str
    why: str


@dataclass(frozen=True)
class Written:
    """One message of a policy. `pondered` are calls within its reasoning: written, and never to be executed."""

    content: str = ""
    calls: tuple[ToolCall, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    reasoning: str = ""
    pondered: tuple[ToolCall, ...] = ()


def read(text: str) -> Written:
    """Read a message. What stands outside of calls and of the first reasoning block is content."""
    reasoning, said = _parted(text.encode("utf-8", "replace").decode())
    calls, malformed = _calls(said)
    pondered, _ = _calls(reasoning)
    content = _STRAY.sub("\n", _CALL.sub("", said)).strip()
    return Written(content, calls, malformed, reasoning, pondered)


def write(content: str, calls: Sequence[ToolCall] = (), reasoning: str = "") -> str:
    """Write a message; `read` gives back what it was made of, blanks at the edges aside."""
    parts = [f"{_THINK}\n{reasoning}\n{_THOUGHT}\n\n"] if reasoning else []
    said = [content] if content else []
    said += [f"{OPEN}\n{_told(each)}\n{CLOSE}" for each in calls]
    return "".join(parts) + "\n".join(said)


def _told(call: ToolCall) -> str:
    """Return a call as JSON with the blanks that chat templates write."""
    return json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)


def for_endpoint(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as OpenAI-compatible endpoints take them.

    Arguments are JSON text there, reasoning is not sent back, and a tool message must answer a call: what tells that a
    call could not be read is said by the user instead.
    """
    return [_for_endpoint(message) for message in messages]


def _for_endpoint(message: Mapping[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool" and "tool_call_id" not in message:
        return {"role": "user", "content": f"[{UNREADABLE}] {message['content']}"}
    told = {name: value for name, value in message.items() if name != "reasoning_content"}
    if message.get("tool_calls"):
        told["tool_calls"] = [_as_text(call) for call in message["tool_calls"]]
    if message["role"] == "tool":
        told.pop("name", None)
    return told


def _as_text(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    return {**call, "function": {"name": function["name"], "arguments": compact(function["arguments"])}}


def _parted(text: str) -> tuple[str, str]:
    """Part a message into reasoning and the rest.

    Some templates open the block themselves, so that only its end is written; one that is never closed is all there is.
    """
    before, opened, after = text.partition(_THINK)
    if opened and not before.strip():
        reasoning, _, rest = after.partition(_THOUGHT)
        return reasoning.strip(), rest
    reasoning, closed, rest = text.partition(_THOUGHT)
    return (reasoning.strip(), rest) if closed and not opened else ("", text)


def _calls(text: str) -> tuple[tuple[ToolCall, ...], tuple[Malformed, ...]]:
    """Return the calls that can be read and those that cannot; a last one may lack its end, if it is whole."""
    calls: list[ToolCall] = []
    malformed: list[Malformed] = []
    for match in _CALL.finditer(text):
        told = parse(match.group(1))
        if isinstance(told, ToolCall):
            calls.append(told)
        else:
            malformed.append(told)
    return tuple(calls), tuple(malformed)


def parse(text: str) -> ToolCall | Malformed:
    """Read what stands in one call."""
    body = text.strip()
    told = _json(body)
    return told if isinstance(told, Malformed) else _checked(told[0], body)


def named(name: str, arguments: str) -> ToolCall | Malformed:
    """Read a call as endpoints give it: the name apart, the arguments as JSON text (none at all is no arguments)."""
    told = _json(arguments.strip() or "{}")
    if isinstance(told, Malformed):
        return Malformed(f"{name}({told.text})", told.why)
    return _checked({"name": name, "arguments": told[0]}, f"{name}({arguments})")


def _json(body: str) -> tuple[Any] | Malformed:
    """Return the value that JSON text holds: one that every part of the harness can carry."""
    try:
        told = json.loads(body, parse_constant=_no_such_number, parse_float=_finite, parse_int=_countable)
        fault = _uncarriable(told, _DEEPEST)
    except json.JSONDecodeError as error:
        fault = f"not JSON: {error.msg}"
    except ValueError as error:
        fault = f"not JSON: {error}"
    except RecursionError:
        fault = "nested too deeply"
    return Malformed(body, f"{fault}; {_CALL_FORM}") if fault else (told,)


def _checked(told: Any, body: str) -> ToolCall | Malformed:
    """Return what is told as a call, if it is one."""
    if not isinstance(told, dict):
        return Malformed(body, f"not an object; {_CALL_FORM}")
    name, arguments = told.get("name"), told.get("arguments")
    if not isinstance(name, str) or not name:
        return Malformed(body, f'"name" is missing; {_CALL_FORM}')
    if not isinstance(arguments, dict):
        return Malformed(body, f'"arguments" must be an object; {_CALL_FORM}')
    strange = sorted(set(told) - {"name", "arguments"})
    if strange:
        return Malformed(body, f'"{strange[0][:_SHOWN]}" does not belong there; {_CALL_FORM}')
    return ToolCall(name, arguments)


def _no_such_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _countable(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(text)


def _uncarriable(value: Any, depth: int) -> str:
    """Say why a value cannot be stored and sent on: too deep, or text with half of a surrogate pair."""
    if depth == 0:
        return "nested too deeply"
    if isinstance(value, str):
        return "" if _is_text(value) else "half of a surrogate pair in a text"
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, (_uncarriable(each, depth - 1) for each in inner)), "")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
