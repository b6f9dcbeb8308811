"""Says what this machine has of what the sandbox needs, what each gap means, and what can be done about it.

Every layer is asked of the kernel by system call, never looked up in a file that a container may not show. Asking
changes nothing. `observe` looks, `diagnose` judges, so that a machine can be described that is not this one.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import landlock, limits, seccomp
from envfactory.sandbox.syscalls import ARCHITECTURES

_CAP_SETGID, _CAP_SETUID = 6, 7
_MIN_PYTHON, _MIN_SQLITE = (3, 11), (3, 40)
_LINUX = "run on Linux 5.13 or newer, x86_64 or aarch64 (on other systems in a container or a virtual machine)"
_TRIAL = "import sys; sys.path.insert(0, sys.argv[1]); from envfactory.sandbox import emptyroot; emptyroot.enter()"
_UNSAFE = "`--unsafe-no-sandbox` runs tool code without any wall: only for code you trust as your own"

Status = Literal["ok", "missing", "note"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was observed. `no_new_privs` and `seccomp`: whether the kernel knows them.

    `empty_root`: whether this user can have one; None where nobody asked, since Landlock is there.
    """

    system: str
    machine: str
    release: str
    python: tuple[int, ...]
    sqlite: tuple[int, ...]
    landlock_abi: int
    seccomp: bool
    no_new_privs: bool
    user: int
    may_change_user: bool
    empty_root: bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing looked at. A `wall` that is missing keeps the sandbox from starting."""

    name: str
    status: Status
    finding: str
    meaning: str
    wall: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All rows, in the order in which a person would want to read them, and the tier that they were judged for."""

    rows: tuple[Row, ...]
    tier: str = "jail"

    @property
    def missing_walls(self) -> list[Row]:
        """The rows for which the sandbox refuses to start."""
        return [row for row in self.rows if row.wall and row.status == "missing"]

    @property
    def ok(self) -> bool:
        """Whether every wall can be put up."""
        return not self.missing_walls

    def require_walls(self) -> None:
        """Raise SandboxUnavailable with the missing layers and the options, if any is missing."""
        missing = self.missing_walls
        if missing:
            options = list(dict.fromkeys(option for row in missing for option in row.options))
            raise SandboxUnavailable(
                "the sandbox lacks " + "; ".join(f"{row.name}: {row.finding}" for row in missing),
                remedy="options: " + "; ".join(options),
            )

    def as_dict(self) -> dict[str, Any]:
        """Return what a program may read."""
        return {"ok": self.ok, "tier": self.tier, "rows": [asdict(row) for row in self.rows]}

    @property
    def advice(self) -> str:
        """What a person should know: the verdict, and what can be done about the gaps, an option a line."""
        options = dict.fromkeys(option for row in self.rows for option in row.options)
        verdict = "Generated code can be held here." if self.ok else "Generated code is refused here. Options:"
        return "\n".join([verdict, *(f"  - {option}" for option in options)])


def observe(tier: str = "auto") -> Facts:
    """Look at this machine, for a tier."""
    on_linux = sys.platform == "linux" and platform.machine() in ARCHITECTURES
    ruleset = landlock.abi() if on_linux else 0
    wants_root = on_linux and (tier == "emptyroot" or (tier == "auto" and not ruleset))
    return Facts(
        system=platform.system(),
        machine=platform.machine(),
        release=platform.release(),
        python=sys.version_info[:3],
        sqlite=sqlite3.sqlite_version_info,
        landlock_abi=ruleset,
        seccomp=on_linux and seccomp.available(),
        no_new_privs=on_linux and _knows_no_new_privileges(),
        user=os.geteuid(),
        may_change_user=on_linux and _may_change_user(),
        empty_root=_empty_root_possible() if wants_root else None,
    )


def diagnose(facts: Facts | None = None, tier: str = "auto") -> Diagnosis:
    """Judge `facts`, or this machine. The tier "auto" is "jail", or "emptyroot" where that alone is to be had."""
    facts = facts or observe(tier)
    if tier == "auto":
        tier = "emptyroot" if facts.empty_root and not facts.landlock_abi else "jail"
    filters = (_system(facts), _architecture(facts), _seccomp(facts), _no_new_privs(facts))
    locks = (_landlock(facts, tier), _empty_root(facts, tier))
    return Diagnosis((*filters, *locks, _privileges(facts), _python(facts), _sqlite(facts)), tier)


def require(tier: str) -> None:
    """Raise SandboxUnavailable if `tier` needs a wall that this machine lacks."""
    if tier != "none":
        diagnose(tier=tier).require_walls()


def examine() -> Diagnosis:
    """Judge this machine, and prove it by starting a worker behind all walls."""
    from envfactory.sandbox.pool import trial  # that module asks this one before it starts anything

    diagnosis = diagnose()
    return Diagnosis((*diagnosis.rows, trial()), diagnosis.tier) if diagnosis.ok else diagnosis


def _system(facts: Facts) -> Row:
    finding = f"{facts.system} {facts.release}"
    meaning = "the walls are made of what only Linux has"
    return _wall("system", facts.system == "Linux", finding, meaning, _LINUX)


def _architecture(facts: Facts) -> Row:
    meaning = "the filter names system calls by number, and numbers differ between architectures"
    return _wall("architecture", facts.machine in ARCHITECTURES, facts.machine, meaning, _LINUX)


def _landlock(facts: Facts, tier: str) -> Row:
    found = facts.landlock_abi >= 1
    finding = f"ABI {facts.landlock_abi}" if found else "the kernel has none, or it is switched off"
    if tier == "emptyroot":
        return Row("Landlock", "note", finding, "not needed: an empty root takes its place")
    enable = "boot with `landlock` in the kernel's `lsm=` list"
    return _wall("Landlock", found, finding, "the second lock on files, ports and processes", _LINUX, enable)


def _empty_root(facts: Facts, tier: str) -> Row:
    finding = {None: "not tried", True: "can be had", False: "neither CAP_SYS_CHROOT nor a user namespace is to be had"}
    if tier == "emptyroot" or (facts.empty_root is False and not facts.landlock_abi):
        allow = "allow user namespaces (sysctl user.max_user_namespaces), or grant CAP_SYS_CHROOT"
        meaning = "the second lock where there is no Landlock"
        return _wall("empty root", bool(facts.empty_root), finding[facts.empty_root], meaning, allow)
    return Row("empty root", "note", finding[facts.empty_root], "not needed: Landlock is the second lock")


def _seccomp(facts: Facts) -> Row:
    finding = "filters with errno" if facts.seccomp else "the kernel refuses to filter system calls"
    allow = "let the container's or service's policy allow seccomp(2) and prctl(2)"
    return _wall("seccomp", facts.seccomp, finding, "the first lock: the allow-list of system calls", _LINUX, allow)


def _no_new_privs(facts: Facts) -> Row:
    finding = "known" if facts.no_new_privs else "the kernel does not know it, or it is refused"
    return _wall("no_new_privs", facts.no_new_privs, finding, "no program can give a worker more rights", _LINUX)


def _privileges(facts: Facts) -> Row:
    able = facts.user != 0 or facts.may_change_user
    kind = "an ordinary user" if facts.user else "root; each worker gets an unused user id"
    finding = f"user {facts.user}: {kind}" if able else "root without the right to become another user"
    grant = "run as an ordinary user, or grant CAP_SETUID and CAP_SETGID"
    return _wall("privileges", able, finding, "a worker must not be root", grant)


def _wall(name: str, found: bool, finding: str, meaning: str, *options: str) -> Row:
    if found:
        return Row(name, "ok", finding, meaning, wall=True)
    return Row(name, "missing", finding, meaning, wall=True, options=(*options, _UNSAFE))


def _python(facts: Facts) -> Row:
    return _version("Python", facts.python, _MIN_PYTHON, "workers are forked from this interpreter")


def _sqlite(facts: Facts) -> Row:
    return _version("SQLite", facts.sqlite, _MIN_SQLITE, "episodes are in-memory databases restored from an image")


def _version(name: str, found: tuple[int, ...], wanted: tuple[int, ...], meaning: str) -> Row:
    finding, least = (".".join(map(str, version)) for version in (found, wanted))
    if found >= wanted:
        return Row(name, "ok", finding, meaning)
    return Row(name, "missing", finding, meaning, options=(f"use {name} {least} or newer",))


def _knows_no_new_privileges() -> bool:
    try:
        limits.new_privileges_forbidden()
    except OSError:
        return False
    return True


def _may_change_user() -> bool:
    """Whether root can hand its workers another id, or has none to hand out and need not."""
    try:
        return limits.spare_ids() is None or {_CAP_SETGID, _CAP_SETUID} <= limits.capabilities()
    except OSError:
        return False


def _empty_root_possible() -> bool:
    """Whether this user can have an empty root, tried in a process of its own."""
    command = [sys.executable, "-I", "-S", "-c", _TRIAL, str(Path(__file__).parents[2])]
    try:
        done = subprocess.run(command, env={}, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
