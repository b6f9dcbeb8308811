"""What could be mistaken for what: another column of the same table and type, another value of the same enumeration."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from envfactory.bench.sql.parse import Tree
from envfactory.bench.sql.schema import Schema, TableFacts


class Neighbours:
    """Answers for one statement. `swaps` are the placeholders that could be mistaken for one another."""

    def __init__(self, tree: Tree, schema: Schema, swaps: Mapping[str, str]) -> None:
        self._schema = schema
        self.swaps = swaps
        self._tables = {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}

    def column(self, node: exp.Column) -> exp.Column | None:
        """Return the next column of the same table and type, qualified as this one is."""
        facts = self._table_of(node)
        if facts is None:
            return None
        kind = _family(facts, node.name)
        alike = [name for name in facts.columns if _family(facts, name) == kind]
        if len(alike) < 2:
            return None
        other = alike[(alike.index(node.name) + 1) % len(alike)]
        return exp.column(other, table=node.args.get("table"))

    def value(self, node: exp.Literal) -> exp.Literal | None:
        """Return another value of the enumeration that a text belongs to; text that belongs to none, changed."""
        values = self._compared(node) or self._enumerated(node.this)
        if node.this in values and len(values) > 1:
            return exp.Literal.string(str(values[(values.index(node.this) + 1) % len(values)]))
        if isinstance(node.parent, exp.Func) or not node.this.strip("%_ "):
            return None
        return exp.Literal.string(f"{node.this}_")

    def optional(self, table: str, column: str) -> bool:
        """Tell whether an insert may leave a column out."""
        found = self._schema.column(table, column)
        return found is not None and (not found.not_null or found.default is not None)

    def _compared(self, node: Tree) -> list[str]:
        """The enumeration of the column that a text is compared with or assigned to."""
        above = node.parent
        sides = [above.this, above.args.get("expression")] if isinstance(above, exp.Binary | exp.In) else []
        for side in sides:
            if isinstance(side, exp.Column):
                facts = self._table_of(side)
                column = facts.columns.get(side.name) if facts else None
                return [str(value) for value in column.values] if column else []
        return []

    def _enumerated(self, text: str) -> list[str]:
        for facts in self._schema.tables.values():
            for column in facts.columns.values():
                if text in column.values:
                    return [str(value) for value in column.values]
        return []

    def _table_of(self, node: exp.Column) -> TableFacts | None:
        if node.table:
            return self._owning(self._tables.get(node.table, ""), node.name)
        for name in self._tables.values():
            facts = self._owning(name, node.name)
            if facts is not None:
                return facts
        return None

    def _owning(self, table: str, column: str) -> TableFacts | None:
        facts = self._schema.tables.get(table)
        return facts if facts is not None and column in facts.columns else None


def _family(facts: TableFacts, name: str) -> tuple[str, str]:
    """Columns of one family could stand for one another: same type, and both keys, both dates or neither."""
    column = facts.columns[name]
    role = "id" if name == "id" or name.endswith("_id") else "date" if name.endswith(("_date", "_at", "_on")) else ""
    return column.type, role
