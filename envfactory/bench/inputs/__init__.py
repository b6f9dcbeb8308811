"""Generated inputs: thousands of calls per environment, made from contracts and state, judged by the oracle.

    inputs = bench.inputs
    inputs.for_tool("book_room")                    every generated call of a tool, as probes
    inputs.accepted("book_room")                    those the contract accepts
    inputs.rejecting("book_room", "NOT_AVAILABLE")  those that fail with this code and no other
    inputs.walks(20, 12)                            random sequences of calls, biased to success

All of it is a function of the environment and the bench's seed.
"""

from envfactory.bench.inputs.generator import Inputs
from envfactory.bench.inputs.signature import ProbeKey, Seen, diverse, failing_codes, kind, probe_key, signature

__all__ = ["Inputs", "ProbeKey", "Seen", "diverse", "failing_codes", "kind", "probe_key", "signature"]
