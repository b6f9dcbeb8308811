"""Splits: every environment in one, stable, none empty from five on, large domains in each."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.datasets.splits import Shares, assign, split_of_task
from envfactory.errors import ConfigError

TRAVEL = {f"place_{number}": "travel" for number in range(10)}
MIXED = TRAVEL | {f"desk_{number}": "office" for number in range(10)}


def test_ten_environments_are_seven_one_and_two() -> None:
    splits = assign(TRAVEL)
    assert Counter(splits.values()) == {"train": 7, "validation": 1, "heldout": 2}


def test_two_domains_of_one_size_are_each_held_out() -> None:
    splits = assign(MIXED)
    assert {MIXED[name] for name, split in splits.items() if split == "heldout"} == {"travel", "office"}


def test_another_seed_holds_out_others() -> None:
    first, second = assign(MIXED, 0), assign(MIXED, 1)
    assert first != second
    assert Counter(first.values()) == Counter(second.values())


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.sampled_from("abc"), min_size=5), st.integers())
def test_from_five_on_no_split_is_empty(environments: dict[str, str], seed: int) -> None:
    splits = assign(environments, seed)
    assert set(splits) == set(environments)
    assert set(splits.values()) == {"train", "validation", "heldout"}


def test_a_few_environments_are_all_for_training() -> None:
    assert assign({"rail": "travel", "hotels": "travel"}) == {"hotels": "train", "rail": "train"}


def test_the_order_of_the_library_does_not_matter() -> None:
    assert assign(dict(reversed(MIXED.items()))) == assign(MIXED)


def test_another_process_with_another_hash_seed_says_the_same() -> None:
    code = f"from envfactory.datasets.splits import assign; print(assign({MIXED!r}, 3))"
    told = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in "12"
    ]
    assert told[0].stdout == told[1].stdout == f"{assign(MIXED, 3)}\n".encode()


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.2)])
def test_shares_that_leave_nothing_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(ConfigError):
        Shares(*shares)


def test_a_task_over_two_splits_is_in_none() -> None:
    splits = assign(TRAVEL)
    train = [name for name, split in splits.items() if split == "train"]
    other = next(name for name, split in splits.items() if split == "heldout")
    assert split_of_task(train[:2], splits) == "train"
    assert split_of_task([train[0], other], splits) is None
