"""Service models of a botocore that happens to be installed somewhere: dozens of documents nobody picked for us."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from envfactory.resources import import_document
from tests.resources.documents import dangling_references


def _folders() -> list[Path]:
    spec = importlib.util.find_spec("botocore")
    own = [Path(place) for place in spec.submodule_search_locations or []] if spec else []
    base = Path(sys.base_prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    return [folder / "data" for folder in [*own, base / "botocore"] if (folder / "data").is_dir()]


MODELS = [path for folder in _folders()[:1] for path in sorted(folder.glob("*/*/service-2.json*"))][::9]


@pytest.mark.skipif(not MODELS, reason="botocore is not installed here")
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.parent.name)
def test_a_service_model_imports(path: Path) -> None:
    resource = import_document(path.read_bytes(), source=path.name)

    assert resource.operations
    assert dangling_references(resource) == []
    assert resource.warnings == []
