"""Dealing: every focus once in a round, the share of refusals exact, an index's focus its own."""

from __future__ import annotations

import random
from collections import Counter

from envfactory.sampling import Controls
from envfactory.sampling.focus import Dealer, Focus, _new_ones_first, focuses, plausible_codes
from envfactory.sampling.views import EnvironmentView

REFUSALS = ("disables", "code")


def _is_refusal(focus: Focus) -> bool:
    return focus.kind in REFUSALS and not focus.motive


def test_of_every_hundred_indices_the_share_is_refusals(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_refused=0.25), seed=1)
    kinds = [_is_refusal(dealer.deal(index)) for index in range(200)]
    assert sum(kinds[:100]) == 25
    assert sum(kinds[100:]) == 25


def test_of_every_hundred_indices_the_share_has_a_motive(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_motive=0.2), seed=1)
    motives = [bool(dealer.deal(index).motive) for index in range(200)]
    assert sum(motives[:100]) == 20
    assert sum(motives[100:]) == 20


def test_a_round_deals_each_focus_once(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_refused=0, share_motive=0), seed=1)
    others = [str(each) for each in focuses(view) if each.kind not in REFUSALS and not each.motive]
    dealt = [str(dealer.deal(index)) for index in range(2 * len(others))]
    assert Counter(dealt) == Counter(dict.fromkeys(others, 2))
    assert dealt[: len(others)] != dealt[len(others) :]


def test_another_seed_deals_in_another_order(view: EnvironmentView) -> None:
    one, other = (Dealer([view], Controls(), seed) for seed in (1, 2))
    assert [one.deal(index) for index in range(30)] != [other.deal(index) for index in range(30)]


def test_nobody_asks_for_another_persons_things(view: EnvironmentView) -> None:
    codes = {code for tool in view.tools for code in plausible_codes(view, tool)}
    assert "NOT_AVAILABLE" in codes
    assert not any(code.startswith("NOT_YOUR") for code in codes)


def test_another_focus_is_of_the_same_environment_and_another_one(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(), seed=1)
    found = dealer.instead(7, 3)
    assert len({str(each) for each in found}) == 3
    assert dealer.deal(7) not in found
    assert {_is_refusal(each) for each in found} == {_is_refusal(dealer.deal(7))}


def test_a_rule_that_no_earlier_focus_has_shown_comes_early() -> None:
    common = [Focus("disables", "hotels", f"change_{at}", "add_extra", code="CLOSED") for at in range(10)]
    rare = Focus("code", "hotels", "", "add_extra", code="SOLD_OUT")
    places = [
        _new_ones_first([*common, rare], random.Random(seed), spare_common=False).index(rare) for seed in range(20)
    ]
    assert sum(places) / len(places) < 3


def test_what_comes_about_by_the_way_comes_last_from_the_second_round_on(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_refused=0, share_motive=0), seed=1)
    whole = len([each for each in focuses(view) if each.kind not in REFUSALS and not each.motive])
    common = [dealer.deal(index).common for index in range(2 * whole)]
    assert common[whole:] == sorted(common[whole:])
    assert common[:whole] != sorted(common[:whole])
    assert {each.first for each in focuses(view) if each.kind == "value" and each.common} <= {
        tool.name for tool in view.tools.values() if tool.verb in ("search", "list", "identify")
    }
