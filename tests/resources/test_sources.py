from __future__ import annotations

import gzip
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from envfactory.errors import CatalogueError, ResourceError
from envfactory.resources import catalogue
from envfactory.resources.sources import check, load, without_credentials
from tests.resources.documents import OPENAPI
from tests.resources.loopback import DOCUMENT, Loopback


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "shelter.json"
    path.write_text(json.dumps(OPENAPI))

    resource = load(str(path))

    assert len(resource.operations) == 3
    assert resource.provenance.source == "shelter.json"
    assert resource.provenance.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_gives_the_same_resource_wherever_it_lies(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.json").write_text(json.dumps(OPENAPI))
    os.utime(tmp_path / "b" / "x.json", (0, 0))

    assert load(str(tmp_path / "a" / "x.json")) == load(str(tmp_path / "b" / "x.json"))


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(json.dumps(OPENAPI).encode()))

    assert len(load(str(path)).operations) == 3


def test_a_colon_in_a_file_name_is_no_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("v1:final.json").write_text(json.dumps(OPENAPI))

    assert load("v1:final.json").title == "Shelter"


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(33 * 2**20)

    for ref, reason in [
        (str(tmp_path / "absent.yaml"), "there is no file"),
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "pipe"), "no ordinary file"),
        (str(large), "larger than 32 MiB"),
        ("a\0b", "cannot be read"),
        ("", "is a folder"),
        ("ftp://x.example/a", "not supported"),
        ("file:///etc/hostname", "not supported"),
    ]:
        for look in (load, check):
            with pytest.raises(ResourceError, match=reason) as caught:
                look(ref)
            assert caught.value.remedy


@pytest.mark.parametrize("ref", ["https://no-such-host.invalid/api.yaml", "catalogue:travel/rail", __file__])
def test_what_may_be_a_document_passes_unread(ref: str) -> None:
    assert check(ref) is None


def test_an_address_is_fetched_once_and_kept(server: Loopback, tmp_path: Path) -> None:
    first = load(server.url("/api.json"), cache_dir=tmp_path, allow_private=True)

    again = load(server.url("/api.json"), cache_dir=tmp_path, allow_private=True)

    assert again == first
    assert server.seen["/api.json"] == 1
    assert first.provenance.sha256 == hashlib.sha256(DOCUMENT).hexdigest()
    assert first.provenance.retrieved == datetime.now(UTC).date().isoformat()


def test_refresh_fetches_again(server: Loopback, tmp_path: Path) -> None:
    for refresh in (False, True):
        load(server.url("/api.json"), cache_dir=tmp_path, allow_private=True, refresh=refresh)

    assert server.seen["/api.json"] == 2


def test_a_refused_download_is_not_kept(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="404"):
        load(server.url("/gone"), cache_dir=tmp_path, allow_private=True)

    assert list(tmp_path.iterdir()) == []


def test_a_page_is_known_by_its_media_type(server: Loopback, tmp_path: Path) -> None:
    resource = load(server.url("/page"), cache_dir=tmp_path, allow_private=True)

    assert resource.provenance.format == "html"
    assert resource.sections[0].text == "Just words"


def test_the_wrong_content_is_refused(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="the document is binary"):
        load(server.url("/picture"), cache_dir=tmp_path, allow_private=True)


def test_a_private_address_needs_leave(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="private"):
        load(server.url("/api.json"), cache_dir=tmp_path)

    assert server.seen == {}


def test_a_cache_that_cannot_be_written_is_a_warning(server: Loopback, tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("in the way")

    resource = load(server.url("/api.json"), cache_dir=occupied, allow_private=True)

    assert len(resource.operations) == 1
    assert "could not be kept" in resource.warnings[-1]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@x.example/a@b", "https://x.example/a@b"),
        ("https://x.example/a", "https://x.example/a"),
        ("https://me@x.example", "https://x.example"),
    ],
)
def test_credentials_do_not_get_into_the_provenance(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_an_unknown_catalogue_entry() -> None:
    with pytest.raises(CatalogueError, match="no entry 'travel/submarines'"):
        load("catalogue:travel/submarines")


@pytest.mark.skipif(not catalogue.domains(), reason="the catalogue is empty")
def test_every_catalogue_entry_loads_with_the_operations_it_lists() -> None:
    for entry in catalogue.entries():
        resource = load(f"catalogue:{entry.domain}/{entry.name}")
        assert len(resource.operations) == entry.operations
        assert resource.warnings == []
        assert resource.title == entry.title
