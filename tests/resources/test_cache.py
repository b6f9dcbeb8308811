from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.resources.cache import Cache, Cached, default_cache_dir

URL = "https://x.example/api.json"
STORED = Cached(b"document", "application/json", "2026-02-03")


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(URL, STORED)

    assert cache.get(URL) == STORED
    assert cache.get(URL + "?other") is None


def test_two_addresses_with_one_content_share_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    cache.put(URL, STORED)
    cache.put(URL + "?2", STORED)

    assert len(list((tmp_path / "contents").iterdir())) == 1
    assert cache.get(URL + "?2") == STORED


def test_a_later_download_replaces_the_earlier(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    cache.put(URL, STORED)
    cache.put(URL, Cached(b"newer", "", "2026-02-04"))

    assert cache.get(URL) == Cached(b"newer", "", "2026-02-04")


@pytest.mark.parametrize("damage", [b"", b"documenT", b"document and more"])
def test_a_damaged_content_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put(URL, STORED)
    next((tmp_path / "contents").iterdir()).write_bytes(damage)

    assert cache.get(URL) is None


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"url": 1}', '{"url": "", "sha256": "../../x", "content_type": "", "retrieved": ""}']
)
def test_a_damaged_note_counts_as_absent(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path)
    cache.put(URL, STORED)
    next((tmp_path / "addresses").iterdir()).write_text(damage)

    assert cache.get(URL) is None


def test_a_failed_write_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: object) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(OSError, match="disk full"):
        Cache(tmp_path).put(URL, STORED)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_default_place_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert default_cache_dir() == tmp_path / "envfactory" / "resources"
