"""Dealing: every focus once in a round, the share of refusals exact, an index's focus its own."""

from __future__ import annotations

from collections import Counter

from envfactory.environments.graph import StateEdge
from envfactory.sampling import Controls
from envfactory.sampling.focus import Dealer, asks_again, focuses, plausible_codes
from envfactory.sampling.views import EnvironmentView

REFUSALS = ("disables", "code")


def test_of_every_hundred_indices_the_share_is_refusals(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_refused=0.25), seed=1)
    kinds = [dealer.deal(index).kind in REFUSALS for index in range(200)]
    assert sum(kinds[:100]) == 25
    assert sum(kinds[100:]) == 25


def test_a_round_deals_each_focus_once(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(share_refused=0), seed=1)
    others = [str(focus) for focus in focuses(view) if focus.kind not in REFUSALS]
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


def test_asking_for_the_very_same_thing_again_is_no_focus() -> None:
    given = {"hire_id": "hi_1"}
    edge = StateEdge(
        producer="cancel_hire",
        consumer="cancel_hire",
        effect="disables",
        code="INVALID_STATUS",
        evidence={"call": ["cancel_hire", given], "arguments": given},
    )
    assert asks_again(edge)
    assert not asks_again(edge.model_copy(update={"consumer": "confirm_hire"}))


def test_another_focus_is_of_the_same_environment_and_another_one(view: EnvironmentView) -> None:
    dealer = Dealer([view], Controls(), seed=1)
    found = dealer.instead(7, 3)
    assert len({str(each) for each in found}) == 3
    assert dealer.deal(7) not in found
    assert {each.kind in REFUSALS for each in found} == {dealer.deal(7).kind in REFUSALS}
