"""Policies by script: what each does, and that chance is the same chance every time."""

from __future__ import annotations

import pytest

from envfactory.errors import ConfigError
from envfactory.rollouts.driver import jobs_of, play
from envfactory.rollouts.scripted import scripted, seen
from envfactory.tasks.files import StoredRollout
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


def played(name: str, task: Task, scope: Scope) -> StoredRollout:
    (made,) = play(jobs_of([task]), scope, scripted(name, [task]))
    return made


def test_half_makes_the_first_half_and_owns_up(porto: Task, scope: Scope) -> None:
    made = played("half", porto, scope)
    assert [call.tool for call in made.calls] == ["search_boats", "book_boat"]
    assert made.answers == [porto.turns[0].answer, *["I have not got any further with this."] * 2]


def test_half_earns_what_it_did_right(porto: Task, scope: Scope) -> None:
    # The first of three turns is right, nothing of the others, and a booking that was not paid is a change no turn ends
    # with: half of a third for the credit, halved again for being unclean.
    grade = played("half", porto, scope).grade
    assert grade is not None
    assert grade.reward == pytest.approx(1 / 12)


def test_chance_is_seeded(porto: Task, scope: Scope) -> None:
    first, second = played("random", porto, scope), played("random", porto, scope)
    assert first == second


def test_an_unknown_script_is_a_mistake(porto: Task) -> None:
    with pytest.raises(ConfigError, match="there is no scripted policy wise"):
        scripted("wise", [porto])


def test_seen_values_go_by_their_field() -> None:
    content = '{"boats":[{"boat_id":"bt_01","berths":6},{"boat_id":"bt_02","berths":4}]}'
    messages = [{"role": "user", "content": "bt_09"}, {"role": "tool", "content": content}]
    assert seen(messages) == {"boat_id": ["bt_01", "bt_02"], "berths": [6, 4]}
