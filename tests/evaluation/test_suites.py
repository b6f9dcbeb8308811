"""The suites by name."""

from __future__ import annotations

import pytest

from envfactory.errors import ConfigError, UserError
from envfactory.evaluation.suites import Wanted, opened


def test_categories_are_for_all_suites_or_for_one() -> None:
    wanted = Wanted(categories=("simple", "tau2=retail", "bfcl=multi_turn"))
    assert wanted.of("bfcl") == ("simple", "multi_turn")
    assert wanted.of("tau2") == ("simple", "retail")


def test_a_suite_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no suite chess .*heldout, bfcl, tau2, acebench"):
        opened("chess", Wanted())


def test_what_cannot_be_played_says_what_it_needs() -> None:
    with pytest.raises(UserError, match=r"a model that plays the person and one that judges by rubrics"):
        opened("vitabench", Wanted())
