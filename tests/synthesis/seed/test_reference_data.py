"""Reference data: real records, picked and ordered by their values."""

from __future__ import annotations

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.seed.reference_data import fields, records


def test_a_list_picks_and_orders() -> None:
    found = records("airports", {"iata": ["OPO", "LIS"]}, place="seed")

    assert [(airport["iata"], airport["country"], airport["tz"]) for airport in found] == [
        ("OPO", "PT", "Europe/Lisbon"),
        ("LIS", "PT", "Europe/Lisbon"),
    ]


def test_a_name_that_several_places_share_means_the_largest() -> None:
    found = records("cities", {"name": ["Paris", "Birmingham"]}, place="seed")

    assert [city["country_code"] for city in found] == ["FR", "GB"]


def test_other_fields_pick_all_their_records() -> None:
    found = records("cities", {"country_code": "PT"}, place="seed")

    assert found[0]["name"] == "Lisbon"
    assert {city["country"] for city in found} == {"Portugal"}
    assert len(found) > 20


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("countries", {"alpha_2": "PT", "alpha_3": "PRT", "name": "Portugal"}),
        ("currencies", {"code": "JPY", "name": "Yen", "symbol": "¥", "digits": 0}),
        ("languages", {"code": "pt", "name": "Portuguese"}),
    ],
)
def test_codes_find_their_records(dataset: str, expected: dict[str, object]) -> None:
    key = fields(dataset)[0]

    assert records(dataset, {key: expected[key]}, place="seed") == [expected]


@pytest.mark.parametrize(
    ("dataset", "where", "message"),
    [
        ("planets", {}, "no dataset planets"),
        ("cities", {"mayor": "x"}, "no field mayor"),
        ("cities", {"name": "Nowhere-on-Sea"}, "no record has name 'Nowhere-on-Sea'"),
    ],
)
def test_what_does_not_exist_is_named(dataset: str, where: dict[str, object], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        records(dataset, where, place="seed")
