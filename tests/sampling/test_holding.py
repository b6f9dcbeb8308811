"""Which records hold a key, and as what."""

from __future__ import annotations

from envfactory.sampling.holding import holders, in_passing
from envfactory.sampling.paths import records
from envfactory.sampling.views import EnvironmentView

HIRES = {"hires": [{"hire_id": "hi_15", "boat_id": "bt_12"}, {"hire_id": "hi_16", "boat_id": "bt_03"}]}


def test_a_list_of_hires_is_about_hires_and_shows_boats_in_passing(view: EnvironmentView) -> None:
    tool = view.tools["list_hires"]
    everything = list(records(HIRES))
    ((hire, by_hire),) = holders(tool, everything, ("hires", "id"), "hi_16")
    assert hire.path == "hires[1]"
    assert in_passing(view, tool, hire, by_hire) == 0
    assert [in_passing(view, tool, *each) for each in holders(tool, everything, ("boats", "id"), "bt_12")] == [2]
