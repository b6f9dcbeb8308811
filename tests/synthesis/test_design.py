"""The whole design: reproducible in any process, in a jail as well, and loadable as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import DesignError, SandboxUnavailable
from envfactory.sandbox import Sandbox
from envfactory.synthesis.coder import write_tools
from envfactory.synthesis.design import Design, design_environment
from tests.support import LocalWorker
from tests.synthesis.differential import accepted, differences
from tests.synthesis.documents import operation, schema, workshop

ROOT = Path(__file__).parents[2]
PRINT_DIGEST = """
import hashlib
from tests.support import LocalWorker
from tests.synthesis.documents import workshop
from envfactory.synthesis.design import design_environment
design = design_environment(workshop(), None, seed=11, worker=LocalWorker())
print(hashlib.sha256(design.model_dump_json().encode()).hexdigest())
"""


def designed(seed: int = 11) -> Design:
    return design_environment(workshop(), None, seed=seed, worker=LocalWorker())


def test_a_design_is_the_same_in_processes_with_other_hash_seeds() -> None:
    digests = set()

    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PRINT_DIGEST]
        digests.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)

    assert len(digests) == 1


def test_a_jailed_worker_designs_what_a_local_one_does() -> None:
    try:
        sandbox = Sandbox("auto")
    except SandboxUnavailable as missing:
        pytest.skip(f"no sandbox here: {missing.message}")
    with sandbox, sandbox.open() as worker:
        jailed = design_environment(workshop(), None, seed=11, worker=worker)

    assert jailed == designed()


def test_a_design_survives_being_stored() -> None:
    design = designed()

    again = Design.model_validate_json(design.model_dump_json(by_alias=True, exclude_defaults=True))

    assert again == design


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_code_of_the_workshop_does_what_its_contracts_say(seed: int) -> None:
    design = designed(seed)

    code = write_tools(design.contracts, design.schema_sql)

    given = design.contracts, design.schema_sql, design.seed_rows
    assert list(differences(*given, code, seed=seed, calls=400)) == []
    assert accepted(*given, seed=seed, calls=400) >= {"list_bikes", "add_bike", "get_bike", "open_job", "move_job"}


def test_a_broken_invariant_is_noted() -> None:
    heavy = {"name": "feather", "sql": "NOT EXISTS (SELECT 1 FROM bikes WHERE weight > 1)"}
    resource = workshop(lambda document: document["x-env"]["invariants"].append(heavy))

    design = design_environment(resource, None, seed=1, worker=LocalWorker())

    assert "the seed data breaks the invariant feather" in design.notes


def test_rows_made_after_the_clock_are_noted() -> None:
    def late(document: dict[str, Any]) -> None:
        bike = {"id": "b1", "customer_id": "c1", "weight": 9, "created_at": "2026-05-13T00:00:00Z"}
        schema(document, "Bike")["properties"]["created_at"] = schema(document, "Bike")["properties"].pop("added_at")
        schema(document, "Bike")["x-env"]["seed"] = {"rows": [bike]}
        schema(document, "Customer")["x-env"]["seed"] = {"rows": [{"id": "c1"}]}

    design = design_environment(workshop(late), None, seed=1, worker=LocalWorker())

    assert "seed of bikes: 1 rows have created_at after the clock, for instance b1" in design.notes


def test_a_time_that_is_a_number_is_after_no_clock() -> None:
    def counted(document: dict[str, Any]) -> None:
        del schema(document, "Bike")["properties"]["added_at"]
        stamp = {"type": "integer", "readOnly": True, "minimum": 0, "default": 0}
        schema(document, "Bike")["properties"]["created_at"] = stamp

    design = design_environment(workshop(counted), None, seed=1, worker=LocalWorker())

    assert isinstance(design.seed_rows["bikes"][0]["created_at"], int)
    assert not [note for note in design.notes if "after the clock" in note]


def test_a_check_that_is_no_sql_is_a_fault_of_the_document() -> None:
    resource = workshop(lambda document: schema(document, "Bike")["x-env"]["checks"].update(odd="weight <"))

    with pytest.raises(DesignError, match="the schema does not load"):
        design_environment(resource, None, seed=1, worker=LocalWorker())


def test_a_subset_of_the_operations_can_be_chosen() -> None:
    resource = workshop(lambda document: operation(document, "/bikes", "get")["x-env"].update(steps=[{"oops": 1}]))

    design = design_environment(resource, ["getBike"], seed=1, worker=LocalWorker())

    assert [tool.name for tool in design.contracts.tools] == ["get_bike"]
