"""The filter, by interpreting its program: what the kernel would do, on both architectures, for every number."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.sandbox import seccomp
from envfactory.sandbox.syscalls import AARCH64, ARCHITECTURES, X86_64, Architecture

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
I386 = 0x40000003

# Written out again, by hand, so that a name slipped into the policy is noticed.
PLAIN = {
    "x86_64": {0, 1, 3, 11, 12, 14, 15, 24, 25, 28, 35, 39, 60, 96, 186, 219, 228, 229, 230, 231, 318},
    "aarch64": {57, 63, 64, 93, 94, 101, 113, 114, 115, 124, 128, 135, 139, 169, 172, 178, 214, 215, 216, 233, 278},
}
BOTH = pytest.mark.parametrize("target", ARCHITECTURES.values(), ids=list(ARCHITECTURES))


def interpret(program: bytes, number: int, arguments: tuple[int, ...] = (), audit: int = X86_64.audit) -> int:
    """Run classic BPF over a struct seccomp_data, as the kernel does, and return its verdict."""
    words = [argument & (2**64 - 1) for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("<IIQ6Q", number, audit, 0, *words)
    accumulator, place = 0, 0
    while True:
        code, yes, no, operand = struct.unpack_from("=HBBI", program, place * 8)
        place += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x15:
            place += yes if accumulator == operand else no
        elif code == 0x45:
            place += yes if accumulator & operand else no
        else:
            assert code == 0x06
            return int(operand)


def verdict(target: Architecture, name: str, *arguments: int) -> int:
    return interpret(seccomp.assemble(target.machine), target.numbers[name], arguments, target.audit)


@BOTH
def test_exactly_the_listed_numbers_pass_unchecked(target: Architecture) -> None:
    program = seccomp.assemble(target.machine)
    never = (0, 0, 2**64 - 1, 0, 0, 0)  # as futex command, protection and flags: refused by the checks
    passing = {number for number in range(1024) if interpret(program, number, never, target.audit) == ALLOW}
    assert passing - {target.numbers["futex"]} == PLAIN[target.machine]


@BOTH
@pytest.mark.parametrize("name", ["openat", "socket", "execve", "clone", "kill", "ptrace", "prctl", "memfd_create"])
def test_refused_calls_fail_with_eperm(target: Architecture, name: str) -> None:
    assert verdict(target, name) == EPERM


@BOTH
def test_clone3_is_absent_so_that_libc_falls_back(target: Architecture) -> None:
    assert verdict(target, "clone3") == ENOSYS
    assert errno.ENOSYS == ENOSYS & 0xFFFF


@BOTH
@pytest.mark.parametrize(
    ("protection", "flags", "expected"),
    [
        (0b011, 0x22, ALLOW),  # readable and writable, private and anonymous
        (0b000, 0x22, ALLOW),
        (0b011, 0x21, ALLOW),  # shared and anonymous
        (0b111, 0x22, EPERM),
        (0b100, 0x22, EPERM),
        (0b011, 0x02, EPERM),  # of a descriptor
        (0b001, 0x01, EPERM),
    ],
)
def test_mmap_gives_anonymous_memory_that_is_not_executable(
    target: Architecture, protection: int, flags: int, expected: int
) -> None:
    assert verdict(target, "mmap", 0, 4096, protection, flags, -1, 0) == expected


@BOTH
@given(protection=st.integers(0, 2**64 - 1))
def test_mprotect_never_makes_executable(target: Architecture, protection: int) -> None:
    assert verdict(target, "mprotect", 0, 4096, protection) == (EPERM if protection & 4 else ALLOW)


@BOTH
@given(operation=st.integers(0, 2**32 - 1))
def test_futex_only_waits_and_wakes(target: Architecture, operation: int) -> None:
    plain = operation & 0x7F in (0, 1, 9)  # FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET
    assert verdict(target, "futex", 0, operation) == (ALLOW if plain else EPERM)


@BOTH
@given(number=st.integers(0, 2**32 - 1), audit=st.integers(0, 2**32 - 1) | st.just(I386))
def test_foreign_architecture_is_killed(target: Architecture, number: int, audit: int) -> None:
    if audit != target.audit:
        assert interpret(seccomp.assemble(target.machine), number, audit=audit) == KILL


@given(number=st.integers(0, 2**32 - 1).map(lambda number: number | 0x40000000))
def test_x32_numbers_are_killed(number: int) -> None:
    assert interpret(seccomp.assemble("x86_64"), number) == KILL


@BOTH
@given(number=st.integers(0, 2**32 - 1), arguments=st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_no_other_number_passes_whatever_its_arguments(
    target: Architecture, number: int, arguments: tuple[int, ...]
) -> None:
    checked = {target.numbers[name] for name in ("mmap", "mprotect", "futex")}
    if number not in PLAIN[target.machine] | checked:
        assert interpret(seccomp.assemble(target.machine), number, arguments, target.audit) != ALLOW


def test_program_fits_the_kernel_and_differs_by_architecture() -> None:
    programs = [seccomp.assemble(target.machine) for target in (X86_64, AARCH64)]
    assert programs[0] != programs[1]
    assert all(len(program) // seccomp.INSTRUCTION_BYTES <= 255 + 6 for program in programs)
