"""Words and remarks for free text: plain English that fits most places, put together from parts."""

from __future__ import annotations

import random

COLOURS = ("black", "white", "silver", "grey", "blue", "red", "green", "yellow", "orange", "brown", "beige", "purple")
_NOUNS = """
    anchor apple arrow basin basket beacon birch blanket bridge bucket candle canvas cedar chair circle clover comet
    copper corner cotton crane crystal dawn desk dune echo ember falcon feather fern field flame forest garden glacier
    granite grove harbour hazel heather hill horizon island ivory ivy jade kettle ladder lagoon lantern lemon lily linen
    lotus maple marble meadow mirror mosaic needle oak olive orchard orchid pebble pepper pine planet poplar prairie
    prism quartz raven reef ridge river saffron sail shadow shell shore silver slate spring spruce summit table thistle
    thunder timber topaz tower tulip valley velvet violet walnut water willow window winter
"""
WORDS = tuple(_NOUNS.split())
_OPENINGS = (
    "Please confirm by e-mail",
    "A quiet place would be nice",
    "We may be a little late",
    "Please call if anything changes",
    "Same arrangement as last time",
    "First visit, so please explain how it works",
    "Mornings suit us best",
    "Please keep everything on one bill",
    "We are coming with a small child",
    "Somebody else may come in my place",
    "Good so far",
    "Ground floor, if there is a choice",
    "No telephone calls before nine",
    "It was recommended by a friend",
    "Please use the side entrance",
    "The earlier message can be ignored",
)
_ENDINGS = (
    "",
    "",
    "",
    ", thank you",
    "; no rush",
    ", if that is possible",
    ", as discussed on the phone",
    ", as before",
)
_ADJECTIVES = """
    Autumn Better Bright Central Common Early First General Golden Grand Green Long New Northern Open Quiet Regional
    Second Shared Small Southern Spring Summer Upper Winter
"""
_TITLE_ADJECTIVES = tuple(_ADJECTIVES.split())


def remark(rng: random.Random) -> str:
    """Return one sentence."""
    return f"{rng.choice(_OPENINGS)}{rng.choice(_ENDINGS)}."


def title(noun: str, rng: random.Random) -> str:
    """Return a name for a thing: `Northern Willow Clinic`."""
    parts = [rng.choice(_TITLE_ADJECTIVES)] if rng.random() < 0.5 else []
    parts.append(rng.choice(WORDS).capitalize())
    return " ".join([*parts, *(word.capitalize() for word in noun.split("_"))])
