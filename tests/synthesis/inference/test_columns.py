"""Which properties become columns."""

from __future__ import annotations

import pytest

from envfactory.synthesis.inference.columns import choose_columns, column_of, described, worth
from envfactory.synthesis.inference.relations import Reference, references_of
from tests.synthesis.inference.world import candidates, field


def chosen(noun: str) -> list[str]:
    everything = candidates()
    own = [each for each in references_of(everything) if each.source == noun]
    return [column.name for column, _ in choose_columns(everything[noun], own)]


def test_names_come_first_and_what_programs_read_is_left_out() -> None:
    found = chosen("owner")

    assert found[0] == "name"
    assert {"etag", "avatar_url", "id"} & set(found) == set()


def test_what_a_reference_stands_for_is_no_column() -> None:
    found = chosen("stay")

    assert {"dog", "dog_name", "kennel_id"} & set(found) == set()
    assert {"start_date", "end_date", "status", "price"} <= set(found)


def test_the_name_of_a_referred_record_is_not_kept_twice() -> None:
    owner = candidates()["owner"]
    owner.fields["kennel_name"] = field("kennel_name")

    found = choose_columns(owner, [Reference("owner", "kennel_id", "kennel", "name kennelId")])

    assert "kennel_name" not in [column.name for column, _ in found]


@pytest.mark.parametrize("name", ["etag", "self_link", "password", "deleted", "external_id"])
def test_worthless_columns(name: str) -> None:
    owner = candidates()["owner"]
    each = field(name, **({"type": "boolean"} if name == "deleted" else {}))
    column = column_of(name, each, owner)

    assert column is not None
    assert worth(column, each) <= 0


def test_nested_columns_are_worth_less() -> None:
    owner = candidates()["owner"]
    top, deep = field("city"), field("city", level=1)
    column = column_of("city", top, owner)

    assert column is not None
    assert worth(column, top) > worth(column, deep)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The city. More.", "The city."),
        ("", "The owner's home city."),
        ("Required.", "The owner's home city."),
        ("Array of cities", "The owner's home city."),
    ],
)
def test_described_says_something(text: str, said: str) -> None:
    assert described("home_city", text, "owner") == said
