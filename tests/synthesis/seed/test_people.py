"""People: the facts of a row fit each other and depend on nothing but the seed."""

from __future__ import annotations

import random
import re

import pytest

from envfactory.errors import DesignError
from envfactory.synthesis.seed.people import KINDS, email_of, person, slug


def test_name_and_address_fit_and_are_the_same_in_any_order() -> None:
    one, other = person(7, "guests", 3, ["de_DE"]), person(7, "guests", 3, ["de_DE"])

    backwards = {kind: other.value(kind) for kind in reversed(KINDS)}

    assert {kind: one.value(kind) for kind in KINDS} == backwards
    assert backwards["person"] == f"{backwards['first_name']} {backwards['last_name']}"
    assert backwards["email"].startswith(f"{slug(backwards['first_name'])}.")
    assert (backwards["country"], backwards["country_code"]) == ("Germany", "DE")
    assert re.fullmatch(r"\+49 30 23125\d{3}", backwards["phone"])


def test_rows_and_seeds_give_different_people() -> None:
    names = {person(seed, "guests", row, []).value("person") for seed in (1, 2) for row in range(10)}

    assert len(names) >= 18


def test_addresses_can_never_reach_anybody() -> None:
    addresses = [person(1, "guests", row, []).value("email") for row in range(20)]

    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", address) for address in addresses)


@pytest.mark.parametrize(
    ("name", "handle"),
    [("Zoë Weiß", "zoe.weiss"), ("Søren Łęcki", "soren.lecki"), ("Cher", "cher"), ("王 芳", "someone")],
)
def test_an_address_fits_its_name(name: str, handle: str) -> None:
    assert email_of(name, random.Random(1)).partition("@")[0] == handle


def test_an_iban_has_the_right_check_digits() -> None:
    iban = person(1, "accounts", 1, ["de_DE"]).value("iban")

    moved = iban[4:] + iban[:4]
    assert int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def test_an_unknown_locale_is_a_fault_of_the_document() -> None:
    with pytest.raises(DesignError, match="no locale xx_XX"):
        person(1, "guests", 1, ["xx_XX"]).value("person")
