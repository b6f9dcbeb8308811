"""People and what belongs to them: a row's name, e-mail, address and telephone fit each other.

Everything a row says of its person is drawn from one locale and from streams of the row's own, so it does not matter
which columns ask, nor in which order.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from envfactory.errors import DesignError
from envfactory.synthesis.seed import phrases
from envfactory.synthesis.seed.draws import number, stream
from envfactory.synthesis.seed.patterns import filled
from envfactory.synthesis.seed.reference_data import Record, records

if TYPE_CHECKING:
    from faker import Faker

LOCALES = ("en_GB", "de_DE", "es_ES", "fr_FR")
_DOMAINS = ("example.com", "example.org", "example.net")
_WELL_KNOWN = 60  # how many of a country's largest cities people live in

# Numbers that the countries' regulators keep free for fiction, where they do.
_FICTIONAL_PHONES = {
    "GB": "+44 7700 900###",
    "US": "+1 202 555 01##",
    "DE": "+49 30 23125###",
    "FR": "+33 1 99 00 ## ##",
    "ES": "+34 600 55# ###",
    "IT": "+39 320 555 ####",
    "PT": "+351 912 555 ###",
    "NL": "+31 6 5550 ####",
    "IE": "+353 85 555 ####",
    "SE": "+46 70 174 06 ##",
}


class Person:
    """The person of one row."""

    def __init__(self, seed: int, place: str, locale: str) -> None:
        self._seed, self._place, self._locale = seed, place, locale
        self._country = locale.partition("_")[2] or "GB"

    def value(self, kind: str) -> str:
        """Return a fact of the person; KeyError for an unknown kind."""
        return _KINDS[kind](self)

    def person(self) -> str:
        """Return first and last name."""
        return f"{self.first_name()} {self.last_name()}"

    def first_name(self) -> str:
        """Return a first name of the locale."""
        return str(self._faker("first_name").first_name())

    def last_name(self) -> str:
        """Return a last name of the locale."""
        return str(self._faker("last_name").last_name())

    def email(self) -> str:
        """Return an address in a domain that can never exist."""
        return email_of(self.person(), self._stream("email"))

    def phone(self) -> str:
        """Return a telephone number, fictional where the country keeps numbers for that."""
        pattern = _FICTIONAL_PHONES.get(self._country)
        return filled(pattern, self._stream("phone")) if pattern else str(self._faker("phone").phone_number())

    def street(self) -> str:
        """Return street and house number."""
        return " ".join(str(self._faker("street").street_address()).split())

    def postcode(self) -> str:
        """Return a postcode in the country's form."""
        return str(self._faker("postcode").postcode())

    def city(self) -> str:
        """Return one of the country's larger cities."""
        return str(self._stream("city").choice(_cities(self._country))["name"])

    def country(self) -> str:
        """Return the country's name."""
        return str(records("countries", {"alpha_2": self._country}, place="countries")[0]["name"])

    def country_code(self) -> str:
        """Return the country's code of two letters."""
        return self._country

    def company(self) -> str:
        """Return a company's name."""
        return str(self._faker("company").company())

    def iban(self) -> str:
        """Return a bank account's number with correct check digits."""
        return str(self._faker("iban").iban())

    def licence_plate(self) -> str:
        """Return a car's licence plate in the country's form."""
        return str(self._faker("licence_plate").license_plate())

    def url(self) -> str:
        """Return an address on the web that can never exist."""
        return f"https://www.{slug(self.last_name())}.{self._stream('url').choice(_DOMAINS)}/"

    def uuid(self) -> str:
        """Return a random UUID of version 4."""
        digits = f"{self._stream('uuid').getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def word(self) -> str:
        """Return an English noun."""
        return self._stream("word").choice(phrases.WORDS)

    def sentence(self) -> str:
        """Return a remark a person might have left."""
        return phrases.remark(self._stream("sentence"))

    def colour(self) -> str:
        """Return the name of a colour."""
        return self._stream("colour").choice(phrases.COLOURS)

    def _stream(self, purpose: str) -> random.Random:
        return stream(self._seed, self._place, purpose)

    def _faker(self, purpose: str) -> Faker:
        faker = _faker(self._locale)
        faker.seed_instance(number(self._seed, self._place, purpose))
        return faker


_KINDS: Mapping[str, Callable[[Person], str]] = {
    name: getattr(Person, name)
    for name in (
        *(
            "person",
            "first_name",
            "last_name",
            "email",
            "phone",
            "street",
            "city",
            "country",
            "country_code",
            "postcode",
        ),
        *("company", "sentence", "word", "licence_plate", "iban", "colour", "url", "uuid"),
    )
}
KINDS = tuple(_KINDS)


def person(seed: int, table: str, row: object, locales: Sequence[str]) -> Person:
    """Return the person of a row, at home in one of the locales."""
    known = list(locales) or list(LOCALES)
    locale = stream(seed, table, row, "locale").choice(known)
    return Person(seed, f"{table}/{row}", locale)


def email_of(name: str, rng: random.Random) -> str:
    """Return an e-mail address that fits a name."""
    words = [slug(word) for word in name.split()]
    handle = ".".join(word for word in (words[0], words[-1] if len(words) > 1 else "") if word) or "someone"
    return f"{handle}@{rng.choice(_DOMAINS)}"


def slug(text: str) -> str:
    """Return a text in lower case ASCII letters and digits."""
    spelled = text.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("æ", "ae")
    folded = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", folded.lower())


@lru_cache(maxsize=32)
def _faker(locale: str) -> Faker:
    from faker import Faker  # slow to import, and only needed here

    try:
        return Faker(locale)
    except AttributeError as error:
        raise DesignError(f"there is no locale {locale}", remedy="write for instance en_GB, de_DE or pt_PT") from error


@lru_cache(maxsize=64)
def _cities(country: str) -> tuple[Record, ...]:
    found: list[dict[str, Any]] = records("cities", {"country_code": country}, place="cities")
    return tuple(found[:_WELL_KNOWN])
