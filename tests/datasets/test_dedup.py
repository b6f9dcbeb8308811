"""Near-duplicates: found exactly, whatever the order of words is not; the first of each kind stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envfactory.datasets.dedup import ALIKE, Sketch, duplicates, similarity, sketch, trigrams
from envfactory.tasks.model import Task


def told(name: str, text: str, skeleton: str = "") -> Sketch:
    return Sketch(name, skeleton or name, trigrams(text))


def test_the_same_words_with_other_values_are_a_duplicate(booked: Task) -> None:
    text = "Which motor boats are free in Split from 9 to 11 June?"
    mention = booked.turns[0].mentions[0].model_copy(update={"value": "Split"})
    other = booked.model_copy(
        update={
            "id": "t_2",
            "turns": [booked.turns[0].model_copy(update={"text": text, "mentions": [mention]}), booked.turns[1]],
        }
    )
    found = duplicates([sketch(booked), sketch(other)])
    assert [(each.task, each.like, each.similarity) for each in found] == [("t_2", "t_book", 1.0)]


def test_the_same_words_for_other_tools_are_none(booked: Task) -> None:
    words = sketch(booked)
    other = sketch(booked.model_copy(update={"id": "t_2", "gold": booked.gold[:1]}))
    assert words.skeleton != other.skeleton


def test_more_than_four_fifths_of_the_trigrams_shared_is_a_duplicate() -> None:
    words = [f"w{number}" for number in range(40)]
    near = [*words[:39], "other"]
    found = duplicates([told("a", " ".join(words)), told("b", " ".join(near)), told("c", " ".join(words[::-1]))])
    assert [(each.task, each.like) for each in found] == [("b", "a")]


WORDS = st.lists(st.sampled_from("abcd"), min_size=3, max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=12))
def test_what_is_left_is_alike_by_no_pair_and_what_went_is_like_one_left(texts: list[str]) -> None:
    sketches = [told(str(number), text) for number, text in enumerate(texts)]
    found = {each.task: each for each in duplicates(sketches)}
    kept = [each for each in sketches if each.task not in found]
    by_name = {each.task: each for each in sketches}
    for number, one in enumerate(kept):
        assert all(similarity(one.trigrams, other.trigrams) <= ALIKE for other in kept[number + 1 :])
    for each in found.values():
        assert each.like not in found
        assert similarity(by_name[each.task].trigrams, by_name[each.like].trigrams) > ALIKE


def test_ten_thousand_unlike_texts_are_all_kept() -> None:
    sketches = [told(str(n), " ".join(f"w{(n * 7919 + k * k * 31) % 10007}" for k in range(30))) for n in range(10_000)]
    assert duplicates(sketches) == []
