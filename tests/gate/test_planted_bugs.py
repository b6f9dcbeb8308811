"""Every planted bug is rejected, and by the check that should see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from envfactory.bench.bench import Bench
from envfactory.dependencies.build import build_graph
from envfactory.environments.artefact import Environment
from envfactory.environments.report import GateReport
from envfactory.gate.checks.mutants import mutants
from envfactory.gate.runner import CHECKS, run_checks
from envfactory.sandbox.shared import shared_sandbox
from envfactory.synthesis.tester import first_cases, strengthen
from tests.gate import harbour
from tests.gate.planted_bugs import Planted, planted_bugs
from tests.support import LocalWorker

BUGS = planted_bugs()


@pytest.fixture(scope="module")
def sound() -> Iterator[Bench]:
    """The boat hire without a fault: with strong cases and its graph."""
    with Bench(harbour.environment(), LocalWorker) as bare:
        cases = first_cases(bare)
        with bare.like(harbour.environment(cases=cases)) as tried:
            cases = strengthen(cases, mutants(tried).evidence, bare)
        environment = harbour.environment(cases=cases, graph=build_graph(bare)).sealed()
        with bare.like(environment) as made:
            yield made


def judged(sound: Bench, bug: Planted) -> GateReport:
    """Run the check that should see a bug (and loading) on the faulty environment, sharing what is the same."""
    faulty: Environment = replace(bug.plant(sound.environment)).sealed()
    same = faulty.contracts == sound.contracts and faulty.schema_sql == sound.environment.schema_sql
    shared = same and faulty.seed_rows == sound.environment.seed_rows and not bug.jailed
    opener = shared_sandbox().open if bug.jailed else LocalWorker
    chosen = [check for check in CHECKS if check.id in ("load", bug.check)]
    with sound.like(faulty) if shared else Bench(faulty, opener) as bench:
        return run_checks(bench, checks=chosen)


def test_the_corpus_is_large_and_touches_every_part() -> None:
    assert len(BUGS) >= 100
    assert {bug.part for bug in BUGS} == {
        "tools.py",
        "contracts.json",
        "schema.sql",
        "seed.json",
        "tests.json",
        "graph.json",
    }
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.mark.long
def test_the_sound_environment_is_verified(sound: Bench) -> None:
    report = run_checks(sound)
    assert (report.verdict, [check.id for check in report.failures()]) == ("verified", [])


@pytest.mark.parametrize(
    "bug", [pytest.param(bug, id=bug.name, marks=[pytest.mark.long] if bug.long else []) for bug in BUGS]
)
def test_a_planted_bug_is_rejected_by_its_check(sound: Bench, bug: Planted) -> None:
    report = judged(sound, bug)
    assert report.verdict == "rejected"
    assert bug.check in [check.id for check in report.failures()]
