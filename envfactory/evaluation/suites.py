"""The suites by name, opened with what each needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from envfactory.config import ModelConfig
from envfactory.errors import ConfigError
from envfactory.evaluation.elsewhere import ELSEWHERE, refuse
from envfactory.evaluation.suite import Suite
from envfactory.rollouts.driver import RolloutOptions
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope, folders_of


@dataclass(frozen=True)
class Wanted:
    """What suites are opened with. `tasks` and `library` are ours, `places` are the folders of others' data by suite."""

    tasks: Callable[[], Iterable[Task]] = list
    library: Path = Path("library")
    split: str = "heldout"
    tier: str = "auto"
    rollouts: RolloutOptions = field(default_factory=RolloutOptions)
    keep: Path | None = None
    categories: tuple[str, ...] = ()
    places: Mapping[str, Path] = field(default_factory=dict)
    person: ModelConfig | None = None

    def of(self, suite: str) -> tuple[str, ...]:
        """Return the categories named for a suite: `SUITE=NAME`, or the name alone for every suite."""
        named = [each.rpartition("=") for each in self.categories]
        return tuple(name for owner, _, name in named if owner in ("", suite))


@contextmanager
def _heldout(wanted: Wanted) -> Iterator[Suite]:
    from envfactory.evaluation.heldout import Heldout, of_split

    tasks = of_split(wanted.tasks(), wanted.split)
    with Scope.open(folders_of(tasks, wanted.library), tier=wanted.tier) as scope:
        yield Heldout(tasks, scope, wanted.rollouts, split=wanted.split, keep=wanted.keep)


@contextmanager
def _bfcl(wanted: Wanted) -> Iterator[Suite]:
    from envfactory.evaluation.bfcl.suite import BfclSuite

    yield BfclSuite(wanted.of("bfcl"))


@contextmanager
def _tau2(wanted: Wanted) -> Iterator[Suite]:
    from envfactory.evaluation.tau2.suite import Tau2Suite

    suite = Tau2Suite(wanted.of("tau2"), person=wanted.person, place=wanted.places.get("tau2"))
    try:
        yield suite
    finally:
        suite.close()


@contextmanager
def _acebench(wanted: Wanted) -> Iterator[Suite]:
    from envfactory.evaluation.acebench import AceBench

    yield AceBench(wanted.places.get("acebench"), wanted.of("acebench"))


@contextmanager
def _mcp_atlas(wanted: Wanted) -> Iterator[Suite]:
    from envfactory.evaluation.mcpatlas import McpAtlas

    suite = McpAtlas(wanted.places.get("mcp-atlas"), wanted.person)
    try:
        yield suite
    finally:
        suite.close()


SUITES: Mapping[str, Callable[[Wanted], AbstractContextManager[Suite]]] = {
    "heldout": _heldout,
    "bfcl": _bfcl,
    "tau2": _tau2,
    "acebench": _acebench,
    "mcp-atlas": _mcp_atlas,
}


def opened(name: str, wanted: Wanted) -> AbstractContextManager[Suite]:
    """Open a suite; ConfigError where there is none of that name, UserError where what it needs is not there."""
    if name in ELSEWHERE:
        refuse(name)
    if name not in SUITES:
        raise ConfigError(f"there is no suite {name}", remedy=f"one of: {', '.join(SUITES)}")
    return SUITES[name](wanted)
