"""Long texts of a page: packed once each, and back as they were."""

from __future__ import annotations

import base64
import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from envfactory.pages.bodies import Body, Fetched, Packed


def body(key: str, text: str) -> Body:
    return Body(key, "text", len(text), lambda: text)


def unpacked(packed: Packed) -> list[list[str]]:
    return [json.loads(gzip.decompress(base64.b64decode(pack))) for pack in packed.packs()]


@given(st.lists(st.text(max_size=30), min_size=1))
def test_every_text_comes_back(texts: list[str]) -> None:
    packed = Packed()
    places = [packed.put(body(str(number), text)).split(".") for number, text in enumerate(texts)]
    packs = unpacked(packed)
    assert [packs[int(pack)][int(place)] for pack, place in places] == texts


def test_the_same_text_lies_there_once() -> None:
    packed = Packed()
    assert packed.put(body("a", "said")) == packed.put(body("b", "said")) == "0.0"
    assert unpacked(packed) == [["said"]]


def test_much_text_is_many_packs() -> None:
    packed = Packed()
    places = [packed.put(body(str(number), f"{number}" * 300_000)) for number in range(4)]
    assert places == ["0.0", "0.1", "1.0", "1.1"]


def test_a_pack_has_nothing_that_means_anything_in_html() -> None:
    packed = Packed()
    packed.put(body("a", "</script><script>alert(1)</script>\ud800" * 9))
    assert all(pack.isascii() and not set(pack) & set("<>&\"'") for pack in packed.packs())


def test_a_page_put_into_a_page_may_put_texts_of_its_own() -> None:
    packed = Packed()
    place = packed.put(Body("page", "page", 0, lambda: f"see {packed.put(body('inner', 'within'))}"))
    packs = unpacked(packed)
    assert packs[0][int(place.split(".")[1])] == "see 0.0"
    assert packs[0][0] == "within"


def test_a_fetched_text_is_read_when_it_is_asked_for() -> None:
    read: list[str] = []
    fetched = Fetched()
    assert fetched.put(Body("m.1.0", "text", 4, lambda: read.append("once") or "said")) == "m.1.0"
    assert read == []
    assert (fetched.get("m.1.0"), fetched.get("other")) == ("said", None)
