"""The environments of a task, opened for play: verified, unchanged, each with its jailed workers.

Two workers an environment, each started when first wanted: the *session* runs the tool code, the *witness* runs none
and reads what state images hold, so that no verdict rests on what a worker with tool code says of itself (DESIGN
section 5).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from envfactory.bench.bench import load_spec
from envfactory.bench.sql.schema import Schema, read_schema
from envfactory.dependencies.graph import Topology
from envfactory.environments.artefact import MANIFEST, Environment, load, load_report
from envfactory.environments.contract import Contracts
from envfactory.environments.files import digest
from envfactory.errors import ArtefactError, TaskError
from envfactory.sandbox.session import Session, Worker
from envfactory.sandbox.shared import OTHER_HASHES, shared_sandbox
from envfactory.tasks.model import EnvironmentRef, Task
from envfactory.tasks.names import Served, served_names, tool_schemas

OpenWorker = Callable[[], Worker]
Row = dict[str, Any]
_DEADLINE = 5.0
_IMAGES = 256  # states whose net changes are remembered; rollouts of a task pass through the same few


def open_library(path: Path) -> list[Path]:
    """Return the folder of every verified environment at or below `path`, in order of their paths.

    Environments that the gate rejected or never judged are passed over; ArtefactError where nothing is left.
    """
    folders = [manifest.parent for manifest in sorted(path.rglob(MANIFEST))]
    verified = [folder for folder in folders if _is_verified(folder)]
    if not verified:
        found = f"{len(folders)} environments, none verified" if folders else "no environment"
        raise ArtefactError(f"{path}: {found}", remedy="build some: envfactory run --domain travel")
    return verified


def folders_of(tasks: Iterable[Task], library: Path) -> list[Path]:
    """Return the folders of the environments that tasks name; ArtefactError where the library lacks one."""
    wanted = {reference.name: reference for task in tasks for reference in all_references(task)}
    folders: dict[str, Path] = {}
    for manifest in sorted(library.rglob(MANIFEST)):
        told = json.loads(manifest.read_bytes())
        reference = wanted.get(told.get("name", ""))
        if reference is not None and told.get("domain") == reference.domain:
            folders[reference.name] = manifest.parent
    missing = sorted(set(wanted) - set(folders))
    if missing:
        raise ArtefactError(
            f"{library} has no environment {missing[0]}", remedy="name the tasks' library: --library DIR"
        )
    return list(folders.values())


def _is_verified(folder: Path) -> bool:
    report = load_report(folder)
    return report is not None and report.verdict == "verified"


def open_environment(folder: Path) -> Environment:
    """Load a verified environment; raise ArtefactError where it is changed, unverified or judged in another state."""
    environment = load(folder)
    report = load_report(folder)
    remedy = f"prove it: envfactory verify {folder}"
    if report is None or report.verdict != "verified":
        said = "has no gate report" if report is None else "was rejected by the gate"
        raise ArtefactError(f"{folder} is not verified: it {said}", remedy=remedy)
    if report.subject != environment.content_hash:
        raise ArtefactError(f"{folder}: gate.json judged another state of this environment", remedy=remedy)
    return environment


class Scope:
    """See the module's docstring. `open_worker` starts a worker for tool code; by default one behind the walls.

    Environments given in memory must be sealed (their content hash true); that they are verified is for the caller to
    know; `checked` says that the hashes were compared already. A scope may hold a whole library: nothing is started for
    an environment that is not played.
    """

    def __init__(
        self,
        environments: Iterable[Environment],
        *,
        open_worker: OpenWorker | None = None,
        tier: str = "auto",
        checked: bool = False,
    ) -> None:
        self._environments = _by_name(environments, checked)
        self._open = open_worker or (lambda: shared_sandbox(tier).open())
        self._open_other = open_worker or (lambda: shared_sandbox(tier, OTHER_HASHES).open())
        self._sessions: dict[tuple[str, str], Session] = {}
        self._kept: dict[tuple[str, str], Any] = {}
        self._read: OrderedDict[tuple[str, str], list[Row]] = OrderedDict()
        self._episodes = 0

    @classmethod
    def open(cls, folders: Iterable[Path], *, open_worker: OpenWorker | None = None, tier: str = "auto") -> Scope:
        """Open environment folders; raise ArtefactError where one is not verified or no longer as it was."""
        return cls(map(open_environment, folders), open_worker=open_worker, tier=tier, checked=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The environments' names, in the order given."""
        return tuple(self._environments)

    def environment(self, name: str) -> Environment:
        """Return an environment; raise TaskError if it is not in scope."""
        if name not in self._environments:
            raise TaskError(
                f"the environment {name} is not in scope", remedy=f"open it too (there are: {', '.join(self.names)})"
            )
        return self._environments[name]

    def contracts(self, name: str) -> Contracts:
        """Return the contracts of an environment."""
        return self.environment(name).contracts

    def contracts_for(self, task: Task) -> dict[str, Contracts]:
        """Return the contracts of every environment that a task's solver is offered."""
        return {each.name: self.contracts(each.name) for each in all_references(task)}

    def topology(self, name: str) -> Topology:
        """Return the proven dependency graph of an environment, ready for questions."""
        made: Topology = self._keep(name, "topology", lambda: Topology(self.environment(name).graph))
        return made

    def reference(self, name: str) -> EnvironmentRef:
        """Return what a task keeps of an environment."""
        environment = self.environment(name)
        return EnvironmentRef(
            name=name,
            domain=environment.manifest.domain,
            content_hash=environment.content_hash,
            now=environment.contracts.now,
        )

    def schema(self, name: str) -> Schema:
        """Return the tables, keys, columns and foreign keys of an environment."""
        made: Schema = self._keep(name, "schema", lambda: read_schema(self.witness(name)))
        return made

    def initial_rows(self, name: str) -> Mapping[str, list[Row]]:
        """Return the initial rows by table in order of their keys, as the database holds them."""
        made: Mapping[str, list[Row]] = self._keep(name, "rows", lambda: self.witness(name).request("rows", {}))
        return made

    def initial_values(self, name: str) -> frozenset[Any]:
        """Return every value that some initial row holds: a value not among them is a new one."""
        rows = self.initial_rows(name)
        made: frozenset[Any] = self._keep(
            name, "values", lambda: frozenset(each for table in rows.values() for row in table for each in row.values())
        )
        return made

    def session(self, name: str) -> Session:
        """Return the worker that runs an environment's tool code."""
        return self._session(name, "code", self._open)

    def other_session(self, name: str) -> Session:
        """Return a second worker of the same code, in a process with another seed of Python's hashes."""
        return self._session(name, "other", self._open_other)

    def witness(self, name: str) -> Session:
        """Return the worker that runs no tool code and reads state images."""
        return self._session(name, "witness", self._open)

    def difference(self, name: str, image: bytes) -> list[Row]:
        """Return the net changes that a state's image holds, as the witness reads them; the same image is read once."""
        place = (name, digest(image))
        if place in self._read:
            self._read.move_to_end(place)
        else:
            self._read[place] = self.witness(name).request("difference", {"image": image})
            if len(self._read) > _IMAGES:
                self._read.popitem(last=False)
        return self._read[place]

    def require(self, references: Iterable[EnvironmentRef]) -> None:
        """Raise TaskError where an environment that a task names is not in scope, or is another one by now."""
        for reference in references:
            here = self.environment(reference.name).content_hash
            if here != reference.content_hash:
                raise TaskError(
                    f"the task was made in {reference.name} {reference.content_hash[:12]}, here is {here[:12]}",
                    remedy="open the library it was sampled from, or sample again",
                )

    def served(self, task: Task) -> Served:
        """Return the tools a task offers, by served name."""
        given, distracting = (
            [self.environment(each.name) for each in references] for references in (task.environments, task.distractors)
        )
        return served_names(given, distracting, task.withheld)

    def tool_schemas(self, task: Task) -> list[dict[str, Any]]:
        """Return the OpenAI function schemas of the tools a task offers."""
        return tool_schemas(self.served(task), self._environments.values())

    def next_episode(self) -> str:
        """Return a name for an episode that no other one in this scope has."""
        self._episodes += 1
        return f"play/{self._episodes}"

    def keep(self, name: str, what: str, make: Callable[[], Any]) -> Any:
        """Return something derived from an environment, made once (by whoever works on tasks in it)."""
        return self._keep(name, f"of:{what}", make)

    def close(self) -> None:
        """End all workers; the scope starts new ones if it is used again."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, name: str, what: str, make: Callable[[], Any]) -> Any:
        place = (name, what)
        if place not in self._kept:
            self._kept[place] = make()
        return self._kept[place]

    def _session(self, name: str, role: str, open_worker: OpenWorker) -> Session:
        place = (name, role)
        if place not in self._sessions:
            spec = load_spec(self.environment(name), contracts_only=role == "witness")
            self._sessions[place] = Session(open_worker, spec, deadline=_DEADLINE)
        return self._sessions[place]


def _by_name(environments: Iterable[Environment], checked: bool) -> dict[str, Environment]:
    found: dict[str, Environment] = {}
    for environment in environments:
        if not checked and environment.sealed().content_hash != environment.content_hash:
            raise ArtefactError(
                f"{environment.name}: its content does not match its content hash", remedy="build the environment again"
            )
        if environment.name in found:
            raise TaskError(f"two environments named {environment.name} in one scope", remedy="open one of them")
        found[environment.name] = environment
    return found


def all_references(task: Task) -> Sequence[EnvironmentRef]:
    """Return a task's environments, those of its distractors too: all that its goal speaks of."""
    return [*task.environments, *task.distractors]
