"""Every mistake a person can make gets one clear line and a hint, no traceback, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call, Told
from tests.cli.scripted import Script

RUN = ["run", "--domain", "travel"]
MISTAKES = {
    "nothing asked": (["run"], "nothing to build", "--domain"),
    "unknown domain": (["run", "--domain", "travle"], "'travle'", "travel"),
    "unknown environment": ([*RUN, "--env", "spaceships"], "'spaceships'", "rail"),
    "count of nothing": ([*RUN, "--count", "0"], "--count", "--help"),
    "seed that is no number": ([*RUN, "--seed", "x"], "--seed", "--help"),
    "unknown option": ([*RUN, "--sed", "3"], "--sed", "--help"),
    "unknown command": (["rum"], "Did you mean 'run'", "--help"),
    "stray argument": ([*RUN, "hotels"], "hotels", "--help"),
    "nonsense model": ([*RUN, "--model", "nonsense"], "'nonsense' is not a backend", "docs/configuration.md"),
    "empty model": ([*RUN, "--model", "openai:"], "'openai:' is not a backend", "docs/configuration.md"),
    "model without key": ([*RUN, "--model", "openai:qwen"], "needs an API key", "OPENAI_API_KEY"),
    "unknown role": ([*RUN, "--model-role", "codr=rules"], "codr=rules", "schema_designer"),
    "role without model": ([*RUN, "--model-role", "coder"], "ROLE=MODEL", "explorer"),
    "missing config": ([*RUN, "--config", "none.toml"], "none.toml", "TOML"),
    "config that is a folder": ([*RUN, "--config", "folder"], "cannot read folder", "TOML"),
    "config that is no TOML": ([*RUN, "--config", "broken.toml"], "broken.toml is not TOML", "mend"),
    "config with an unknown key": ([*RUN, "--config", "typo.toml"], "unknown key run.sed", "docs/configuration.md"),
    "out that is a file": ([*RUN, "--out", "broken.toml"], "broken.toml is a file", "another folder"),
    "out below a file": ([*RUN, "--out", "broken.toml/deep/library"], "broken.toml is a file", "another folder"),
    "out that cannot be made": ([*RUN, "--out", "/proc/library"], "/proc", "folder"),
    "domain that is no name": (["run", "--domain", "My Domain", "--resource", "a.yaml"], "'My Domain'", "letters"),
    "file that is not there": (["run", "--resource", "none.yaml"], "there is no file none.yaml", "give a file"),
    "folder for a file": (["run", "--resource", "folder"], "folder is a folder", "one document"),
    "address of another kind": (["run", "--resource", "ftp://a.example/b"], "ftp: addresses", "http(s)"),
    "package unknown": (["run", "--resource", "package:nowhere/thing"], "nowhere/thing", "botocore"),
    "entry unknown": (["run", "--resource", "catalogue:travel/ral"], "'travel/ral'", "travel/rail"),
    "resume of nothing": (["run", "--resume", "last"], "no run in runs", "--domain"),
    "resume of an unknown run": (["run", "--resume", "travel-1"], "no run travel-1", "none"),
    "resume of no name": (["run", "--resume", ""], "names no run", "last"),
    "resume with other options": (["run", "--resume", "last", "--seed", "3"], "--seed cannot be changed", "leave out"),
    "catalogue without that domain": (["catalog", "list", "nope"], "'nope'", "travel"),
    "catalogue without that entry": (["catalog", "show", "travel/ral"], "'travel/ral'", "travel/rail"),
    "show of nothing": (["show", "nope"], "nope/environment.json", "environment.json"),
    "show of a file": (["show", "broken.toml"], "broken.toml/environment.json", "environment.json"),
    "show in an unknown form": (["show", ".", "--graph", "png"], "--graph png", "mermaid"),
    "verify of nothing": (["verify", "nope"], "nope does not exist", "library"),
    "verify of a file": (["verify", "broken.toml"], "broken.toml is no folder", "library"),
    "verify of an empty folder": (["verify", "folder"], "folder holds no environment", "library"),
    "verify of no path": (["verify"], "argument", "--help"),
    "traces of nothing": (["traces", "show", "last"], "no run last", "none in runs"),
    "traces of no name": (["traces", "show", ""], "no run", "runs"),
}


@pytest.fixture
def workplace(tmp_path: Path) -> list[Path]:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.toml").write_text("[run")
    (tmp_path / "typo.toml").write_text("[run]\nsed = 3\n")
    return sorted(tmp_path.rglob("*"))


def is_clear(told: Told) -> bool:
    """One line of error, one of hint, and nothing on stdout."""
    lines = told.err.splitlines()
    said = [line.split(":", 1)[0].strip() for line in lines]
    return said == ["error", "hint"] and all(line.split(":", 1)[1].strip() for line in lines) and told.out == ""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_clearly(call: Call, workplace: list[Path], tmp_path: Path, mistake: str) -> None:
    arguments, says, hint = MISTAKES[mistake]
    told = call(*arguments)
    assert (told.status, is_clear(told)) == (2, True), told
    error, remedy = told.err.splitlines()
    assert says in error
    assert hint in remedy
    assert sorted(tmp_path.rglob("*")) == workplace


DOCUMENTS = {
    "missing": ("none.yaml", "there is no file"),
    "folder": ("folder", "is a folder"),
    "empty": ("empty.yaml", ""),
    "no document": ("broken.toml", ""),
    "half a document": ("half.json", ""),
    "without operations": ("bare.yaml", ""),
    "prose": ("prose.md", "language"),
    "other scheme": ("ftp://example.org/api.yaml", "ftp"),
    "no address": ("http://", "address"),
    "this machine": ("http://localhost:1/api.json", "private, local or reserved"),
    "unknown host": ("https://no-such-host.invalid/api.json", "no-such-host.invalid"),
    "unknown package": ("package:nowhere/thing", "nowhere"),
    "unknown entry": ("catalogue:travel/spaceships", "spaceships"),
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_that_cannot_be_used_leaves_nothing(
    call: Call, workplace: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    thread_pool(monkeypatch)
    for name, text in {
        "empty.yaml": "",
        "half.json": '{"openapi": "3.1.0", "paths": {',
        "bare.yaml": "openapi: 3.1.0\ninfo: {title: Bare, version: '1'}\npaths: {}\n",
        "prose.md": "# Hotel API\n\nSend a POST to book a room.\n",
    }.items():
        (tmp_path / name).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    resource, says = DOCUMENTS[document]
    told = call("run", "--resource", resource)
    assert told.status == 2, told
    assert [line for line in told.err.splitlines() if line.startswith(("error:", " hint:"))] == told.err.splitlines()[
        -2:
    ]
    assert says in told.err
    assert "Traceback" not in told.err
    assert sorted(tmp_path.rglob("*")) == before


def thread_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    from envfactory.graphs import runner
    from tests.cli.scripted import ThreadPool

    monkeypatch.setattr(runner, "Pool", ThreadPool)


def test_an_environment_that_a_document_is_not_is_told(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread_pool(monkeypatch)
    told = call("run", "--resource", "catalogue:travel/rail", "--env", "hotels")
    assert told.status == 2
    assert "hotels" in told.err
    assert not (tmp_path / "runs").exists()


def test_folders_that_were_there_stay(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thread_pool(monkeypatch)
    (tmp_path / "runs").mkdir()
    call("run", "--resource", "none.yaml")
    assert list(tmp_path.iterdir()) == [tmp_path / "runs"]
    assert list((tmp_path / "runs").iterdir()) == []


def test_what_was_paid_for_is_kept(call: Call, tmp_path: Path, script: Script) -> None:
    from envfactory.errors import ResourceError

    script.faults["test rail"] = ResourceError("the disk is full", remedy="free some space")
    told = call("run", "--domain", "travel")
    (folder,) = (tmp_path / "runs").iterdir()
    assert (told.status, told.err.splitlines()[-2]) == (2, "error: the disk is full")
    assert (
        told.err.splitlines()[-1]
        == f" hint: free some space; go on with: python -m envfactory.run --resume {folder.name}"
    )
