"""Lives played through the tools: in the order of time, by the rules, and with what fell short said."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.design import Design, design_environment
from tests.support import LocalWorker
from tests.synthesis.documents import Change, operation, schema, workshop


def designed(*changes: Change, seed: int = 1, operations: list[str] | None = None) -> Design:
    return design_environment(workshop(*changes), operations, seed=seed, worker=LocalWorker())


def calls(*entries: dict[str, Any]) -> Change:
    return lambda document: schema(document, "Job")["x-env"]["seed"].update(calls=list(entries))


def guard(path: str, condition: str, code: str) -> Change:
    return lambda document: (
        operation(document, path, "post")["x-env"].setdefault("steps", []).append({"guard": condition, "else": code})
    )


def test_every_life_is_played_and_each_path_of_then_occurs() -> None:
    jobs = designed().seed_rows["jobs"]

    assert len(jobs) == 12
    assert {job["state"] for job in jobs} == {"open", "done", "paid"}


def test_time_only_moves_forward_and_never_past_the_clock() -> None:
    design = designed()

    opened = [job["opened_at"] for job in design.seed_rows["jobs"]]
    assert opened == sorted(opened)
    assert opened[0] >= "2026-04-22"
    assert opened[-1] <= design.contracts.now
    assert all(job["starts_on"] >= job["opened_at"][:10] for job in design.seed_rows["jobs"])


def test_stated_arguments_are_used_and_sql_sees_the_others() -> None:
    heavy = {"sql": "SELECT id FROM bikes WHERE weight = (SELECT MAX(weight) FROM bikes)"}
    entry = {"tool": "open_job", "times": 3, "at": [-3, -3], "arguments": {"bike_id": heavy, "from": {"range": [2, 2]}}}

    design = designed(calls({**entry, "arguments": {"bike_id": heavy, "from_": {"range": [2, 2]}}}))

    heaviest = max(design.seed_rows["bikes"], key=lambda bike: bike["weight"])["id"]
    assert {job["bike_id"] for job in design.seed_rows["jobs"]} == {heaviest}
    assert {job["starts_on"] for job in design.seed_rows["jobs"]} <= {"2026-05-11", "2026-05-14"}


def test_followers_wait_for_the_moment_at_which_they_are_accepted() -> None:
    late = guard("/jobs/{job_id}/move", "julianday($now) - julianday($job.opened_at) BETWEEN 3 AND 4", "NOT_NOW")
    entry = {"tool": "open_job", "times": 10, "at": [-9, -6], "then": [["move_job"]]}

    design = designed(late, calls(entry))

    assert [job["state"] for job in design.seed_rows["jobs"]].count("done") >= 8


def test_rows_are_chosen_so_that_guards_pass() -> None:
    light = guard("/jobs", "$bike.weight < 20 AND $bike.colour = 'blue'", "TOO_HEAVY")

    design = designed(light, calls({"tool": "open_job", "times": 15}))

    bikes = {bike["id"]: bike for bike in design.seed_rows["bikes"]}
    chosen = [bikes[job["bike_id"]] for job in design.seed_rows["jobs"]]
    assert len(chosen) == 15
    assert all(bike["weight"] < 20 and bike["colour"] == "blue" for bike in chosen)


def test_ids_of_played_rows_are_not_those_of_an_episode() -> None:
    design = designed(seed=0)
    worker = LocalWorker()
    dumped = [tool.model_dump(mode="json", by_alias=True, exclude_defaults=True) for tool in design.contracts.tools]
    spec = {"contracts": dumped, "tools": None, "now": design.contracts.now}
    worker.request("load", {**spec, "schema": design.schema_sql, "seed_rows": design.seed_rows, "seed": 0})

    bike = design.seed_rows["bikes"][0]["id"]
    outcomes = worker.request("episode", {"calls": [["open_job", {"bike_id": bike}]] * 20})

    assert [outcome["status"] for outcome in outcomes] == ["ok"] * 20


def test_tools_that_were_not_chosen_are_played_all_the_same() -> None:
    design = designed(operations=["getBike", "listBikes"])

    assert [tool.name for tool in design.contracts.tools] == ["get_bike", "list_bikes"]
    assert len(design.seed_rows["jobs"]) == 12


def test_less_than_half_is_a_note_with_the_refusals() -> None:
    few = guard("/jobs", "(SELECT COUNT(*) FROM jobs) < 2", "FULL")

    design = designed(few, calls({"tool": "open_job", "times": 10}))

    assert len(design.seed_rows["jobs"]) == 2
    assert any("2 of 10 calls succeeded; refused with FULL" in note for note in design.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([guard("/jobs", "1 = 2", "NEVER")], r"seed of jobs, open_job: never succeeded; refused with NEVER \d+ times"),
        ([calls({"tool": "fly"})], "fly is not among the chosen tools"),
        ([calls({"tool": "open_job", "arguments": {"bik_id": {"values": [1]}}})], "there is no parameter bik_id"),
        ([calls({"tool": "open_job", "arguments": {"bike_id": {"sql": "SELECT x"}}})], "no such column: x"),
        ([guard("/jobs", "absent(1)", "X")], "no such function: absent"),
        ([calls({"tool": "open_job", "at": [1, 2]})], "never after now"),
    ],
)  # fmt: skip
def test_entries_that_cannot_work_are_faults_of_the_document(changes: list[Change], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        designed(*changes)
