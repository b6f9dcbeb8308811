"""The ruleset's attributes by ABI, by hand from the kernel's documentation."""

from __future__ import annotations

import os

import pytest

from envfactory.sandbox import landlock

FILES_ABI_1 = 0x1FFF  # EXECUTE (bit 0) to MAKE_SYM (bit 12)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (1, [FILES_ABI_1]),
        (2, [FILES_ABI_1 | 1 << 13]),  # REFER
        (3, [FILES_ABI_1 | 0b11 << 13]),  # TRUNCATE
        (4, [FILES_ABI_1 | 0b11 << 13, 0b11]),  # TCP bind and connect
        (5, [FILES_ABI_1 | 0b111 << 13, 0b11]),  # IOCTL_DEV
        (6, [FILES_ABI_1 | 0b111 << 13, 0b11, 0b11]),  # abstract sockets, signals
        (7, [FILES_ABI_1 | 0b111 << 13, 0b11, 0b11]),
        (99, [FILES_ABI_1 | 0b111 << 13, 0b11, 0b11]),  # what later ones add is not known here
    ],
)
def test_attributes_handle_all_that_the_abi_knows(version: int, words: list[int]) -> None:
    assert landlock.attributes(version) == b"".join(word.to_bytes(8, "little") for word in words)


@pytest.mark.parametrize("version", range(1, 8))
def test_kernel_takes_the_attributes_of_older_abis(version: int, walls: None) -> None:
    if version > landlock.abi():
        pytest.skip(f"this kernel has ABI {landlock.abi()}")
    ruleset = landlock.create(version)
    os.close(ruleset)
    assert ruleset > 2
