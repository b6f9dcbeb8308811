"""`models list` and `models check` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agents.chat_server import ChatServer
from tests.cli.conftest import Call
from tests.models.test_checking import capable, heedless


def config(folder: Path, url: str) -> str:
    path = folder / "models.toml"
    path.write_text(f'[models.default]\nmodel = "openai:small"\nbase_url = "{url}"\n[models.coder]\nmodel = "rules"\n')
    return str(path)


def test_each_role_is_listed_with_its_backend(call: Call, tmp_path: Path) -> None:
    told = call(
        "models", "list", "--config", config(tmp_path, "http://h/v1"), "--model-role", "solver=openai:x", "--json"
    )
    rows = {row["role"]: row for row in json.loads(told.out)}
    assert (rows["coder"]["backend"], rows["tester"]["backend"]) == ("rules", "openai:small")
    assert (rows["solver"]["backend"], rows["solver"]["base_url"]) == ("openai:x", "http://h/v1")


def test_a_fit_backend_passes(call: Call, tmp_path: Path) -> None:
    with ChatServer(capable).serving() as server:
        told = call("models", "check", "--config", config(tmp_path, server.url))
    assert told.status == 0, told.err
    assert "openai:small  yes      json_schema" in told.out


def test_an_unfit_one_is_told_with_what_would_work(call: Call, tmp_path: Path) -> None:
    with ChatServer(heedless).serving() as server:
        told = call("models", "check", "--config", config(tmp_path, server.url))
    assert (told.status, "structured_output = 'json_mode' would work" in told.out) == (1, True)
    assert "1 of 1 backends cannot play their roles" in told.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "there is nothing to check"),
        (("--model", "openai:gpt"), "needs an API key"),
        (("--model", "nobody:model"), "langchain-nobody"),
        (("--model", "fake:none.jsonl"), "there is no such file"),
        (("--model", "replay:none"), "holds no recording"),
        (("--model", "gpt"), "is not a backend"),
    ],
)
def test_mistakes_are_told_before_anything_is_asked(call: Call, arguments: tuple[str, ...], says: str) -> None:
    told = call("models", "check", *arguments)
    assert (told.status, says in told.err) == (2, True), told.err
