"""The page of a task."""

from __future__ import annotations

from rich.text import Text

from envfactory.pages.bodies import Packed
from envfactory.pages.document import document
from envfactory.pages.links import Link
from envfactory.pages.tasks import pieces, styled, task_page
from envfactory.tasks.model import Mention, Task
from tests.pages.conftest import task_of
from tests.pages.hostile import ALL, HOSTILE
from tests.pages.markup import Markup


def page_of(task: Task, *links: Link) -> Markup:
    bodies = Packed()
    return Markup(document("t", task_page(task, bodies, links), bodies.packs()))


def mention(name: str, span: tuple[int, int] | None) -> Mention:
    return Mention(id=name, environment="e", slot="s.t", value=1, span=span)


def test_the_conversation_stands_in_it_in_order() -> None:
    text = page_of(task_of()).text
    places = [
        text.index(part)
        for part in (
            "Hire the ",
            "How many days?",
            "One day.",
            "search_boats",
            "hire_boat",
            "€175.00",
            "It is 175.00 EUR.",
        )
    ]
    assert places == sorted(places)


def test_an_argument_says_where_it_comes_from() -> None:
    text = page_of(task_of()).words
    assert "boat_id bt_02 ← call 1 boats[0].boat_id" in text
    assert "days 1 ← said “One” when asked" in text


def test_goal_ways_checks_and_solve_rate_are_told() -> None:
    text = page_of(task_of()).words
    assert "What must have changed + hires hi_99 boat_id bt_02" in text
    assert "wrong_argument × 2" in text
    assert "task.leaks it could not run (run it again)" in text
    assert "3 of 4 times by rules in 2, 2, 3 calls" in text


def test_mentions_are_marked_where_they_stand() -> None:
    marked = [a["title"] for tag, a in page_of(task_of()).tags if a.get("class") == "mention"]
    assert marked == ["boats.name = Gaivota (stated)"]


def test_pieces_are_the_text_again() -> None:
    cut = list(
        pieces(
            "one two three",
            [
                mention("b", (4, 7)),
                mention("a", (0, 3)),
                mention("c", (5, 13)),
                mention("d", None),
                mention("e", (9, 99)),
            ],
        )
    )
    assert "".join(piece.text for piece in cut) == "one two three"
    assert [(piece.text, piece.mention.id) for piece in cut if piece.mention] == [("one", "a"), ("two", "b")]


def test_styles_become_classes_and_words_stay_words() -> None:
    told = styled(Text.assemble("a ", ("<b>", "bold red"), " c"))
    assert str(told) == '<span class="">a </span><span class="t-bold t-red">&lt;b&gt;</span><span class=""> c</span>'


def test_environments_are_linked() -> None:
    assert "/runs/r/environments/boat_hire" in page_of(
        task_of(), Link("boat_hire", "/runs/r/environments/boat_hire")
    ).attributes("href")


def test_hostile_words_are_text() -> None:
    page = page_of(task_of(ALL))
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(
        line in page.text
        for line in HOSTILE
        if "\x00" not in line and "\u2028" not in line and line[:9] != HOSTILE[0][:9]
    )
