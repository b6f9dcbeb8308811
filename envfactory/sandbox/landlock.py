"""Landlock with no rule at all: every right the kernel knows is handled, so every one is refused.

The second lock behind seccomp: a call that the filter should have missed still reaches no file, port, abstract socket
or process outside. ABI 1 (Linux 5.13) is enough for that; what later ABIs add is taken where present.
Source: Documentation/userspace-api/landlock.rst of the kernel.
"""

from __future__ import annotations

import ctypes
import os
import struct

from envfactory.sandbox import syscalls

_VERSION_QUERY = 1
# How many of the file rights, from bit 0, each ABI knows: 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_SINCE, _NET_RIGHTS = 4, 0b11  # bind and connect of TCP
_SCOPE_SINCE, _SCOPES = 6, 0b11  # abstract unix sockets, signals


def abi() -> int:
    """Return the kernel's Landlock ABI; 0 where it has none or keeps it off."""
    try:
        return syscalls.syscall(syscalls.LANDLOCK_CREATE_RULESET, None, 0, _VERSION_QUERY)
    except OSError:
        return 0


def attributes(version: int) -> bytes:
    """Return struct landlock_ruleset_attr of a ruleset that handles all that ABI `version` knows."""
    files = (1 << _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]) - 1
    if version < _NET_SINCE:
        return struct.pack("=Q", files)
    if version < _SCOPE_SINCE:
        return struct.pack("=QQ", files, _NET_RIGHTS)
    return struct.pack("=QQQ", files, _NET_RIGHTS, _SCOPES)


def create(version: int) -> int:
    """Make the empty ruleset and return its descriptor; raise OSError."""
    packed = attributes(version)
    return syscalls.syscall(syscalls.LANDLOCK_CREATE_RULESET, ctypes.c_char_p(packed), len(packed), 0)


def enforce(ruleset: int) -> None:
    """Restrict this thread and its children for good; needs no_new_privs. Raise OSError."""
    try:
        syscalls.syscall(syscalls.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
