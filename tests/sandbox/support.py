"""What several of these tests need: a Python process of its own, a kernel that lacks calls, a look at processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from tests.sandbox.world import ROOT

# Run before anything else in a process of its own: the named calls then fail with `number`, as where the kernel has
# none or a container's policy refuses them. Each is (system call number, first argument or None for any).
KERNEL_WITHOUT = """
import ctypes, struct
from envfactory.sandbox import limits, seccomp

def kernel_without(calls, number):
    program = struct.pack("=HBBI", 0x20, 0, 0, 0)
    for call, first in calls:
        body = struct.pack("=HBBI", 6, 0, 0, 0x00050000 | number)
        if first is not None:
            load, test = struct.pack("=HBBI", 0x20, 0, 0, 16), struct.pack("=HBBI", 0x15, 0, 1, first)
            body = load + test + body + struct.pack("=HBBI", 0x20, 0, 0, 0)
        program += struct.pack("=HBBI", 0x15, 0, len(body) // 8, call) + body
    limits.forbid_new_privileges()
    seccomp.install(program + struct.pack("=HBBI", 6, 0, 0, seccomp.ALLOW))
"""

# `enter()` puts the process that runs this behind the walls of a tier; it returns the layers or the refusal.
ENTER = """
import os
from envfactory.sandbox import emptyroot, jail, landlock, limits, seccomp
def enter(tier="jail"):
    spare = limits.spare_ids() if os.geteuid() == 0 else None
    try:
        return jail.enter(limits.Limits(), spare_id=spare and spare[9], parent=os.getppid(), tier=tier)
    except jail.SandboxUnavailable as error:
        return f"refused: {error}"
"""


def run_python(source: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run source in an interpreter of its own, with this project importable."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    command = [sys.executable, "-c", textwrap.dedent(source)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=check)


def gone(pid: int) -> bool:
    """Whether a process has ended (waited for or not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def all_gone(pids: list[int]) -> bool:
    """Whether all these processes end soon."""
    return wait_until(lambda: all(map(gone, pids)))


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `true` came about in time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
