"""The doctor's command: a table, an exit status, JSON."""

from __future__ import annotations

import json

import pytest

from envfactory.sandbox import doctor
from envfactory.sandbox.doctor import Diagnosis, Row
from tests.cli.conftest import Call

LACKING = Diagnosis(
    (
        Row("system", "ok", "Linux 6", "the walls are Landlock and seccomp", wall=True),
        Row("Landlock", "missing", "none", "the second lock", wall=True, options=("boot another kernel",)),
    )
)


def test_a_machine_that_lacks_a_wall_is_told_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: LACKING)
    told = call("doctor")
    assert told.status == 1
    assert [line.split()[:2] for line in told.out.splitlines()[:2]] == [["ok", "system"], ["missing", "Landlock"]]
    assert told.out.splitlines()[-1] == "  - boot another kernel"


def test_json(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: Diagnosis(LACKING.rows[:1]))
    told = call("doctor", "--json")
    assert (told.status, json.loads(told.out)["ok"]) == (0, True)
