"""Attacks of our own, beyond the shared corpus: each returns a detail when it gets through and raises when stopped.

They run inside a worker, with ctypes at hand. Where success would do harm to the machine (a signal to every process),
only the harmless form is tried (signal 0). `ENDS` and `FAULTS` say how each must look from the trusted side.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import mmap
import multiprocessing.shared_memory
import os
import platform
import re
import resource
import select
import signal
import socket
import sqlite3
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

REPLIES = 4  # the descriptor of a worker's reply pipe; nothing hides it
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_LIBC.mmap.restype = ctypes.c_void_p
_X86 = platform.machine() == "x86_64"
_PAGE = 4096
_RWX = 0b111

Context = dict[str, Any]


def _kernel(number: int, *arguments: object) -> int:
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return _checked(_LIBC.syscall(ctypes.c_long(number), *words))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def io_uring(_: Context) -> str:
    return f"ring {_kernel(425, 4, ctypes.create_string_buffer(256))}"


def userfaultfd(_: Context) -> str:
    return f"descriptor {_kernel(323 if _X86 else 282, 1)}"


def bpf(_: Context) -> str:
    return f"map {_kernel(321 if _X86 else 280, 0, struct.pack('=4I', 2, 4, 4, 1).ljust(128, bytes(1)), 128)}"


def perf_event(_: Context) -> str:
    attributes = struct.pack("=2IQ", 1, 112, 0).ljust(112, b"\0")
    return f"counter {_kernel(298 if _X86 else 241, attributes, 0, -1, -1, 0)}"


def pidfd_of_parent(context: Context) -> str:
    return f"descriptor {_kernel(434, context['canary_pid'], 0)}"


def landlock_again(_: Context) -> str:
    return f"ABI {_kernel(444, None, 0, 1)}"


def openat2(context: Context) -> str:
    return f"descriptor {_kernel(437, -100, context['secret'].encode(), struct.pack('=3Q', 0, 0, 0), 24)}"


def clone3_fork(_: Context) -> str:
    arguments = struct.pack("=8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = _kernel(435, arguments, len(arguments))
    if pid == 0:
        os._exit(0)
    return f"child {pid}"


def raw_fork(_: Context) -> str:
    pid = _kernel(57) if _X86 else _checked(_LIBC.fork())
    if pid == 0:
        os._exit(0)
    return f"child {pid}"


def posix_spawn(_: Context) -> str:
    return f"child {os.posix_spawn('/bin/true', ['true'], {})}"


def thread(_: Context) -> str:
    started = threading.Thread(target=time.sleep, args=(0,))
    started.start()
    return "a second thread"


def read_own_process(_: Context) -> str:
    source, target = ctypes.create_string_buffer(b"x" * 8), ctypes.create_string_buffer(8)
    local, remote = (struct.pack("=2Q", ctypes.addressof(buffer), 8) for buffer in (target, source))
    return f"{_checked(_LIBC.process_vm_readv(os.getpid(), local, 1, remote, 1, 0))} bytes"


def proc_self_mem(_: Context) -> str:
    with Path("/proc/self/mem").open("r+b"):
        return "own memory as a file: executable pages can be written"


def ptrace_me(_: Context) -> str:
    return f"traced {_checked(_LIBC.ptrace(0, 0, None, None))}"


def become_dumpable(_: Context) -> str:
    return f"prctl {_checked(_LIBC.prctl(4, 1, 0, 0, 0))}"


def unset_no_new_privs(_: Context) -> str:
    return f"prctl {_checked(_LIBC.prctl(39, 0, 0, 0, 0))}"


def outlive_parent(_: Context) -> str:
    return f"prctl {_checked(_LIBC.prctl(1, 0, 0, 0, 0))}"


def another_filter(_: Context) -> str:
    allow_all = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000))
    program = struct.pack("=HxxxxxxQ", 1, ctypes.addressof(allow_all))
    return f"prctl {_checked(_LIBC.prctl(22, 2, program, 0, 0))}"


def personality(_: Context) -> str:
    return f"was {_checked(_LIBC.personality(0x0400000))}: readable pages become executable"


def map_executable(_: Context) -> str:
    with mmap.mmap(-1, _PAGE, prot=_RWX):
        return "a page for native code"


def make_executable(_: Context) -> str:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    page = _LIBC.mmap(None, ctypes.c_size_t(_PAGE), 0b011, flags, -1, ctypes.c_long(0))
    return f"{_checked(_LIBC.mprotect(ctypes.c_void_p(page), _PAGE, 0b101))}"


def map_pipe(_: Context) -> str:
    with mmap.mmap(REPLIES, _PAGE):
        return "mapped a descriptor"


def signal_everyone(_: Context) -> str:
    os.kill(-1, 0)
    return "every process could be signalled"


def signal_parent(context: Context) -> str:
    os.kill(context["canary_pid"], 0)
    return "the trusted side could be signalled"


def signal_parent_by_pipe(context: Context) -> str:
    fcntl.fcntl(REPLIES, fcntl.F_SETOWN, context["canary_pid"])
    fcntl.fcntl(REPLIES, fcntl.F_SETFL, os.O_ASYNC)
    return "the kernel will signal the trusted side for us"


def signal_itself_by_timer(_: Context) -> str:
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    return "a timer"


def ignore_limits(_: Context) -> str:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    return "SIGXCPU is ignored"


def raise_limit(_: Context) -> str:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
    return "memory without limit"


def run_first(_: Context) -> str:
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return "chose its scheduling"


def choose_cpu(_: Context) -> str:
    os.sched_setaffinity(0, {0})
    return "chose its CPU"


def descriptors(_: Context) -> str:
    made = []
    for make in (lambda: os.dup(REPLIES), os.pipe, lambda: os.eventfd(0), select.epoll, socket.socketpair):
        try:
            made.append(str(make()))
        except OSError:
            continue
    if not made:
        raise PermissionError("no descriptor can be made")
    return f"made {made}"


def shared_memory(_: Context) -> str:
    return multiprocessing.shared_memory.SharedMemory(create=True, size=64).name


def message_queue(_: Context) -> str:
    return f"queue {_checked(_LIBC.msgget(0x1234567, 0o1666))}"


def change_root(context: Context) -> str:
    os.chdir(context["outside"])
    return "another folder"


def mount(_: Context) -> str:
    return f"mounted {_checked(_LIBC.mount(b'none', b'/tmp', b'tmpfs', 0, None))}"


def enter_namespace(_: Context) -> str:
    return f"{_checked(_LIBC.setns(REPLIES, 0))}"


def type_on_terminal(_: Context) -> str:
    fcntl.ioctl(REPLIES, 0x5412, b"x")
    return "typed"


def load_library(context: Context) -> str:
    ctypes.CDLL(context["ext"])
    return "native code from a file"


def list_bomb(_: Context) -> str:
    return f"{len([None] * (1 << 28))} items"


def bytes_bomb(_: Context) -> str:
    return f"{len(bytes(1 << 30))} bytes"


def creeping_bomb(_: Context) -> str:
    hoard: list[bytearray] = []
    while len(hoard) < 4096:
        hoard.append(bytearray(1 << 20))
    return f"{len(hoard)} MiB"


def sqlite_attach_new_file(context: Context) -> str:
    connection = sqlite3.connect(":memory:")
    connection.execute("ATTACH ? AS other", (context["outside"] + "/new.db",))
    connection.execute("CREATE TABLE other.t (v)")
    return "wrote a database file"


def sqlite_open_by_uri(context: Context) -> str:
    rows = sqlite3.connect(f"file:{context['other_db']}?immutable=1", uri=True).execute("SELECT v FROM t").fetchall()
    return str(rows)


def sqlite_temporary_folder(context: Context) -> str:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA temp_store_directory = '{context['tmp']}'")
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute(
        "CREATE TEMP TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)"
        " SELECT i, hex(randomblob(100)) FROM n"
    )
    if not any(Path(context["tmp"]).iterdir()):
        raise PermissionError("no file was made")
    return "spilt to a file"


def x32_number(_: Context) -> str:
    return f"{_kernel(0x40000000 + 39)}"


def abort(_: Context) -> str:
    os.abort()


def null_pointer(_: Context) -> str:
    return repr(ctypes.string_at(0))


def stack_overflow(_: Context) -> str:
    sys.setrecursionlimit(10**8)

    def deeper(value: int) -> Any:
        return sorted([value], key=deeper)

    return str(deeper(1))


def leave(_: Context) -> str:
    os._exit(0)


def raise_exit(_: Context) -> str:
    raise SystemExit("out")


def evil_error(_: Context) -> str:
    class EvilError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no message for you")

    raise EvilError


def giant_reply(_: Context) -> str:
    return "x" * (2 << 20)


def giant_frame(_: Context) -> str:
    os.write(REPLIES, struct.pack("<I", 0xFFFFFFF0) + b"x" * 1000)
    return "claimed four gigabytes"


def forged_sequence(_: Context) -> str:
    _forge(b"\x93\x07\xa2ok\xa6FORGED")
    return "answered another request"


def forged_early(_: Context) -> str:
    _forge(b"\x93\x00\xa2ok\xa6FORGED", times=2)
    return "left answers for later"


def not_msgpack(_: Context) -> str:
    _forge(b"\xc1" * 20)
    return "answered with noise"


def not_a_message(_: Context) -> str:
    _forge(b"\x92\x01\x02")
    return "answered with a pair"


def half_a_frame(_: Context) -> str:
    os.write(REPLIES, struct.pack("<I", 100) + b"half")
    os._exit(0)


def slow_frame(_: Context) -> str:
    os.write(REPLIES, struct.pack("<I", 100))
    while True:
        os.write(REPLIES, b".")
        time.sleep(0.05)


def answered_twice(_: Context) -> str:
    _forge(_answer_now(b"\xa6FORGED"), times=2)
    return "two answers to one request"


def colliding_keys(_: Context) -> str:
    """Answer the request being served with a map that takes minutes to decode: all keys have the same hash."""
    keys = [struct.pack(">BBb", 0xC7, 12, 1) + (8 * n * (2**61 - 1)).to_bytes(12, "big") for n in range(1, 60_001)]
    _forge(_answer_now(struct.pack(">BI", 0xDF, len(keys)) + b"".join(key + b"\xc0" for key in keys)))
    return "the trusted side is busy"


def a_moment(_: Context) -> str:
    _forge(_answer_now(b"\x91\xd6\xff" + bytes(4)))
    return "answered with what JSON cannot hold"


def deep_frame(_: Context) -> str:
    _forge(_answer_now(b"\x91" * 500_000 + b"\xc0"))
    return "answered with a list in a list in a list"


def deep_answer(_: Context) -> Any:
    nest: list[Any] = []
    for _level in range(200_000):
        nest = [nest]
    return nest


def close_everything(_: Context) -> str:
    os.closerange(0, 64)
    return "no descriptor is left"


def steal_the_next_request(_: Context) -> str:
    return f"read {os.read(3, 1 << 16)!r}"


def endless_pattern(_: Context) -> str:
    return str(re.match(r"(a|a)+$", "a" * 64 + "b"))


def endless_integer(_: Context) -> str:
    return str(len(str(7 ** (10**9))))


def at_the_end(_: Context) -> str:
    atexit.register(_forge, b"\x93\x07\xa2ok\xa6FORGED")
    signal.signal(signal.SIGTERM, lambda *_: _forge(b"\x93\x07\xa2ok\xa6FORGED"))
    return "a last word"


def sqlite_functions(context: Context) -> str:
    """Try every way out that SQLite has as SQL, with the authorizer taken off."""
    connection = sqlite3.connect(":memory:")
    connection.set_authorizer(None)
    path, through = context["outside"] + "/written", []
    for statement in (
        f"SELECT writefile('{path}', 'x')",
        f"SELECT readfile('{context['secret']}')",
        f"SELECT load_extension('{context['ext']}')",
        f"SELECT edit('x', 'touch {path}')",
        "SELECT fts3_tokenizer('evil', x'4141414141414141')",
        f"VACUUM INTO '{path}'",
        f"ATTACH 'file:{path}?mode=rwc' AS other; CREATE TABLE other.t (v)",
        f"CREATE VIRTUAL TABLE files USING fsdir('{context['outside']}')",
        f"CREATE VIRTUAL TABLE csv USING csv(filename='{context['secret']}')",
    ):
        try:
            connection.executescript(statement)
            through.append((statement, connection.execute(statement).fetchall() if "SELECT" in statement else None))
        except sqlite3.Error:
            continue
    if not through:
        raise PermissionError("SQLite refuses them all")
    return str(through)


def sqlite_broken_schema(_: Context) -> str:
    """Point a table at another's page and at none, which old versions took their process down with."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE a (x TEXT UNIQUE) STRICT; CREATE TABLE b (y); INSERT INTO a VALUES ('1')")
    connection.executescript(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 999 WHERE name = 'b';"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE a (x INTEGER PRIMARY KEY) WITHOUT ROWID' WHERE name = 'a'"
    )
    broken = sqlite3.connect(":memory:")
    broken.deserialize(connection.serialize())
    return f"read {broken.execute('SELECT * FROM a, b').fetchall()}"


def hang_up(_: Context) -> str:
    os.close(REPLIES)
    while True:
        time.sleep(1)


def _answer_now(value: bytes) -> bytes:
    """Return an answer to the very request that is being served: its number lies in a frame above ours."""
    frame = sys._getframe()
    while "sequence" not in frame.f_locals:
        frame = frame.f_back or sys.exit("no number found")
    return b"\x93\xce" + struct.pack(">I", frame.f_locals["sequence"]) + b"\xa2ok" + value


def _forge(body: bytes, times: int = 1) -> None:
    rest = (struct.pack("<I", len(body)) + body) * times
    while rest:
        rest = rest[os.write(REPLIES, rest) :]


# How the trusted side must see those end that are not simply refused (an OSError in the tool).
ENDS = {
    "abort": "WorkerDied",
    "null_pointer": "WorkerDied",
    "stack_overflow": "WorkerDied",
    "leave": "WorkerDied",
    "hang_up": "WorkerDied",
    "x32_number": "WorkerDied",
    "slow_frame": "DeadlineExceeded",
    "half_a_frame": "ProtocolError",
    "giant_frame": "ProtocolError",
    "giant_reply": "ProtocolError",
    "forged_sequence": "ProtocolError",
    "forged_early": "ProtocolError",
    "not_msgpack": "ProtocolError",
    "not_a_message": "ProtocolError",
    "answered_twice": "ProtocolError",
    "colliding_keys": "ProtocolError",
    "a_moment": "ProtocolError",
    "deep_frame": "ProtocolError",
    "close_everything": "WorkerDied",
    "steal_the_next_request": "DeadlineExceeded",
    "endless_pattern": "DeadlineExceeded",
    "endless_integer": "DeadlineExceeded",
}
FAULTS = {
    "list_bomb": ("MemoryError",),
    "bytes_bomb": ("MemoryError",),
    "creeping_bomb": ("MemoryError",),
    "thread": ("RuntimeError",),
    "raise_exit": ("SystemExit",),
    "evil_error": ("EvilError",),
    "raise_limit": ("ValueError",),
    "sqlite_attach_new_file": ("OperationalError",),
    "sqlite_open_by_uri": ("OperationalError",),
    "sqlite_temporary_folder": ("OperationalError",),
    "signal_itself_by_timer": ("itimer_error",),
    "shared_memory": ("PermissionError",),
    "deep_answer": ("UnsendableError",),
    "sqlite_broken_schema": ("DatabaseError",),
}
