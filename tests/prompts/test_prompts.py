"""Values in prompts: JSON still, in as few lines as can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.prompts import LINE, pretty

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_laid_out_is_the_same_value(value: Any) -> None:
    assert json.loads(pretty(value)) == value


@pytest.mark.parametrize(("length", "lines"), [(LINE - 10, 1), (LINE, 3)])
def test_what_fits_into_a_line_stands_in_one(length: int, lines: int) -> None:
    assert pretty(["x" * length]).count("\n") == lines - 1
