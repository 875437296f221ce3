"""Parts of many values are no more than a statement takes."""

from grader.storage.parts import in_parts

SQLITE_TAKES = 32_766  # parameters of a statement, and PostgreSQL twice as many


def test_parts_are_all_values_in_order_and_each_fits_a_statement() -> None:
    values = range(2 * SQLITE_TAKES + 1)

    parts = list(in_parts(values))

    assert [value for part in parts for value in part] == list(values)
    assert max(map(len, parts)) <= SQLITE_TAKES


def test_nothing_has_no_parts() -> None:
    assert list(in_parts([])) == []
