"""The zygote: a clean interpreter that imports what workers will need, once, then forks a worker per request.

It is exec'd with no environment, no site directory and `/` as its folder, and never forked from the trainer, whose
memory (gold data, keys, CUDA) a fork would copy into every worker. It runs no tool code itself. Being single-threaded,
it forks safely; being the workers' only parent, it is the only one that kills them, so a kill can never hit a stranger
that was given the pid of a worker which is gone: outside, workers go by numbers that are not used again. When the line
to the sandbox closes it kills and ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from envfactory.sandbox import control, landlock, limits, seccomp, worker

# What tool code may import, with the helpers these import only when first used: nothing can be loaded later.
PRELOAD = """
    abc array base64 binascii bisect calendar cmath collections.abc contextlib copy csv dataclasses datetime decimal
    difflib enum fractions functools graphlib hashlib heapq html io itertools json keyword locale math numbers
    operator pprint random re reprlib sqlite3.dump statistics string struct textwrap time types typing unicodedata
    urllib.parse uuid warnings weakref zoneinfo _strptime linecache stringprep tokenize traceback
    encodings.ascii encodings.latin_1 encodings.cp1252 encodings.utf_8_sig encodings.utf_16 encodings.utf_16_le
    encodings.utf_16_be encodings.utf_32 encodings.idna encodings.punycode encodings.unicode_escape
"""

_POLL_SECONDS = 5.0
_IDS_PER_ZYGOTE = 64  # user ids in a row before one zygote's workers would share with those of the next pid
_OOM_FIRST = "1000"


class Child(NamedTuple):
    """A worker just forked: its number, its pid and the sandbox's ends of its pipes."""

    number: int
    pid: int
    requests: int
    replies: int


def main(line_descriptor: int) -> None:
    """Run on the inherited socket until its other end closes."""
    line = socket.socket(fileno=line_descriptor)
    try:
        zygote = Zygote(line, control.receive(line)[0])
    except ConnectionError:
        return
    except Exception as error:  # noqa: BLE001 - boundary: a handler's module may fail to import in any way
        control.send(line, {"error": worker.describe(error)})
        return
    control.send(line, {"ready": os.getpid()})
    zygote.serve()


class Zygote:
    """Holds what workers are born with, and the workers."""

    def __init__(self, line: socket.socket, config: control.Fields) -> None:
        self._line = line
        self._parent = os.getppid()
        self._pids: dict[int, int] = {}  # of the living, by number
        self._statuses: dict[int, int] = {}  # of the dead that nobody has asked for
        self._born = 0
        self._tier = str(config["tier"])
        self._bounds = limits.Limits(**config["limits"])
        self._spare_ids = limits.spare_ids() if self._tier != "none" and os.geteuid() == 0 else None
        self._zones = _load_for_workers(config)
        self._make_handler = _find(config["handler"])
        _settle_down(self._tier)

    def serve(self) -> None:
        """Answer requests until the other side, or our parent, is gone."""
        self._line.settimeout(_POLL_SECONDS)
        try:
            while (request := self._next()) is not None:
                self._answer(request)
        finally:
            for pid in self._pids.values():
                os.kill(pid, signal.SIGKILL)

    def _next(self) -> control.Fields | None:
        while True:
            try:
                return control.receive(self._line)[0]
            except TimeoutError:  # a fork of our parent may hold the line open after its death
                if os.getppid() != self._parent:
                    return None
            except ConnectionError:
                return None

    def _answer(self, request: control.Fields) -> None:
        if request["do"] == "end":
            control.send(self._line, {"status": self._end(request["worker"])})
            return
        try:
            child = self._spawn(request["cpu"])
        except OSError as error:
            control.send(self._line, {"error": str(error)})
            return
        try:
            control.send(self._line, {"worker": child.number, "pid": child.pid}, [child.requests, child.replies])
        finally:
            os.close(child.requests)
            os.close(child.replies)

    def _spawn(self, cpu: int | None) -> Child:
        self._bury()
        with contextlib.ExitStack() as on_failure:
            theirs_in, requests = _pipe(on_failure)
            replies, theirs_out = _pipe(on_failure)
            birth = self._birth(cpu)
            pid = os.fork()
            if pid == 0:
                worker.live(birth, theirs_in, theirs_out)
            on_failure.pop_all()
        os.close(theirs_in)
        os.close(theirs_out)
        self._pids[self._born] = pid
        return Child(self._born, pid, requests, replies)

    def _birth(self, cpu: int | None) -> worker.Birth:
        self._born += 1
        spare_id = None
        if self._spare_ids is not None:
            place = os.getpid() * _IDS_PER_ZYGOTE + self._born % _IDS_PER_ZYGOTE
            spare_id = self._spare_ids[place % len(self._spare_ids)]
        return worker.Birth(self._make_handler, self._bounds, self._tier, spare_id, os.getpid(), cpu)

    def _bury(self) -> None:
        """Wait for those that ended by themselves, so that forgotten ones do not pile up."""
        numbers = {pid: number for number, pid in self._pids.items()}
        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._statuses[numbers[pid]] = os.waitstatus_to_exitcode(status)
            del self._pids[numbers[pid]]

    def _end(self, number: int) -> int | None:
        """Kill a worker if it lives, and return how it ended: exit status, or minus the signal. None if unknown."""
        pid = self._pids.pop(number, None)
        if pid is None:
            return self._statuses.pop(number, None)
        os.kill(pid, signal.SIGKILL)  # harmless to one that is dead but not yet waited for
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _pipe(on_failure: contextlib.ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        on_failure.callback(os.close, end)
    return ends


def _find(handler: str) -> Callable[[], worker.Handler]:
    """Return the class that "module:Name" names."""
    module, _, name = handler.partition(":")
    found: Callable[[], worker.Handler] = getattr(importlib.import_module(module), name)
    return found


def _load_for_workers(config: control.Fields) -> list[zoneinfo.ZoneInfo]:
    """Import the allow-list and return every time zone; the cache of zoneinfo knows them while someone holds them."""
    for name in [*PRELOAD.split(), *config["preload"]]:
        importlib.import_module(name)
    if config["tzdata"]:  # of the package, the same on every machine, rather than of the system
        zoneinfo.reset_tzpath(to=[config["tzdata"]])
    zones = []
    for name in _zone_names():
        with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zones.append(zoneinfo.ZoneInfo(name))
    return zones


def _zone_names() -> Iterator[str]:
    for folder in map(Path, zoneinfo.TZPATH):
        for path in folder.rglob("[A-Z]*"):
            name = path.relative_to(folder)
            if name.parts[0] not in ("posix", "right") and "." not in path.name:
                yield str(name)


def _settle_down(tier: str) -> None:
    """Leave the state that every worker begins in: one clock zone, nothing to import from, heap shared for good."""
    os.environ["TZ"] = "UTC0"
    time.tzset()
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_FIRST)
    if tier != "none":  # so that each fork finds what the walls need ready
        landlock.abi()
        seccomp.assemble(os.uname().machine)
    sys.path.clear()
    sys.path_importer_cache.clear()
    gc.collect()
    gc.freeze()
    gc.set_threshold(limits.COLLECT_AT, *gc.get_threshold()[1:])
