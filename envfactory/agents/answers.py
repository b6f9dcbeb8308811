"""What a language model is asked to write for each role, and how it becomes the role's product.

The shapes are the products' with everything left out that the program knows better: provenance, hashes, and what a
case must give (which the contracts decide, not the model).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from envfactory.agents.products import CitedOperation, Code, Revision
from envfactory.environments.cases import Call, Case, Cases, Expectation
from envfactory.environments.contract import Contract, Contracts, Invariant, Lifecycle, Strict
from envfactory.environments.files import canonical_json
from envfactory.errors import BadAnswer
from envfactory.sandbox.pool import HandlerFault
from envfactory.sandbox.session import Probe, Session, Worker
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.design import Design


class Choice(Strict):
    """The explorer's answer for one resource."""

    environment: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str
    summary: str
    operations: list[CitedOperation] = Field(min_length=1)
    why: str


class DesignAnswer(Strict):
    """The schema designer's answer."""

    schema_sql: str
    seed_rows: dict[str, list[dict[str, Any]]]
    now: str
    tools: list[Contract] = Field(min_length=1)
    invariants: list[Invariant] = []
    lifecycles: list[Lifecycle] = []

    def design(self) -> Design:
        """Return the product; BadAnswer where the parts do not form contracts."""
        try:
            contracts = Contracts(
                now=self.now, tools=self.tools, invariants=self.invariants, lifecycles=self.lifecycles
            )
        except ValueError as error:
            raise BadAnswer(str(error)) from error
        return Design(schema_sql=self.schema_sql, seed_rows=self.seed_rows, contracts=contracts, notes=[])


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

    cases: list[ProposedCase] = Field(min_length=1)


class RevisionAnswer(Strict):
    """The reviser's answer: what was wrong, and the whole of each part it replaces."""

    diagnosis: str
    faulty: list[Literal["code", "contracts", "seed", "tests"]] = Field(min_length=1)
    design: DesignAnswer | None = None
    tools_source: str | None = None
    added_cases: list[ProposedCase] = []
    dropped_cases: list[str] = []


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
    broken = [f"{name}: {answer}" for name, answer in held.items() if answer is not True]
    if broken:
        raise BadAnswer("the seed breaks invariants: " + "; ".join(broken))


def settle_cases(proposed: list[ProposedCase], design: Design, tier: str) -> Cases:
    """Play proposed cases on the contracts and keep what they give; BadAnswer where a proposal expects otherwise."""

    def open_worker() -> Worker:
        return shared_sandbox(tier).open()

    known = {tool.name for tool in design.contracts.tools}
    strange = [case.id for case in proposed if case.tool not in known]
    if strange:
        raise BadAnswer(f"cases of unknown tools: {', '.join(strange)}; tools are {', '.join(sorted(known))}")
    with Session(open_worker, load_payload(design, None)) as oracle:
        seen = oracle.probe(Probe(c.tool, c.arguments, tuple(c.setup), c.now) for c in proposed)
    settled, faults = [], []
    for case, observation in zip(proposed, seen, strict=True):
        got = "ok" if observation.ok else observation.code
        accepted = observation.outcome.get("codes", [got])
        if case.expect != got and case.expect not in accepted:
            faults.append(f"{case.id}: you expect {case.expect}, the contract gives {got}")
            continue
        expect = Expectation(
            status="ok" if observation.ok else "error",
            result=observation.outcome.get("result"),
            changes=observation.changes,
            codes=[] if observation.ok else list(accepted),
        )
        settled.append(Case(**case.model_dump(exclude={"expect"}), expect=expect))
    if faults:
        raise BadAnswer("some cases disagree with the contracts; correct or drop them:\n" + "\n".join(faults[:12]))
    return Cases(cases=settled)


def merge_cases(cases: Cases, added: Cases, dropped: list[str]) -> Cases:
    """Return cases without the dropped ones and with the added ones, ids kept distinct."""
    kept = [case for case in cases.cases if case.id not in dropped]
    taken = {case.id for case in kept}
    fresh = [
        case if case.id not in taken else case.model_copy(update={"id": f"{case.id}-revised"}) for case in added.cases
    ]
    return Cases(cases=[*kept, *fresh])


def settle_revision(answer: RevisionAnswer, design: Design, code: Code, cases: Cases, tier: str) -> Revision:
    """Return the reviser's product, everything it replaces loaded and played first."""
    revised = answer.design.design() if answer.design else design
    source = answer.tools_source or code.source
    if answer.design or answer.tools_source:
        check_loads(revised, source, tier)
    settled = None
    if answer.added_cases or answer.dropped_cases:
        added = settle_cases(answer.added_cases, revised, tier) if answer.added_cases else Cases()
        settled = merge_cases(cases, added, answer.dropped_cases)
    if (
        answer.design
        and settled is None
        and canonical_json(revised.model_dump()) != canonical_json(design.model_dump())
    ):
        settled = refresh(cases, revised, tier)
    return Revision(
        diagnosis=answer.diagnosis,
        faulty=answer.faulty,
        design=revised if answer.design else None,
        code=Code(source=answer.tools_source) if answer.tools_source else None,
        cases=settled,
    )


def refresh(cases: Cases, design: Design, tier: str) -> Cases:
    """Return the cases with what the (changed) contracts now give; cases of tools that are gone are dropped."""
    known = {tool.name for tool in design.contracts.tools}
    kept = [case for case in cases.cases if case.tool in known and all(tool in known for tool, _ in case.setup)]
    with Session(shared_sandbox(tier).open, load_payload(design, None)) as oracle:
        seen = oracle.probe(Probe(case.tool, case.arguments, tuple(case.setup), case.now) for case in kept)
    refreshed = []
    for case, observation in zip(kept, seen, strict=True):
        status = observation.outcome
        expect = Expectation(
            status="ok" if observation.ok else "error",
            result=status.get("result"),
            changes=observation.changes,
            codes=[] if observation.ok else status.get("codes", [observation.code]),
        )
        refreshed.append(case.model_copy(update={"expect": expect}))
    return Cases(cases=refreshed)
