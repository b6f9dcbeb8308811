import pytest

from envfactory.dependencies.names import qualified, singular, words


@pytest.mark.parametrize("path", ["hire_id", "hireId", "hires[].id", "hire.id", "HireID", "result.hires[].hire_id"])
def test_one_thing_has_one_name(path: str) -> None:
    assert qualified(path) == ("hire", "id")


def test_a_general_name_alone_stays_general() -> None:
    assert qualified("id") == ("id",)
    assert qualified("boats[].day_cents") == ("day", "cent")


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("boats", "boat"),
        ("entries", "entry"),
        ("branches", "branch"),
        ("status", "status"),
        ("class", "class"),
        ("boxes", "box"),
    ],
)
def test_plurals_of_the_common_kinds_are_known(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_words_are_split_at_humps_and_dashes() -> None:
    assert words("roomTypeIDs") == ("room", "type", "id")
