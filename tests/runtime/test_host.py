"""Episodes as a worker offers them: calls, probes, walks, snapshots, faults."""

from __future__ import annotations

from typing import Any

import pytest

from envfactory.runtime.episode import Episode, Program, build_image
from envfactory.runtime.host import Host
from tests.runtime.conftest import CODE, SCHEMA, spec


def call(host: Host, tool: str, **arguments: Any) -> Any:
    return host.handle("call", {"tool": tool, "arguments": arguments})


def rooms(host: Host, **place: Any) -> dict[str, int]:
    return {row["id"]: row["free"] for row in host.handle("rows", place)["rooms"]}


def test_a_call_changes_the_episode(host: Host) -> None:
    outcome = call(host, "book", room_id="r1", n=2)
    assert (outcome["status"], outcome["result"]["was_free"], outcome["result"]["free"]) == ("ok", 3, 1)
    assert rooms(host) == {"r1": 1, "r2": 0}


def test_a_reset_restores_state_and_ids(host: Host) -> None:
    first = call(host, "book", room_id="r1", n=1)
    host.handle("reset", {})
    assert rooms(host)["r1"] == 3
    assert call(host, "book", room_id="r1", n=1) == first


def test_read_results_show_booleans(host: Host) -> None:
    rows = [{"id": "r1", "free": 3, "open": True}, {"id": "r2", "free": 0, "open": False}]
    assert call(host, "list_rooms")["result"] == {"rooms": rows}


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("book", {"room_id": "r9", "n": 1}, "ROOM_NOT_FOUND"),
        ("book", {"room_id": "r2", "n": 1}, "FULL"),
        ("book", {"room_id": "r2", "n": "1"}, "INVALID_ARGUMENT"),
        ("book", [], "INVALID_ARGUMENT"),
        ("__init__", {}, "UNKNOWN_TOOL"),
        ("handle", {}, "UNKNOWN_TOOL"),
    ],
)
def test_refusals_leave_no_trace(host: Host, tool: str, arguments: Any, code: str) -> None:
    outcome = host.handle("call", {"tool": tool, "arguments": arguments})
    assert (outcome["status"], outcome["code"]) == ("error", code)
    assert host.handle("rows", {})["bookings"] == []


def test_contracts_name_every_failing_code(contracted: Host) -> None:
    assert call(contracted, "book", room_id="r1", n=7)["codes"] == ["FULL", "TOO_MANY"]
    assert call(contracted, "book", room_id="r9", n=7)["codes"] == ["ROOM_NOT_FOUND", "TOO_MANY"]


def test_probes_tell_changes_and_are_undone(host: Host) -> None:
    probe = {"tool": "book", "arguments": {"room_id": "r1", "n": 1}, "setup": [["book", {"room_id": "r1", "n": 2}]]}
    first, second = host.handle("probe", [probe, probe])
    assert first == second
    inserted, updated = first["changes"]
    assert (inserted["op"], inserted["after"]["n"]) == ("insert", 1)
    assert updated == {"table": "rooms", "op": "update", "key": ["r1"], "before": {"free": 1}, "after": {"free": 0}}


def test_probes_that_share_a_set_up_see_what_they_would_alone(host: Host) -> None:
    setup = [["book", {"room_id": "r1", "n": 1}]]
    probes = [
        {"tool": "book", "arguments": {"room_id": "r1", "n": n}, "setup": setup, "now": now}
        for now in (None, "2027-01-01T00:00:00Z")
        for n in (1, 2, 3, 2)
    ]
    together = host.handle("probe", probes)
    alone = [host.handle("probe", [probe])[0] for probe in probes]
    assert together == alone
    assert [answer["outcome"]["status"] for answer in together[:4]] == ["ok", "ok", "error", "ok"]
    assert rooms(host)["r1"] == 3


def test_set_ups_that_only_look_alike_are_not_shared(host: Host) -> None:
    probes = [
        {"tool": "list_rooms", "arguments": {}, "setup": [["book", {"room_id": "r1", "n": n}]]} for n in (1, True)
    ]
    first, second = (answer["setup"][0]["status"] for answer in host.handle("probe", probes))
    assert (first, second) == ("ok", "error")


def test_without_the_savepoint_a_partial_write_shows(coded: Host) -> None:
    probe = {"tool": "book", "arguments": {"room_id": "r2", "n": 1}, "atomic": False}
    observed = coded.handle("probe", [probe])[0]
    assert observed["outcome"]["code"] == "FULL"
    assert [change["op"] for change in observed["changes"]] == ["insert"]


def test_a_walk_ends_with_its_image(host: Host) -> None:
    walked = host.handle("walk", {"calls": [["book", {"room_id": "r1", "n": 1}]] * 4})
    assert [step["outcome"]["status"] for step in walked["steps"]] == ["ok", "ok", "ok", "error"]
    assert host.handle("query", {"image": walked["image"], "sql": "SELECT free FROM rooms WHERE id = 'r1'"}) == [
        {"free": 0}
    ]


def test_snapshot_fork_and_restore(host: Host) -> None:
    call(host, "book", room_id="r1", n=1)
    snapshot = host.handle("snapshot", {})
    host.handle("fork", {"to": "twin"})
    host.handle("call", {"episode": "twin", "tool": "book", "arguments": {"room_id": "r1", "n": 2}})
    assert (rooms(host)["r1"], rooms(host, episode="twin")["r1"]) == (2, 0)
    call(host, "book", room_id="r1", n=1)
    host.handle("restore", {"snapshot": snapshot})
    assert rooms(host)["r1"] == 2


def test_episodes_do_not_see_each_other(host: Host) -> None:
    host.handle("call", {"episode": 1, "tool": "book", "arguments": {"room_id": "r1", "n": 3}})
    host.handle("call", {"episode": 2, "tool": "book", "arguments": {"room_id": "r1", "n": 1}})
    assert (rooms(host, episode=1)["r1"], rooms(host, episode=2)["r1"]) == (0, 2)


def test_faults_answer_instead_of_the_tool(host: Host) -> None:
    host.handle("reset", {"faults": {"seed": 1, "rate": 0.6}})
    outcomes = [call(host, "book", room_id="r1", n=1) for _ in range(12)]
    statuses = [outcome["status"] for outcome in outcomes]
    assert set(statuses) == {"ok", "fault", "error"}
    assert rooms(host)["r1"] == 3 - statuses.count("ok")


def test_a_stale_read_shows_the_state_before_the_last_write(host: Host) -> None:
    host.handle("reset", {"faults": {"seed": 1, "rate": 0.999, "kinds": ["STALE_READ"]}})  # two of three calls
    assert call(host, "list_rooms")["result"]["rooms"][0]["free"] == 3  # nothing was written yet
    booked = call(host, "book", room_id="r1", n=1)
    assert (booked["status"], booked["result"]["free"]) == ("ok", 2)  # a write is never stale
    assert call(host, "book", room_id="r1", n=1)["result"]["free"] == 1
    seen = [call(host, "list_rooms") for _ in range(3)]
    assert [each["result"]["rooms"][0]["free"] for each in seen] == [2, 2, 1]
    assert [each.get("stale", False) for each in seen] == [True, True, False]
    assert rooms(host)["r1"] == 1


def test_conditions_are_true_false_or_an_error(host: Host) -> None:
    expressions = {
        "yes": "(SELECT SUM(free) FROM rooms) = 3",
        "no": "$today > '2028'",
        "null": "NULL",
        "broken": "no such",
    }
    answers = host.handle("check", {"expressions": expressions})
    assert (answers["yes"], answers["no"], answers["null"]) == (True, False, False)
    assert "syntax error" in answers["broken"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import os", "may not import os"),
        ("open('/etc/passwd')", "name 'open' is not defined"),
        ("ctx.db.execute('COMMIT')", "not authorized"),
        ("ctx.db.execute('PRAGMA foreign_keys = OFF')", "not authorized"),
        ("ctx.db.execute(\"ATTACH ':memory:' AS x\")", "not authorized"),
        ("ctx.db.execute('DROP TABLE rooms')", "not authorized"),
        ("ctx.db.execute('SELECT random()')", "not authorized"),
        ("ctx.execute(\"UPDATE rooms SET free = -1 WHERE id = 'r1'\")", "CHECK constraint failed"),
        ("return {1: float('nan')}", "not JSON compliant"),
        ("return object()", "not JSON serializable"),
        (
            "ctx.value('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n')",
            "interrupted",
        ),
        ("return [] + 1", "TypeError"),
    ],
)
def test_what_tool_code_must_not_do_is_a_crash_without_trace(body: str, says: str) -> None:
    host = Host()
    host.handle("load", spec(f"def book(ctx, *, room_id, n):\n    {body}\n\ndef list_rooms(ctx):\n    return {{}}\n"))
    outcome = call(host, "book", room_id="r1", n=1)
    assert outcome["status"] == "crash"
    assert says in outcome["message"]


def test_tools_read_lists_by_json_each() -> None:
    host = Host()
    body = "return {'n': ctx.value('SELECT COUNT(*) FROM json_each(:items)', items='[1, 2, 3]')}"
    host.handle("load", spec(f"def book(ctx, *, room_id, n):\n    {body}\n\ndef list_rooms(ctx):\n    return {{}}\n"))
    assert call(host, "book", room_id="r1", n=1)["result"] == {"n": 3}
    host.handle("reset", {})
    assert call(host, "book", room_id="r1", n=1)["result"] == {"n": 3}


def test_a_variant_replaces_one_function_until_cleared(coded: Host) -> None:
    coded.handle("variant", {"tool": "list_rooms", "source": "def list_rooms(ctx):\n    return {'rooms': 7}\n"})
    assert call(coded, "list_rooms")["result"] == {"rooms": 7}
    coded.handle("variant", {"tool": "list_rooms", "source": None})
    assert len(call(coded, "list_rooms")["result"]["rooms"]) == 2


def test_a_fresh_module_forgets_its_state() -> None:
    source = CODE + "\nseen = []\n\ndef list_rooms(ctx):\n    seen.append(1)\n    return {'n': len(seen)}\n"
    host = Host()
    host.handle("load", spec(source))
    calls = [["list_rooms", {}]] * 3
    warm = [step["outcome"]["result"]["n"] for step in host.handle("walk", {"calls": calls})["steps"]]
    fresh = [step["outcome"]["result"]["n"] for step in host.handle("walk", {"calls": calls, "fresh": True})["steps"]]
    assert (warm, fresh) == ([1, 2, 3], [1, 1, 1])


def test_a_seed_that_breaks_a_reference_is_refused() -> None:
    broken = spec(None)
    broken["seed_rows"] = {"rooms": [], "bookings": [{"id": "b", "room_id": "r9", "n": 1}]}
    with pytest.raises(ValueError, match="row 1 of bookings refers to a missing row of rooms"):
        Host().handle("load", broken)


def test_a_path_is_played_in_one_frame_with_marks_and_changes(host: Host) -> None:
    steps = [
        ["book", {"room_id": "r1", "n": 1}, {}],
        ["list_rooms", {}, {}],
        ["book", {"room_id": "r1", "n": 9}, {"n": [0, "free"]}],
    ]
    told = host.handle("play", {"steps": steps, "fresh": True, "marks": [0, 1], "changes": True})
    assert [len(marked) for marked in told["marks"]] == [0, 2]
    assert told["outcomes"][2]["result"]["free"] == 0
    assert [change["op"] for change in told["changes"]] == ["insert", "insert", "update"]


def test_a_path_can_be_undone(host: Host) -> None:
    step = ["book", {"room_id": "r1", "n": 1}, {}]
    first = host.handle("play", {"steps": [step], "undo": True, "changes": True})
    assert host.handle("play", {"steps": [step], "undo": True, "changes": True}) == first
    assert host.handle("play", {"steps": [], "changes": True})["changes"] == []


def test_the_difference_of_an_image_is_what_was_logged(host: Host) -> None:
    step = ["book", {"room_id": "r1", "n": 2}, {}]
    told = host.handle("play", {"steps": [step], "changes": True, "image": True})
    assert host.handle("difference", {"image": told["image"]}) == told["changes"] != []


def test_an_image_of_other_tables_is_no_state_of_this_environment(host: Host) -> None:
    with pytest.raises(ValueError, match="different tables"):
        host.handle("difference", {"image": build_image("CREATE TABLE other (id TEXT PRIMARY KEY) STRICT;", {})})


def test_each_call_of_a_set_up_can_have_its_own_time(host: Host) -> None:
    noted = {
        "name": "note",
        "kind": "write",
        "description": "Note the time.",
        "effects": [{"insert": "notes", "set": {"at": ":now"}}],
        "result": {"notes": {"rows": "SELECT at FROM notes ORDER BY at"}},
    }
    schema = "CREATE TABLE notes (at TEXT PRIMARY KEY) STRICT;"
    host.handle("load", {"contracts": [noted], "now": "2026-03-01T00:00:00Z", "schema": schema, "seed_rows": {}})
    times = [None, "2026-03-02T00:00:00Z"]
    probe = {"tool": "note", "arguments": {}, "setup": [["note", {}]] * 2, "now": "2026-03-05T00:00:00Z"}
    apart, together = host.handle("probe", [{**probe, "setup_at": times}, probe])
    assert [row["at"][8:10] for row in apart["outcome"]["result"]["notes"]] == ["01", "02", "05"]
    assert together["setup"][1]["status"] == "crash"  # the same time twice


def test_a_walk_begins_at_the_beginning_whatever_was_walked_before(host: Host) -> None:
    walk = {"calls": [["book", {"room_id": "r1", "n": 1}]]}
    assert host.handle("walk", walk) == host.handle("walk", walk)


def test_a_seed_row_that_does_not_fit_is_named_by_its_place() -> None:
    rows = [{"id": "r1", "free": 1}, {"id": "r2", "free": 2}, {"free": 0, "id": "r3"}, {"free": -1, "id": "r4"}]
    with pytest.raises(ValueError, match="row 4 of rooms: CHECK constraint failed"):
        build_image(SCHEMA, {"rooms": rows})


def test_conditions_are_checked_on_rows_that_are_nobodys_seed(host: Host) -> None:
    nines = {"nines": "EXISTS (SELECT 1 FROM rooms WHERE free = 9)"}
    told = {"schema": SCHEMA, "seed_rows": {"rooms": [{"id": "r9", "free": 9}]}, "expressions": nines}
    assert host.handle("check", told) == {"nines": True}
    assert host.handle("check", {"expressions": nines}) == {"nines": False}


def test_a_write_is_seen_whose_cursor_the_tool_keeps_open() -> None:
    kept = "    keep.append(ctx.db.execute(\"INSERT INTO bookings VALUES ('x', 'r1', 1) RETURNING id\"))\n    booking = ctx"
    tools = "keep = []\n" + CODE.replace("    booking = ctx", kept)
    episode = Episode(Program(spec(tools)), logged=True)
    episode.call("book", {"room_id": "r2", "n": 1}, atomic=False)
    assert {"bookings"} == {change["table"] for change in episode.log.net()}
