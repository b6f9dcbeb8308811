import pytest

from envfactory.gate.lint.effects import effect_findings
from envfactory.gate.lint.module import Module, parse_module


def rules(body: str, head: str = "") -> set[str]:
    module = parse_module(f"{head}\ndef get_thing(context, *, thing_id: str):\n    {body}\n    return {{}}\n")
    assert isinstance(module, Module)
    return {finding.rule for finding in effect_findings(module)}


@pytest.mark.parametrize(
    ("head", "body", "rule"),
    [
        ("import os", "pass", "import"),
        ("from random import choice", "pass", "import"),
        ("import uuid", "pass", "import"),
        ("from math import *", "pass", "import"),
        ("from . import other", "pass", "import"),
        ("import datetime", "x = datetime.datetime.now()", "clock"),
        ("from datetime import date", "x = date.today()", "clock"),
        ("from datetime import datetime", "x = datetime.fromisoformat(thing_id).timestamp()", "clock"),
        ("from datetime import datetime", "x = datetime.fromisoformat(thing_id).astimezone()", "clock"),
        ("", "x = hash(thing_id)", "builtin"),
        ("", "x = id(thing_id)", "builtin"),
        ("", "print(thing_id)", "builtin"),
        ("", "open(thing_id)", "builtin"),
        ("", "eval(thing_id)", "builtin"),
        ("", "x = getattr(context, thing_id)", "builtin"),
        ("", "x = ().__class__.__bases__", "reflection"),
        ("", "x = context._seed", "reflection"),
        ("", "assert thing_id", "crash"),
        ("import decimal", "decimal.getcontext()", "module-state"),
        ("", "try:\n        pass\n    except Exception:\n        pass", "swallow"),
        ("", "try:\n        pass\n    except:\n        pass", "swallow"),
        ("", "try:\n        pass\n    except ToolError:\n        pass", "swallow"),
    ],
)
def test_what_reaches_outside_is_refused(head: str, body: str, rule: str) -> None:
    assert rules(body, head) == {rule}


@pytest.mark.parametrize(
    "body",
    [
        "x = context.now[:10] + context.today",
        "x = date.fromisoformat(thing_id)",
        "id = thing_id; x = id",
        "try:\n        x = int(thing_id)\n    except ValueError:\n        x = 0",
    ],
)
def test_the_context_s_clock_and_plain_code_are_fine(body: str) -> None:
    assert rules(body, "from datetime import date") == set()
