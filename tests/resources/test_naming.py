from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfactory.resources.naming import snake_case


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("listPets", "list_pets"),
        ("ListPets", "list_pets"),
        ("list-pets", "list_pets"),
        ("list_pets", "list_pets"),
        ("LIST PETS", "list_pets"),
        ("getHTTPServer", "get_http_server"),
        ("getIDs", "get_ids"),
        ("S3Bucket", "s3_bucket"),
        ("v1Users", "v1_users"),
        ("2fa", "op_2_fa"),
        ("import", "import_"),
        ("get /pets/{petId}", "get_pets_pet_id"),
        ("Schlüssel für Räume", "schlussel_fur_raume"),
        ("größeÄndern", "grosse_andern"),
        ("ÉtatCivil", "etat_civil"),
        ("Łódź", "lodz"),
        ("показать", ""),
        ("", ""),
    ],
)
def test_names(text: str, name: str) -> None:
    assert snake_case(text) == name


@given(st.text(max_size=200))
def test_a_name_is_an_identifier_or_empty_and_making_it_again_changes_nothing(text: str) -> None:
    name = snake_case(text)

    assert name == "" or name.isidentifier()
    assert snake_case(name) == name
