import pytest

from envfactory.bench.sql.purity import impurities, timed_parameters


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT date('now')",
        "SELECT datetime()",
        "SELECT strftime('%Y')",
        "SELECT julianday( 'NOW' , '+1 day')",
        "SELECT CURRENT_TIMESTAMP",
        "x < current_date",
        "SELECT abs(random()) % 3",
        "SELECT datetime(:x, 'localtime')",
        "CREATE TABLE t (a TEXT DEFAULT CURRENT_TIMESTAMP)",
        "SELECT last_insert_rowid()",
        "SELECT total_changes()",
    ],
)
def test_clocks_and_chance_are_seen(sql: str) -> None:
    assert len(impurities(sql)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT date(:day, '+1 day')",
        "SELECT 'date(''now'')'",
        "SELECT now, random FROM t",
        "SELECT date(x) -- CURRENT_DATE",
    ],
)
def test_dates_of_the_data_and_text_are_not(sql: str) -> None:
    assert impurities(sql) == []


def test_parameters_read_as_times_are_told() -> None:
    assert timed_parameters("SELECT julianday(:a) - julianday(date(:b, '+1 day')), lower(:c)") == {"a", "b"}
