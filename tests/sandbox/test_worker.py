"""A worker from inside: what it is born with, what it answers."""

from __future__ import annotations

import pytest

from envfactory.sandbox import HandlerFault, Worker
from envfactory.sandbox.worker import describe

ALLOWED_BY_HOST = """
    bisect calendar collections dataclasses datetime decimal enum fractions functools heapq itertools json math operator
    re statistics string textwrap typing unicodedata zoneinfo
"""


def run(worker: Worker, source: str) -> object:
    return worker.request("run", {"source": source})


def test_environment_is_empty_but_for_the_clock_zone_and_locale(worker: Worker) -> None:
    found = run(worker, "import os; result = dict(os.environ)")
    assert isinstance(found, dict)
    assert found["TZ"] == "UTC0"
    assert set(found) <= {"TZ", "LC_CTYPE"}  # the second is the interpreter's own doing


def test_only_its_two_pipes_are_open(worker: Worker) -> None:
    source = """
import os
result = {"read": [], "write": []}
for descriptor in range(256):
    for name, touch in (("read", lambda: os.read(descriptor, 0)), ("write", lambda: os.write(descriptor, b""))):
        try:
            touch()
            result[name].append(descriptor)
        except OSError:
            pass
"""
    assert run(worker, source) == {"read": [3], "write": [4]}


def test_printing_does_nothing(worker: Worker) -> None:
    assert run(worker, "import sys; print('x' * 100_000); print('y', file=sys.stderr); result = 1") == 1


@pytest.mark.parametrize("name", ALLOWED_BY_HOST.split())
def test_what_tools_may_import_is_there(worker: Worker, name: str) -> None:
    assert run(worker, f"import {name}; result = {name}.__name__") == name


@pytest.mark.parametrize("name", ["ctypes", "socket", "subprocess", "multiprocessing", "asyncio", "http.client"])
def test_what_was_not_loaded_cannot_be(worker: Worker, name: str) -> None:
    with pytest.raises(HandlerFault, match="ModuleNotFoundError"):
        run(worker, f"import {name}")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("datetime.datetime.strptime('3 March 2026', '%d %B %Y').isoformat()", "2026-03-03T00:00:00"),
        ("datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo('Asia/Kolkata')).utcoffset().seconds", 19800),
        ("datetime.datetime.fromtimestamp(0).isoformat()", "1970-01-01T00:00:00"),  # local time is UTC
        ("str(decimal.Decimal('1.10') * 3)", "3.30"),
        ("statistics.median([3, 1, 2])", 2),
        ("'München'.encode('idna').decode()", "xn--mnchen-3ya"),
        ("unicodedata.normalize('NFD', 'é')", "e\u0301"),
        ("calendar.monthrange(2028, 2)[1]", 29),
        ("json.loads(json.dumps({'a': [1.5, None]}))", {"a": [1.5, None]}),
        ("[row[0] for row in sqlite3.connect(':memory:').execute('select 1 union select 2 order by 1 desc')]", [2, 1]),
    ],
)
def test_ordinary_computing_works(worker: Worker, expression: str, value: object) -> None:
    imports = "import calendar, datetime, decimal, json, sqlite3, statistics, unicodedata, zoneinfo"
    assert run(worker, f"{imports}\nresult = {expression}") == value


def test_large_sort_in_sqlite_needs_no_file(worker: Worker) -> None:
    source = """
import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("PRAGMA temp_store = MEMORY")
numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i, hex(i) AS h FROM n"
result = connection.execute(f"SELECT i FROM ({numbers}) ORDER BY h DESC, i LIMIT 1").fetchone()[0]
"""
    # hex() of an integer is that of its decimal digits, so the order is the digits' own
    assert run(worker, source) == 99999


def test_fault_names_the_error_and_leaves_the_worker_alive(worker: Worker) -> None:
    with pytest.raises(HandlerFault, match=r"^ZeroDivisionError: division by zero$"):
        run(worker, "1 / 0")
    assert worker.alive


def test_value_that_cannot_be_sent_is_a_fault(worker: Worker) -> None:
    with pytest.raises(HandlerFault, match="UnsendableError"):
        run(worker, "result = object()")


def test_large_request_arrives_whole(worker: Worker) -> None:
    text = "#" * 3_000_000
    assert run(worker, f"{text}\nresult = 5") == 5


def test_describe_survives_an_error_without_a_message() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert describe(MuteError()) == "MuteError: (its message cannot be made)"


def test_describe_makes_text_that_a_frame_can_carry() -> None:
    assert describe(ValueError("\ud800" + "x" * 10_000)).encode()[:13] == b"ValueError: ?"
