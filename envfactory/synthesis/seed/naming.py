"""What a column's name says of its values, where the document says nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple


class Scale(NamedTuple):
    """A range of numbers and the step between them."""

    low: float
    high: float
    step: float = 1


class Days(NamedTuple):
    """A range of days from now."""

    low: int
    high: int


_PEOPLE = """
    agent applicant artist attendee author borrower buyer candidate client contact customer doctor donor driver employee
    guest guide host instructor landlord lecturer lender member nurse organizer owner parent participant passenger
    patient person physician player pupil reader recipient rider sender shopper staff student subscriber teacher tenant
    traveler traveller tutor user visitor volunteer worker
"""
PEOPLE = frozenset(_PEOPLE.split())

# A name is of a kind if it is one of the kind's words or ends in one; the first kind that fits is taken.
_TEXT_KINDS = {
    "email": "email e_mail mail email_address mail_address",
    "first_name": "first_name given_name forename",
    "last_name": "last_name family_name surname",
    "person": "full_name fullname contact contact_name passenger guest_name customer_name holder owner_name recipient "
    "author",
    "phone": "phone phone_number mobile mobile_number telephone tel fax cell",
    "company": "company company_name organisation organization employer vendor supplier business merchant brand",
    "street": "street address address_line address_1 address_2 line1 line_1 street_address",
    "city": "city city_name town locality municipality",
    "country_code": "country_code country_iso",
    "country": "country country_name nationality",
    "postcode": "postcode postal_code zip zip_code zipcode",
    "iban": "iban",
    "licence_plate": "licence_plate license_plate number_plate registration_plate plate",
    "colour": "colour color",
    "url": "url uri link website homepage href",
    "uuid": "uuid guid",
    "sentence": "description note notes comment comments remark remarks message body text content reason instruction "
    "instructions feedback details bio summary",
    "currency": "currency currency_code",
    "language": "language locale lang",
    "timezone": "timezone time_zone tz",
    "code": "code sku reference ref number no serial barcode isbn slug ticket pin",
    "title": "title subject headline label topic name",
}
_TEXT_WORDS = {kind: tuple(words.split()) for kind, words in _TEXT_KINDS.items()}
_MONEY = Scale(490, 48_000)
_SCALES = [
    ("percent percentage pct", Scale(0, 50, 5)),
    ("price cost amount total fee fare rate balance deposit salary budget charge cents value subtotal tax", _MONEY),
    ("rating stars score grade", Scale(1, 5)),
    ("year", Scale(2012, 2027)),
    ("age", Scale(18, 80)),
    ("minutes duration mins", Scale(15, 240, 5)),
    ("hours", Scale(1, 12)),
    ("days nights weeks months", Scale(1, 14)),
    ("capacity seats stock quantity count allotment available limit copies beds rooms", Scale(1, 40)),
    ("lat latitude", Scale(-54, 64, 0.0001)),
    ("lon lng longitude", Scale(-120, 150, 0.0001)),
    ("weight length width height distance size km kg", Scale(1, 60, 0.1)),
    ("floor level", Scale(0, 9)),
    ("priority position rank order sequence version", Scale(1, 9)),
]
_MADE = Days(-200, -1)
_MADE_WORDS = (
    "created registered joined hired issued opened since published received updated modified uploaded sent paid last"
)
_DAYS = [
    ("birth born birthday birthdate", Days(-25_000, -7_000)),
    ("expires expiry expiration valid renewal renews", Days(30, 900)),
    (_MADE_WORDS, _MADE),
    ("due deadline", Days(1, 40)),
    ("end ends until out return returns arrival finish to", Days(3, 70)),
]
_ANY_SCALE, _ANY_DAYS = Scale(1, 100), Days(-30, 60)


def text_kind(name: str, noun: str) -> str:
    """Return the kind of text a column of the table of `noun` holds: a person's fact, or title, code, …, or nothing."""
    if name == "name" and PEOPLE.intersection(noun.split("_")):
        return "person"
    return next((kind for kind, words in _TEXT_WORDS.items() if _ends_in(name, words)), "")


def scale(name: str, *, whole: bool) -> Scale:
    """Return the range of numbers a column is likely to hold; money in minor units where it must be whole."""
    found = next((found for words, found in _SCALES if set(words.split()).intersection(name.split("_"))), _ANY_SCALE)
    return Scale(found.low / 100, found.high / 100, 0.01) if found is _MONEY and not whole else found


def days(name: str) -> Days:
    """Return the days from now a date or time is likely to lie between."""
    return next((found for words, found in _DAYS if set(words.split()).intersection(name.split("_"))), _ANY_DAYS)


def is_made(name: str) -> bool:
    """Whether a time says when something came about."""
    return days(name) is _MADE


def code(name: str, rng: random.Random) -> str:
    """Return a code whose letters come from the name: `order_number` → ON-48213."""
    letters = "".join(word[0] for word in name.split("_") if word).upper()
    return f"{letters}-{rng.randrange(10_000, 100_000)}"


def _ends_in(name: str, words: Iterable[str]) -> bool:
    return any(name == word or name.endswith(f"_{word}") for word in words)
