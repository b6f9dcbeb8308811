"""Starting the zygote and surviving its misfortunes."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from envfactory.errors import SandboxError, SandboxUnavailable, WorkerDied
from envfactory.sandbox import HandlerFault, Sandbox
from tests.sandbox.support import wait_until
from tests.sandbox.test_zygote import zygote_of
from tests.sandbox.world import PLAIN, ROOT


def test_zygote_that_died_is_replaced_at_the_next_need(walls: None) -> None:
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
        first = sandbox.open()
        zygote = zygote_of(first.pid)
        os.kill(zygote, signal.SIGKILL)
        wait_until(lambda: not first.alive)
        second = sandbox.open()
        first.close()  # of another zygote: must not touch the new one's workers
        assert zygote_of(second.pid) != zygote
        assert second.request("run", {"source": "result = 1"}) == 1


def test_handler_that_does_not_import_is_told(walls: None) -> None:
    with (
        Sandbox(handler="tests.sandbox.no_such_module:X", paths=[ROOT]) as sandbox,
        pytest.raises(SandboxError) as told,
    ):
        sandbox.open()
    assert "no_such_module" in told.value.message


def test_handler_that_cannot_be_made_is_a_fault(walls: None) -> None:
    handler = "tests.sandbox.raw_handler:Broken"
    with Sandbox(handler=handler, paths=[ROOT]) as sandbox, pytest.raises(HandlerFault, match="LookupError"):
        sandbox.open()


def test_interpreter_that_does_not_start_is_told(walls: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox, pytest.raises(SandboxError, match="ended at its start"):
        sandbox.open()


def test_process_without_an_interpreter_is_refused(walls: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox, pytest.raises(SandboxUnavailable, match="interpreter"):
        sandbox.open()


def test_fork_of_the_process_may_not_use_it_and_does_not_end_it(walls: None) -> None:
    with Sandbox(handler=PLAIN, paths=[ROOT]) as sandbox:
        worker = sandbox.open()
        child = os.fork()
        if child == 0:
            try:
                sandbox.open()
            except WorkerDied:
                os._exit(1)
            except SandboxError:
                sandbox.close()
                os._exit(0)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert worker.request("run", {"source": "result = 1"}) == 1
