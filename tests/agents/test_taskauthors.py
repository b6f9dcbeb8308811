"""Stage two's roles answered by a model, over real HTTP and in the real sandbox: stories, words, attempts.

The scripted model answers well, badly or never; what it says counts only as far as programs let it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfactory.agents import taskrules
from envfactory.agents.taskauthors import TaskAuthors
from envfactory.agents.taskproducts import Batch, Place, Settings, Share
from envfactory.config import ModelConfig, ModelsConfig
from envfactory.errors import ModelError
from envfactory.events import Event, ModelCalled
from envfactory.models.backends import Backends
from envfactory.models.recording import Tape
from envfactory.sandbox.doctor import diagnose
from tests.agents.chat_server import ChatServer, Script
from tests.gate import harbour
from tests.graphs.tasks_process import library

pytestmark = pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox")
HIRE = harbour.environment()


class Here:
    """Lanes that run their jobs in this process."""

    async def run(self, key: str, job: Callable[..., Any], *arguments: Any) -> Any:
        return job(*arguments)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("library")
    content = library(folder)
    calibration = {"attempts": 2, "low": 0.0, "high": 1.0, "drop_unsolved": False}
    return Settings(library=folder, store=folder / content, calibration=calibration)


@pytest.fixture
def share(settings: Settings) -> Share:
    manifest = harbour.environment().manifest
    folder = f"{manifest.domain}/{manifest.name}"
    place = Place(name=manifest.name, domain=manifest.domain, folder=folder, content_hash=settings.store.name)
    return Share(place=place, split="train", chunk=0, wanted=4, first=0, limit=32)


@pytest.fixture
def sampled(settings: Settings, share: Share) -> Batch:
    return taskrules.sample(settings, share, 0, 2)


def ask(
    settings: Settings,
    store: Path,
    script: Script,
    work: Callable[[TaskAuthors], Any],
    events: list[Event] | None = None,
) -> Any:
    """Let authors work against a scripted model, with a recording of their own."""
    with ChatServer(script).serving() as server:
        default = ModelConfig(model="openai:scripted", base_url=server.url, max_retries=0)
        told = events if events is not None else []
        own = settings.model_copy(update={"store": store})
        backends = Backends(ModelsConfig(default=default), Tape(store / "exchanges", "test"))
        return asyncio.run(work(TaskAuthors(own, backends, Here(), told.append)))


def prompt(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


# --- words ------------------------------------------------------------------------------------------------------------


def plainly(body: dict[str, Any]) -> str:
    """Repeat the plain way that the prompt shows, with a word before it."""
    said = prompt(body).split('A plain way to put it: "', 1)[1].rsplit('"', 1)[0].split('"\n')[0]
    return json.dumps({"text": f"Hello! {said}", "replies": []})


def test_words_that_pass_the_audit_are_taken(settings: Settings, share: Share, sampled: Batch, tmp_path: Path) -> None:
    batch = ask(settings, tmp_path, plainly, lambda authors: authors.refine(share, sampled))
    taken = [turn.text for task in batch.tasks for turn in task.turns if turn.text.startswith("Hello! ")]
    assert taken
    assert {task.written_by["refiner"] for task in batch.tasks} == {"openai:scripted"}


def test_words_that_leak_are_dropped_after_one_repair(
    settings: Settings, share: Share, sampled: Batch, tmp_path: Path
) -> None:
    leak = json.dumps({"text": "Call boat_hire.get_rental with rental_id.", "replies": []})
    events: list[Event] = []
    batch = ask(settings, tmp_path, lambda body: leak, lambda authors: authors.refine(share, sampled), events)
    assert not [turn for task in batch.tasks for turn in task.turns if "rental_id" in turn.text]
    assert {task.written_by["refiner"] for task in batch.tasks} == {"rules"}
    faults = [event.messages[-1]["content"] for event in events if isinstance(event, ModelCalled)]
    assert any("stumbled over your last attempt" in text for text in faults)


def test_answers_are_paid_for_once(settings: Settings, share: Share, sampled: Batch, tmp_path: Path) -> None:
    first = ask(settings, tmp_path, plainly, lambda authors: authors.refine(share, sampled))
    events: list[Event] = []
    second = ask(settings, tmp_path, lambda body: 503, lambda authors: authors.refine(share, sampled), events)
    assert second == first
    assert all(event.cached for event in events if isinstance(event, ModelCalled))


def test_a_backend_that_is_down_stops_it(settings: Settings, share: Share, sampled: Batch, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="503"):
        ask(settings, tmp_path, lambda body: 503, lambda authors: authors.refine(share, sampled))


# --- stories ----------------------------------------------------------------------------------------------------------


def story(*tools: str, code: str | None = None) -> dict[str, Any]:
    turns: list[dict[str, Any]] = [{"tool": tool} for tool in tools]
    if code:
        turns[-1]["code"] = code
    return {"title": "A day out", "situation": "on holiday by the sea", "tone": "chatty", "turns": turns}


def test_a_story_is_grounded_and_played(settings: Settings, share: Share, tmp_path: Path) -> None:
    read = next(tool.name for tool in HIRE.contracts.tools if tool.kind == "read")
    answer = json.dumps({"stories": [story(read)]})
    batch = ask(settings, tmp_path, lambda body: answer, lambda authors: authors.sample(share, 0, 1))
    (task,) = batch.tasks
    assert (task.persona.situation, task.persona.tone, task.gold[-1].tool) == ("on holiday by the sea", "chatty", read)
    assert task.written_by == {"sampler": "openai:scripted"}


def test_a_story_that_cannot_be_played_is_handed_back_once(settings: Settings, share: Share, tmp_path: Path) -> None:
    answer, events = json.dumps({"stories": [story("fly_to_the_moon")]}), []
    batch = ask(settings, tmp_path, lambda body: answer, lambda authors: authors.sample(share, 0, 1), events)
    asked = [event.messages[-1]["content"] for event in events if isinstance(event, ModelCalled)]
    assert ["there is no tool fly_to_the_moon" in text for text in asked] == [False, True]
    assert [refusal.reason for refusal in batch.refused] == ["the story cannot be played"] * 2
    assert batch.tasks == []


# --- attempts ---------------------------------------------------------------------------------------------------------


def test_a_solver_that_does_nothing_solves_nothing(
    settings: Settings, share: Share, sampled: Batch, tmp_path: Path
) -> None:
    batch = ask(settings, tmp_path, lambda body: "Done!", lambda authors: authors.calibrate(share, sampled))
    assert [(task.calibration.solved, task.calibration.attempts) for task in batch.tasks if task.calibration] == [
        (0, 2),
        (0, 2),
    ]


def test_a_solver_calls_tools_and_sees_what_they_answer(
    settings: Settings, share: Share, sampled: Batch, tmp_path: Path
) -> None:
    called = {"name": "no_such_tool", "arguments": "{}"}

    def script(body: dict[str, Any]) -> str | dict[str, Any]:
        if body["messages"][-1]["role"] == "tool":
            return "I cannot do that."
        return {"tool_calls": [{"id": "c1", "type": "function", "function": called}]}

    events: list[Event] = []
    batch = ask(settings, tmp_path, script, lambda authors: authors.calibrate(share, sampled), events)
    shown = [event.messages for event in events if isinstance(event, ModelCalled)]
    assert any("there is no tool" in messages[-1]["content"] for messages in shown)
    assert {task.calibration.solver for task in batch.tasks if task.calibration} == {"openai:scripted"}
