"""What a language model is asked to write for each role, and how it becomes the role's product.

The shapes are the products' with everything left out that the program knows better: provenance, hashes, and what a
case must give (which the contracts decide, not the model).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from envfactory.agents.drafts import DesignChange, Draft, listed
from envfactory.agents.products import CitedOperation, Code, Revision
from envfactory.bench.bench import Bench
from envfactory.bench.inputs import failing_codes
from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Call, Case, Cases, Expectation
from envfactory.environments.contract import Strict
from envfactory.errors import BadAnswer
from envfactory.gate.checks.lint import lint
from envfactory.gate.checks.load import load
from envfactory.sandbox.pool import HandlerFault
from envfactory.sandbox.session import Observation, Probe, Session
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design

Part = Literal["code", "contracts", "seed", "tests"]


class Choice(Strict):
    """The explorer's answer for one resource."""

    environment: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str
    summary: str
    operations: list[CitedOperation] = Field(min_length=1)
    why: str


class CodeAnswer(Strict):
    """The coder's answer: the whole module at first; after a refusal, or to correct, functions by name."""

    source: str | None = None
    functions: dict[str, str] = {}

    def applied(self, source: str) -> str:
        """Return the module with what this answer replaces in it."""
        return with_functions(self.source or source, self.functions)


class ProposedCase(Strict):
    """A case as a tester proposes it: calls, and whether the last one is to succeed or fail with a code."""

    id: str
    tool: str
    arguments: dict[str, Any]
    setup: list[Call] = []
    now: str | None = None
    purpose: str
    expect: str = Field(description="`ok`, or the error code the call must be refused with")


class CasesAnswer(Strict):
    """The tester's answer."""

    cases: list[ProposedCase]


class RevisionAnswer(Strict):
    """The reviser's answer: what was wrong, and what it replaces, as little as will do; neither where nothing mends it."""

    diagnosis: str
    faulty: list[Part]
    design: DesignChange | None = None
    code: CodeAnswer | None = None
    added_cases: list[ProposedCase] = []
    dropped_cases: list[str] = []

    def touched(self) -> set[str]:
        """Return the parts it replaces something of."""
        seed = {"seed_rows", "added_rows", "changed_rows"}
        told = {name for name in self.design.model_fields_set if getattr(self.design, name)} if self.design else set()
        found = {"seed"} if told & seed else set()
        found |= {"contracts"} if told - seed else set()
        found |= {"code"} if self.code and (self.code.source or self.code.functions) else set()
        return found | ({"tests"} if self.added_cases or self.dropped_cases else set())


def load_payload(design: Design, source: str | None) -> dict[str, Any]:
    """Return what a worker loads: a design with code, or its contracts alone."""
    contracts = [tool.model_dump(mode="json", by_alias=True, exclude_defaults=True) for tool in design.contracts.tools]
    return {
        "contracts": contracts,
        "now": design.contracts.now,
        "tools": source,
        "schema": design.schema_sql,
        "seed_rows": design.seed_rows,
    }


def check_loads(design: Design, source: str | None, tier: str) -> None:
    """Load a design (and code) in the sandbox; BadAnswer with the cause where it will not load or an invariant fails."""
    with shared_sandbox(tier).open() as worker:
        try:
            worker.request("load", load_payload(design, source))
        except HandlerFault as error:
            raise BadAnswer(f"it does not load: {error.message}") from error
        held = worker.request("check", {"expressions": {i.name: i.sql for i in design.contracts.invariants}})
    said = {invariant.name: invariant.message for invariant in design.contracts.invariants}
    broken = [
        f"{name}: {said[name] if answer is False else answer}" for name, answer in held.items() if answer is not True
    ]
    if broken:
        raise BadAnswer("these invariants do not hold over the seed:\n" + listed(broken))


def settle_cases(proposed: list[ProposedCase], design: Design, tier: str) -> tuple[Cases, str]:
    """Play proposed cases on the contracts; return those that hold with what they give, and what is wrong with others."""
    known = {tool.name for tool in design.contracts.tools}
    strange = [case.id for case in proposed if {case.tool, *(tool for tool, _ in case.setup)} - known]
    faults = [f"{id}: calls an unknown tool; tools are {', '.join(sorted(known))}" for id in strange]
    playable = [case for case in proposed if case.id not in strange]
    if not playable:
        return Cases(), listed(faults)
    settled = []
    for case, observed in zip(playable, _observed(playable, design, tier), strict=True):
        wrong = _disagreement(case, observed)
        if wrong:
            faults.append(f"{case.id}: {wrong}")
        else:
            settled.append(Case(**case.model_dump(exclude={"expect"}), expect=_expectation(observed, [case.expect])))
    return Cases(cases=settled), listed(faults)


def _observed(cases: Sequence[ProposedCase | Case], design: Design, tier: str) -> list[Observation]:
    with Session(shared_sandbox(tier).open, load_payload(design, None)) as oracle:
        return oracle.probe(Probe(c.tool, c.arguments, tuple(c.setup), c.now) for c in cases)


def _disagreement(case: ProposedCase, observed: Observation) -> str:
    """Return why a case is not what the contracts give, or nothing."""
    failed = next((n for n, outcome in enumerate(observed.setup) if outcome["status"] != "ok"), None)
    if failed is not None:
        outcome = observed.setup[failed]
        return f"call {failed + 1} of its setup is refused: {outcome.get('code') or outcome.get('message')}"
    got = "ok" if observed.ok else str(observed.code)
    if case.expect in (got, *failing_codes(observed)):
        return ""
    why = observed.outcome.get("message") or ""
    return f"you expect {case.expect}, the contract gives {got}" + (f" ({why})" if why else "")


def _expectation(observed: Observation, wanted: Sequence[str]) -> Expectation:
    """Return what a case is to come to. Of several codes that fail, the first alone where that one was wanted.

    A code that never fails alone could have no case of its own otherwise.
    """
    codes = [] if observed.ok else failing_codes(observed)
    return Expectation(
        status="ok" if observed.ok else "error",
        result=observed.outcome.get("result"),
        changes=observed.changes,
        codes=codes[:1] if codes[:1] == list(wanted) else codes,
    )


def merge_cases(cases: Cases, added: Cases, dropped: list[str]) -> Cases:
    """Return cases without the dropped ones and with the added ones, ids kept distinct."""
    kept = [case for case in cases.cases if case.id not in dropped]
    taken = {case.id for case in kept}
    fresh = [
        case if case.id not in taken else case.model_copy(update={"id": f"{case.id}-revised"}) for case in added.cases
    ]
    return Cases(cases=[*kept, *fresh])


def settle_revision(answer: RevisionAnswer, design: Design, code: Code, cases: Cases, tier: str) -> Revision:
    """Return the reviser's product, everything it replaces loaded and played first.

    One that names nothing as faulty and replaces nothing gives the environment up, and says why.
    """
    if gives_up(answer):
        return Revision(diagnosis=answer.diagnosis, faulty=[])
    revised = _changed_design(answer.design, design, tier) if answer.design else design
    source = answer.code.applied(code.source) if answer.code else code.source
    gone = {tool.name for tool in design.contracts.tools} - {tool.name for tool in revised.contracts.tools}
    source = with_functions(source, dict.fromkeys(gone, ""))
    if revised != design or source != code.source:
        check_loads(revised, source, tier)
    kept = refresh(cases, revised, tier) if revised != design else cases
    added, unfit = settle_cases(answer.added_cases, revised, tier)
    if unfit:
        raise BadAnswer(unfit)
    settled = merge_cases(kept, added, answer.dropped_cases)
    return Revision(
        diagnosis=answer.diagnosis,
        faulty=answer.faulty,
        design=revised if revised != design else None,
        code=Code(source=source) if source != code.source else None,
        cases=settled if settled != cases else None,
    )


def gives_up(answer: RevisionAnswer) -> bool:
    """Whether nothing mends the environment; BadAnswer where what is called faulty is not what is replaced."""
    touched = answer.touched()
    idle = [part for part in answer.faulty if part not in touched]
    if idle:
        raise BadAnswer(f"you say that {' and '.join(idle)} was wrong, but replace nothing of it")
    if touched and not answer.faulty:
        raise BadAnswer(f"you replace something of {' and '.join(sorted(touched))}, but `faulty` names nothing")
    if not touched and not answer.diagnosis.strip():
        raise BadAnswer("you replace nothing: say in `diagnosis` why nothing mends it")
    return not touched


def _changed_design(change: DesignChange, design: Design, tier: str) -> Design:
    draft = Draft(design)
    draft.take(change)
    return draft.design(tier)


def refresh(cases: Cases, design: Design, tier: str) -> Cases:
    """Return the cases with what the (changed) contracts now give; those that cannot be played any more are dropped."""
    known = {tool.name for tool in design.contracts.tools}
    kept = [case for case in cases.cases if case.tool in known and all(tool in known for tool, _ in case.setup)]
    seen = _observed(kept, design, tier)
    playable = [each for each in zip(kept, seen, strict=True) if _is_played(each[1])]
    renewed = [(case, _expectation(observed, case.expect.codes)) for case, observed in playable]
    return Cases(cases=[case.model_copy(update={"expect": expect}) for case, expect in renewed])


def _is_played(observed: Observation) -> bool:
    return observed.status in ("ok", "error") and all(outcome["status"] == "ok" for outcome in observed.setup)


def with_functions(source: str, functions: Mapping[str, str]) -> str:
    """Return a module with functions replaced by name, new ones at the end, and those that are empty taken out."""
    for name, text in functions.items():
        source = _replaced(source, name, text.strip())
    return source


def _replaced(source: str, name: str, text: str) -> str:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise BadAnswer(f"the module is not Python, so answer with the whole of it: {error}") from error
    lines = source.splitlines()
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            start, end = node.lineno - 1, node.end_lineno or node.lineno
            return "\n".join([*lines[:start], *text.splitlines(), *lines[end:]]).strip() + "\n"
    return source if not text else source.rstrip() + f"\n\n\n{text}\n"


def objections(design: Design, source: str | None, tier: str) -> list[str]:
    """Return what can be objected to contracts and code without playing a call; of contracts alone where source is None.

    Contracts alone are read together with the code that the program compiles from them.
    """
    own = source if source is not None else write_tools(design.contracts, design.schema_sql)
    parts = (design.schema_sql, design.seed_rows, design.contracts, own, Cases())
    environment = Environment(Manifest(name="draft", domain="draft", summary=""), *parts)
    with Bench(environment, shared_sandbox(tier).open) as bench:
        found = [item for item in (*load(bench).evidence, *lint(bench).evidence) if _is_about(item, source is None)]
    return [_objection(item) for item in found]


def _is_about(item: Mapping[str, Any], contracts: bool) -> bool:
    return str(item.get("where", "contracts.json")).startswith("tools.py") is not contracts


def _objection(item: Mapping[str, Any]) -> str:
    keys = ("tool", "where", "table", "message", "remedy")
    return ": ".join(str(item[key]) for key in keys if item.get(key))
