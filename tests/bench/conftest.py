"""The boat hire on a bench, its generated inputs made once for all tests of the bench."""

from __future__ import annotations

from tests.gate.conftest import bench

__all__ = ["bench"]
