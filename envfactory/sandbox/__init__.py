"""Runs generated code where it can do no harm, and answers for what it says of itself: nothing.

How: a clean, exec'd interpreter (`zygote`) forks one process per `Worker`. Before any generated code exists in it, that
process closes every descriptor but two pipes, gives up root and every capability, and goes behind Landlock without a
rule (an empty root where the kernel has none), rlimits, and a seccomp allow-list of some twenty-five calls: no path,
socket, process, signal, exec or executable memory (`jail`). Then a handler, by default the environments' host, answers length-prefixed msgpack frames (`worker`).
The trusted side (`pool`) keeps the clock, the caps and the kill switch.

What it stops: reading, writing or seeing files; the network and abstract sockets; other processes and their memory;
new processes and threads; native code from files or memory; more memory than allowed; endless loops (a deadline per
request); floods and malformed answers (caps, strict decoding without objects).

What it does NOT stop, and the design around it must:
- Code in a worker owns that worker: it can forge the answer to the request it is serving, alter the handler and the
  state it holds, and reach any Python object there. So gold data, graders and rewards never enter a worker, and
  verdicts rest on the state image, taken and checked by the trusted side against what the contract demands.
- It can use CPU until the deadline, and also between requests if it answers in the worker's name and computes on, until
  the next request finds it late; and its memory allowance. Many workers add up.
- It can tell time, and so has timing channels to workers on the same cores; side channels of the hardware and faults
  of the kernel reachable through the calls left over are out of scope. A microVM is the answer where they matter.
- The handler's module and what it imports run in the zygote, unwalled: they are trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envfactory.sandbox.doctor import Diagnosis, Row, diagnose, examine
    from envfactory.sandbox.limits import Limits
    from envfactory.sandbox.pool import HandlerFault, Sandbox, Worker
    from envfactory.sandbox.shared import shared_sandbox

__all__ = ["Diagnosis", "HandlerFault", "Limits", "Row", "Sandbox", "Worker", "diagnose", "examine", "shared_sandbox"]

_HOMES = {
    "Diagnosis": "doctor",
    "Row": "doctor",
    "diagnose": "doctor",
    "examine": "doctor",
    "Limits": "limits",
    "shared_sandbox": "shared",
}


def __getattr__(name: str) -> Any:
    """Load the trusted side only for those who ask: the zygote imports this package too, and needs none of it."""
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'pool')}"), name)
