"""The page of a run: what stands in it at once, what lies in it until it is opened, and that it is all only text."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json

import pytest

from envfactory.events import (
    CheckFinished,
    EnvironmentFinished,
    EnvironmentPlanned,
    Event,
    GateFinished,
    ModelCalled,
    ResourceSkipped,
    RoleFinished,
    RoleStarted,
    RunFinished,
    RunStarted,
    StopRequested,
    TasksPlanned,
    Usage,
)
from envfactory.pages.bodies import Packed
from envfactory.pages.document import document
from envfactory.pages.links import NOTHING, Link, Made
from envfactory.pages.runs import run_page
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story
from tests.pages.hostile import ALL, HOSTILE
from tests.pages.markup import Markup
from tests.traces.conftest import Recorded
from tests.traces.told import call, told


def page_of(store: TraceStore, made: Made = NOTHING, **record: str) -> str:
    story, bodies = read_story(store), Packed()
    assert story is not None
    return document("travel-1", run_page("travel-1", store, story, bodies, made, record), bodies.packs())


def packed(page: Markup) -> list[str]:
    return [text for pack in page.scripts[1:] for text in json.loads(gzip.decompress(base64.b64decode(pack)))]


def test_outcome_and_cost_stand_in_the_page(trace: TraceStore) -> None:
    text = Markup(page_of(trace, asked="travel", status="finished")).words
    assert "1 of 1 environments verified" in text
    assert "4 tasks kept" in text
    assert "2 model calls 200 → 40 tokens in → out $1.00 cost" in text
    assert "1 of 2 checks pass" in text
    assert "1 refused: proof: leak" in text


def test_calls_answered_from_the_record_are_told(recorded: Recorded) -> None:
    events = [
        dataclasses.replace(each, cached=True, usage=Usage(cached=1)) if isinstance(each, ModelCalled) else each
        for each in told()
    ]
    text = Markup(page_of(recorded(iter(events)))).words
    assert "2 model calls, all from the record" in text
    assert text.count("call 1 openai:qwen3, from the record") == 1


def test_every_prompt_answer_thought_and_difference_lies_in_it_in_full(trace: TraceStore) -> None:
    texts = packed(Markup(page_of(trace)))
    said = [
        m[key]
        for span in trace.spans()
        for m in trace.conversation(span["span_id"])
        for key in ("content", "reasoning")
    ]
    assert [text for text in said if text and text not in texts] == []
    assert any("-    return 1\n+    return 2" in text for text in texts)
    assert any('"got": 1' in text for text in texts)


def test_every_reference_leads_to_a_text(trace: TraceStore) -> None:
    page = Markup(page_of(trace))
    packs = [json.loads(gzip.decompress(base64.b64decode(pack))) for pack in page.scripts[1:]]
    places = [reference.split(".") for reference in page.references]
    assert len(places) > 9
    assert all(isinstance(packs[int(pack)][int(place)], str) for pack, place in places)


def test_steps_that_failed_are_marked_for_the_filter(trace: TraceStore) -> None:
    rows = [
        (attributes["data-role"], "failed" in (attributes["class"] or "").split())
        for tag, attributes in Markup(page_of(trace)).tags
        if tag == "details" and attributes.get("data-role")
    ]
    assert [row for row in rows if row[1]] == [("gate", True)]


def test_a_call_whose_answer_was_refused_says_so(trace: TraceStore) -> None:
    assert Markup(page_of(trace)).words.count("the answer was sent back") == 1


def test_what_was_made_is_linked(trace: TraceStore) -> None:
    made = Made({"rail": Link("environment", "#view-0.1")}, {"rail": [Link("rail-00001", "#view-0.2")]})
    assert {"#view-0.1", "#view-0.2"} <= set(Markup(page_of(trace, made)).attributes("href"))


def test_a_run_that_has_only_begun_has_a_page(recorded: Recorded) -> None:
    events = [
        RunStarted("r", "travel", False),
        EnvironmentPlanned("rail", "Rail", ""),
        RoleStarted("rail", "coder", 0, "rules"),
    ]
    text = Markup(page_of(recorded(iter(events)))).text
    assert "nothing on record: it is still at work" in text


ODD: dict[str, list[Event]] = {
    "a call of no role": [RunStarted("r", "travel", False), call("said to nobody")],
    "a role without an answer": [
        RunStarted("r", "travel", False),
        EnvironmentPlanned("rail", "Rail", ""),
        RoleStarted("rail", "coder", 0, "rules"),
        RoleFinished("rail", "coder", 0, "rules", "BadAnswer: 3 bad answers", "", 1.0),
        EnvironmentFinished("rail", "rejected", {"reasons": ["coder: 3 bad answers"]}),
    ],
    "a gate that was cut short": [
        RunStarted("r", "travel", False),
        EnvironmentPlanned("rail", "Rail", ""),
        CheckFinished("rail", 0, "lint", "pass"),
        RunStarted("r", "travel", True),
        ResourceSkipped("a.yaml", "no operations"),
        StopRequested(),
    ],
    "tasks of an environment that nothing was told of": [
        RunStarted("r", "travel", False),
        TasksPlanned("rail", "train", 5),
        RunFinished("r", "stopped", 0, 0),
    ],
    "words in a report that no page knows": [
        RunStarted("r", "travel", False),
        GateFinished(
            "rail", 0, "rejected", 0, 1, ["odd"], 1.0, '{"checks": [{"id": "odd", "status": "skip", "summary": ""}]}'
        ),
    ],
}


@pytest.mark.parametrize("events", ODD.values(), ids=ODD)
def test_whatever_became_of_a_run_it_has_a_page(recorded: Recorded, events: list[Event]) -> None:
    page = Markup(page_of(recorded(iter(events))))
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert len(page.attributes("data-name")) > 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_was_said_becomes_no_markup(recorded: Recorded, hostile: str) -> None:
    plain, page = (
        Markup(page_of(recorded(told(thought=word, second=word, title=word)), asked=word, status="finished"))
        for word in ("harmless", hostile)
    )
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert [set(attributes) for _, attributes in page.tags] == [set(attributes) for _, attributes in plain.tags]
    assert hostile.replace("\x00", "") in page.text.replace("\x00", "")


def test_texts_are_escaped_once(recorded: Recorded) -> None:
    page = Markup(page_of(recorded(told(title="a < b & c &amp; d"))))
    assert "a < b & c &amp; d" in page.text


def test_nothing_hostile_stands_outside_its_pack(recorded: Recorded) -> None:
    raw = page_of(recorded(told(thought=ALL, second=ALL)))
    assert "hacked" not in raw
    assert any(ALL.replace("\x00", "") in text.replace("\x00", "") for text in packed(Markup(raw)))
