"""The documentation site, served for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.exploration.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().serving() as serving:
        yield serving
