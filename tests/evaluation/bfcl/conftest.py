"""The suite over the installed package; everything here is skipped without it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from envfactory.evaluation.bfcl.package import INSTALL
from envfactory.evaluation.bfcl.suite import BfclSuite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> BfclSuite:
    if find_spec("bfcl_eval") is None:
        pytest.skip(f"the package bfcl-eval is not installed: {INSTALL}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patched.delenv("BFCL_PROJECT_ROOT", raising=False)
        return BfclSuite()
