"""What an attacker would like to reach: files, sockets, a secret in the environment; and what counts as stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from envfactory.errors import SandboxError
from envfactory.sandbox import HandlerFault, Sandbox
from tests.sandbox import own_attacks

ROOT = Path(__file__).parents[2]
RAW = "tests.sandbox.raw_handler:Raw"
PLAIN = "tests.sandbox.plain_handler:Plain"
SECRET_VARIABLE = "PATH"  # one that a process is started with: those set later are not in /proc/<pid>/environ

# They only burn time or memory: the deadline (or a limit) is what must stop them.
BURNERS = frozenset({"c_spin", "deep_recursion", "sleep_long", "sql_spin", "sqlite_mem_bomb"})
# They gain nothing but Python objects of the worker they are in, which is theirs anyway.
INSIDE = frozenset({"dunder_getattr_str", "dunder_subclasses", "traceback_frame_escape"})
# About imports alone, so no module may be put back for it.
IMPORTS = frozenset({"import_forbidden"})
# Faults of these kinds would mean that the attack was not tried, not that it was stopped...
NOT_TRIED = (
    "KeyError",
    "NameError",
    "TypeError",
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
)
# ... except where the missing thing is the point: the environment is empty, the module is gone.
_REFUSED = ("PermissionError", "OSError")
RIGHTLY_MISSING = {"env_secret": "KeyError", "import_forbidden": "ModuleNotFoundError"}
if not hasattr(sqlite3.Connection, "enable_load_extension"):  # an interpreter built without it
    RIGHTLY_MISSING["sqlite_load_ext"] = "AttributeError"


class Outcome(NamedTuple):
    """How an attack ended: `how` is "through", or the class of what stopped it."""

    how: str
    detail: str

    @property
    def stopped(self) -> bool:
        return self.how != "through"


def corpus() -> Path:
    """Return the shared attacks' folder, which may be absent."""
    resources = os.environ.get("ENVFACTORY_ATTACKS")
    return Path(resources) if resources else ROOT.parent / "shared" / "attacks"


def corpus_names() -> list[str]:
    """Return the attacks' names, none where the folder is absent."""
    return sorted(path.stem for path in corpus().glob("*.py"))


def attempt(sandbox: Sandbox, op: str, payload: dict[str, Any], deadline: float) -> Outcome:
    """Let a fresh worker make one attack."""
    with sandbox.open() as worker:
        try:
            return Outcome("through", str(worker.request(op, payload, deadline=deadline)))
        except (HandlerFault, SandboxError) as error:
            return Outcome(type(error).__name__, error.message)


def attempt_file(sandbox: Sandbox, name: str, context: dict[str, Any]) -> Outcome:
    """Let a fresh worker make one attack of the corpus."""
    source = (corpus() / f"{name}.py").read_text()
    return attempt(sandbox, "attack", {"source": source, "context": context}, 0.7 if name in BURNERS else 10.0)


def own_names() -> list[str]:
    """Return the names of our own attacks."""
    found = vars(own_attacks).items()
    return [name for name, value in found if isinstance(value, FunctionType) and not name.startswith("_")]


def attempt_own(sandbox: Sandbox, name: str, context: dict[str, Any]) -> Outcome:
    """Let a fresh worker make one attack of ours."""
    payload = {"name": name, "context": context}
    return attempt(sandbox, "own", payload, 0.7 if own_attacks.ENDS.get(name) == "DeadlineExceeded" else 10.0)


def own_properly_stopped(name: str, outcome: Outcome) -> bool:
    """Whether an attack of ours was seen to end as it must."""
    if outcome.how != own_attacks.ENDS.get(name, "HandlerFault"):
        return False
    return outcome.how != "HandlerFault" or outcome.detail.partition(":")[0] in own_attacks.FAULTS.get(name, _REFUSED)


def properly_stopped(name: str, outcome: Outcome) -> bool:
    """Whether the attack was tried, and stopped by what should stop it."""
    if outcome.how == "HandlerFault":
        kind = outcome.detail.partition(":")[0]
        return kind not in NOT_TRIED or RIGHTLY_MISSING.get(name) == kind
    return outcome.stopped and (outcome.how != "DeadlineExceeded" or name in BURNERS)


@contextlib.contextmanager
def world() -> Iterator[dict[str, Any]]:
    """Yield the context the attacks are given. All of it is open to everyone, so that only walls protect it."""
    folder = Path(tempfile.mkdtemp(prefix="envfactory-attacks-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield {**_files(folder), **_listeners(folder, stack), "env": SECRET_VARIABLE, "canary_pid": os.getpid()}


def _files(folder: Path) -> dict[str, Any]:
    outside, scratch, secret, database = (folder / name for name in ("outside", "scratch", "secret.txt", "other.db"))
    outside.mkdir()
    scratch.mkdir()
    secret.write_text("SECRET")
    for victim in ("victim", "victim2"):
        (outside / victim).write_text("victim")
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.execute("INSERT INTO t VALUES ('SECRET')")
    for path in (folder, outside, scratch, secret, database, outside / "victim", outside / "victim2"):
        path.chmod(0o777)
    library = next(Path(sysconfig.get_path("stdlib"), "lib-dynload").glob("*.so"))
    return {
        "secret": str(secret),
        "outside": str(outside),
        "tmp": str(scratch),
        "other_db": str(database),
        "ext": str(library),
    }


def _listeners(folder: Path, stack: contextlib.ExitStack) -> dict[str, Any]:
    abstract, path = f"envfactory-{os.getpid()}", folder / "socket"
    tcp = _listen(stack, socket.AF_INET, ("127.0.0.1", 0))
    _listen(stack, socket.AF_UNIX, str(path))
    _listen(stack, socket.AF_UNIX, f"\0{abstract}")
    path.chmod(0o777)
    return {"port": tcp.getsockname()[1], "unix": str(path), "abstract": abstract}


def _listen(stack: contextlib.ExitStack, family: int, address: Any) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    greeter = threading.Thread(target=_until_closed(listener), daemon=True)
    greeter.start()
    stack.callback(greeter.join, 5)
    stack.callback(listener.close)
    stack.callback(listener.shutdown, socket.SHUT_RDWR)
    return listener


def _until_closed(listener: socket.socket) -> Callable[[], None]:
    def greet() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"SECRET")

    return greet
