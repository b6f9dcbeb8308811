"""Every catalogue document becomes an environment: it designs, its rows hold, its code does what its contracts say."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

import envfactory.resources
from envfactory.resources import import_document
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design, design_environment
from tests.support import LocalWorker
from tests.synthesis.differential import accepted, differences

CATALOGUE = Path(envfactory.resources.__file__).parent / "catalogue"
DOCUMENTS = sorted(path.relative_to(CATALOGUE).as_posix() for path in CATALOGUE.rglob("*.yaml"))


@lru_cache(maxsize=32)
def designed(document: str, seed: int) -> Design:
    path = CATALOGUE / document
    resource = import_document(path.read_bytes(), source=document)
    return design_environment(resource, None, seed=seed, worker=LocalWorker())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_rows_keep_every_rule_of_the_document(document: str) -> None:
    design = designed(document, 1)

    worker = LocalWorker()
    spec = {"contracts": [], "tools": None, "now": design.contracts.now}
    worker.request("load", {**spec, "schema": design.schema_sql, "seed_rows": design.seed_rows})
    held = worker.request("check", {"expressions": {rule.name: rule.sql for rule in design.contracts.invariants}})
    assert [name for name, holds in held.items() if holds is not True] == []
    assert all(design.seed_rows.values())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_nothing_was_made_after_the_clock(document: str) -> None:
    design = designed(document, 1)

    assert [note for note in design.notes if "after the clock" in note] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_compiled_code_does_what_the_contracts_say(document: str) -> None:
    design = designed(document, 1)

    code = write_tools(design.contracts, design.schema_sql)

    given = design.contracts, design.schema_sql, design.seed_rows
    assert list(differences(*given, code, seed=1, calls=400)) == []
    assert len(accepted(*given, seed=1, calls=400)) >= 4
