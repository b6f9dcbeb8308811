import pytest

from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import Module, parse_module
from envfactory.gate.lint.statements import Statement, statements


def read(body: str) -> list[Statement | Finding]:
    module = parse_module(f"_SQL = 'SELECT 1'\ndef get_thing(context, *, thing_id: str):\n    {body}\n")
    assert isinstance(module, Module)
    return list(statements(module))


@pytest.mark.parametrize(
    "body",
    [
        "context.one(f'SELECT {thing_id}')",
        "context.one('SELECT ' + thing_id)",
        "context.all('SELECT %s' % thing_id)",
        "context.value('SELECT {}'.format(thing_id))",
        "context.execute(' '.join(['DELETE', thing_id]))",
        "sql = 'SELECT 1'\n    context.one(sql)",
        "context.db.execute(thing_id)",
        "context.db.executescript('SELECT 1')",
        "context.db.commit()",
        "run = context.one",
        "handle = context.db",
    ],
)
def test_sql_that_is_not_a_literal_is_refused(body: str) -> None:
    assert [item.rule for item in read(body) if isinstance(item, Finding)][:1] == ["sql"]


@pytest.mark.parametrize(
    ("body", "use"),
    [
        ("return context.all('SELECT 1')", "rows"),
        ("return context.one(_SQL)", "first"),
        ("if context.one('SELECT 1'):\n        pass", "truth"),
        ("found = context.one('SELECT 1') is not None", "truth"),
        ("return len(context.all('SELECT 1'))", "unordered"),
        ("return sum(row['a'] for row in context.all('SELECT 1'))", "unordered"),
        ("for row in context.all('SELECT 1'):\n        context.execute('DELETE FROM t')", "unordered"),
        ("for row in context.all('SELECT 1'):\n        found.append(row)", "rows"),
        ("context.execute('DELETE FROM t')", "write"),
        ("context.db.execute('DELETE FROM t')", "write"),
    ],
)
def test_a_statement_is_found_with_its_use(body: str, use: str) -> None:
    assert [item.use for item in read(body) if isinstance(item, Statement)][:1] == [use]


def test_the_values_given_are_told_where_they_can_be_seen() -> None:
    plain, mapping, unclear = read(
        "context.one('SELECT :a', a=1); context.one('SELECT :b', {'b': 1}, c=2); context.one('SELECT :d', values)"
    )
    assert isinstance(plain, Statement)
    assert isinstance(mapping, Statement)
    assert isinstance(unclear, Statement)
    assert (plain.given(), mapping.given(), unclear.given()) == ({"a"}, {"b", "c"}, None)
