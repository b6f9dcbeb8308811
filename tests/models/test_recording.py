"""Exchanges on record: served again, told apart, kept through kills, and missed with the difference."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envfactory.config import ModelConfig, ModelsConfig
from envfactory.errors import ArtefactError, ReplayMiss
from envfactory.events import Event, ModelCalled, Usage
from envfactory.models.exchange import Asking, Exchange
from envfactory.models.messages import Answer
from envfactory.models.recording import Entry, Tape
from tests.agents.chat_server import ChatServer

PRICES = {"input_price": 1.0, "output_price": 2.0}


class Counting:
    """A script whose answers are numbered."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, body: dict[str, Any]) -> str:
        self.asked += 1
        return f"answer {self.asked}"


def asking(text: str = "Say something.", repeat: str = "", **form: Any) -> Asking:
    return Asking([{"role": "user", "content": text}], form, repeat)


def talk(tape: Tape, *askings: Asking, script: Any = None, **config: Any) -> tuple[list[str], list[ModelCalled], int]:
    """Ask one after the other; return the answers, the events, and how often the server was asked."""
    script, events = script or Counting(), list[Event]()
    with ChatServer(script).serving() as server:
        settings = ModelConfig(**{"model": "openai:small", "base_url": server.url, **PRICES, **config})

        async def all_of_them() -> list[str]:
            exchange = Exchange("coder", settings, events.append, asyncio.Semaphore(1), tape)
            return [(await exchange.run(each, "rail", 0)).text for each in askings]

        said = asyncio.run(all_of_them())
        return said, [event for event in events if isinstance(event, ModelCalled)], len(server.requests)


def test_without_a_folder_every_call_is_made() -> None:
    said, _, requests = talk(Tape(), asking(), asking())
    assert (said, requests) == (["answer 1", "answer 2"], 2)


def test_what_is_on_record_is_not_asked_again_and_costs_nothing(tmp_path: Path) -> None:
    said, events, requests = talk(Tape(tmp_path, "run-1"), asking(), asking())
    assert (said, requests) == (["answer 1", "answer 1"], 1)
    assert [(event.cached, event.usage) for event in events] == [
        (False, Usage(1, 100, 20, pytest.approx(140e-6))),
        (True, Usage(cached=1)),
    ]


@pytest.mark.parametrize(
    ("other", "config"),
    [
        (asking("Say something else."), {}),
        (asking(repeat="attempt 2"), {}),
        (asking(response_format={"type": "json_object"}), {}),
        (asking(), {"temperature": 0.5}),
        (asking(), {"extra_body": {"top_k": 3}}),
        (asking(), {"model": "openai:large"}),
    ],
    ids=["words", "repeat", "form", "temperature", "extra_body", "model"],
)
def test_what_decides_an_answer_tells_exchanges_apart(tmp_path: Path, other: Asking, config: dict[str, Any]) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    _, _, requests = talk(Tape(tmp_path, "run-1"), other, **config)
    assert requests == 1


def test_where_the_server_stands_does_not_matter(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    _, _, requests = talk(Tape(tmp_path, "run-1"), asking(), timeout=5.0, max_concurrency=1)  # another port, too
    assert requests == 0


def test_a_run_that_goes_on_is_charged_once_for_what_it_paid(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    again = Tape(tmp_path, "run-1")
    _, events, _ = talk(again, asking(), asking())
    assert again.spent == Usage(1, 100, 20, pytest.approx(140e-6))
    assert [(event.cached, event.usage.calls) for event in events] == [(True, 1), (True, 0)]


def test_record_asks_anew_what_another_run_was_answered(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    _, _, requests = talk(Tape(tmp_path, "run-2"), asking())
    assert requests == 1
    assert Tape(tmp_path, "run-1").spent == Usage()  # the newer answer has taken the older one's place


def test_auto_takes_what_another_run_was_answered_and_pays_nothing(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    said, events, requests = talk(Tape(tmp_path, "run-2", others=True), asking(), asking("New?"))
    assert (said, requests) == (["answer 1", "answer 1"], 1)
    assert [event.usage.calls for event in events] == [0, 1]


def test_the_same_asked_twice_at_once_is_asked_once(tmp_path: Path) -> None:
    with ChatServer(Counting()).serving() as server:
        settings = ModelConfig(model="openai:small", base_url=server.url)

        async def both() -> list[Answer]:
            exchange = Exchange("coder", settings, lambda event: None, asyncio.Semaphore(2), Tape(tmp_path, "run-1"))
            return await asyncio.gather(*(exchange.run(asking(), "rail", 0) for _ in range(2)))

        first, second = asyncio.run(both())
        assert (first, len(server.requests)) == (second, 1)


def test_a_whole_answer_comes_back(tmp_path: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "book", "arguments": '{"n": 1}'}}
    broken = {"id": "c2", "type": "function", "function": {"name": "book", "arguments": "{n: 1"}}

    def script(body: dict[str, Any]) -> dict[str, Any]:
        return {"content": "Well.", "tool_calls": [call, broken], "reasoning_content": "it must book"}

    talk(Tape(tmp_path, "run-1"), asking(), script=script)
    tape = Tape.replaying(tmp_path)
    config = ModelConfig(model="openai:small")
    entry = tape.find("coder", tape.asked(config, asking().messages, {}, ""))
    assert entry is not None
    assert (entry.answer.text, entry.answer.reasoning, entry.answer.tokens) == ("Well.", "it must book", (100, 20))
    assert [(call["args"], call["id"]) for call in entry.answer.calls] == [({"n": 1}, "c1"), ("{n: 1", "c2")]


def test_replay_needs_neither_server_nor_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(Tape(tmp_path, "run-1"), asking())
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    exchange = Exchange(
        "coder", ModelConfig(model="openai:small"), lambda event: None, asyncio.Semaphore(1), Tape.replaying(tmp_path)
    )
    assert asyncio.run(exchange.run(asking(), "rail", 0)).text == "answer 1"


@pytest.mark.parametrize(
    ("missed", "config", "says"),
    [
        (asking("First line\nsecond row\nthird line"), {}, "-second line\n+second row"),
        (asking("First line\nsecond line\nthird line"), {"temperature": 1.0}, "parameters differs"),
        (asking("First line\nsecond line\nthird line", repeat="2"), {}, "same words"),
    ],
    ids=["words", "parameters", "repeat"],
)
def test_a_miss_shows_what_differs(tmp_path: Path, missed: Asking, config: dict[str, Any], says: str) -> None:
    talk(Tape(tmp_path, "run-1"), asking("Something quite different."), asking("First line\nsecond line\nthird line"))
    with pytest.raises(ReplayMiss) as miss:
        talk(Tape.replaying(tmp_path), missed, **config)
    assert says in miss.value.message
    assert "quite different" not in miss.value.message


def test_a_miss_of_a_role_without_a_record_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReplayMiss, match="nothing is recorded of this role"):
        talk(Tape.replaying(tmp_path), asking())


def test_a_torn_last_line_is_dropped_and_written_over(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking(), asking("Second."))
    file = tmp_path / "coder.jsonl"
    file.write_bytes(file.read_bytes()[:-30])
    _, _, requests = talk(Tape(tmp_path, "run-1"), asking(), asking("Second."), asking("Third."))
    assert requests == 2
    assert [json.loads(line)["messages"][0]["content"] for line in file.read_text().splitlines()] == [
        "Say something.",
        "Second.",
        "Third.",
    ]


def test_a_line_damaged_otherwise_is_named(tmp_path: Path) -> None:
    talk(Tape(tmp_path, "run-1"), asking(), asking("Second."))
    file = tmp_path / "coder.jsonl"
    file.write_bytes(b"{" + file.read_bytes())
    with pytest.raises(ArtefactError, match=r"coder\.jsonl, line 1"):
        Tape(tmp_path, "run-1")


KILLED = """
import sys
from pathlib import Path
from envfactory.config import ModelConfig
from envfactory.events import Usage
from envfactory.models.messages import Answer
from envfactory.models.recording import Entry, Tape
tape, config = Tape(Path(sys.argv[1]), "run-1"), ModelConfig(model="openai:small")
for number in range(10**6):
    asked = tape.asked(config, [{"role": "user", "content": str(number)}], {}, "")
    tape.keep("coder", asked, Entry(Answer("x" * 5000), Usage(1), 0.1), "rail")
    print(number, flush=True)
"""


def test_what_was_kept_survives_a_kill(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 20:
                os.kill(process.pid, signal.SIGKILL)
                break
        kept = int(line)
    tape, config = Tape(tmp_path, "run-1"), ModelConfig(model="openai:small")
    asked = [tape.asked(config, [{"role": "user", "content": str(number)}], {}, "") for number in range(kept + 1)]
    assert all(tape.find("coder", each) for each in asked)
    tape.keep("coder", asked[0], Entry(Answer("new"), Usage(1), 0.1), "rail")
    assert Tape(tmp_path, "run-1").spent.calls >= kept + 1


def test_a_recording_says_who_answered_without_keys_or_places(tmp_path: Path) -> None:
    config = ModelConfig(model="openai:small", base_url="http://10.0.0.1/v1", api_key_env="MY_KEY", temperature=0.2)
    Tape(tmp_path, "run-1").note(ModelsConfig(coder=config))
    Tape(tmp_path, "run-2").note(ModelsConfig(tester=ModelConfig(model="openai:large")))
    noted = json.loads((tmp_path / "models.json").read_text())
    assert {role: told["model"] for role, told in noted.items()} == {"coder": "openai:small", "tester": "openai:large"}
    assert not {"base_url", "api_key_env"} & set(noted["coder"])
