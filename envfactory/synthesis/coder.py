"""The rules coder: contracts to tools.py, written the way a person would and doing exactly what the contracts say.

Look-ups, writes and anything that needs the database are literal SQL with named parameters. Guards over arguments and
looked-up columns become Python comparisons where that is provably the same decision (see `coding.conditions`).
"""

from __future__ import annotations

from envfactory.environments.contract import Contracts
from envfactory.synthesis.coding.facts import table_facts
from envfactory.synthesis.coding.function import FunctionWriter

_HEADER = '''"""The tools of this environment: one function each, over the context's database, clock and ids.

`ToolError` and `Context` are provided by the runtime.
"""

from __future__ import annotations
'''
_IMPORTS = {"_json": "import json\n", "_typed": "import json\n"}
_HELPERS = {
    "_boolean": '''
def _boolean(value: int | None) -> bool | None:
    """Return SQLite's 0, 1 or NULL as false, true or None."""
    return None if value is None else bool(value)
''',
    "_json": '''
def _json(value: Any) -> str | None:
    """Return a list or object as the JSON text that SQL takes."""
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
''',
    "_typed": '''
def _typed(row: dict[str, Any] | None, booleans: tuple[str, ...] = (), parsed: tuple[str, ...] = ()) -> Any:
    """Return a row with its truth values as booleans and its JSON text parsed; None where there is no row."""
    if row is None:
        return None
    shown = dict(row)
    for column in booleans:
        shown[column] = _boolean(row[column])
    for column in parsed:
        shown[column] = None if row[column] is None else json.loads(row[column])
    return shown
''',
}


def write_tools(contracts: Contracts, schema_sql: str) -> str:
    """Return the source of tools.py for these contracts over this schema."""
    tables, helpers = table_facts(schema_sql), set[str]()
    functions = ["\n".join(FunctionWriter(contract, tables, helpers).lines()) + "\n" for contract in contracts.tools]
    imports = "".join(sorted({_IMPORTS[name] for name in helpers if name in _IMPORTS})) + "from typing import Any\n"
    parts = [
        f"{_HEADER}\n{imports}",
        *(_HELPERS[name] for name in sorted(helpers)),
        *(f"\n{function}" for function in functions),
    ]
    return "\n".join(parts)
