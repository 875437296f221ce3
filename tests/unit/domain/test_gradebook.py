"""Which students a gradebook shows, and in which order."""

from datetime import UTC, datetime

import pytest

from grader.domain.gradebook import (
    Cell,
    Counted,
    Entry,
    Order,
    Progress,
    Show,
    Wanted,
    matching,
    ordered,
)

_PASS_MARK = 80.0


def _entry(student: str, points: float | None = None, **changes: object) -> Entry:
    counted = None
    if points is not None:
        counted = Counted(1, 1, False, len(student), points, 100.0, "v")
    fields = {"attempts": 1, "counted": counted, **changes}
    return Entry(student, **fields)  # type: ignore[arg-type]


CLASS = (
    _entry("Cleo", 100.0, last_activity=datetime(2026, 11, 2, tzinfo=UTC), attempts=3),
    _entry("ann", 80.0, last_activity=datetime(2026, 11, 3, tzinfo=UTC), attempts=2),
    _entry("Bo", 79.5, last_activity=datetime(2026, 11, 1, tzinfo=UTC), waiting=1, stale=1),
    _entry("dora", waiting=1),
    _entry("emil", failed=1),
    Entry("fred"),
)


def _names(entries: list[Entry]) -> list[str]:
    return [entry.student for entry in entries]


def test_progress_of_each() -> None:
    found = [entry.progress(_PASS_MARK) for entry in CLASS]

    assert found == [
        Progress.PASSED,
        Progress.PASSED,
        Progress.NOT_PASSED,
        Progress.WAITING,
        Progress.NO_SCORE,
        Progress.NOTHING,
    ]


@pytest.mark.parametrize(
    ("show", "names"),
    [
        (Show.PASSED, ["Cleo", "ann"]),
        (Show.NOT_PASSED, ["Bo"]),
        (Show.WAITING, ["Bo", "dora"]),
        (Show.NO_SCORE, ["emil"]),
        (Show.FAILED, ["emil"]),
        (Show.NOTHING, ["fred"]),
        (Show.STALE, ["Bo"]),
        (Show.LATE, []),
    ],
)
def test_each_way_to_show_has_its_students(show: Show, names: list[str]) -> None:
    assert _names(matching(CLASS, Wanted(show=show), _PASS_MARK)) == names


def test_search_takes_a_part_of_a_name_in_any_case() -> None:
    assert _names(matching(CLASS, Wanted(search="E"), _PASS_MARK)) == ["Cleo", "emil", "fred"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order(), ["ann", "Bo", "Cleo", "dora", "emil", "fred"]),
        (Order("student", descending=True), ["fred", "emil", "dora", "Cleo", "Bo", "ann"]),
        (Order("score"), ["Bo", "ann", "Cleo", "dora", "emil", "fred"]),
        (Order("score", descending=True), ["Cleo", "ann", "Bo", "dora", "emil", "fred"]),
        (Order("attempts", descending=True), ["Cleo", "ann", "Bo", "dora", "emil", "fred"]),
        (Order("last", descending=True), ["ann", "Cleo", "Bo", "dora", "emil", "fred"]),
        (Order("case:A"), ["Bo", "Cleo", "ann", "dora", "emil", "fred"]),
        (Order("case:A", descending=True), ["Cleo", "Bo", "ann", "dora", "emil", "fred"]),
    ],
)
def test_who_has_nothing_in_a_column_comes_last_either_way(order: Order, names: list[str]) -> None:
    cells = {len("Bo"): Cell("A", 0.0, 10.0), len("Cleo"): Cell("A", 10.0, 10.0)}

    assert _names(ordered(CLASS, order, cells)) == names
