import pytest

from envfactory.gate.lint.module import Module, parse_module
from envfactory.gate.lint.state import state_findings

TOOL = "\ndef get_thing(context, *, thing_id: str):\n    return {}\n"


def rules(source: str) -> set[str]:
    module = parse_module(source)
    assert isinstance(module, Module)
    return {finding.rule for finding in state_findings(module)}


@pytest.mark.parametrize(
    "source",
    [
        "_cache = {}" + TOOL,
        "_seen: set[str] = set()" + TOOL,
        "_RATES = ([],)" + TOOL,
        "import itertools\n_numbers = itertools.count()" + TOOL,
        TOOL + "get_thing.cache = {}",
        TOOL + "get_thing.calls += 1",
        "def get_thing(context, *, thing_id: str):\n    global count\n    count = 1\n    return {}",
        "from functools import lru_cache\n\n@lru_cache\ndef _price(thing_id: str) -> int:\n    return 1" + TOOL,
        "import functools\n\n@functools.cache\ndef _price(thing_id: str) -> int:\n    return 1" + TOOL,
        "def _remember(f):\n    kept = {}\n    return f\n\n@_remember" + TOOL,
        "class _Memory:\n    found = []" + TOOL,
        "for number in range(3):\n    pass" + TOOL,
    ],
)
def test_whatever_could_outlive_a_call_is_refused(source: str) -> None:
    assert rules(source) == {"module-state"}


def test_a_shared_default_is_refused() -> None:
    assert rules("def get_thing(context, *, thing_id: str, found: list = []):\n    return {}") == {"mutable-default"}


def test_constants_that_cannot_change_are_fine() -> None:
    source = (
        "import re\nfrom datetime import timedelta\nfrom decimal import Decimal\n"
        "_HELD = ('pending', 'confirmed')\n_MOST = -14\n_ID = re.compile('x')\n_DAY = timedelta(days=1)\n"
        "_HALF = Decimal('0.5')\n_SHOWN = frozenset({'id'})\n" + TOOL
    )
    assert rules(source) == set()
