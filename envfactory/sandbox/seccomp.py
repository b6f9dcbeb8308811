"""The seccomp filter: an allow-list of the calls that computing on open pipes and memory needs, and nothing else.

No path, socket, process, signal, descriptor-making or exec call is on it; memory can never become executable. A
refused call fails with EPERM, so that it reads as an error in the tool; a call by another architecture's numbers
(32-bit, x32) is not a mistake but an attempt, and kills.

The policy is data (`ALLOWED`, `CHECKED`), the assembler beneath it is twenty lines of classic BPF. Three properties
must hold, and tests hold them by interpreting the program: only listed numbers pass, on both architectures; the
arguments of the checked calls are checked; a foreign AUDIT_ARCH never passes.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import struct
from typing import NamedTuple

from envfactory.sandbox import syscalls
from envfactory.sandbox.syscalls import Architecture

# The commonest first: the kernel runs the program from the top where it cannot cache the answer.
ALLOWED = (
    "read",
    "write",
    "munmap",
    "brk",
    "mremap",
    "madvise",
    "clock_gettime",
    "getrandom",
    "gettimeofday",
    "clock_getres",
    "clock_nanosleep",
    "nanosleep",
    "restart_syscall",
    "sched_yield",
    "getpid",
    "gettid",
    "close",
    "rt_sigprocmask",
    "rt_sigreturn",
    "exit",
    "exit_group",
)

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000
DENY = _ERRNO | errno.EPERM
ABSENT = _ERRNO | errno.ENOSYS

_PROT_EXEC = 0x4
_MAP_ANONYMOUS = 0x20
_FUTEX_COMMAND = 0x7F  # without the PRIVATE and CLOCK_REALTIME flags
_FUTEX_PLAIN = (0, 1, 9)  # WAIT, WAKE, WAIT_BITSET: none of the requeueing or priority-inheriting ones
_X32 = 0x40000000

_SET_SECCOMP, _MODE_FILTER = 22, 2
_GET_ACTION_AVAILABLE = 2
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
INSTRUCTION_BYTES = 8


class _Op(NamedTuple):
    """One instruction: struct sock_filter."""

    code: int
    yes: int
    no: int
    operand: int


def _load(offset: int) -> _Op:
    return _Op(0x20, 0, 0, offset)


def _low_word(argument: int) -> _Op:
    return _load(_ARGUMENTS + 8 * argument)  # both architectures are little-endian


def _mask(bits: int) -> _Op:
    return _Op(0x54, 0, 0, bits)


def _equal(value: int, yes: int, no: int) -> _Op:
    return _Op(0x15, yes, no, value)


def _any_bit(bits: int, yes: int, no: int) -> _Op:
    return _Op(0x45, yes, no, bits)


def _answer(verdict: int) -> _Op:
    return _Op(0x06, 0, 0, verdict)


# A refusing answer follows the test; the jump over it reaches the allowing one.
_NEVER_EXECUTABLE = [_low_word(2), _any_bit(_PROT_EXEC, 0, 1), _answer(DENY), _answer(ALLOW)]
CHECKED = {
    "mmap": [
        _low_word(3),
        _any_bit(_MAP_ANONYMOUS, 1, 0),
        _answer(DENY),
        *_NEVER_EXECUTABLE,
    ],
    "mprotect": _NEVER_EXECUTABLE,
    "futex": [
        _low_word(1),
        _mask(_FUTEX_COMMAND),
        *(_equal(command, len(_FUTEX_PLAIN) - place, 0) for place, command in enumerate(_FUTEX_PLAIN)),
        _answer(DENY),
        _answer(ALLOW),
    ],
    # glibc asks for clone3 first and falls back to clone, which is refused in words, only if it is told ENOSYS
    "clone3": [_answer(ABSENT)],
}


def instructions(target: Architecture) -> list[_Op]:
    """Return the program for `target`."""
    program = [
        _load(_ARCH),
        _equal(target.audit, 1, 0),
        _answer(KILL),
        _load(_NUMBER),
        _any_bit(_X32, 0, 1),
        _answer(KILL),
    ]
    for name in ALLOWED:
        program += [_equal(target.numbers[name], 0, 1), _answer(ALLOW)]
    for name, body in CHECKED.items():
        program += [_equal(target.numbers[name], 0, len(body)), *body]
    return [*program, _answer(DENY)]


@functools.cache
def assemble(machine: str) -> bytes:
    """Return the program for `machine` as the kernel reads it (struct sock_filter[]); SandboxUnavailable if unknown."""
    return b"".join(struct.pack("=HBBI", *op) for op in instructions(syscalls.architecture(machine)))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def available() -> bool:
    """Whether the kernel can filter and refuse with an errno; asks only, changes nothing."""
    try:
        number = syscalls.architecture().numbers["seccomp"]
        syscalls.syscall(number, _GET_ACTION_AVAILABLE, 0, ctypes.byref(ctypes.c_uint32(DENY & ~0xFFFF)))
    except OSError:
        return False
    return True


def install(packed: bytes) -> None:
    """Put the calling thread behind the program for good; needs no_new_privs. Raise OSError."""
    buffer = ctypes.create_string_buffer(packed, len(packed))
    program = _Program(len(packed) // INSTRUCTION_BYTES, ctypes.addressof(buffer))
    syscalls.prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program))
