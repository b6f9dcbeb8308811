import pytest

from envfactory.bench.sql.parse import UnreadableSqlError, conjuncts, expression, restore, statement, write


@pytest.mark.parametrize(
    "text",
    ["$room.price * :nights", "$today <= $hire.start", "'$room.price :x' || :a", "$now"],
)
def test_contract_text_comes_back_with_its_dollars(text: str) -> None:
    assert restore(write(expression(text)), text) == text


@pytest.mark.parametrize("text", ["SELECT FROM", "SELECT (1", "VACUUM"])
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(UnreadableSqlError):
        statement(text)


def test_conjuncts_look_through_brackets_but_not_through_or() -> None:
    found = conjuncts(expression("(a AND b = 1) AND (c OR d)"))
    assert [write(part) for part in found] == ["a", "b = 1", "c OR d"]
