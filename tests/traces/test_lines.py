"""Differences of texts: right, in order, and where a person would put them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from envfactory.traces.lines import unified

LINES = st.lists(st.sampled_from(["a", "b", "c", "-", "  id: 1", ""]), max_size=25)


def applied(before: list[str], diff: list[str]) -> list[str]:
    """Apply a unified diff as `patch` does."""
    result, place = [], 0
    for line in diff:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            begin = int(start) - (int(count) > 0)
            result += before[place:begin]
            place = begin
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert before[place] == line[1:]
            result += [line[1:]] if line[0] == " " else []
            place += 1
    return result + before[place:]


@given(LINES, LINES)
@settings(max_examples=300, deadline=None)
def test_a_difference_applied_gives_the_second_text(before: list[str], after: list[str]) -> None:
    assert applied(before, list(unified(before, after))) == after


def test_equal_texts_do_not_differ() -> None:
    assert list(unified(["a", "b"], ["a", "b"])) == []


def test_context_stands_around_a_change() -> None:
    before = [f"line {number}" for number in range(9)]
    assert list(unified(before, [*before[:4], "new", *before[5:]], context=1)) == [
        "@@ -4,3 +4,3 @@",
        " line 3",
        "-line 4",
        "+new",
        " line 5",
    ]


def test_a_case_that_is_added_among_many_alike_is_all_that_differs() -> None:
    cases = [line for number in range(900) for line in ("-", f"  id: {number}", "  expect:", "    status: ok")]
    added = ["-", "  id: new", "  expect:", "    status: ok"]
    diff = list(unified(cases, cases[:1800] + added + cases[1800:], context=0))
    assert sorted(line[1:] for line in diff if line[0] == "+") == sorted(added)
    assert [line for line in diff if line[0] == "-"] == []
