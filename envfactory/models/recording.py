"""Exchanges on record: cache, test fixture and reproducibility in one; one JSONL a role, one line an exchange.

An exchange is found by what decides its answer: messages, form (tools, schema), model and parameters, and which repeat
it is. A line is written with one call under a lock and synced before anyone sees the answer, so a killed process loses
at most the answer that had not arrived; a torn last line is dropped. `models.json` beside the lines says which backend
each role was answered by, without keys.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from envfactory.config import RECORDED_MODELS, ROLES, RULES, ModelConfig, ModelsConfig
from envfactory.environments.files import canonical_json, digest, readable_json, write_atomically
from envfactory.errors import ArtefactError, ReplayMiss
from envfactory.events import Usage
from envfactory.models.messages import Answer, Message
from envfactory.models.nearness import difference

_KEPT = {"model", "structured_output", "temperature", "max_tokens", "extra_body", "input_price", "output_price"}


@dataclass(frozen=True)
class Asked:
    """What decides an answer, and its key; `line` is the request as JSON, which was written for the key already."""

    key: str
    request: dict[str, Any]
    line: bytes = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """An answer with what it cost when it was made, how long it took, and in which run it was."""

    answer: Answer
    usage: Usage
    seconds: float
    run: str = ""
    key: str = ""


class Tape:
    """A folder's exchanges. Without a folder nothing is kept and nothing known.

    Answers that other runs paid for are served if `others`; with `alone`, nothing else may answer.
    """

    def __init__(self, folder: Path | None = None, run: str = "", *, others: bool = False, alone: bool = False) -> None:
        self._folder, self._run, self._others, self._alone = folder, run, others, alone
        self._known: dict[str, dict[str, tuple[dict[str, Any], Entry]]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        for role in ROLES if folder is not None else ():
            self._known[role] = dict(self._read(role))
        own = [entry for entries in self._known.values() for _, entry in entries.values() if entry.run == run]
        self._owed = {entry.key for entry in own}
        self.spent = sum((entry.usage for entry in own), Usage())

    @classmethod
    def replaying(cls, folder: Path) -> Tape:
        """Return a tape that alone answers."""
        return cls(folder, others=True, alone=True)

    def note(self, models: ModelsConfig) -> None:
        """Write down which backend each role is answered by, beside those that are noted already."""
        if self._folder is None or self._alone:
            return
        asked = {role: models.of(role) for role in ROLES if models.of(role).model != RULES}
        noted = {role: config.model_dump(mode="json", include=_KEPT) for role, config in asked.items()}
        file = self._folder / RECORDED_MODELS
        before = json.loads(file.read_bytes()) if file.exists() else {}
        if noted and before != {**before, **noted}:
            write_atomically(file, readable_json({**before, **noted}))

    def asked(self, config: ModelConfig, messages: Sequence[Message], form: Mapping[str, Any], repeat: str) -> Asked:
        """Return what is asked with its key."""
        parameters = config.model_dump(mode="json", include={"model", "temperature", "max_tokens", "extra_body"})
        held = digest(canonical_json(form))[:16] if form else ""
        request = {"messages": [*messages], "form": held, "parameters": parameters, "repeat": repeat}
        line = canonical_json(request)
        return Asked(digest(line)[:32], request, line)

    def turn(self, key: str) -> asyncio.Lock:
        """Return what one who asks for a key holds meanwhile, so that none asks for the same twice."""
        return self._turns.setdefault(key, asyncio.Lock())

    def find(self, role: str, asked: Asked) -> Entry | None:
        """Return what is known of an exchange; ReplayMiss where nothing else may answer and nothing is."""
        found = self._known.get(role, {}).get(asked.key)
        if found is not None and (self._others or found[1].run == self._run):
            return found[1]
        if self._alone:
            known = [request for request, _ in self._known.get(role, {}).values()]
            raise ReplayMiss(
                f"{self._folder} holds no answer of {role} to this prompt; {difference(asked.request, known)}",
                remedy="record it again (--record), or answer what is new by the backend ([recording] mode = 'auto')",
            )
        return None

    def owed(self, entry: Entry) -> bool:
        """Tell, once, whether an answer was paid for by an earlier process of this run and is not charged yet."""
        owed = entry.key in self._owed
        self._owed.discard(entry.key)
        return owed

    def keep(self, role: str, asked: Asked, entry: Entry, environment: str) -> None:
        """Put an exchange on record."""
        if self._folder is None:
            return
        kept = Entry(entry.answer, entry.usage, entry.seconds, self._run, asked.key)
        self._known[role][asked.key] = asked.request, kept
        answer, usage = asdict(entry.answer), asdict(entry.usage)
        told: dict[str, Any] = {"key": asked.key, "run": self._run, "environment": environment}
        told |= {"answer": answer, "usage": usage, "seconds": round(entry.seconds, 3)}
        line = canonical_json(told)[:-1] + b"," + asked.line[1:] + b"\n"
        with _locked(self._folder / f"{role}.jsonl") as file:
            os.write(file.fileno(), line)
            os.fsync(file.fileno())

    def _read(self, role: str) -> Iterator[tuple[str, tuple[dict[str, Any], Entry]]]:
        """Yield what a role's file holds; the same key again replaces what came before."""
        file = Path(self._folder or "", f"{role}.jsonl")
        if not file.exists():
            return
        lines = file.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):  # what follows the last newline was torn by a kill
            try:
                told = json.loads(line)
                answer, usage = _answer(told["answer"]), Usage(**told["usage"])
                request = {name: told[name] for name in ("messages", "form", "parameters", "repeat")}
                entry = Entry(answer, usage, told["seconds"], told["run"], told["key"])
            except (ValueError, KeyError, TypeError) as error:
                raise ArtefactError(f"{file}, line {number}: {error!r}", remedy="remove that line") from error
            yield entry.key, (request, entry)


def _answer(told: dict[str, Any]) -> Answer:
    return Answer(**{**told, "tokens": tuple(told["tokens"])})


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open a file to append to, for this process alone, without the torn line that a killed one may have left."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _mend(file)
            yield file
    except OSError as error:
        raise ArtefactError(f"cannot write {path}: {error.strerror}", remedy="choose another folder") from error


def _mend(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    if not size:
        return
    file.seek(size - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
