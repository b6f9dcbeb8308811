"""Training tests: offline, and deaf to warnings of libraries that are not ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tasks.conftest import boats, both, graph, office, porto, rating, scope

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DS_ACCELERATOR", "cpu")
HERE = Path(__file__).parent
__all__ = ["boats", "both", "graph", "office", "porto", "rating", "scope"]  # the worlds that rollouts are tried in


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """torch, transformers and trl warn of each other's deprecations, which no test of ours can mend."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore"))
