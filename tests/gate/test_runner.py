from pathlib import Path
from typing import Any

import pytest

from envfactory.bench.bench import Bench
from envfactory.environments import artefact
from envfactory.environments.cases import Cases
from envfactory.environments.report import CheckResult
from envfactory.errors import ArtefactError, SandboxUnavailable
from envfactory.gate.checks.load import load
from envfactory.gate.runner import CHECKS, Check, run_gate, verify_folder
from tests.gate import harbour
from tests.support import LocalWorker


def passing(id: str, *needs: str) -> Check:
    return Check(id, lambda bench: CheckResult(id=id, status="pass", summary=bench.environment.name), needs)


def failing(id: str, *needs: str) -> Check:
    return Check(id, lambda bench: CheckResult(id=id, status="fail", summary="no", evidence=[{"tool": "x"}]), needs)


def environment(**parts: Any) -> artefact.Environment:
    return harbour.environment(**parts).sealed()


def test_all_passed_is_verified_and_told_on_the_way() -> None:
    told: list[tuple[str, str | None]] = []
    report = run_gate(
        environment(), LocalWorker, checks=[passing("a"), passing("b", "a")], progress=lambda *item: told.append(item)
    )
    assert (report.verdict, report.subject) == ("verified", environment().content_hash)
    assert told == [("a", None), ("a", "pass"), ("b", None), ("b", "pass")]


def test_what_rests_on_a_failed_check_is_skipped_and_the_rest_is_not() -> None:
    checks = [failing("load"), passing("lint", "load"), passing("deep", "lint"), passing("other")]
    report = run_gate(environment(), LocalWorker, checks=checks)
    assert [check.status for check in report.checks] == ["fail", "skip", "skip", "pass"]
    assert (report.verdict, report.check("deep").summary) == ("rejected", "needs lint, which did not pass")


def test_machinery_that_fails_is_no_verdict() -> None:
    def broken() -> LocalWorker:
        raise SandboxUnavailable("no walls here")

    with pytest.raises(SandboxUnavailable):
        run_gate(environment(), broken, checks=[Check("load", load)])


def test_an_unsealed_environment_is_not_judged() -> None:
    with pytest.raises(ArtefactError, match="sealed"):
        run_gate(harbour.environment(), LocalWorker, checks=[])


def test_every_check_of_the_table_needs_only_earlier_ones() -> None:
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(ids.index(need) < number for number, check in enumerate(CHECKS) for need in check.needs)


def test_the_gate_gives_the_same_record_twice(cases: Cases, bench: Bench) -> None:
    checks = [check for check in CHECKS if check.id in ("load", "deterministic", "conforms", "reject", "isolated")]
    records = [run_gate(environment(cases=cases), LocalWorker, checks=checks).verdict_record() for _ in range(2)]
    assert records[0] == records[1]
    assert records[0]["verdict"] == "verified"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stored environment judged by one check."""
    monkeypatch.setattr(
        "envfactory.gate.runner.run_gate.__kwdefaults__",
        {**(run_gate.__kwdefaults__ or {}), "checks": [Check("load", load)]},
    )
    sealed = environment()
    artefact.save(sealed, tmp_path / "boat_hire", run_gate(sealed, LocalWorker))
    return tmp_path / "boat_hire"


def test_an_unchanged_folder_verifies(folder: Path) -> None:
    verification = verify_folder(folder, LocalWorker)
    assert verification.verified
    assert verification.differences == []


def test_a_changed_file_is_named(folder: Path) -> None:
    tools = folder / "tools.py"
    tools.write_text(tools.read_text() + "\n")
    with pytest.raises(ArtefactError, match=r"tools\.py no longer matches"):
        verify_folder(folder, LocalWorker)


def test_a_report_that_says_otherwise_is_told(folder: Path) -> None:
    stored = artefact.load_report(folder)
    assert stored is not None
    other = stored.model_copy(update={"checks": [stored.checks[0].model_copy(update={"summary": "9 tables"})]})
    artefact.save(environment(), folder, other)
    verification = verify_folder(folder, LocalWorker)
    assert not verification.verified
    assert verification.differences[0].startswith("load: was pass (9 tables), is pass (8 tables")


def test_a_folder_without_a_report_is_not_verified(folder: Path) -> None:
    (folder / "gate.json").unlink()
    assert verify_folder(folder, LocalWorker).differences == ["there is no gate.json to compare with"]
