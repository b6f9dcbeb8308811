"""Sandbox and Worker as their users see them: requests, deadlines, deaths, clean ends."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import pytest

from envfactory.errors import ConfigError, DeadlineExceeded, ProtocolError, SandboxError, WorkerDied
from envfactory.sandbox import HandlerFault, Limits, Sandbox, Worker
from tests.sandbox.support import KERNEL_WITHOUT, all_gone, gone, run_python, wait_until
from tests.sandbox.test_zygote import zygote_of
from tests.sandbox.world import PLAIN, ROOT

ECHO = "envfactory.sandbox.echo:Echo"
NO_ROOT = ({"x86_64": 161, "aarch64": 51}.get(platform.machine(), 0), None)  # chroot
FORGE = """
import os, struct, sys
frame = sys._getframe()
while "sequence" not in frame.f_locals:
    frame = frame.f_back
body = b"\\x93\\xce" + struct.pack(">I", frame.f_locals["sequence"]) + b"\\xa2ok\\xa6FORGED"
os.write(4, struct.pack("<I", len(body)) + body)
os._exit(0)
"""


@pytest.fixture(scope="module")
def echo(walls: None) -> Iterator[Sandbox]:
    with Sandbox(handler=ECHO, limits=Limits(reply_cap=1 << 16, image_cap=1 << 20)) as sandbox:
        yield sandbox


def run(worker: Worker, source: str, deadline: float = 10.0) -> object:
    return worker.request("run", {"source": source}, deadline=deadline)


@pytest.mark.parametrize("value", [None, {"a": [1, 2.5, "é", b"\0"]}, 10**40, "\ud800", [], {"": {}}])
def test_values_return_through_a_worker_unchanged(echo: Sandbox, value: object) -> None:
    with echo.open() as worker:
        assert worker.request("any", value) == value


def test_reply_over_the_cap_kills(echo: Sandbox) -> None:
    with echo.open() as worker:
        with pytest.raises(ProtocolError, match="65536 are allowed"):
            worker.request("any", ["x" * (1 << 16)])
        assert not worker.alive


def test_reply_over_the_cap_passes_where_the_request_allows_it(echo: Sandbox) -> None:
    with echo.open() as worker:
        assert worker.request("any", ["x" * (1 << 16)], reply_cap=1 << 18) == ["x" * (1 << 16)]


def test_image_may_be_larger_than_other_replies(echo: Sandbox) -> None:
    image = os.urandom(1 << 19)
    with echo.open() as worker:
        assert worker.request("any", image) == image


def test_image_over_its_own_cap_kills(echo: Sandbox) -> None:
    with echo.open() as worker, pytest.raises(ProtocolError, match="1048576 are allowed"):
        worker.request("any", bytes(1 << 20))


def test_request_that_cannot_be_sent_leaves_the_worker_alone(echo: Sandbox) -> None:
    with echo.open() as worker:
        with pytest.raises(SandboxError, match="cannot be sent"):
            worker.request("any", object())
        assert worker.request("any", 1) == 1


def test_late_worker_is_killed_before_the_error_is_raised(plain: Sandbox) -> None:
    with plain.open() as worker:
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            run(worker, "while True: pass", deadline=0.1)
        assert gone(worker.pid)
        assert time.monotonic() - start < 3


def test_dead_worker_costs_only_itself(plain: Sandbox) -> None:
    with plain.open() as victim, plain.open() as other:
        with pytest.raises(WorkerDied, match="exit status 7"):
            run(victim, "import os; os._exit(7)")
        assert run(other, "result = 'well'") == "well"
        with plain.open() as next_one:
            assert run(next_one, "result = 'well'") == "well"


def test_worker_that_died_unseen_is_not_alive(plain: Sandbox) -> None:
    with plain.open() as worker:
        assert worker.alive
        os.kill(worker.pid, signal.SIGKILL)
        assert wait_until(lambda: not worker.alive)
        with pytest.raises(WorkerDied, match="SIGKILL"):
            run(worker, "result = 1")


def test_closed_worker_says_so(plain: Sandbox) -> None:
    worker = plain.open()
    worker.close()
    worker.close()
    with pytest.raises(WorkerDied, match="closed"):
        run(worker, "result = 1")


def test_fault_is_told_and_the_worker_lives(worker: Worker) -> None:
    with pytest.raises(HandlerFault, match="LookupError: lost"):
        run(worker, "raise LookupError('lost')")
    assert run(worker, "result = 2") == 2


def test_forged_answer_to_its_own_request_is_only_an_observation(plain: Sandbox) -> None:
    """What the sandbox does not promise: code can answer in its worker's name. It ends there, with that worker."""
    with plain.open() as worker:
        assert run(worker, FORGE) == "FORGED"
        with pytest.raises(WorkerDied):
            run(worker, "result = 1")


def test_interrupted_request_kills_its_worker(plain: Sandbox) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with plain.open() as worker:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                run(worker, "import time; time.sleep(60)", deadline=60)
            assert gone(worker.pid)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_threads_share_a_sandbox_each_with_a_worker_of_its_own(plain: Sandbox) -> None:
    answers: dict[int, list[object]] = {}

    def work(number: int) -> None:
        answers[number] = []
        for turn in range(3):
            with plain.open() as worker:
                answers[number] += [run(worker, f"result = {number} * 100 + {turn} * 10 + {i}") for i in range(5)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: [n * 100 + turn * 10 + i for turn in range(3) for i in range(5)] for n in range(4)}


def test_worker_can_be_put_on_a_cpu(plain: Sandbox) -> None:
    cpu = max(os.sched_getaffinity(0))
    with plain.open(cpu=cpu) as worker:
        assert os.sched_getaffinity(worker.pid) == {cpu}


def test_no_process_is_left_after_an_exception(walls: None) -> None:
    pids: list[int] = []

    def fail() -> None:
        with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
            workers = [sandbox.open() for _ in range(3)]
            pids.extend(worker.pid for worker in workers)
            pids.append(zygote_of(pids[0]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(pids) == 4
    assert all_gone(pids)


def test_closed_sandbox_opens_nothing(walls: None) -> None:
    sandbox = Sandbox(handler=PLAIN, paths=[ROOT])
    sandbox.close()
    with pytest.raises(SandboxError, match="closed"):
        sandbox.open()


def test_forgotten_sandbox_ends_its_processes(walls: None) -> None:
    worker = Sandbox(handler=PLAIN, paths=[ROOT]).open()
    pid, zygote = worker.pid, zygote_of(worker.pid)
    del worker
    assert wait_until(lambda: gone(pid) and gone(zygote))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_user(how: signal.Signals, walls: None) -> None:
    script = f"""
        from envfactory.sandbox import Sandbox
        from pathlib import Path
        with Sandbox(handler={PLAIN!r}, paths=[Path({str(ROOT)!r})]) as sandbox:
            worker = sandbox.open()
            parent = Path(f"/proc/{{worker.pid}}/stat").read_text().rpartition(")")[2].split()[1]
            print(worker.pid, parent, flush=True)
            worker.request("run", {{"source": "while True: pass"}}, deadline=60)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    command = [sys.executable, "-c", textwrap.dedent(script)]
    user = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, process_group=0
    )
    assert user.stdout is not None
    pids = [int(word) for word in user.stdout.readline().split()]
    os.killpg(user.pid, how)
    user.wait(20)
    user.stdout.close()
    assert len(pids) == 2
    assert all_gone(pids)


def test_without_walls_the_protocol_is_the_same() -> None:
    with Sandbox("none", handler=PLAIN, paths=[ROOT]) as sandbox, sandbox.open() as worker:
        assert (sandbox.tier, worker.layers) == ("none", {})
        assert run(worker, "result = open('/etc/hostname').readable()") is True


def test_unknown_tier_is_a_mistake_of_the_user() -> None:
    with pytest.raises(ConfigError, match="auto, jail, emptyroot, none"):
        Sandbox("vm")


@pytest.mark.parametrize(
    ("calls", "number", "named"),
    [
        (f"[(444, None), {NO_ROOT}]", 38, "Landlock: the kernel has none.*; empty root: neither"),  # ENOSYS
        (f"[(444, None), {NO_ROOT}]", 95, "Landlock: the kernel has none.*; empty root: neither"),  # it is switched off
        ("[(syscalls.architecture().numbers['seccomp'], None)]", 38, "seccomp: the kernel refuses"),
        ("[(syscalls.architecture().numbers['prctl'], 22)]", 22, "seccomp: .*Invalid argument"),  # PR_SET_SECCOMP
        ("[(446, None)]", 1, "landlock: .*not permitted"),  # landlock_restrict_self, found only when it is tried
    ],
)
def test_kernel_that_lacks_a_layer_is_refused_by_name(calls: str, number: int, named: str, walls: None) -> None:
    done = run_python(f"""{KERNEL_WITHOUT}
from envfactory.errors import SandboxUnavailable
from envfactory.sandbox import Sandbox, syscalls
kernel_without({calls}, {number})
try:
    with Sandbox(handler={ECHO!r}) as sandbox:
        sandbox.open()
except SandboxUnavailable as error:
    print(error.message, "REMEDY", error.remedy)
""")
    message, _, remedy = done.stdout.partition("REMEDY")
    assert re.search(named, message), done
    assert remedy.strip()
