"""The second lock of kernels without Landlock: an empty root, noticed where it is sham, and enough by itself."""

from __future__ import annotations

import os

import pytest

from envfactory.sandbox import Sandbox
from tests.sandbox.attack_run import SQLITE_TOOL
from tests.sandbox.support import ENTER, KERNEL_WITHOUT, run_python
from tests.sandbox.world import PLAIN, ROOT

pytestmark = pytest.mark.usefixtures("empty_root")


def test_a_normal_tool_works() -> None:
    with Sandbox("emptyroot", handler=PLAIN, paths=[ROOT]) as sandbox, sandbox.open() as worker:
        assert (sandbox.tier, worker.layers["landlock"], worker.layers["uid"] == 0) == ("emptyroot", 0, False)
        assert worker.request("run", {"source": SQLITE_TOOL}) == [[1]]


def test_a_kernel_without_landlock_is_served_by_it() -> None:
    done = run_python(f"""{KERNEL_WITHOUT}
from envfactory.sandbox import Sandbox, syscalls
kernel_without([(444, None), (syscalls.CLOSE_RANGE, None)], 38)  # ENOSYS, as before Linux 5.9
with Sandbox(handler="envfactory.sandbox.echo:Echo") as sandbox, sandbox.open() as worker:
    print(sandbox.tier, worker.layers["landlock"], worker.request("any", "here"))
""")
    assert done.stdout.split() == ["emptyroot", "0", "here"]


def test_a_sham_is_noticed() -> None:
    done = run_python(f"{ENTER}\nemptyroot.enter = lambda: None\nprint(enter('emptyroot'))")
    assert done.stdout.startswith("refused: empty root: entered, but it holds /")


def test_it_holds_alone() -> None:
    """Without the filter and the descriptor limit nothing is found (ENOENT) or made, and nobody gets out."""
    done = run_python(f"""{ENTER}
seccomp.install = jail._prove_seccomp = lambda given: None
limits.limit_to_computing = lambda: None
print(enter("emptyroot").landlock)
for attempt in (
    lambda: open("/etc/passwd"), lambda: open("../../etc/passwd"), lambda: open("/proc/self/environ"),
    lambda: os.mkdir("/x"), lambda: open("x", "w"), lambda: os.chroot("."),
):
    try:
        attempt()
        print("through")
    except OSError as error:
        print(error.errno)
""")
    assert done.stdout.split() == ["0", "2", "2", "2", "2", "2", "1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may or may not have another network without a user namespace")
def test_loopback_is_another_one() -> None:
    done = run_python(f"""{ENTER}
import encodings.idna, socket
seccomp.install = jail._prove_seccomp = lambda given: None
limits.limit_to_computing = lambda: None
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
enter("emptyroot")
try:
    socket.create_connection(("127.0.0.1", port), 1)
    print("through")
except OSError as error:
    print(error.errno)
""")
    assert done.stdout.split() == ["101"]  # ENETUNREACH: nothing is up there
