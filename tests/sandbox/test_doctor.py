"""The doctor's judgement of machines that are not this one, and a look at this one."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import pytest

from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import Sandbox, diagnose, examine
from envfactory.sandbox.doctor import Facts, observe, require

GOOD = Facts(
    system="Linux",
    machine="x86_64",
    release="6.8.0",
    python=(3, 11, 0),
    sqlite=(3, 40, 0),
    landlock_abi=4,
    seccomp=True,
    no_new_privs=True,
    user=1000,
    may_change_user=False,
    empty_root=None,
)


def but(**changes: Any) -> Facts:
    return dataclasses.replace(GOOD, **changes)


@pytest.mark.parametrize(
    "facts",
    [
        GOOD,
        but(landlock_abi=1),
        but(machine="aarch64"),
        but(user=0, may_change_user=True),
        but(sqlite=(3, 39, 4)),  # a gap, but no wall
        but(landlock_abi=0, empty_root=True),
    ],
)
def test_machine_with_every_wall_is_accepted(facts: Facts) -> None:
    diagnosis = diagnose(facts)
    diagnosis.require_walls()
    assert (diagnosis.ok, diagnosis.tier) == (True, "jail" if facts.landlock_abi else "emptyroot")


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (but(landlock_abi=0, empty_root=False), ["Landlock", "empty root"]),
        (but(seccomp=False), ["seccomp"]),
        (but(no_new_privs=False), ["no_new_privs"]),
        (but(machine="riscv64"), ["architecture"]),
        (but(user=0, may_change_user=False), ["privileges"]),
        (
            but(system="Darwin", landlock_abi=0, seccomp=False, no_new_privs=False),
            ["system", "seccomp", "no_new_privs", "Landlock"],
        ),
    ],
)
def test_missing_wall_refuses_the_sandbox_by_name_and_with_options(facts: Facts, named: list[str]) -> None:
    with pytest.raises(SandboxUnavailable) as refusal:
        Sandbox(diagnosis=diagnose(facts))
    assert all(f"{name}: " in refusal.value.message for name in named)
    assert [row.name for row in diagnose(facts).missing_walls] == named
    assert "--unsafe-no-sandbox" in refusal.value.remedy
    assert "on other systems in a container" in refusal.value.remedy or named == ["privileges"]


def test_no_tier_falls_back_to_none_by_itself() -> None:
    for tier in ("auto", "jail", "emptyroot"):
        with pytest.raises(SandboxUnavailable):
            Sandbox(tier, diagnosis=diagnose(but(seccomp=False)))


@pytest.mark.parametrize("tier", ["jail", "emptyroot"])
def test_a_tier_that_was_asked_for_is_not_exchanged(tier: str) -> None:
    facts = but(landlock_abi=0, empty_root=True) if tier == "jail" else but(empty_root=False)
    with pytest.raises(SandboxUnavailable, match=r"Landlock: |empty root: "):
        Sandbox(tier, diagnosis=diagnose(facts, tier))


def test_tier_none_asks_nothing_of_the_machine() -> None:
    with Sandbox("none", diagnosis=diagnose(but(system="Darwin", landlock_abi=0))) as sandbox:
        assert sandbox.tier == "none"


def test_old_sqlite_is_shown_with_its_remedy() -> None:
    row = next(row for row in diagnose(but(sqlite=(3, 39, 4))).rows if row.name == "SQLite")
    assert (row.status, row.finding, row.options) == ("missing", "3.39.4", ("use SQLite 3.40 or newer",))


def test_advice_names_each_option_once() -> None:
    advice = diagnose(but(landlock_abi=0, seccomp=False)).advice
    assert advice.startswith("Generated code is refused here.")
    assert advice.count("--unsafe-no-sandbox") == 1


def test_dict_is_what_json_can_hold() -> None:
    found = json.loads(json.dumps(diagnose(but(landlock_abi=0)).as_dict()))
    assert found["ok"] is False
    assert {"name", "status", "finding", "meaning", "wall", "options"} == set(found["rows"][0])


def test_observe_looks_at_this_machine() -> None:
    facts = observe()
    assert (facts.system, facts.machine) == (os.uname().sysname, os.uname().machine)
    assert facts.user == os.geteuid()


def test_require_passes_without_walls_for_tier_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envfactory.sandbox.doctor.observe", lambda tier: but(seccomp=False))
    require("none")
    with pytest.raises(SandboxUnavailable, match="seccomp"):
        require("auto")


def test_examine_proves_the_walls_with_a_worker(walls: None) -> None:
    diagnosis = examine()
    assert (diagnosis.rows[-1].name, diagnosis.rows[-1].status) == ("trial", "ok")
