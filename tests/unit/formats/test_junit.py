"""JUnit's XML."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.verdicts import Verdict
from grader.grading.formats.junit import junit_xml
from grader.grading.formats.report import report_of
from tests.factories import a_case, a_result

_ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=50)


def _parsed(document: str) -> ElementTree.Element:
    return ElementTree.fromstring(document.encode())  # noqa: S314  # our own document


def test_suite_counts_what_became_of_its_cases() -> None:
    result = a_result(
        a_case(),
        a_case(name="Wrong", points=0.0, verdict=Verdict.WRONG_ANSWER, message="twice\ntoo large"),
        a_case(name="Slow", points=0.0, verdict=Verdict.TIME_LIMIT, seconds=1.0),
        a_case(name="Gone", points=0.0, verdict=Verdict.SKIPPED, file="solver.py"),
    )

    root = _parsed(junit_xml([report_of("ann", result, datetime(2026, 1, 2, 3, tzinfo=UTC))]))

    suite = root.find("testsuite")
    assert root.tag == "testsuites"
    assert suite is not None
    assert suite.attrib == {
        "name": "ann",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "0.250",
        "timestamp": "2026-01-02T03:00:00",
    }
    failure = suite.find("testcase[@name='Wrong']/failure")
    assert failure is not None
    assert failure.attrib == {"message": "twice too large", "type": "wrong_answer"}
    assert failure.text == "twice\ntoo large"
    assert suite.find("testcase[@name='Slow'][@time='1.000']/error[@type='time_limit']") is not None
    assert suite.find("testcase[@classname='solver']/skipped") is not None
    assert suite.find("testcase/properties/property[@name='points'][@value='10']") is not None


def test_path_without_score_is_an_error() -> None:
    root = _parsed(junit_xml([], [("gone", "There is no such file.")]))

    assert root.find("testsuite[@name='gone'][@errors='1']/testcase/error") is not None


@given(_ANY_TEXT, _ANY_TEXT, _ANY_TEXT)
def test_document_is_valid_whatever_students_print(name: str, message: str, output: str) -> None:
    case = a_case(points=0.0, verdict=Verdict.WRONG_ANSWER, message=message, output=output)

    document = junit_xml([report_of(name, a_result(case, notes=(message,)))], [(name, message)])

    assert len(_parsed(document)) == 2
