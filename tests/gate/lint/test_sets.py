import pytest

from envfactory.gate.lint.module import Module, parse_module
from envfactory.gate.lint.sets import set_findings


def found(body: str) -> int:
    module = parse_module(f"def get_thing(context, *, names: list[str]):\n    {body}\n")
    assert isinstance(module, Module)
    return len(list(set_findings(module)))


@pytest.mark.parametrize(
    "body",
    [
        "return {'names': list(set(names))}",
        "return {'names': [name for name in {n.lower() for n in names}]}",
        "kinds = set(names)\n    return {'names': ', '.join(kinds)}",
        "kinds = set(names) | {'x'}\n    return {'first': kinds.pop()}",
        "return {'names': [*frozenset(names)]}",
        "return {'text': ', '.join(n for n in set(names))}",
    ],
)
def test_a_set_s_order_may_not_decide(body: str) -> None:
    assert found(body) == 1


@pytest.mark.parametrize(
    "body",
    [
        "return {'names': sorted(set(names))}",
        "return {'number': len(set(names)), 'has': 'x' in set(names)}",
        "return {'all': all(name for name in set(names))}",
        "kinds = set(names)\n    kinds = sorted(kinds)\n    return {'names': list(kinds)}",
    ],
)
def test_sorted_or_counted_it_is_fine(body: str) -> None:
    assert found(body) == 0
