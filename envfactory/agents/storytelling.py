"""The sampler's work by a language model: it proposes stories, the program grounds and plays them, or says why it cannot.

A proposal names, turn by turn, the tool whose call grants a wish, or the rule it runs into. People, things and values are
chosen from the real state by the program, every call is executed, and a proposal that cannot be played is handed back
once with the reason. The tasks that come of it are sampled tasks like any other.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from pydantic import Field

from envfactory.agents.asking import Answers, Question, played
from envfactory.agents.benches import sampler_of, scope_of
from envfactory.agents.taskproducts import Batch, Refusal, Settings, Share
from envfactory.agents.taskrules import guarded
from envfactory.environments.contract import Strict
from envfactory.sampling.focus import Focus, plausible_codes
from envfactory.sampling.going import key_slot
from envfactory.sampling.sampler import Sampler
from envfactory.sampling.stories import Stories
from envfactory.sampling.views import EnvironmentView, ToolView
from envfactory.tasks.model import Task


class ToldTurn(Strict):
    """A wish: the tool whose call grants it, or the code with which that call is refused."""

    tool: str
    code: str | None = None


class Story(Strict):
    """A conversation as a model proposes it."""

    title: str = Field(max_length=120)
    situation: str = Field(default="", max_length=400)
    tone: Literal["plain", "polite", "brief", "chatty", "casual"] = "plain"
    turns: list[ToldTurn] = Field(min_length=1, max_length=6)


class StoriesAnswer(Strict):
    """What a model answers."""

    stories: list[Story] = Field(min_length=1, max_length=60)


def tell(
    settings: Settings, share: Share, first: int, lacking: int, backend: str, known: Sequence[Any]
) -> Batch | Question:
    """Return the tasks that proposed stories come to, or what the model is asked next; one more round mends failures."""
    scope = scope_of(settings, [share.place, *share.companions])
    sampler = Told(scope, sampler_of(settings, share).sampler.controls, settings.seed)

    def program(answers: Answers) -> Batch:
        batch = Batch(next=first)
        faults: list[str] = []
        for _ in range(2):
            wanted = min(lacking - len(batch.tasks), share.first + share.limit - batch.next)
            if wanted <= 0:
                break
            told = answers.to(Question("sampler", shown(sampler, share, wanted, faults)))
            stories = StoriesAnswer.model_validate(told).stories[:wanted] if told else []
            batch, faults = _played(sampler, share, batch, stories, backend)
            if not faults:
                break
        return batch

    return played(program, known)


def shown(sampler: Sampler, share: Share, count: int, faults: list[str]) -> dict[str, Any]:
    """Return what the prompt shows of an environment."""
    name = share.place.name
    view = sampler.views[name]
    return {
        "place": name,
        "summary": sampler.scope.environment(name).manifest.summary,
        "tools": [_tool(view, tool) for tool in view.tools.values()],
        "count": count,
        "least": sampler.controls.min_turns,
        "most": sampler.controls.max_turns,
        "faults": faults,
    }


def _tool(view: EnvironmentView, tool: ToolView) -> dict[str, Any]:
    codes = {code: tool.contract.errors[code].message for code in plausible_codes(view, tool.name)}
    told: dict[str, Any] = {"tool": tool.name, "kind": tool.kind, "does": tool.contract.description}
    return told | ({"refuses with": codes} if codes else {})


def _played(sampler: Told, share: Share, batch: Batch, stories: list[Story], backend: str) -> tuple[Batch, list[str]]:
    """Return the batch with the tasks that stories come to, and the reasons of those that come to none."""
    tasks, refused, faults, number = [*batch.tasks], [*batch.refused], [], batch.next
    for story in stories:
        found = guarded(number, "sampling", partial(sampler.played, share, number, story, backend))
        if isinstance(found, Task):
            tasks.append(found)
        else:
            refused.append(found)
            faults.append(f"{story.title}: {found.detail}")
        number += 1
    return Batch(tasks=tasks, refused=refused, next=number), faults


class Told(Sampler):
    """A sampler that plays the stories it is given."""

    def played(self, share: Share, number: int, story: Story, backend: str) -> Task | Refusal:
        """Return the task that a story comes to, or which turn of it cannot be."""
        name = share.place.name
        view, reason = self.views[name], "no story brings it about"
        unknown = [turn.tool for turn in story.turns if turn.tool not in view.tools]
        if unknown:
            return _refusal(number, f"there is no tool {unknown[0]}")
        rng = random.Random(f"{self.seed}/told/{name}/{number}")
        focus = Focus("tool", name, "", story.turns[0].tool)
        for _ in range(self.controls.attempts):
            stage = self._stage([name], focus, rng, literal=False)
            if stage is None:
                return _refusal(number, "nobody can be signed in")
            stories = Stories(stage, len(story.turns))
            reason = _acted(stories, view, story)
            if not reason:
                task = self._task(number, focus, story.title, stage, rng)
                persona = task.persona.model_copy(update={"tone": story.tone, "situation": story.situation})
                told = {"id": f"{name}-{number:05d}", "split": share.split, "persona": persona}
                return task.model_copy(update={**told, "written_by": {"sampler": backend}})
        return _refusal(number, reason)


def _acted(stories: Stories, view: EnvironmentView, story: Story) -> str:
    """Play a story's turns one after the other; return why one of them cannot be, empty where all can."""
    for number, turn in enumerate(story.turns, 1):
        tool, name = view.tools[turn.tool], view.name
        thread = stories.latest()
        slot = key_slot(view, tool, thread) if thread is not None else None
        fixed = {slot: thread.key} if slot and thread is not None else {}
        if turn.code is None:
            given = stories.stage.working(name, tool, fixed, thread if fixed else None)
            if given is None or not stories.act(name, tool, given, led=True):
                return f"turn {number}: nothing lets {turn.tool} succeed then"
        else:
            wished = stories.stage.refused(name, tool, turn.code, fixed, thread if fixed else None)
            if wished is None or not stories.meet(name, tool, wished, turn.code):
                return f"turn {number}: {turn.tool} cannot be made to fail with {turn.code} alone then"
    return ""


def _refusal(number: int, detail: str) -> Refusal:
    return Refusal(index=number, step="sampling", reason="the story cannot be played", detail=detail)
