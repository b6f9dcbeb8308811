"""The tables, against the kernel's own headers where they are installed, and against the running kernel."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import syscalls

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", sorted(HEADERS))
def test_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip(f"no kernel headers for {machine} here")
    text = HEADERS[machine].read_text()
    official = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    ours = syscalls.ARCHITECTURES[machine].numbers
    assert {name: official.get(name) for name in ours} == dict(ours)


def test_both_architectures_name_the_same_calls() -> None:
    assert set(syscalls.X86_64.numbers) == set(syscalls.AARCH64.numbers)


@pytest.mark.parametrize("machine", ["riscv64", "i686", "armv7l", "aarch64_be", "ppc64le"])
def test_other_architecture_is_refused(machine: str) -> None:
    with pytest.raises(SandboxUnavailable, match=f"architecture.*{machine}"):
        syscalls.architecture(machine)


def test_syscall_returns_what_the_kernel_does() -> None:
    assert syscalls.syscall(syscalls.architecture().numbers["getpid"]) == os.getpid()


def test_syscall_raises_the_errno() -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is what is tested
        syscalls.syscall(syscalls.architecture().numbers["close"], -1)
    assert caught.value.errno == errno.EBADF
