"""The card claims what was counted, and nothing that was not proven."""

from __future__ import annotations

from collections import Counter

import yaml

from envfactory.datasets.card import card, licences
from envfactory.datasets.tally import Tally
from tests.datasets.conftest import boat

BOAT = boat("boat_hire")


def made(counted: Tally, **left_out: int) -> str:
    return card("boats", counted, [BOAT], {"boat_hire": "train"}, left_out, ".parquet").decode()


def counted(**more: object) -> Tally:
    found = Tally(
        rows={"sft": {"train": 3}, "rl": {"train": 4, "heldout": 2}}, environments={"boat_hire": Counter(train=4)}
    )
    for name, value in more.items():
        setattr(found, name, value)
    return found


def test_the_header_names_the_files_of_every_split() -> None:
    header = yaml.safe_load(made(counted()).split("---\n")[1])
    files = {each["config_name"]: [one["path"] for one in each["data_files"]] for each in header["configs"]}
    assert files == {"sft": ["sft/train.parquet"], "rl": ["rl/train.parquet", "rl/heldout.parquet"]}
    assert header["size_categories"] == ["n<1K"]


def test_only_proven_graders_are_called_proven() -> None:
    assert "Not every grader has been proven yet." in made(counted())
    assert "Not every grader" in made(counted(verdicts={"task.accepts": Counter({"pass": 3, "fail": 1})}))
    assert "Every grader was proven" in made(counted(verdicts={"task.accepts": Counter({"pass": 4})}))


def test_what_was_left_out_is_said() -> None:
    assert "Tasks left out: 3 near-duplicate; 2 not verified." in made(
        counted(), **{"near-duplicate": 3, "not verified": 2}
    )
    assert "Tasks left out: none." in made(counted())


def test_every_environment_has_its_provenance_and_licence() -> None:
    assert "| boat_hire | travel | train | 4 | 11 |" in made(counted())
    assert licences([BOAT]) == ["Apache-2.0"]
