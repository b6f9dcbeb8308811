"""The folder: what is written is read back, and a changed byte is noticed and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment, Manifest, dump, load, load_report, manifest_hash, save
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts
from envfactory.environments.files import readable_json
from envfactory.environments.report import CheckResult, GateReport
from envfactory.errors import ArtefactError
from tests.environments.test_contract import BOOK

FILES = ["environment.json", "schema.sql", "seed.json", "contracts.json", "tools.py", "tests.json", "graph.json"]
REPORT = GateReport(
    subject="x",
    seed=0,
    verdict="rejected",
    checks=[CheckResult(id="lint", status="fail", summary="no")],
    seconds={"load": 0.25},
)


@pytest.fixture
def environment() -> Environment:
    return Environment(
        manifest=Manifest(name="rooms", domain="travel", summary="Book rooms."),
        schema_sql="CREATE TABLE rooms (id TEXT PRIMARY KEY) STRICT;\n",
        seed_rows={"rooms": [{"id": "r1"}]},
        contracts=Contracts.model_validate({"now": "2027-03-01T09:00:00Z", "tools": [BOOK]}),
        tools_source="def book(ctx, *, room_id): ...\n",
        cases=Cases(),
    )


def test_reads_back_what_was_written(environment: Environment, tmp_path: Path) -> None:
    sealed = save(environment, tmp_path)
    assert load(tmp_path) == sealed
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_the_hash_covers_content_and_nothing_else(environment: Environment, tmp_path: Path) -> None:
    first, second = save(environment, tmp_path / "a"), save(environment, tmp_path / "b")
    assert first.content_hash == second.content_hash
    assert save(first, tmp_path / "c").content_hash == first.content_hash


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_names_its_file(environment: Environment, tmp_path: Path, name: str) -> None:
    save(environment, tmp_path)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data.replace(b"Book", b"Rent", 1) if name == "environment.json" else data[:-1] + b" ")
    with pytest.raises(ArtefactError) as refused:
        load(tmp_path)
    assert name in refused.value.message


@pytest.mark.parametrize("name", ["environment.json", "gate.json"])
def test_even_white_space_is_noticed(environment: Environment, tmp_path: Path, name: str) -> None:
    save(environment, tmp_path, REPORT)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes().replace(b": ", b":\t", 1))
    with pytest.raises(ArtefactError) as refused:
        load(tmp_path), load_report(tmp_path)
    assert name in refused.value.message


@pytest.mark.parametrize(("before", "after"), [(b'"rejected"', b'"verified"'), (b'"load": 0.25', b'"load": 0.26')])
def test_an_edited_report_is_noticed(environment: Environment, tmp_path: Path, before: bytes, after: bytes) -> None:
    save(environment, tmp_path, REPORT)
    (tmp_path / "gate.json").write_bytes((tmp_path / "gate.json").read_bytes().replace(before, after))
    with pytest.raises(ArtefactError, match=r"gate\.json is not as the gate wrote it"):
        load_report(tmp_path)


@pytest.mark.parametrize("text", ["[]", '{"name": 3}', "{", "\xff"])
@pytest.mark.parametrize("name", ["environment.json", "gate.json"])
def test_what_is_no_file_of_ours_is_a_clear_error(
    environment: Environment, tmp_path: Path, name: str, text: str
) -> None:
    save(environment, tmp_path, REPORT)
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(ArtefactError, match=name) as refused:
        load(tmp_path), load_report(tmp_path)
    assert refused.value.remedy


def test_a_manifest_that_leaves_a_file_out_is_noticed(environment: Environment, tmp_path: Path) -> None:
    sealed = save(environment, tmp_path)
    files = {name: value for name, value in sealed.manifest.files.items() if name != "tools.py"}
    bare = sealed.manifest.model_copy(update={"files": files})
    manifest = bare.model_copy(update={"content_hash": manifest_hash(bare)})
    (tmp_path / "environment.json").write_bytes(readable_json(dump(manifest)))
    with pytest.raises(ArtefactError, match=r"environment\.json, tools\.py no longer match"):
        load(tmp_path)


def test_a_missing_file_is_a_clear_error(environment: Environment, tmp_path: Path) -> None:
    save(environment, tmp_path)
    (tmp_path / "tools.py").unlink()
    with pytest.raises(ArtefactError, match=r"tools\.py: No such file") as refused:
        load(tmp_path)
    assert refused.value.remedy


def test_the_report_is_kept_beside(environment: Environment, tmp_path: Path) -> None:
    save(environment, tmp_path, REPORT)
    assert load_report(tmp_path) == REPORT
    assert [check.id for check in REPORT.failures()] == ["lint"]


def test_an_unwritable_folder_is_a_clear_error(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArtefactError, match="cannot write"):
        save(environment, tmp_path / "file" / "library")
