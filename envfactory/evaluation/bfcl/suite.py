"""BFCL as a suite: single-turn categories by the checker of syntax trees, multi-turn ones by states and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.errors import ConfigError
from envfactory.evaluation.bfcl.package import Bfcl, Entry
from envfactory.evaluation.bfcl.talks import MultiTurn, SingleTurn
from envfactory.evaluation.bfcl.truth import calls_of_answer, calls_of_source
from envfactory.evaluation.items import POLICY, Item, Scored, Talk
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import scripted
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked, Policy

NON_LIVE = (
    "simple_python",
    "simple_java",
    "simple_javascript",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
)
LIVE = (
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "live_irrelevance",
    "live_relevance",
)
MULTI_TURN = ("multi_turn_base", "multi_turn_miss_func", "multi_turn_miss_param", "multi_turn_long_context")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "all": NON_LIVE + LIVE + MULTI_TURN,
    "single_turn": NON_LIVE + LIVE,
    "non_live": NON_LIVE,
    "live": LIVE,
    "multi_turn": MULTI_TURN,
    "simple": ("simple_python",),
}
# Entries whose own ground truth the package's checker refuses (version 2026.3.23): texts beside numbers in a Java array,
# an answer listed letter by letter, "" for a required array, a parameter that is not offered or not in the answer.
UNSOLVABLE = frozenset(
    {
        "simple_java_36",
        "simple_java_64",
        "simple_java_65",
        "live_simple_106-63-0",
        "live_simple_112-68-0",
        "live_multiple_862-181-3",
        "live_multiple_964-207-0",
    }
)


class _Problem(NamedTuple):
    category: str
    entry: Entry
    checked: Entry
    answer: Any


class BfclSuite:
    """The categories asked for. Raise UserError without the package, ConfigError for a category it has not."""

    name = "bfcl"
    measure = "accuracy"
    traits = ("category", "part")

    def __init__(self, categories: Sequence[str] = ()) -> None:
        self._categories = categories_of(categories)
        self._bfcl = Bfcl()
        self._problems = {each.entry["id"]: each for name in self._categories for each in self._load(name)}

    def items(self) -> Sequence[Item]:
        """Return the entries; the back ends of a multi-turn entry are its cluster."""
        return [
            Item(
                name,
                "+".join(sorted(problem.entry.get("involved_classes", ()))),
                {"category": problem.category, "part": _part(problem.category)},
            )
            for name, problem in self._problems.items()
        ]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts by the package's own protocol."""
        return converse(tries, self._begin, {POLICY: policy}, side_by_side)

    def scripted(self, name: str) -> Policy:
        """Return the oracle (the ground truth), the empty or the random policy."""
        return scripted(name, self._truth)

    def facts(self) -> Mapping[str, Any]:
        """Return the package's version and the categories."""
        return {"bfcl-eval": self._bfcl.version, "categories": list(self._categories)}

    def _load(self, category: str) -> list[_Problem]:
        shown, checked = self._bfcl.entries(category), self._bfcl.entries(category, for_checking=True)
        answers = [None] * len(shown) if "relevance" in category else self._bfcl.answers(category)
        return [_Problem(category, *each) for each in zip(shown, checked, answers, strict=True)]

    def _begin(self, which: Try) -> Talk:
        category, entry, checked, answer = self._problems[which.item.id]
        if category in MULTI_TURN:
            return MultiTurn(self._bfcl, entry, answer, which.attempt)
        return SingleTurn(self._bfcl, category, entry, checked, answer, which.attempt)

    def _truth(self, asked: Asked) -> str:
        """Write the ground truth: of a turn, if its calls have not been made."""
        category, entry, checked, answer = self._problems[asked.task]
        if category in MULTI_TURN:
            calls = [] if asked.calls else calls_of_source(entry, answer[asked.turn])
        elif "irrelevance" in category:
            calls = []
        elif "relevance" in category:
            calls = [ToolCall(asked.tools[0]["function"]["name"], {})]
        else:
            calls = calls_of_answer(checked, answer, category)
        return write("", calls)


def categories_of(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return categories by their names or those of groups; all where none are named."""
    strange = [name for name in wanted if name not in GROUPS and name not in GROUPS["all"]]
    if strange:
        known = ", ".join([*GROUPS, *GROUPS["all"]])
        raise ConfigError(f"bfcl has no category {strange[0]}", remedy=f"one of: {known}")
    named = [each for name in wanted or ("all",) for each in GROUPS.get(name, (name,))]
    return tuple(dict.fromkeys(named))


def _part(category: str) -> str:
    if category in MULTI_TURN:
        return "multi-turn"
    return "live" if category in LIVE else "non-live"
