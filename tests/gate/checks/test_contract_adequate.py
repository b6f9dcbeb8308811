from typing import Any

from envfactory.bench.bench import Bench
from envfactory.environments.artefact import SeedRows
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.contract_adequate import contract_adequate
from tests.gate import edits, harbour
from tests.support import LocalWorker


def judged(**parts: Any) -> CheckResult:
    with Bench(harbour.environment(**parts), LocalWorker) as bench:
        return contract_adequate(bench)


def poor_seed() -> SeedRows:
    """The boat hire with boats that all need no licence and lie ready: two of its rules can never matter."""
    rows = harbour.seed_rows()
    rows["boats"] = [{**boat, "licence_required": 0, "status": "ready"} for boat in rows["boats"]]
    return rows


def test_the_hand_written_seed_shows_every_rule() -> None:
    result = judged()
    assert result.status == "pass"
    assert result.measured["owed"] == 0


def test_a_seed_that_cannot_show_a_rule_is_sent_back_with_the_rule() -> None:
    result = judged(seed_rows=poor_seed())
    owed = {(found["tool"], found.get("code")) for found in result.evidence if found["kind"] == "dropped-guard"}
    assert result.status == "fail"
    assert {("book_boat", "LICENCE_REQUIRED"), ("book_boat", "BOAT_IN_SERVICE")} <= owed


def _always(tools: Any) -> None:
    tools["add_gear"]["steps"].append({"guard": ":quantity >= 1", "else": "TOO_FEW"})
    tools["add_gear"]["errors"]["TOO_FEW"] = {"message": "Too few.", "subsumed_by": "GEAR_NOT_FOUND"}


def test_a_rule_declared_subsumed_is_waived_with_the_reason() -> None:
    result = judged(contracts=edits.contracts(_always))
    assert result.measured["waived"]["subsumed by GEAR_NOT_FOUND"] >= 2
    assert result.status == "pass"


def _never(tools: Any) -> None:
    tools["add_gear"]["steps"].append({"guard": ":quantity >= 1", "else": "TOO_FEW"})
    tools["add_gear"]["errors"]["TOO_FEW"] = {"message": "Too few."}


def test_a_rule_that_nothing_can_break_is_owed() -> None:
    result = judged(contracts=edits.contracts(_never))
    assert {found["kind"] for found in result.evidence if found.get("code") == "TOO_FEW"} == {
        "dropped-guard",
        "wrong-code",
    }
