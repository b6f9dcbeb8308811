from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

from envfactory.errors import ResourceError
from envfactory.resources.packages import locate
from envfactory.resources.sources import load
from tests.resources.documents import BOTOCORE, DISCOVERY


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages that look like the two real ones from outside."""
    documents = tmp_path / "googleapiclient" / "discovery_cache" / "documents"
    documents.mkdir(parents=True)
    for name in ("herbarium.v1", "herbarium.v2", "herbarium.v10", "herbarium.v11beta1", "garden.v1"):
        (documents / f"{name}.json").write_text(json.dumps(DISCOVERY))
    for version in ("2029-01-01", "2030-01-01"):
        folder = tmp_path / "botocore" / "data" / "ferry" / version
        folder.mkdir(parents=True)
        (folder / "service-2.json").write_text(json.dumps(BOTOCORE))
    for module, name in (("googleapiclient", "google_api_python_client"), ("botocore", "botocore")):
        (tmp_path / module / "__init__.py").write_text("raise RuntimeError('imported')\n")
        info = tmp_path / f"{name}-9.9.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\nLicense: Apache-2.0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "file"),
    [
        ("googleapiclient/herbarium.v1", "herbarium.v1.json"),
        ("googleapiclient/herbarium", "herbarium.v10.json"),  # the newest that is no trial version
        ("botocore/ferry", "2030-01-01/service-2.json"),
        ("botocore/ferry/2029-01-01", "2029-01-01/service-2.json"),
    ],
)
def test_a_document_is_found_without_importing_its_package(site: Path, reference: str, file: str) -> None:
    found = locate(reference)

    assert str(found.path).endswith(file)
    assert found.licence == "Apache-2.0"


def test_the_resource_knows_its_package(site: Path) -> None:
    resource = load("package:googleapiclient/herbarium.v1")

    provenance = resource.provenance
    assert (provenance.source, provenance.licence) == ("package:googleapiclient/herbarium.v1", "Apache-2.0")
    assert provenance.package == "google-api-python-client==9.9"


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("googleapiclient/herbarum.v1", "package:googleapiclient/herbarium.v1"),
        ("botocore/fery", "package:botocore/ferry"),
        ("botocore/ferry/1999-01-01", ""),
        ("googleapiclient/../../x", ""),
        ("botocore/../ferry", ""),
    ],
)
def test_an_unknown_document_is_refused_with_the_nearest(site: Path, reference: str, hint: str) -> None:
    with pytest.raises(ResourceError, match="has no document") as caught:
        locate(reference)

    assert hint in caught.value.remedy


def test_a_package_that_is_not_installed_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "botocore", raising=False)
    importlib.invalidate_caches()

    with pytest.raises(ResourceError, match="botocore is not installed") as caught:
        locate("botocore/ferry")

    assert "envfactory[packages]" in caught.value.remedy


@pytest.mark.parametrize("reference", ["", "requests/x", "botocore", "botocore/"])
def test_an_unknown_collection(reference: str) -> None:
    with pytest.raises(ResourceError, match="no known collection") as caught:
        locate(reference)

    assert "googleapiclient, botocore" in caught.value.remedy
