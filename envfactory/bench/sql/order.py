"""Whether a SELECT's rows come in an order that the statement decides, and not the database's whim.

An order is total when its terms determine every row: a term that is a column is known, an equality with something
known makes the other side known, a whole key makes its row known. Rows that agree in all columns given may stand in
any order. The same rule without ORDER BY says whether a look-up finds one row at most.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from envfactory.bench.sql.parse import Tree, conjuncts
from envfactory.bench.sql.queries import Known, Output, Source, ctes, outputs, resolve, sources, unwrap
from envfactory.bench.sql.schema import Schema

Place = tuple[str, str]


def is_total(query: Tree, schema: Schema, known: Known | None = None) -> bool:
    """Tell whether the order (and so the first row) of a query's result is decided."""
    query = unwrap(query)
    known = {**(known or {}), **ctes(query, schema, known)}
    if isinstance(query, exp.SetOperation):
        return _covers(_terms(query), outputs(query, schema, known))
    if not isinstance(query, exp.Select) or _single_row(query):
        return True
    return _is_total_select(query, schema, known)


def _is_total_select(query: exp.Select, schema: Schema, known: Known) -> bool:
    read = sources(query, schema, known)
    given = outputs(query, schema, known)
    terms = [_meant(term, given) for term in _terms(query)]
    determined = _closure(query, read, _places(terms, read), schema, known)
    group = query.args.get("group")
    if group is not None:
        wanted = [_meant(term, given) for term in group.expressions]
        return all(_is_known(term, terms, read, determined) for term in wanted)
    if all(_known_row(source, determined, schema, known) for source in read):
        return True
    return all(_is_known_output(output, terms, read, determined) for output in given)


def _single_row(query: exp.Select) -> bool:
    if query.args.get("group") is not None:
        return False
    return not query.args.get("from_") or any(_aggregates(projection) for projection in query.expressions)


def _aggregates(tree: Tree) -> bool:
    if isinstance(tree, exp.Query | exp.Window):
        return False
    return isinstance(tree, exp.AggFunc) or any(_aggregates(child) for child in tree.iter_expressions())


def _terms(query: Tree) -> list[Tree]:
    order = query.args.get("order")
    return [ordered.this for ordered in order.expressions] if order else []


def _meant(term: Tree, given: list[Output]) -> Tree:
    """Return what a term of ORDER BY or GROUP BY stands for: an output by its number or alias, or itself."""
    if isinstance(term, exp.Literal) and not term.is_string and 0 < int(term.this) <= len(given):
        return given[int(term.this) - 1].tree or term
    if isinstance(term, exp.Column) and not term.table:
        named = next((output.tree for output in given if output.name == term.name and output.tree is not None), None)
        return named if named is not None else term
    return term


def _covers(terms: list[Tree], given: list[Output]) -> bool:
    numbers = {int(term.this) for term in terms if isinstance(term, exp.Literal) and not term.is_string}
    names = {term.name for term in terms if isinstance(term, exp.Column)}
    return all(output.name in names or number in numbers for number, output in enumerate(given, 1))


def _places(terms: list[Tree], read: list[Source]) -> set[Place]:
    found = (resolve(term, read) for term in terms)
    return {(place[0].alias, place[1]) for place in found if place}


def _closure(query: exp.Select, read: list[Source], determined: set[Place], schema: Schema, known: Known) -> set[Place]:
    links = list(_links(query, read))
    before = -1
    while before != len(determined):
        before = len(determined)
        for source in read:
            if _known_row(source, determined, schema, known):
                determined |= {(source.alias, column) for column in source.columns}
        for place, needs in links:
            if needs is None or needs in determined:
                determined.add(place)
    return determined


def _links(query: exp.Select, read: list[Source]) -> Iterator[tuple[Place, Place | None]]:
    """Yield (place, what it equals); None for a constant, a parameter or a column of the statement around."""
    where = query.args.get("where")
    for condition in conjuncts(where.this if where else None):
        yield from _equality(condition, read, None)
    for join, source in zip(query.args.get("joins") or [], read[1:], strict=False):
        only = source.alias if source.left_joined else None
        for condition in conjuncts(join.args.get("on")):
            yield from _equality(condition, read, only)
        for identifier in join.args.get("using") or []:
            yield from _using(identifier.name, read, source)


def _equality(condition: Tree, read: list[Source], only: str | None) -> Iterator[tuple[Place, Place | None]]:
    if not isinstance(condition, exp.EQ | exp.Is | exp.NullSafeEQ):
        return
    sides = (condition.this, condition.expression)
    for side, other in (sides, sides[::-1]):
        place, needs = resolve(side, read), resolve(other, read)
        if place is None or (only is not None and place[0].alias != only):
            continue
        if needs is not None:
            yield (place[0].alias, place[1]), (needs[0].alias, needs[1])
        elif not _mentions(other, read):
            yield (place[0].alias, place[1]), None


def _using(column: str, read: list[Source], joined: Source) -> Iterator[tuple[Place, Place | None]]:
    for source in read:
        if source is not joined and column in source.columns:
            yield (joined.alias, column), (source.alias, column)
            if not joined.left_joined:
                yield (source.alias, column), (joined.alias, column)


def _mentions(tree: Tree, read: list[Source]) -> bool:
    return any(resolve(column, read) for column in tree.find_all(exp.Column))


def _known_row(source: Source, determined: set[Place], schema: Schema, known: Known) -> bool:
    have = {column for alias, column in determined if alias == source.alias}
    if any(set(key) <= have for key in source.keys):
        return True
    if source.columns and set(source.columns) - {"rowid"} <= have:
        return True
    return source.query is not None and _known_subquery_row(source, have, schema, known)


def _known_subquery_row(source: Source, have: set[str], schema: Schema, known: Known) -> bool:
    """Tell whether the columns known of a subquery determine its row: its group's terms, or its own sources' keys."""
    query = unwrap(source.query) if source.query is not None else None
    if not isinstance(query, exp.Select):
        return False
    if _single_row(query):
        return True
    read = sources(query, schema, known)
    given = list(source.outputs)
    terms = [output.tree for output in given if output.name in have and output.tree is not None]
    determined = _closure(query, read, _places(terms, read), schema, known)
    group = query.args.get("group")
    if group is not None:
        return all(_is_known(_meant(term, given), terms, read, determined) for term in group.expressions)
    return all(_known_row(inner, determined, schema, known) for inner in read)


def _is_known(term: Tree, terms: list[Tree], read: list[Source], determined: set[Place]) -> bool:
    place = resolve(term, read)
    if place is not None:
        return (place[0].alias, place[1]) in determined
    if term in terms:
        return True
    mentioned = (resolve(column, read) for column in term.find_all(exp.Column))
    return all((place[0].alias, place[1]) in determined for place in mentioned if place)


def _is_known_output(output: Output, terms: list[Tree], read: list[Source], determined: set[Place]) -> bool:
    if output.tree is None:
        return any((source.alias, output.name) in determined for source in read)
    return _is_known(output.tree, terms, read, determined)
