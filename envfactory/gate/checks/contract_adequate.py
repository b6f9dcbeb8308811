"""contract-adequate: every faulty version of a contract is told from the true one by some generated input.

Else `conforms` could not see code with that very fault. What no input tells apart is proven equivalent by a program,
or is a to-do for the seed's designer: rows are missing that would make the rule matter. Rules and effects as a whole
(a dropped guard, look-up or effect, a wrong code) must all show. Of the rest a share of `LEAST` must: the last few in
a hundred ask for rows as rare as two boats of equal price in one harbour, or are equivalent in ways beyond our proofs;
under that, whole conditions go unwatched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from envfactory.bench.bench import Bench
from envfactory.bench.sql.schema import read_schema
from envfactory.environments.report import CheckResult
from envfactory.gate.mutation.contract import MUST_SHOW, ContractMutant, contract_mutants
from envfactory.gate.mutation.equivalence import Prover
from envfactory.gate.mutation.telling import untold

LEAST = 0.95
_MOST_EVIDENCE = 40


def contract_adequate(bench: Bench) -> CheckResult:
    """Mutate every contract and look for an input that notices."""
    schema = read_schema(bench.oracle)
    made = {contract.name: contract_mutants(contract, schema) for contract in bench.contracts.tools}
    seen = {contract.name: bench.inputs.seen(contract.name) for contract in bench.contracts.tools}
    prover = Prover(bench.oracle, schema)
    left, waived = [], Counter[str]()
    for mutant in untold(bench.oracle_spec, bench.open_worker, made, seen):
        reason = prover.reason(bench.contracts.tool(mutant.tool), mutant)
        if reason is None:
            left.append(mutant)
        else:
            waived[reason] += 1
    return _result(sum(map(len, made.values())), left, waived)


def _result(total: int, left: Sequence[ContractMutant], waived: Counter[str]) -> CheckResult:
    counted = total - waived.total()
    share = 1 - len(left) / counted if counted else 1.0
    owed = [mutant for mutant in left if mutant.kind in MUST_SHOW]
    failed = bool(owed) or share < LEAST
    summary = f"{counted - len(left)} of {counted} faulty contracts told apart ({share:.3f})"
    if owed:
        summary += f"; {len(owed)} dropped rules or effects, or wrong codes, are not"
    return CheckResult(
        id="contract-adequate",
        status="fail" if failed else "pass",
        summary=summary,
        measured={
            "mutants": total,
            "told_apart": counted - len(left),
            "share": round(share, 4),
            "waived": dict(sorted(waived.items())),
            "owed": len(owed),
            "inputs_lack": dict(sorted(Counter(mutant.kind for mutant in left).items())),
        },
        evidence=[_to_do(mutant) for mutant in sorted(left, key=lambda m: m.kind not in MUST_SHOW)][:_MOST_EVIDENCE],
        rfc008=["semantic.verifier_determinism"],
    )


def _to_do(mutant: ContractMutant) -> dict[str, Any]:
    part = "contracts.json" if mutant.kind in MUST_SHOW else "seed.json"
    found = {"tool": mutant.tool, "part": part, "kind": mutant.kind, "place": mutant.place, "what": mutant.what}
    if mutant.code:
        found["code"] = mutant.code
    return {**found, "remedy": "add rows to the seed for which this makes a difference, or drop what never can"}
