"""The walls together, and the proof that refuses to go on where one of them is sham."""

from __future__ import annotations

import os
import platform
import signal

import pytest

from envfactory.errors import WorkerDied
from envfactory.sandbox import Limits, Sandbox, Worker
from tests.sandbox.support import ENTER, run_python
from tests.sandbox.world import PLAIN, ROOT

# What each forbidden-looking number answers from inside; the kernel's own EPERM for bad arguments could hide a leak,
# which is why test_seccomp interprets the program too. Left out: exit, exit_group, rt_sigreturn (they end the
# process) and 335, 336 (uretprobe and uprobe, which the kernel lets past every filter and which kill the caller).
SWEEP = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
result = {}
for number in sorted(set(range(470)) - {15, 60, 231, 335, 336}):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
    if not (answer == -1 and ctypes.get_errno() == errno.EPERM):
        result[number] = ctypes.get_errno() if answer == -1 else 0
"""
# read write close munmap brk rt_sigprocmask sched_yield mremap madvise nanosleep getpid gettimeofday gettid
# restart_syscall clock_gettime clock_getres clock_nanosleep getrandom clone3. mmap, mprotect and futex are not among
# them, since all-ones arguments ask for executable memory and an unknown futex command.
REACHING = {0, 1, 3, 11, 12, 14, 24, 25, 28, 35, 39, 96, 186, 219, 228, 229, 230, 318, 435}

# mov eax, 20 (getpid of i386); int 0x80; ret
INT80 = r"""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
assert call() > 0
"""


def test_enter_reports_its_layers(worker: Worker) -> None:
    assert worker.layers["landlock"] >= 1
    assert worker.layers["seccomp"] > 20
    assert (worker.layers["uid"] == os.geteuid()) == (os.geteuid() != 0)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86_64")
def test_sweep_of_all_calls_reaches_the_kernel_by_the_listed_ones_only(raw: Sandbox) -> None:
    with raw.open() as worker:
        reached = worker.request("run", {"source": SWEEP})
    assert set(reached) == REACHING
    assert reached[435] == 38  # clone3: ENOSYS


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine code is x86_64")
def test_i386_call_kills(walls: None) -> None:
    done = run_python(f"{ENTER}{INT80}enter(); print('entered', flush=True); call(); print('alive')", check=False)
    assert done.stdout == "entered\n"
    assert done.returncode == -signal.SIGSYS


def test_cpu_time_runs_out(walls: None) -> None:
    limits = Limits(cpu_seconds=1)
    with Sandbox(handler=PLAIN, paths=[ROOT], limits=limits) as sandbox, sandbox.open() as worker:
        with pytest.raises(WorkerDied, match="SIGXCPU"):
            worker.request("run", {"source": "while True: pass"}, deadline=30)
        assert not worker.alive


@pytest.mark.parametrize(
    ("sham", "complaint"),
    [
        ("seccomp.install = lambda program: None", "seccomp: installed, but"),
        ("landlock.enforce = lambda ruleset: None", "landlock: enforced, but"),
        ("landlock.abi = lambda: 0", "landlock: the kernel has none"),
        ("limits.forbid_new_privileges = lambda: None", "landlock: [Errno 1]"),
    ],
)
def test_sham_wall_is_noticed(sham: str, complaint: str, walls: None) -> None:
    done = run_python(f"{ENTER}\n{sham}\nprint(enter())")
    assert done.stdout.startswith(f"refused: {complaint}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to keep")
def test_kept_privileges_are_noticed(walls: None) -> None:
    done = run_python(f"{ENTER}\nlimits.drop_privileges = lambda spare: None\nprint(enter())")
    assert done.stdout.startswith("refused: privileges: dropped, but")


def test_second_lock_holds_alone(walls: None) -> None:
    """Landlock without the filter and the descriptor limit still opens nothing: EACCES."""
    done = run_python(f"""{ENTER}
seccomp.install = jail._prove_seccomp = lambda given: None
limits.limit_to_computing = lambda: None
print(enter().landlock > 0)
for path in ("/etc/passwd", "/", "/proc/self/environ"):
    try:
        open(path)
    except OSError as error:
        print(error.errno)
""")
    assert done.stdout.split() == ["True", "13", "13", "13"]
