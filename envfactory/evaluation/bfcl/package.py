"""What is used of the package `bfcl-eval`: its entries, its back ends, its checkers. Nothing of them is rebuilt here.

The package pins old versions of much that only its own model clients need, so it is installed without dependencies.
Three of its modules are never imported: the table of model clients (its checkers ask it one thing, whether dots in
names were replaced) and the parsers of Java and JavaScript source (for models that write calls as source; those asked
here write JSON). Stand-ins take their places. On import the package makes folders for results and locks: in the
user's cache folder, not beside the package.

Its back ends run calls by `eval` of their source. What a model wrote must not get there: a call's source is written
here, from a name the back end has, parameters that are identifiers, and the `repr` of JSON values.
"""

from __future__ import annotations

import keyword
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple, NoReturn

from envfactory.errors import UserError
from envfactory.rollouts.formats import ToolCall

Entry = dict[str, Any]
VERSION = "2026.3.23"
INSTALL = f"pip install filelock mpmath && pip install --no-deps bfcl-eval=={VERSION}"
_NEEDED = ("bfcl_eval", "filelock", "mpmath")
_MODEL = "envfactory"  # no `_` and no `/`: the package turns one into the other
_ROOT = "BFCL_PROJECT_ROOT"
_UNKNOWN = "undefined_function()"  # fails in the back end, as a function that is not there does


class Verdict(NamedTuple):
    """What a checker says: whether it is right, and why not."""

    right: bool
    why: str = ""


class Bfcl:
    """The package, loaded once a process. Raise UserError where it is not installed."""

    def __init__(self) -> None:
        missing = [name for name in _NEEDED if find_spec(name) is None]
        if missing:
            raise UserError(f"the suite bfcl needs {', '.join(missing)}", remedy=INSTALL)
        _stand_in()
        self._data = import_module("bfcl_eval.utils")
        self._tools = import_module("bfcl_eval.model_handler.utils")
        self._ast = import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
        self._turns = import_module("bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker")
        self._backends = import_module("bfcl_eval.eval_checker.multi_turn_eval.multi_turn_utils")
        self._enums = import_module("bfcl_eval.constants.enums")
        self._mapping = import_module("bfcl_eval.constants.type_mappings").GORILLA_TO_OPENAPI
        prompts = import_module("bfcl_eval.constants.default_prompts")
        self.most_steps: int = prompts.MAXIMUM_STEP_LIMIT
        self.more_functions: str = prompts.DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC
        self.version: str = metadata.version("bfcl-eval")

    # --- data ---------------------------------------------------------------------------------------------------------

    def entries(self, category: str, *, for_checking: bool = False) -> list[Entry]:
        """Return the entries of a category: as models are shown them, or as its checkers want them."""
        found: list[Entry] = self._data.load_dataset_entry(
            category, include_prereq=False, include_language_specific_hint=not for_checking
        )
        return found

    def answers(self, category: str) -> list[Any]:
        """Return the ground truth of each entry of a category, in the entries' order."""
        return [each["ground_truth"] for each in self._data.load_ground_truth_entry(category)]

    def schemas(self, functions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return functions as OpenAI tool schemas, as the package gives them to models that call functions."""
        style = self._enums.ModelStyle.OPENAI_COMPLETIONS
        made: list[dict[str, Any]] = self._tools.convert_to_tool(list(functions), self._mapping, style)
        return made

    # --- checkers -----------------------------------------------------------------------------------------------------

    def check_call(self, entry: Entry, calls: Sequence[ToolCall], answer: Any, category: str) -> Verdict:
        """Judge the calls of a single-turn entry (loaded for checking) by the checker of syntax trees."""
        decoded = [{call.name: dict(call.arguments)} for call in calls]
        if not decoded:
            return Verdict(False, "no call")
        language = self._enums.Language[_language(category)]
        try:
            told = self._ast.ast_checker(entry["function"], decoded, answer, language, category, _MODEL)
        except Exception as error:  # noqa: BLE001 - the boundary to the checker, which odd arguments make raise anything
            return Verdict(False, f"the checker could not read the call: {type(error).__name__}: {error}")
        return Verdict(bool(told["valid"]), "" if told["valid"] else _first(told.get("error")))

    def check_turns(self, entry: Entry, turns: Sequence[Sequence[Sequence[str]]], answer: Any, run: str) -> Verdict:
        """Judge the source of the calls of each step of each turn by the checker of states and responses.

        Only as many turns are judged as are given. `run` is a name by which nothing else was executed.
        """
        category = entry["id"].rsplit("_", 1)[0]
        steps = [[list(step) for step in turn if step] for turn in turns]
        try:
            told = self._turns.multi_turn_checker(steps, answer[: len(steps)], entry, category, run)
        except Exception as error:  # noqa: BLE001 - the boundary to the back ends, whose state may be anything by now
            return Verdict(False, f"the checker failed: {type(error).__name__}: {error}")
        finally:
            self.forget(entry, run)
        return Verdict(bool(told["valid"]), "" if told["valid"] else str(told.get("error_message", ""))[:300])

    # --- back ends ----------------------------------------------------------------------------------------------------

    def source(self, entry: Entry, call: ToolCall) -> str:
        """Return a call as the source that the back ends run: see the module's docstring."""
        known = {function["name"] for function in functions_of(entry)}
        names = [*call.arguments, call.name]
        if call.name not in known or not all(each.isidentifier() and not keyword.iskeyword(each) for each in names):
            return _UNKNOWN
        return f"{call.name}({','.join(f'{name}={value!r}' for name, value in call.arguments.items())})"

    def execute(self, entry: Entry, sources: Sequence[str], run: str) -> list[str]:
        """Run calls in the back ends of an entry, which keep their state under the name `run`; return what they say."""
        category = entry["id"].rsplit("_", 1)[0]
        results, _ = self._backends.execute_multi_turn_func_call(
            list(sources),
            entry["initial_config"],
            entry["involved_classes"],
            run,
            entry["id"],
            long_context="long_context" in category,
        )
        return [str(each) for each in results]

    def forget(self, entry: Entry, run: str) -> None:
        """Drop the states kept for an entry under the name `run` (the package keeps them for ever)."""
        kept = vars(self._backends)
        for name in [name for name in kept if name.startswith(run) and name.endswith("_instance")]:
            if f"_{entry['id']}_" in name:
                del kept[name]


def functions_of(entry: Entry) -> list[dict[str, Any]]:
    """Return all functions that an entry's back ends have, those held back for later turns included."""
    return [*entry["function"], *(each for held in entry.get("missed_function", {}).values() for each in held)]


def _language(category: str) -> str:
    if "javascript" in category:
        return "JAVASCRIPT"
    return "JAVA" if "java" in category else "PYTHON"


def _first(error: Any) -> str:
    told = error[0] if isinstance(error, list) and error else error
    return str(told)[:300]


def _stand_in() -> None:
    os.environ.setdefault(_ROOT, str(_cache()))
    model = SimpleNamespace(underscore_to_dot=True)
    _module("bfcl_eval.constants.model_config", MODEL_CONFIG_MAPPING={_MODEL: model})
    _module("bfcl_eval.model_handler.parser.java_parser", parse_java_function_call=_unparsed)
    _module("bfcl_eval.model_handler.parser.js_parser", parse_javascript_function_call=_unparsed)


def _module(name: str, **holds: Any) -> None:
    if name not in sys.modules:
        made = ModuleType(name)
        vars(made).update(holds)
        sys.modules[name] = made


def _unparsed(*_: Any) -> NoReturn:
    raise NotImplementedError("source code is not parsed here")


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "envfactory" / "bfcl"
