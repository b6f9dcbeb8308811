"""Calls tried in the sandbox without ever being kept: what would this call do after those writes?

Reads leave no trace, so a state is the tuple of the successful writes so far; each distinct one is played once for a
whole batch of trials. What was seen of calls in the first state is kept, up to a bound, for all tasks share that state.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from envfactory.sandbox.session import Call, Observation, Probe
from envfactory.tasks.scope import Scope

_KEPT = 4_000


class Seen(NamedTuple):
    """What a call did: `code` is `ok` or the error's."""

    code: str
    result: Any
    message: str
    changes: list[dict[str, Any]]

    @property
    def ok(self) -> bool:
        return self.code == "ok"


class Lab:
    """See the module's docstring."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._kept: OrderedDict[str, Seen] = OrderedDict()

    def look(self, environment: str, before: Sequence[Call], calls: Iterable[Call]) -> list[Seen]:
        """Return what each call would do, alone, in the state after `before`."""
        wanted = list(calls)
        if before:
            return self._play(environment, before, wanted)
        keys = [f"{environment} {tool} {json.dumps(arguments, sort_keys=True)}" for tool, arguments in wanted]
        new = {key: call for key, call in zip(keys, wanted, strict=True) if key not in self._kept}
        fresh = dict(zip(new, self._play(environment, (), list(new.values())), strict=True))
        found = [fresh[key] if key in fresh else self._kept[key] for key in keys]
        self._keep(fresh)
        return found

    def failing(self, environment: str, before: Sequence[Call], call: Call) -> list[str]:
        """Return every code with which a call would fail by its contract; several where several rules forbid it."""
        probe = Probe(call[0], dict(call[1]), tuple(before))
        outcome = self._scope.witness(environment).probe([probe])[0].outcome
        return list(outcome.get("codes") or [outcome.get("code", outcome["status"])])

    def _play(self, environment: str, before: Sequence[Call], calls: Sequence[Call]) -> list[Seen]:
        probes = [Probe(tool, dict(arguments), tuple(before)) for tool, arguments in calls]
        return [_seen(observed) for observed in self._scope.session(environment).probe(probes)]

    def _keep(self, fresh: dict[str, Seen]) -> None:
        self._kept.update(fresh)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _seen(observed: Observation) -> Seen:
    outcome = observed.outcome
    code = "ok" if observed.ok else observed.code
    return Seen(code, outcome.get("result"), str(outcome.get("message", "")), observed.changes)
