"""Puts the calling process behind all the walls, in the one order that works, and proves it.

Order matters: an empty root takes privileges, which go before anything depends on their absence; the second lock is
enforced and tried alone before the descriptor limit and seccomp would hide it; nothing after seccomp needs a call that it
refuses. Strict: a layer that cannot be had, or a forbidden call that does not fail as it should, raises SandboxUnavailable
with the layer's name, and the caller must exit. Standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import emptyroot, landlock, limits, seccomp, syscalls
from envfactory.sandbox.limits import Limits

# Calls that would succeed, or fail otherwise, if the filter let them through: only EPERM is the filter speaking.
_FORBIDDEN: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("openat", (-100, b"/", 0)),
    ("socket", (1, 1, 0)),
    ("clone", (0x10000, 0, 0, 0, 0)),
    ("execve", (None, None, None)),
    ("ptrace", (-1, 0, 0, 0)),
    ("unshare", (0,)),
    ("memfd_create", (None, 0)),
    ("process_vm_readv", (0, None, 0, None, 0, 0)),
    ("prctl", (3, 0, 0, 0, 0)),
    ("mmap", (0, 4096, 0b111, 0x22, -1, 0)),
)


class Layers(NamedTuple):
    """What was put up: the Landlock ABI (0: an empty root in its place), the filter's length in instructions, the user id."""

    landlock: int
    seccomp: int
    uid: int


def enter(bounds: Limits, *, spare_id: int | None, parent: int, tier: str = "jail") -> Layers:
    """Put up every wall of a tier around this process; there is no way back. Raise SandboxUnavailable naming the layer.

    The tier "jail" has Landlock as the second lock behind seccomp, "emptyroot" has an empty root.
    """
    target = syscalls.architecture()
    program = seccomp.assemble(target.machine)
    version, ruleset = _landlock() if tier == "jail" else (0, None)
    if ruleset is None:
        with _layer("empty root"):
            emptyroot.enter()
    with _layer("privileges"):
        limits.drop_privileges(spare_id)
        limits.die_with_parent(parent)
        limits.hide_memory()
    with _layer("no_new_privs"):
        limits.forbid_new_privileges()
    layers = Layers(version, len(program) // seccomp.INSTRUCTION_BYTES, os.getuid())
    if ruleset is not None:
        with _layer("landlock"):
            landlock.enforce(ruleset)
    _prove_identity(spare_id)
    _prove_empty_root() if ruleset is None else _prove_landlock()
    with _layer("rlimits"):
        limits.limit_use(bounds)
        limits.limit_to_computing()
    with _layer("seccomp"):
        seccomp.install(program)
    _prove_seccomp(target.numbers)
    return layers


def _landlock() -> tuple[int, int]:
    """Return the kernel's ABI and an empty ruleset of it."""
    version = landlock.abi()
    if version < 1:
        raise SandboxUnavailable("landlock: the kernel has none, or it is switched off")
    with _layer("landlock"):
        return version, landlock.create(version)


@contextlib.contextmanager
def _layer(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(f"{name}: {error}") from error


def _prove_identity(spare_id: int | None) -> None:
    if not limits.new_privileges_forbidden():
        raise SandboxUnavailable("no_new_privs: set, but not in force")
    if limits.capabilities():
        raise SandboxUnavailable("privileges: dropped, but capabilities remain")
    if spare_id is not None and 0 in (*os.getresuid(), *os.getresgid()):
        raise SandboxUnavailable("privileges: dropped, but still root")


def _prove_landlock() -> None:
    try:
        os.close(os.open("/", os.O_RDONLY))
    except OSError as error:
        if error.errno == errno.EACCES:
            return
        raise SandboxUnavailable(f"landlock: refuses oddly: {error}") from error
    raise SandboxUnavailable("landlock: enforced, but / can be opened")


def _prove_empty_root() -> None:
    with _layer("empty root"):
        found = list(Path("/").iterdir())
    if found:
        raise SandboxUnavailable(f"empty root: entered, but it holds {found[0]}")
    try:
        Path("/envfactory").mkdir()
    except OSError:
        return
    raise SandboxUnavailable("empty root: entered, but a folder can be made in it")


def _prove_seccomp(numbers: Mapping[str, int]) -> None:
    forbidden = [(name, numbers[name], arguments) for name, arguments in _FORBIDDEN]
    forbidden += [
        ("kill", numbers["kill"], (os.getpid(), 0)),
        ("io_uring_setup", syscalls.IO_URING_SETUP, (0, None)),
        ("pidfd_open", syscalls.PIDFD_OPEN, (os.getpid(), 0)),
    ]
    for name, number, arguments in forbidden:
        answer = _errno_of(number, arguments)
        if answer != errno.EPERM:
            raise SandboxUnavailable(f"seccomp: installed, but {name} was answered with {errno.errorcode.get(answer)}")


def _errno_of(number: int, arguments: tuple[object, ...]) -> int:
    try:
        syscalls.syscall(number, *arguments)
    except OSError as error:
        return error.errno or 0
    except ctypes.ArgumentError:  # a fault of the table above; must not read as a refusal
        return errno.EINVAL
    return 0
