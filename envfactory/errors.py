"""Every error EnvFactory raises on purpose, in one tree.

    EnvFactoryError
    ├── UserError                 a person's mistake: one line that says what, why and what to do (exit status 2)
    │   ├── ConfigError           a configuration file, option or environment variable
    │   ├── ResourceError         a document that cannot be fetched, read or understood
    │   ├── CatalogueError        an unknown domain or catalogue entry
    │   ├── ArtefactError         an environment folder that is incomplete, changed or not one of ours
    │   └── TaskError             a file of tasks that cannot be read, or a task that does not fit its environments
    ├── ContractError             a contract that is not well formed (a fault of its author, found before it runs)
    ├── DesignError               resources from which no coherent environment can be designed
    ├── SandboxError              infrastructure: never counted as a fault of an environment, never scored
    │   ├── SandboxUnavailable    a layer the sandbox needs is missing on this machine
    │   ├── WorkerDied            a worker ended without an answer
    │   ├── DeadlineExceeded      a frame was not answered in time; the worker was killed
    │   └── ProtocolError         an answer that is too large or not well formed
    ├── BudgetSpent               a limit on calls, money or time is reached: the run stops and can be gone on with
    └── ModelError                a language-model backend failed
        ├── ReplayMiss            a recording is played again and has no answer to what is asked
        └── BadAnswer             the backend answered, but not with what the role must produce
            └── PromptTooLong     the backend cannot answer: the prompt does not fit into its context

A failed environment is a value (`Rejected` with its reasons), not an exception.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class EnvFactoryError(Exception):
    """Root of the tree. `message` says what happened and why, `remedy` what to do about it."""

    exit_status = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.message, remedy=self.remedy), ()


class UserError(EnvFactoryError):
    """A mistake the person who gave the command can mend."""

    exit_status = 2


class ConfigError(UserError):
    """A configuration file, option or environment variable is wrong."""


class ResourceError(UserError):
    """A resource cannot be fetched, read or understood."""


class CatalogueError(UserError):
    """No such domain or entry in the catalogue."""


class ArtefactError(UserError):
    """An environment folder is incomplete, changed, or not one of ours."""


class TaskError(UserError):
    """A file of tasks cannot be read, or a task does not fit the environments it names."""


class ContractError(EnvFactoryError):
    """A contract is not well formed."""


class DesignError(EnvFactoryError):
    """No coherent environment can be designed from the resources."""


class SandboxError(EnvFactoryError):
    """Infrastructure failed; says nothing about the environment that was being run."""


class SandboxUnavailable(SandboxError):
    """A layer the sandbox needs is missing on this machine."""


class WorkerDied(SandboxError):
    """A worker ended without an answer."""


class DeadlineExceeded(SandboxError):
    """A frame was not answered in time; the worker was killed."""


class ProtocolError(SandboxError):
    """An answer from a worker was too large or not well formed."""


class ModelError(EnvFactoryError):
    """A language-model backend failed."""


class BadAnswer(ModelError):
    """A backend answered, but not with what the role must produce."""


class PromptTooLong(BadAnswer):
    """A prompt does not fit into a backend's context; asking again is of no use."""


class ReplayMiss(ModelError):
    """A recording that is played again has no answer to what is asked."""


class BudgetSpent(EnvFactoryError):
    """A limit on calls, money or time is reached."""

    exit_status = 3


def defect_of(error: Exception, remedy: str) -> EnvFactoryError:
    """Return what we got wrong ourselves as an error of one line, for a boundary behind which other work goes on."""
    return EnvFactoryError(f"a fault of EnvFactory itself ({type(error).__name__}: {error})", remedy=remedy)
