"""The commands `tasks ...`: finding files and tasks, the list, the page of a task, mistakes in what is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.cli.taskpage import WIDTH, task_page
from envfactory.tasks.files import write_tasks
from envfactory.tasks.model import (
    Calibration,
    Change,
    Condition,
    EnvironmentRef,
    Fact,
    FromProfile,
    FromResult,
    Goal,
    GoldCall,
    Mention,
    OperatorRecord,
    Persona,
    Profile,
    Rank,
    Reply,
    Said,
    Task,
    Turn,
    Verdict,
)
from envfactory.tasks.model import Path as Way
from tests.cli.conftest import Call

QUOTES = {
    "quotes": [{"area_id": "ar_1", "name": "Stalls", "price": 4200}, {"area_id": "ar_2", "name": "Box", "price": 9900}]
}


def task(id: str = "concerts-00001", split: str = "train") -> Task:
    """A person asks for the cheapest seats for Friday, and gets two."""
    asked = Mention(id="m1", environment="concerts", slot="find_seats.day", value="2027-03-05", words="this Friday")
    cheapest = Mention(
        id="m2", environment="concerts", slot="areas.price", value="min", form="ranked", words="cheapest"
    )
    people = Mention(id="m3", environment="concerts", slot="book.people", value=2, words="Two")
    return Task.model_validate(
        {
            "id": id,
            "seed": 0,
            "index": 1,
            "environments": [
                EnvironmentRef(name="concerts", domain="leisure", content_hash="ab" * 32, now="2027-03-01T09:00:00Z")
            ],
            "split": split,
            "story": "looking and booking",
            "persona": Persona(tone="chatty", situation="it is her mother's birthday", party=2),
            "profile": [Profile(environment="concerts", table="guests", columns={"guest_id": "gu_7"})],
            "turns": [
                Turn(
                    text="What are the cheapest seats this Friday?",
                    plain="Please find the cheapest seats on 5 March 2027.",
                    mentions=[asked, cheapest],
                    calls=(0, 1),
                    facts=[Fact(name="price", kind="money", value=4200, call=0, path="quotes[0].price", unit="EUR")],
                    outcome="informed",
                    operators=[OperatorRecord(operator="relative_date", mentions=["m1"])],
                ),
                Turn(
                    text="Book those, please.",
                    replies=[Reply(question="For how many people?", text="Two.", mentions=[people])],
                    calls=(1, 2),
                    outcome="done",
                ),
            ],
            "gold": [
                GoldCall(
                    environment="concerts",
                    tool="find_seats",
                    arguments={"day": "2027-03-05"},
                    sources={"day": Said(mention="m1")},
                    result=QUOTES,
                ),
                GoldCall(
                    environment="concerts",
                    tool="book",
                    arguments={"area_id": "ar_1", "people": 2, "guest_id": "gu_7"},
                    sources={
                        "area_id": FromResult(
                            call=0,
                            path="quotes[0].area_id",
                            where=[Condition(field="name", value="Stalls")],
                            rank=Rank(field="price", order="min", mention="m2"),
                        ),
                        "people": Said(mention="m3"),
                        "guest_id": FromProfile(environment="concerts", column="guest_id"),
                    },
                    result={"booking_id": "bo_1"},
                ),
            ],
            "goal": Goal(
                changes={
                    "concerts": [
                        Change(table="bookings", op="insert", key=["bo_1"], after={"id": "bo_1", "people": 2}),
                        Change(table="areas", op="update", key=["ar_1"], before={"left": 9}, after={"left": 7}),
                    ]
                }
            ),
            "accept": [Way(kind="gold"), Way(kind="extra_read", note="another: find_seats")],
            "reject": [Way(kind="nothing"), Way(kind="wrong_target", note="book.area_id = 'ar_2'")],
            "verdicts": {
                "task.accepts": Verdict(status="pass"),
                "task.rejects": Verdict(status="fail", evidence="nothing is accepted", remedy="ask for more"),
            },
            "calibration": Calibration(solver="rules", attempts=4, solved=3, calls=[2, 2, 3, 5]),
        }
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    place = tmp_path / "datasets" / "leisure" / "tasks.jsonl"
    write_tasks(place, [task(), task("concerts-00012", "heldout")])
    return place


def page_of(shown: Task) -> str:
    """A task's page as one line of words: where it breaks is not what is tested here."""
    return " ".join(word for line in task_page(shown) for word in line.plain.split())


@pytest.mark.parametrize(
    "said",
    [
        "concerts-00001  concerts  train  2 turns, 2 calls, linear",
        "speaker     chatty, party of 2: it is her mother's birthday",
        "signed in   guest_id gu_7 (concerts.guests)",
        "graded      not verified, 1 of 2 checks; solved 3 of 4 times by rules in 2 to 5 calls",
        "says        What are the cheapest seats this Friday?",
        "plainly     Please find the cheapest seats on 5 March 2027.",
        "operators   relative_date (“this Friday”)",
        "day  2027-03-05  ← said “this Friday”",
        "area_id   ar_1  ← call 1 quotes[0].area_id, where name is Stalls, least price (“cheapest” in turn 1)",
        "people    2  ← said “Two” when asked",
        "guest_id  gu_7  ← profile guest_id",
        "→ quotes 2 rows",
        "quotes[0]: area_id ar_1, name Stalls, price 4200",
        "must state  price €42.00 (call 1 quotes[0].price)",
        "if asked    For how many people?",
        "+ bookings bo_1  people 2",
        "~ areas ar_1  left 9 → 7",
        "accepted: 2 paths",
        "wrong_target  book.area_id = 'ar_2'",
        "checks: 1 of 2 passed",
        "task.rejects fail  nothing is accepted (ask for more)",
    ],
)
def test_the_page_says(said: str) -> None:
    assert " ".join(said.split()) in page_of(task())


@pytest.mark.parametrize("width", [WIDTH, 80])
def test_the_page_fits_its_width(width: int) -> None:
    long = task().model_copy(update={"story": "a very long story " * 20})
    assert max(len(line.plain) for line in task_page(long, width)) == width  # the rules above the turns reach so far


def test_the_page_shows_the_answers_the_grader_was_proven_with() -> None:
    gold = Way(kind="gold", answers=["The stalls, at €42.", "Booked."])
    told = page_of(task().model_copy(update={"accept": [gold]}))
    assert "answers The stalls, at €42." in told
    assert "answers Booked." in told


def test_the_list_has_a_line_a_task(call: Call, stored: Path) -> None:
    lines = call("tasks", "list").out.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["concerts-00001", "concerts", "train"],
        ["concerts-00012", "concerts", "heldout"],
    ]
    assert lines[-1] == "2 tasks"


def test_the_list_can_be_narrowed(call: Call, stored: Path) -> None:
    (row,) = json.loads(call("tasks", "list", str(stored.parent), "--split", "heldout", "--json").out)
    assert (row["task"], row["solved"], row["operators"]) == ("concerts-00012", [3, 4], {"relative_date": 1})
    assert call("tasks", "list", "--env", "opera").status == 1


@pytest.mark.parametrize("id", ["concerts-00001", "concerts-00001"[:-1] + "1", "concerts-0000"])
def test_a_task_is_found_by_the_beginning_of_its_id(call: Call, stored: Path, id: str) -> None:
    told = call("tasks", "show", id)
    assert (told.status, told.out.splitlines()[0].split()[0]) == (0, "concerts-00001")


def test_show_as_json_is_the_task(call: Call, stored: Path) -> None:
    assert Task.model_validate_json(call("tasks", "show", "concerts-00012", "--json").out) == task(
        "concerts-00012", "heldout"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tasks", "show", "concerts-000"), "2 tasks begin with concerts-000"),
        (("tasks", "show", "opera"), "no tasks begin with opera"),
        (("tasks", "show", "x", "--from", "nowhere"), "nowhere does not exist"),
        (("tasks", "grade", "nowhere.jsonl"), "nowhere.jsonl: No such file"),
        (("tasks", "replay", "concerts-00001"), "library has no environment concerts"),
        (("refine", "nowhere.jsonl", "--library", "datasets", "--out", "x.jsonl"), "nowhere.jsonl: No such file"),
        (("sample", "datasets", "--out", "x.jsonl"), "no environment"),
        (("export", "nowhere.jsonl", "--library", "l", "--out", "d", "--format", "csv"), "tasks.formats"),
    ],
)
def test_mistakes_are_told_in_two_lines(call: Call, stored: Path, arguments: tuple[str, ...], says: str) -> None:
    told = call(*arguments)
    assert (told.status, len(told.err.splitlines())) == (2, 2)
    assert says in told.err


def test_a_line_that_is_no_task_is_named(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('\n{"id": "x"}\n')
    told = call("tasks", "list", "bad.jsonl")
    assert (told.status, "bad.jsonl, line 2 is no task" in told.err) == (2, True)


@pytest.mark.parametrize("line", ["[]", "{", '{"calls": []}', '{"task": "a", "calls": [{"tool": 1}]}'])
def test_a_line_that_is_no_rollout_is_named(call: Call, stored: Path, tmp_path: Path, line: str) -> None:
    (tmp_path / "rollouts.jsonl").write_text(f"{line}\n")
    told = call("tasks", "grade", "rollouts.jsonl")
    assert (told.status, "rollouts.jsonl, line 1" in told.err) == (2, True)


def test_a_rollout_of_an_unknown_task_is_told(call: Call, stored: Path, tmp_path: Path) -> None:
    (tmp_path / "rollouts.jsonl").write_text('{"task": "opera-1"}\n')
    assert "there is no task opera-1" in call("tasks", "grade", "rollouts.jsonl").err
