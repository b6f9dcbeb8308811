"""Properties as fields."""

from __future__ import annotations

from typing import Any

from envfactory.synthesis.inference.fields import Field, fields_of
from envfactory.synthesis.inference.shapes import Payload


def laid_out(name: str = "Thing", schemas: dict[str, Any] | None = None, **properties: Any) -> dict[str, Field]:
    payload = Payload(name, False, properties, ("needed",))
    return {each.name: each for each in fields_of(payload, schemas or {}) if each.shape != "object"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}


def test_scalars_keep_their_place_and_whether_they_are_required() -> None:
    found = laid_out(needed=TEXT, birthDate={"type": "string", "readOnly": True})

    assert found["needed"].required
    assert (found["birth_date"].path, found["birth_date"].read_only) == (("birthDate",), True)


def test_members_of_nested_objects_are_named_outer_inner() -> None:
    found = laid_out(address=obj(street=TEXT, city=TEXT))

    assert set(found) == {"address_street", "address_city"}
    assert found["address_city"].level == 1


def test_a_wrapper_named_after_the_record_is_no_level() -> None:
    found = laid_out("Volume", volumeInfo=obj(title=TEXT), birthdayProperties=obj(type=TEXT))

    assert found["title"].level == 0
    assert "birthday_properties_type" in found


def test_an_amount_goes_by_its_own_name_and_description() -> None:
    found = laid_out(
        price={**obj(value={"type": "number", "description": "?"}, currency=TEXT), "description": "What it costs."}
    )

    assert (found["price"].level, found["price"].description) == (0, "What it costs.")
    assert "price_currency" in found


def test_a_point_in_time_is_one_field() -> None:
    found = laid_out(start=obj(date=TEXT, dateTime={"type": "string", "format": "date-time"}, timeZone=TEXT))

    assert list(found) == ["start"]
    assert found["start"].schema["format"] == "date-time"


def test_of_another_record_only_the_name_is_laid_out() -> None:
    found = laid_out(owner=obj(id=TEXT, name=TEXT, city=TEXT))

    assert list(found) == ["owner_name"]


def test_an_array_names_what_it_holds() -> None:
    found = laid_out(schemas={"Tag": obj(name=TEXT)}, tags={"type": "array", "items": {"$ref": "#/schemas/Tag"}})

    assert (found["tags"].shape, found["tags"].target) == ("array", "Tag")


def test_a_choice_of_schemas_is_called_by_its_first() -> None:
    schemas = {"Track": obj(id=TEXT, title=TEXT)}
    payload = Payload("Item", False, {"item": {"oneOf": [{"$ref": "#/schemas/Track"}]}})

    found = fields_of(payload, schemas)

    assert found[0].target == "Track"
