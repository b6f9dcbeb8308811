"""The independent reader: what it hears in words, what it takes for a leak, and that it shares nothing with the wording."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import envfactory
from envfactory.environments.contract import Contracts
from envfactory.refinement.audit import Known, audit_words, leaks
from envfactory.refinement.edits import call_with, turn_with
from envfactory.refinement.hearing import Ear
from envfactory.refinement.locate import located
from envfactory.tasks.model import Mention, Reply, Task
from envfactory.tasks.scope import Scope
from tests.refinement.hand import booking, said

NOW = "2026-05-12T08:00:00Z"
NOTHING = Known(frozenset(), frozenset(), frozenset(), frozenset(), frozenset())
FIELDS = frozenset({"departs at", "valid until"})


def heard(contracts: Contracts, text: str, words: str, mention: Mention, *others: Mention) -> str:
    """Return the verdict on a mention whose span is that of some words of the text (`` for none)."""
    start = text.index(words)
    spoken = mention.model_copy(update={"span": (start, start + len(words))})
    found = Ear(text, NOW, contracts, [spoken, *others]).hear(spoken)
    return found.kind if found else ""


DAY = "search_boats.start_date"


@pytest.mark.parametrize(
    ("text", "words", "slot", "value", "form", "verdict"),
    [
        ("A boat on 14 May, please.", "14 May", DAY, "2026-05-14", "stated", ""),
        ("A boat on Thursday, please.", "Thursday", DAY, "2026-05-14", "relative", ""),
        ("A boat tomorrow, please.", "tomorrow", DAY, "2026-05-14", "relative", "contradicted"),
        ("A boat, please.", "boat", DAY, "2026-05-14", "stated", "missing"),
        ("From 14 to 16 May.", "14 to 16 May", "search_boats.end_date", "2026-05-16", "stated", ""),
        ("For two of us.", "two", "book_boat.crew", 2, "stated", ""),
        ("For three of us.", "three", "book_boat.crew", 2, "stated", "contradicted"),
        ("Just for me.", "Just for me", "book_boat.crew", 1, "stated", ""),
        ("In Porto.", "Porto", "search_boats.harbour", "Porto", "stated", ""),
        ("In Split.", "Split", "search_boats.harbour", "Porto", "stated", "missing"),
        ("A sailing boat.", "sailing", "search_boats.kind", "sail", "stated", "missing"),
        ("A sail or a motor boat.", "sail or a motor", "search_boats.kind", "sail", "stated", "ambiguous"),
        ("At most €100.", "At most €100", "boats.total_cents", 10_000, "vague", ""),
        ("At least €100.", "At least €100", "boats.total_cents", 10_000, "vague", "missing"),
        ("€100 a day.", "€100", "search_boats.max_day_cents", 10_000, "stated", ""),
        ("€99 a day.", "€99", "search_boats.max_day_cents", 10_000, "stated", "contradicted"),
        ("The cheapest one.", "cheapest", "boats.total_cents", "min", "ranked", ""),
        ("The dearest one.", "dearest", "boats.total_cents", "min", "ranked", "contradicted"),
        ("The earliest one.", "earliest", "boats.total_cents", "min", "ranked", "contradicted"),
        ("The Sardinha.", "Sardinha", "boats.total_cents", "min", "ranked", "missing"),
        ("Cancel it.", "it", "hires.id", "hi_15", "referred", ""),
        ("Cancel a hire.", "a hire", "hires.id", "hi_15", "referred", "missing"),
    ],
)
def test_what_a_reader_hears(
    contracts: Contracts, text: str, words: str, slot: str, value: Any, form: str, verdict: str
) -> None:
    assert heard(contracts, text, words, said("m", slot, value, form)) == verdict


def test_a_length_tells_the_end_where_the_beginning_is_said(contracts: Contracts) -> None:
    start = said("s", DAY, "2026-05-14")
    end = said("e", "search_boats.end_date", "2026-05-16")
    assert heard(contracts, "For two nights from Thursday.", "two nights", end, start) == ""
    assert heard(contracts, "For five nights from Thursday.", "five nights", end, start) != ""


def test_no_span_is_no_words(contracts: Contracts) -> None:
    found = Ear("In Porto.", NOW, contracts, ()).hear(said("h", "search_boats.harbour", "Porto"))
    assert found is not None
    assert found.kind == "missing"


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("Please call book_boat.", "a tool's or parameter's name: book_boat"),
        ("My hire is hi_15.", "a key: hi_15"),
        ("Set max_day_cents to 5.", "snake case: max_day_cents"),
        ('{"crew": 2}', "JSON: {"),
        ("It leaves 2026-05-14T10:00.", "a time stamp: 2026-05-14T10:00"),
        ("Take bt_9932 then.", "an id: bt_9932"),
        ("The one with the highest departs at, please.", "a field's name: departs at"),
        ("The pack with the latest valid until, please.", "a field's name: valid until"),
        ("Please move it to.", "nothing after: to"),
        ("A boat in {harbour}.", "a hole: {harbour}"),
    ],
)
def test_what_no_person_writes(text: str, leak: str) -> None:
    known = Known(frozenset(), frozenset({"hi_15"}), frozenset({"book_boat"}), FIELDS, frozenset())
    assert leak in leaks(text, [], known)


@pytest.mark.parametrize(
    "text",
    [
        "What does it come to?",
        "It departs at 5pm.",
        "my pack that's valid until September 15",
        "the ticket valid until Friday",
        "My card is NV133908.",
        "A 3-day trip, check-in at 4.",
        "mr. x@y_z.org",
    ],
)
def test_what_people_do_write(text: str) -> None:
    assert leaks(text, [], NOTHING._replace(fields=FIELDS)) == []


# --- whole turns ------------------------------------------------------------------------------------------------------

FIRST = "Which boats are free in Porto from 14 to 16 May?"
SECOND = "Then I'd like the Sardinha from Thursday to Saturday for two people."


def worded(scope: Scope, first: str = FIRST, second: str = SECOND) -> Task:
    """Return the hand-made booking in given words, each mention found where the words say it."""
    task = booking(scope)
    contracts = {"boat_hire": scope.contracts("boat_hire")}
    for number, text in enumerate((first, second)):
        mentions = located(text, task.turns[number].mentions, contracts, [])
        task = turn_with(task, number, text=text, mentions=mentions)
    return task


def kinds(task: Task, scope: Scope) -> set[tuple[int, str]]:
    return {(each.turn, each.kind) for each in audit_words(task, scope)}


def test_good_words_pass(scope: Scope) -> None:
    assert audit_words(worded(scope), scope) == []


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (FIRST.replace("Porto", "town"), SECOND, (0, "missing")),
        (FIRST.replace("16", "17"), SECOND, (0, "missing")),
        (FIRST, SECOND.replace("two people", "you and me"), (1, "missing")),
        (FIRST, SECOND + " We have €500.", (1, "extra")),
        (FIRST, SECOND + " Not the Gaivota.", (1, "extra")),
        (FIRST + " Maybe the Sardinha?", SECOND, (0, "other_turn")),
        (FIRST, SECOND.replace("Sardinha", "bt_03"), (1, "leak")),
        (FIRST, "", (1, "empty")),
    ],
)
def test_bad_words_do_not(scope: Scope, first: str, second: str, found: tuple[int, str]) -> None:
    assert found in kinds(worded(scope, first, second), scope)


def test_what_is_said_is_not_asked_for(scope: Scope) -> None:
    task = worded(scope)
    again = [each for each in task.turns[1].mentions if each.id == "c"]
    reply = Reply(
        question="How many?",
        text="For two people.",
        mentions=located("For two people.", again, {"boat_hire": scope.contracts("boat_hire")}, []),
    )
    assert (1, "answered") in kinds(turn_with(task, 1, replies=[reply]), scope)


def test_a_question_is_not_asked_twice(scope: Scope) -> None:
    task = worded(scope)
    same = task.gold[0].model_copy(update={"sources": {}})
    first = task.turns[0]
    twice = task.model_copy(
        update={
            "gold": [task.gold[0], same],
            "turns": [
                first,
                first.model_copy(
                    update={"calls": (1, 2), "requests": [first.requests[0].model_copy(update={"call": 1})]}
                ),
            ],
        }
    )
    assert (1, "answered") in kinds(twice, scope)
    assert call_with(twice, 1, arguments={}).gold[1].arguments == {}


# --- independence -----------------------------------------------------------------------------------------------------


def imported(module: str) -> set[str]:
    """Return the modules of ours that a module imports, directly or not."""
    root = Path(envfactory.__file__).parent
    seen: set[str] = set()
    queue = [module]
    while queue:
        name = queue.pop()
        path = root.joinpath(*name.split(".")[1:])
        file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        if name in seen or not file.exists():
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("envfactory"):
                queue += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    return seen


@pytest.mark.parametrize("module", ["audit", "hearing", "locate", "flow"])
def test_the_reader_shares_no_code_with_the_wording(module: str) -> None:
    found = imported(f"envfactory.refinement.{module}")
    assert not {name for name in found if name.startswith(("envfactory.phrasing", "envfactory.refinement.operators"))}
    assert "envfactory.tasks.model" in found
