"""JUnit's XML, as CI services read it; well-formed whatever students print."""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from grader.domain.text import REPORT_CHARACTERS, one_line, printable
from grader.domain.verdicts import CaseResult, Verdict
from grader.grading.formats.report import Report

_ATTRIBUTE_CHARACTERS = 1000
# A wrong answer failed; what stopped the case from answering is an error.
_OUTCOMES = {
    Verdict.WRONG_ANSWER: "failure",
    Verdict.SKIPPED: "skipped",
    Verdict.RUNTIME_ERROR: "error",
    Verdict.OUTPUT_LIMIT: "error",
    Verdict.MEMORY_LIMIT: "error",
    Verdict.TIME_LIMIT: "error",
    Verdict.INTERNAL_ERROR: "error",
}


def junit_xml(reports: Sequence[Report], unreadable: Iterable[tuple[str, str]] = ()) -> str:
    """Return a document with one suite a report, and one for each (name, error) without score."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        _add_suite(root, report)
    for name, error in unreadable:
        suite = ElementTree.SubElement(root, "testsuite", _counts(name, {"error": 1}, 1))
        case = ElementTree.SubElement(
            suite, "testcase", {"name": "grading", "classname": _attribute(name)}
        )
        _add_outcome(case, "error", error, "failed")
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{document.decode()}\n"


def _add_suite(root: ElementTree.Element, report: Report) -> None:
    outcomes = [_OUTCOMES.get(case.verdict, "passed") for case in report.cases]
    counts = {kind: outcomes.count(kind) for kind in ("failure", "error", "skipped")}
    attributes = _counts(report.name, counts, len(outcomes))
    attributes["time"] = f"{report.seconds:.3f}"
    if report.graded_at is not None:
        attributes["timestamp"] = report.graded_at.strftime("%Y-%m-%dT%H:%M:%S")
    suite = ElementTree.SubElement(root, "testsuite", attributes)
    _add_properties(suite, {"points": report.score.points, "max_points": report.score.max_points})
    for case in report.cases:
        _add_case(suite, case)
    if report.notes:
        _add_text(suite, "system-out", "\n".join(report.notes))


def _add_case(suite: ElementTree.Element, case: CaseResult) -> None:
    attributes = {
        "name": _attribute(case.name),
        "classname": _attribute(case.file.removesuffix(".py")),
        "time": f"{case.seconds:.3f}",
    }
    element = ElementTree.SubElement(suite, "testcase", attributes)
    _add_properties(element, {"points": case.points, "max_points": case.max_points})
    if kind := _OUTCOMES.get(case.verdict):
        _add_outcome(element, kind, case.message, case.verdict.value)
    if case.output:
        _add_text(element, "system-out", case.output)


def _counts(name: str, counts: dict[str, int], tests: int) -> dict[str, str]:
    return {
        "name": _attribute(name),
        "tests": str(tests),
        "failures": str(counts.get("failure", 0)),
        "errors": str(counts.get("error", 0)),
        "skipped": str(counts.get("skipped", 0)),
        "time": "0.000",
    }


def _add_properties(parent: ElementTree.Element, values: dict[str, float]) -> None:
    properties = ElementTree.SubElement(parent, "properties")
    for name, value in values.items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": f"{value:g}"})


def _add_outcome(case: ElementTree.Element, kind: str, message: str, verdict: str) -> None:
    element = ElementTree.SubElement(case, kind, {"message": _attribute(message), "type": verdict})
    element.text = printable(message, REPORT_CHARACTERS)


def _add_text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = printable(text, REPORT_CHARACTERS)


def _attribute(text: str) -> str:
    return one_line(text, _ATTRIBUTE_CHARACTERS)
