"""What a process may use up and hold: rlimits, descriptors, identity, and the ties to its parent.

Each function does one thing to the calling process and raises OSError where the kernel refuses. Standard library
only: this runs in the zygote's children.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from envfactory.sandbox import syscalls

_MIB = 1 << 20
# New containers before Python looks for garbage: rows and observations die without it, or stay, and its own 700 cost a
# worker, and who observes one, a tenth.
COLLECT_AT = 20_000
_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 1, 4, 24, 38, 47
_GET_NO_NEW_PRIVS = 39
_AMBIENT_CLEAR_ALL = 4
_SIGKILL = 9
_CAPABILITY_VERSION_3, _CAPABILITY_BYTES = 0x20080522, 24
# Ranges that distributions and container runtimes leave to nobody: above the container ranges, then a small one that
# also exists where only 65536 ids are mapped.
_SPARE_IDS = (range(0x70000000, 0x7FFFFFFE), range(60706, 61184))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use, and how large its replies may be.

    `reply_cap` bounds a reply that is decoded as it comes; decoded, a hostile one can take about ninety times its
    size, so raise it with care. `image_cap` bounds a reply that is a single bytes value, which takes its size.
    `cpu_seconds` is a backstop for a worker nobody watches: the authority over time is each request's deadline.
    """

    memory_bytes: int = 512 * _MIB
    cpu_seconds: int = 86_400
    reply_cap: int = _MIB
    image_cap: int = 64 * _MIB
    start_deadline: float = 10.0


def limit_use(limits: Limits) -> None:
    """Bound memory and CPU time, and leave no core file."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_AS, limits.memory_bytes)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def limit_to_computing() -> None:
    """Allow no file growth, process, lock, queue, pending signal or new descriptor: a second lock behind the filter."""
    for kind in (
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_MEMLOCK,
        resource.RLIMIT_MSGQUEUE,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_NPROC,
        resource.RLIMIT_SIGPENDING,
    ):
        _set(kind, 0)


def _set(kind: int, value: int) -> None:
    resource.setrlimit(kind, (value, value))


def close_descriptors(first: int) -> None:
    """Close every descriptor from `first` on."""
    if sys.platform == "linux":  # os.closerange tries every number where the interpreter was built on an old system
        with contextlib.suppress(OSError):  # the call came with Linux 5.9
            syscalls.syscall(syscalls.CLOSE_RANGE, first, 0x7FFFFFFF, 0)
            return
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def die_with_parent(parent: int) -> None:
    """Be killed when the parent ends; changing identity undoes this, so call it again after. OSError if it has."""
    syscalls.prctl(_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError("the parent ended first")


def hide_memory() -> None:
    """Close /proc/self and ptrace to processes of the same user."""
    syscalls.prctl(_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """Set no_new_privs, which Landlock and seccomp ask for and which nothing can unset."""
    syscalls.prctl(_SET_NO_NEW_PRIVS, 1)


def new_privileges_forbidden() -> bool:
    """Whether no_new_privs is set; raise OSError where the kernel does not know it."""
    return syscalls.prctl(_GET_NO_NEW_PRIVS) == 1


def spare_ids() -> range | None:
    """Return user ids that belong to nobody, or None where this user namespace maps none."""
    try:
        maps = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return _SPARE_IDS[0]
    for ids in _SPARE_IDS:
        if any(first <= ids[0] and ids[-1] < first + count for first, _, count in maps):
            return ids
    return None


def drop_privileges(spare: int | None) -> None:
    """Give up root for the id `spare` (None: stay, where no other id is mapped) and every capability with it."""
    if os.geteuid() == 0:
        _drop_bounding_set()
        if spare is not None:
            os.setgroups([])
            os.setresgid(spare, spare, spare)
            os.setresuid(spare, spare, spare)
    syscalls.prctl(_CAP_AMBIENT, _AMBIENT_CLEAR_ALL)
    number = syscalls.architecture().numbers["capset"]
    syscalls.syscall(number, ctypes.c_char_p(_capability_header()), ctypes.c_char_p(bytes(_CAPABILITY_BYTES)))


def capabilities() -> frozenset[int]:
    """Return the numbers of the capabilities this process may use or acquire. Raise OSError."""
    sets = ctypes.create_string_buffer(_CAPABILITY_BYTES)
    syscalls.syscall(syscalls.architecture().numbers["capget"], ctypes.c_char_p(_capability_header()), sets)
    low, high = struct.unpack("=3I", sets.raw[:12]), struct.unpack("=3I", sets.raw[12:])
    held = low[0] | low[1] | (high[0] | high[1]) << 32
    return frozenset(number for number in range(64) if held >> number & 1)


def _capability_header() -> bytes:
    return struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)


def _drop_bounding_set() -> None:
    for capability in range(64):
        try:
            syscalls.prctl(_CAPBSET_DROP, capability)
        except OSError:  # past the kernel's last one, or already without the right to
            return
