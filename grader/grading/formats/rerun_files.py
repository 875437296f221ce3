"""The changes of a rerun as files: CSV for a spreadsheet, JUnit's XML for a CI."""

from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

from grader.domain.case_changes import CaseChange
from grader.domain.rerun_changes import Change
from grader.domain.reruns import Rerun
from grader.domain.text import one_line, printable
from grader.domain.verdicts import CaseResult
from grader.grading.formats.tables import Cell, csv_text

_ATTRIBUTE_CHARACTERS = 1000
_TEXT_CHARACTERS = 4000
_HEADER = (
    *("student", "attempt", "submission", "status", "outcome"),
    *("score_before", "score_after", "counted_before", "counted_after", "crosses_pass_mark"),
    *("case", "verdict_before", "points_before", "message_before"),
    *("verdict_after", "points_after", "message_after"),
)


def changes_csv(changes: Iterable[Change]) -> str:
    """Return a line for each case that changes, and one for each submission without any."""
    return csv_text(_HEADER, (line for change in changes for line in _lines(change)))


def changes_junit(rerun: Rerun, changes: Sequence[Change]) -> str:
    """Return a suite in which what changes has failed, by student and case."""
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite")
    for change in changes:
        _add_tests(suite, change)
    name = f"rerun {rerun.id} of {rerun.course}/{rerun.assignment}"
    suite.attrib.update(
        name=_attribute(name),
        tests=str(len(suite)),
        failures=str(len(suite.findall("testcase/failure"))),
        errors=str(len(suite.findall("testcase/error"))),
        skipped=str(len(suite.findall("testcase/skipped"))),
        time="0.000",
        timestamp=rerun.created_at.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{document.decode()}\n"


def case_words(case: CaseResult | None) -> str:
    """Say in short what a case came to."""
    if case is None:
        return "not there"
    verdict = case.verdict.value.replace("_", " ")
    return f"{verdict} {case.points:g}/{case.max_points:g}"


def _lines(change: Change) -> Iterator[Sequence[Cell]]:
    row, counted = change.row, change.counted
    about: tuple[Cell, ...] = (
        one_line(row.student, _ATTRIBUTE_CHARACTERS),
        row.attempt,
        row.submission_id,
        "failed" if row.failed else "changed" if row.changed else "unchanged",
        "superseded" if row.superseded else row.outcome,
        row.before.score,
        row.after.score,
        counted.before,
        counted.after,
        counted.crosses,
    )
    if row.failed:
        error = printable(row.after.error, _TEXT_CHARACTERS)
        yield (*about, None, None, None, None, row.after.status, None, error)
    for case in change.cases:
        yield (*about, case.name, *_cells(case.before), *_cells(case.after))
    if not row.failed and not change.cases:
        yield (*about, *[None] * 7)


def _cells(case: CaseResult | None) -> tuple[Cell, Cell, Cell]:
    if case is None:
        return None, None, None
    return case.verdict.value, case.points, printable(case.message, _TEXT_CHARACTERS)


def _add_tests(suite: ElementTree.Element, change: Change) -> None:
    row = change.row
    if row.failed:
        _add_outcome(_test(suite, change, "grading"), "error", row.after.error, "failed")
    elif row.superseded:
        why = "something newer speaks for this submission, which a rerun never overwrites"
        _add_outcome(_test(suite, change, "superseded"), "skipped", why, "superseded")
    elif not row.changed:
        _test(suite, change, "unchanged")
    for case in change.cases if row.changed and not row.superseded else ():
        said = f"{case_words(case.before)} → {case_words(case.after)}"
        test = _test(suite, change, case.name)
        _add_outcome(test, "failure", said, "changed", "\n".join([said, *_messages(case)]))


def _test(suite: ElementTree.Element, change: Change, name: str) -> ElementTree.Element:
    where = f"{change.row.student} attempt {change.row.attempt}"
    attributes = {"name": _attribute(name), "classname": _attribute(where), "time": "0.000"}
    return ElementTree.SubElement(suite, "testcase", attributes)


def _add_outcome(
    test: ElementTree.Element, kind: str, message: str, verdict: str, text: str | None = None
) -> None:
    element = ElementTree.SubElement(test, kind, {"message": _attribute(message), "type": verdict})
    element.text = printable(message if text is None else text, 2 * _TEXT_CHARACTERS)


def _messages(change: CaseChange) -> Iterator[str]:
    for when, case in (("before", change.before), ("after", change.after)):
        if case is not None and case.message:
            yield f"{when}: {case.message}"


def _attribute(text: str) -> str:
    return one_line(text, _ATTRIBUTE_CHARACTERS)
