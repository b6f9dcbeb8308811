"""Words, their numbers, and sentences for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.synthesis.inference import words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PetTypeIDs", ["pet", "type", "ids"]),
        ("listPetTypes", ["list", "pet", "types"]),
        ("api-keys/create", ["api", "keys", "create"]),
        ("HTTPServer", ["http", "server"]),
        ("", []),
    ],
)
def test_words_of_splits_every_spelling(name: str, expected: list[str]) -> None:
    assert words.words_of(name) == expected


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("pets", "pet"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("people", "person"),
        ("shelves", "shelf"),
        ("bookshelves", "bookshelf"),
        ("series", "series"),
        ("status", "status"),
        ("news", "news"),
        ("houses", "house"),
    ],
)
def test_singular_of_plurals(many: str, one: str) -> None:
    assert words.singular(many) == one


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("pet", "pets"),
        ("category", "categories"),
        ("box", "boxes"),
        ("shelf", "shelves"),
        ("person", "people"),
        ("day", "days"),
    ],
)
def test_plural_of_singulars(one: str, many: str) -> None:
    assert words.plural(one) == many


@given(
    st.sampled_from(["pet", "owner", "visit", "branch", "story", "key", "class", "process", "shelf", "employee", "bus"])
)
def test_plural_and_singular_are_each_others_inverse(noun: str) -> None:
    assert words.singular(words.plural(noun)) == noun


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("to", "to_address"),
        ("order", "sort_order"),
        ("default", "is_default"),
        ("birthDate", "birth_date"),
        ("2fa", "n_2fa"),
    ],
)
def test_column_name_is_an_identifier_and_no_keyword(name: str, column: str) -> None:
    assert words.column_name(name) == column


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lists pets. And more.", "Lists pets."),
        ("<p>Lists <b>pets</b></p>", "Lists pets."),
        ("Get [Spotify](https://x.example) albums, e.g. new ones. Then", "Get Spotify albums, e.g. new ones."),
        ("Required. The pet's name.", "The pet's name."),
        ("Enables you to programmatically delete a dataset.", "Delete a dataset."),
        ("", ""),
        (" . ", ""),
    ],
)
def test_sentence_is_the_first_one_without_markup(text: str, said: str) -> None:
    assert words.sentence(text) == said


def test_sentence_is_cut_at_a_word() -> None:
    said = words.sentence("word " * 100, limit=20)

    assert len(said) <= 21
    assert said == "Word word word word."


@pytest.mark.parametrize(
    ("noun", "said"), [("pet", "a pet"), ("owner", "an owner"), ("user", "a user"), ("api_key", "an API key")]
)
def test_article_fits_the_noun(noun: str, said: str) -> None:
    assert words.article(noun) == said


def test_error_code_joins_words_in_capitals() -> None:
    assert words.error_code("pet_type", "not_found") == "PET_TYPE_NOT_FOUND"
    assert len(words.error_code("x" * 80)) == 64


@pytest.mark.parametrize(
    ("name", "one"),
    [("AutomationRulesV2", "automation_rule_v2"), ("user_groups", "user_group"), ("v2", "v2"), ("", "")],
)
def test_a_name_is_put_in_the_singular_before_its_version(name: str, one: str) -> None:
    assert words.singular_name(name) == one
