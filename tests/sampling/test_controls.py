"""Controls that contradict themselves are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from envfactory.sampling import Controls


@pytest.mark.parametrize(
    "wrong", [{"min_turns": 4, "max_turns": 3}, {"max_turns": 7}, {"share_refused": 1.2}, {"colour": 1}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Controls.model_validate(wrong)


def test_the_defaults_are_those_of_the_issue() -> None:
    controls = Controls()
    assert (controls.min_turns, controls.max_turns, controls.max_calls_per_turn) == (2, 6, 5)
    assert controls.max_environments == 3
