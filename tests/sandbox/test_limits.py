"""Limits and ties, each put on in a process of its own."""

from __future__ import annotations

import os
import sys

import pytest

from envfactory.sandbox import limits
from tests.sandbox.support import gone, run_python, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's")


def test_memory_limit_ends_an_allocation() -> None:
    done = run_python("""
        from envfactory.sandbox import limits
        limits.limit_use(limits.Limits(memory_bytes=300 << 20))
        try:
            bytes(400 << 20)
        except MemoryError:
            print("refused")
    """)
    assert done.stdout == "refused\n"


def test_close_descriptors_leaves_those_below() -> None:
    done = run_python("""
        import os
        from envfactory.sandbox import limits
        kept, closed = os.dup2(1, 10), os.dup2(1, 11)
        limits.close_descriptors(11)
        os.write(10, b"10 is open")
        try:
            os.write(11, b"11 too")
        except OSError:
            os.write(10, b", 11 is not")
    """)
    assert done.stdout == "10 is open, 11 is not"


def test_die_with_parent_notices_a_parent_that_is_gone() -> None:
    done = run_python("""
        from envfactory.sandbox import limits
        try:
            limits.die_with_parent(1 << 22)
        except ProcessLookupError as error:
            print(error)
    """)
    assert "ended first" in done.stdout


def test_die_with_parent_dies() -> None:
    done = run_python("""
        import os, time
        from envfactory.sandbox import limits
        parent, (ready, tell) = os.getpid(), os.pipe()
        child = os.fork()
        if child == 0:
            limits.die_with_parent(parent)
            os.write(tell, b"x")
            os.closerange(0, 3)
            time.sleep(60)
        os.read(ready, 1)
        print(child, flush=True)
        os._exit(0)
    """)
    child = int(done.stdout)
    assert wait_until(lambda: gone(child), 5)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_drop_privileges_leaves_no_identity_and_no_capability() -> None:
    spare = limits.spare_ids()
    if spare is None:
        pytest.skip("this user namespace maps no other id")
    done = run_python(f"""
        import os
        from envfactory.sandbox import limits
        limits.drop_privileges({spare[5]})
        print(os.getresuid(), os.getresgid(), os.getgroups(), sorted(limits.capabilities()))
    """)
    assert done.stdout.strip() == f"{(spare[5],) * 3} {(spare[5],) * 3} [] []"


def test_no_new_privileges_is_seen_once_set() -> None:
    done = run_python("""
        from envfactory.sandbox import limits
        before = limits.new_privileges_forbidden()
        limits.forbid_new_privileges()
        print(before, limits.new_privileges_forbidden())
    """)
    assert done.stdout.split()[1] == "True"


def test_computing_needs_no_new_descriptor() -> None:
    done = run_python("""
        import os
        from envfactory.sandbox import limits
        limits.limit_to_computing()
        try:
            os.pipe()
        except OSError as error:
            print(error.errno, sum(range(10)))
    """)
    assert done.stdout == "24 45\n"  # EMFILE
