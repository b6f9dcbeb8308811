"""The kernel's calls by number: what libc has no wrapper for, and what the filter must name.

Numbers differ between architectures and a filter with the wrong table would let the wrong calls through, so every
architecture is listed by hand and any other one is refused. Standard library only: this runs in the zygote.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from envfactory.errors import SandboxUnavailable

# Calls younger than the tables' unification (Linux 5.1) have one number on every architecture.
PIDFD_SEND_SIGNAL = 424
IO_URING_SETUP = 425
PIDFD_OPEN = 434
CLONE3 = 435
CLOSE_RANGE = 436
LANDLOCK_CREATE_RULESET = 444
LANDLOCK_RESTRICT_SELF = 446


class Architecture(NamedTuple):
    """A machine, the tag by which seccomp knows it (AUDIT_ARCH_*), and its numbers of the calls we name."""

    machine: str
    audit: int
    numbers: Mapping[str, int]


X86_64 = Architecture(
    "x86_64",
    0xC000003E,
    {
        "read": 0,
        "write": 1,
        "close": 3,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "nanosleep": 35,
        "getpid": 39,
        "socket": 41,
        "clone": 56,
        "execve": 59,
        "exit": 60,
        "kill": 62,
        "gettimeofday": 96,
        "ptrace": 101,
        "capget": 125,
        "capset": 126,
        "prctl": 157,
        "gettid": 186,
        "futex": 202,
        "restart_syscall": 219,
        "clock_gettime": 228,
        "clock_getres": 229,
        "clock_nanosleep": 230,
        "exit_group": 231,
        "openat": 257,
        "unshare": 272,
        "process_vm_readv": 310,
        "seccomp": 317,
        "getrandom": 318,
        "memfd_create": 319,
        "clone3": CLONE3,
    },
)
AARCH64 = Architecture(
    "aarch64",
    0xC00000B7,
    {
        "openat": 56,
        "close": 57,
        "read": 63,
        "write": 64,
        "capget": 90,
        "capset": 91,
        "exit": 93,
        "exit_group": 94,
        "unshare": 97,
        "futex": 98,
        "nanosleep": 101,
        "clock_gettime": 113,
        "clock_getres": 114,
        "clock_nanosleep": 115,
        "ptrace": 117,
        "sched_yield": 124,
        "restart_syscall": 128,
        "kill": 129,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "prctl": 167,
        "gettimeofday": 169,
        "getpid": 172,
        "gettid": 178,
        "socket": 198,
        "brk": 214,
        "munmap": 215,
        "mremap": 216,
        "clone": 220,
        "execve": 221,
        "mmap": 222,
        "mprotect": 226,
        "madvise": 233,
        "process_vm_readv": 270,
        "seccomp": 277,
        "getrandom": 278,
        "memfd_create": 279,
        "clone3": CLONE3,
    },
)
ARCHITECTURES: Mapping[str, Architecture] = {"x86_64": X86_64, "aarch64": AARCH64}


def architecture(machine: str | None = None) -> Architecture:
    """Return this machine's table (or that of `machine`); raise SandboxUnavailable where we have none."""
    machine = machine or os.uname().machine
    if machine not in ARCHITECTURES or sys.maxsize < 2**32:
        known = " and ".join(ARCHITECTURES)
        raise SandboxUnavailable(f"architecture: no system call table for {machine}; 64-bit {known} are supported")
    return ARCHITECTURES[machine]


@functools.cache
def libc() -> ctypes.CDLL:
    """Return the C library of this process, with errno kept."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def syscall(number: int, *arguments: object) -> int:
    """Call the kernel; ints go as machine words, the rest as ctypes passes it. Raise OSError with its errno."""
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    result: int = libc().syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise _last_error()
    return result


def prctl(option: int, *arguments: object) -> int:
    """prctl(2); every argument is a whole word, as the kernel checks the unused ones. Raise OSError."""
    words = [ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments]
    words += [ctypes.c_ulong(0)] * (4 - len(words))
    result: int = libc().prctl(option, *words)
    if result < 0:
        raise _last_error()
    return result


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
