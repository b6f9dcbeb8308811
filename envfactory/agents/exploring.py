"""The explorer as an agent: it looks around with tools, within limits, and proposes environments one by one.

Every proposal is checked as it is made (its operations exist, or their citations hold; nothing in the library or among
the earlier proposals is nearly the same) and the model hears what is wrong with it. What passes becomes a brief. Pages
are data: what one of them says can spoil the brief it is cited in, and nothing else.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import Field, ValidationError

from envfactory.agents.expedition import Expedition
from envfactory.agents.products import Brief, CitedOperation, ExploreRequest, Plan, Skipped
from envfactory.agents.rules import brief_of
from envfactory.config import explain
from envfactory.environments.contract import Strict
from envfactory.environments.files import canonical_json, digest, write_atomically
from envfactory.errors import BadAnswer, EnvFactoryError
from envfactory.exploration.citations import PageOperation, as_document, check_citation
from envfactory.exploration.likeness import library_words, nearest, words_of
from envfactory.exploration.pages import Kept, plain
from envfactory.exploration.world import Told, World, tool_schemas
from envfactory.models.exchange import ToolChat
from envfactory.prompts import render
from envfactory.resources.importers import import_document

LEAST, MOST = 6, 20  # fewer make no environment, see `synthesis.design`
PROPOSE, DONE = "propose_environment", "finish"
_SILENCES = 2  # answers without a call that are pointed out, before the exploration ends


class Proposal(Strict):
    """One environment, as the model proposes it. `operations` are ids of a document; `cited` are read out of a page."""

    environment: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str = Field(min_length=1, max_length=120)
    summary: str = Field(min_length=1, max_length=600)
    source: str = Field(description="The id of the document or page, as a tool returned it.")
    operations: list[str] = Field(default=[], max_length=40)
    cited: list[PageOperation] = Field(default=[], max_length=40)
    why: str = Field(min_length=1, max_length=400, description="Why this one, beside what there is already.")


class Explorer:
    """Carries out one exploration with a chat that calls tools."""

    def __init__(self, chat: ToolChat, expedition: Expedition) -> None:
        self._chat, self._trip = chat, expedition
        self._world = World(expedition.config, expedition.folder)
        self._known: dict[str, frozenset[str]] = {}
        self._briefs: list[Brief] = []
        self._turned_down: list[Skipped] = []

    async def explore(self, request: ExploreRequest, wanted: int, start: str = "") -> Plan:
        """Return a plan of at most `wanted` environments; BadAnswer where the model proposes none that holds.

        `start` is a file or address that the person named: it is read at once, and the exploration begins with it.
        """
        begin = (await asyncio.to_thread(self._world.admit, start)).id if start else ""
        self._known = library_words(self._trip.library, request.domain)
        messages = [
            {"role": "system", "content": render("explorer_world_system")},
            {
                "role": "user",
                "content": render(
                    "explorer_world",
                    domain=request.domain,
                    wanted=wanted,
                    library=sorted(self._known),
                    start=begin,
                    servers=sorted(self._trip.config.mcp),
                    least=LEAST,
                    most=MOST,
                ),
            },
        ]
        tools = [*tool_schemas(self._trip.config), *_own_tools()]
        silences, rounds = 0, self._trip.config.calls + _SILENCES
        while len(self._briefs) < wanted and silences <= _SILENCES and rounds > 0:
            rounds -= 1
            answer = await self._chat.answer("", 0, messages, tools)
            messages.append({"role": "assistant", **answer})
            if not answer["tool_calls"]:
                silences += 1
                messages.append({"role": "user", "content": f"Call a tool: {PROPOSE} with what you have, or {DONE}."})
            for call in answer["tool_calls"]:
                told = await asyncio.to_thread(self._called, request, call["name"], call["args"])
                content = json.dumps(told, ensure_ascii=False)
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
            if any(call["name"] == DONE for call in answer["tool_calls"]) or (self._world.spent and silences):
                break
        return self._plan()

    def _plan(self) -> Plan:
        if not self._briefs:
            last = f"; the last objection: {self._turned_down[-1].reason}" if self._turned_down else ""
            raise BadAnswer(f"the explorer proposed no environment that holds{last}")
        return Plan(briefs=self._briefs, skipped=self._turned_down)

    def _called(self, request: ExploreRequest, tool: str, arguments: Any) -> Told:
        if tool == DONE:
            return {"proposed": [brief.environment for brief in self._briefs]}
        return self._propose(request, arguments) if tool == PROPOSE else self._world.call(tool, arguments)

    def _propose(self, request: ExploreRequest, arguments: Any) -> Told:
        source = str(arguments.get("source", ""))[:200] if isinstance(arguments, dict) else ""
        try:
            proposal = Proposal.model_validate(arguments)
            brief = self._brief(request, proposal)
        except ValidationError as error:
            return self._refused(source, explain(error))
        except EnvFactoryError as error:
            return self._refused(source, str(error))
        self._briefs.append(brief)
        return {"accepted": brief.environment, "so_far": [each.environment for each in self._briefs]}

    def _refused(self, source: str, reason: str) -> Told:
        self._turned_down.append(Skipped(source=plain(source or "a proposal", 200), reason=plain(reason, 500)))
        return {"refused": reason}

    def _brief(self, request: ExploreRequest, proposal: Proposal) -> Brief:
        """Return the brief of a proposal that holds."""
        found = self._world.document(proposal.source)
        if any(proposal.environment == brief.environment for brief in self._briefs):
            raise BadAnswer(f"{proposal.environment} is proposed already; give another name to another environment")
        kept = self._document(proposal, found)
        chosen = [each.id for each in kept.resource.operations] if found.is_page else proposal.operations
        operations = _cited(kept, chosen)
        words = words_of([*chosen, *(kept.resource.operation(each).path for each in chosen)])
        self._check_new(proposal.environment, words)
        choice = {
            "environment": proposal.environment,
            "title": plain(proposal.title, 120),
            "summary": plain(proposal.summary, 300),
            "operations": operations,
            "why": plain(proposal.why, 300),
        }
        brief = brief_of(str(kept.file) if kept.file.name else kept.id, kept.resource, request.domain, choice)
        self._known[proposal.environment] = words
        if not found.file.name:
            return brief
        return brief.model_copy(update={"origin": found.url, "urls": list(dict.fromkeys([found.url, *brief.urls]))})

    def _document(self, proposal: Proposal, found: Kept) -> Kept:
        """Return the document that a proposal's operations stand in: of a page, the one that its citations make."""
        if not found.is_page:
            return found
        if not proposal.cited:
            raise BadAnswer(f"{found.id} is a page: give its operations in `cited`, each with the passage it is from")
        for operation in proposal.cited:
            check_citation(operation, found)
        data = as_document(proposal.title, proposal.summary, proposal.cited, found)
        file = self._trip.folder / f"cited-{digest(data)[:16]}.json"
        resource = import_document(data, source=file.name)
        write_atomically(file, data)
        note = {"page": found.url, "sha256": found.sha256, "operations": [each.id for each in proposal.cited]}
        write_atomically(file.with_suffix(".note.json"), canonical_json(note))
        return Kept(found.id, found.url, resource.provenance.sha256, file, "", resource)

    def _check_new(self, name: str, words: frozenset[str]) -> None:
        near = nearest(words, self._known)
        if near.share >= self._trip.config.alike:
            raise BadAnswer(
                f"{name} is nearly the same as {near.name}: they share {near.share:.0%} of what they are about "
                f"({', '.join(near.shared[:8])}); propose something else"
            )


def _cited(kept: Kept, chosen: list[str]) -> list[CitedOperation]:
    known = {operation.id: operation for operation in kept.resource.operations}
    unknown = [each for each in chosen if each not in known]
    if unknown:
        raise BadAnswer(f"{kept.id} has no operation {plain(unknown[0], 80)!r}; use ids exactly as given")
    if not LEAST <= len(set(chosen)) <= MOST:
        raise BadAnswer(f"{len(set(chosen))} operations; choose {LEAST} to {MOST} that belong together")
    return [CitedOperation(id=each, citation=known[each].citation) for each in dict.fromkeys(chosen)]


def _own_tools() -> list[dict[str, Any]]:
    finish = {"type": "object", "properties": {}, "additionalProperties": False}
    return [
        _function(
            PROPOSE, "Propose one environment; it is checked, and you hear what is wrong.", Proposal.model_json_schema()
        ),
        _function(DONE, "Say that nothing more is to be proposed.", finish),
    ]


def _function(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}
