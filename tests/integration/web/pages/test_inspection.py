"""The page of a submission as staff see it."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.domain.verdicts import Series, Verdict, Visibility
from grader.storage import runs
from grader.storage.runs import NewRun
from grader.workflow.service import Service, now
from tests.factories import a_case
from tests.integration.web.desk import FILE, HOSTILE, fail, grade, hand_in, lost, questions

Browsers = Callable[..., Client]
MESSAGE = "NameError: no y_true\n  loss.py, line 2, in forward\n    return y_true"


def _rerun(service: Service, submission_id: int) -> None:
    with service.database.writing() as session:
        runs.add(session, NewRun(submission_id, runs.RERUN, "b" * 64, 7, now()))


def _part(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end)]


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_staff_read_the_code_with_the_traceback_beside_its_cases(
    browser_of: Browsers, service: Service, role: Role
) -> None:
    address = hand_in(browser_of("ann"))
    grade(service, lost(verdict=Verdict.RUNTIME_ERROR, message=MESSAGE, output="printed this"))

    page = browser_of("tutor", role).get(address).text

    line = page[page.index('id="source-1-L2"') :]
    assert 'class="marked"' in line[:60]
    assert "NameError: no y_true" in line
    assert re.search(r"loss.py, 2 lines, 1 marked", page)
    for said in ("printed this", "Runtime error", "results.json", "junit.xml", "badge.svg"):
        assert said in page


def test_staff_are_told_which_cases_students_do_not_see(
    browser_of: Browsers, service: Service
) -> None:
    address = hand_in(browser_of("ann"))
    grade(
        service,
        a_case(name="Open"),
        a_case(name="Secret", visibility=Visibility.HIDDEN),
        a_case(name="Later", visibility=Visibility.AFTER_DUE_DATE),
    )

    page = browser_of("tutor", Role.ASSISTANT).get(address).text

    tags = dict(re.findall(r"<h4 [^>]*>(\w+)(?: <span [^>]*>([^<]*)</span>)?</h4>", page))
    assert tags == {
        "Open": "",
        "Secret": "hidden from students",
        "Later": "students see it after the due date",
    }


def test_shapes_stand_beside_what_was_expected(browser_of: Browsers, service: Service) -> None:
    address = hand_in(browser_of("ann"))
    said = "backward returned an array of shape (3, 3), but shape (3, 1) was expected."
    grade(service, lost(message=said))

    page = browser_of("tutor", Role.ASSISTANT).get(address).text

    assert re.search(r"Expected shape</dt><dd><code>\(3, 1\)<", page)
    assert re.search(r"Shape of the answer</dt><dd><code>\(3, 3\)<", page)


def test_staff_are_not_asked_to_hand_in_again(browser_of: Browsers, service: Service) -> None:
    address = hand_in(browser_of("ann"))
    grade(service, lost())

    assert "Hand in again" in browser_of("ann").get(address).text
    assert "Hand in again" not in browser_of("tutor", Role.INSTRUCTOR).get(address).text


def test_runs_are_told_apart_by_suite_version_and_by_what_differs(
    browser_of: Browsers, service: Service
) -> None:
    address = hand_in(browser_of("ann"))
    grade(service, a_case(name="Same"), lost(name="Mended", message="too strict"))
    _rerun(service, int(address.rpartition("/")[2]))
    grade(service, a_case(name="Same"), a_case(name="Mended"), suite_version="b" * 64)

    page = browser_of("tutor", Role.ASSISTANT).get(address).text

    table = _part(page, 'id="runs"', 'id="repeat"')
    assert table.index("Run 2") < table.index("Run 1")
    assert "bbbbbbbbbbbb" in table
    assert "aaaaaaaaaaaa" in table
    assert "1 case came out otherwise" in table
    assert "speaks for it" in table
    assert table.count("Mended") == 1
    assert "Same" not in table
    assert table.index("Accepted") < table.index("Wrong answer")
    assert "too strict" in table


def test_student_sees_no_run_but_the_one_that_speaks(
    browser_of: Browsers, service: Service
) -> None:
    ann = browser_of("ann")
    address = hand_in(ann)
    grade(service, lost(message="first"))
    _rerun(service, int(address.rpartition("/")[2]))
    grade(service, a_case(message="said by the rerun"), suite_version="b" * 64)

    page = ann.get(address).text

    assert "said by the rerun" not in page
    assert "Its runs" not in page
    assert "--seed" not in page


def test_command_names_the_files_and_the_seed(browser_of: Browsers, service: Service) -> None:
    ann = browser_of("ann")
    address = hand_in(ann, FILE, ("solver.py", b"x = 1"))
    grade(service, a_case())
    tutor = browser_of("tutor", Role.ASSISTANT)
    seed = tutor.get(f"/api/v1{address}").json()["run"]["seed"]

    page = tutor.get(address).text

    name = f"submission-{address.rpartition('/')[2]}.zip"
    assert f"grader grade {name} --assignment demo/hw4 --seed {seed}<" in page
    answer = tutor.get(f"/api/v1{address}/files.zip")
    assert name in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {
            "loss.py": FILE[1],
            "solver.py": b"x = 1",
        }


def test_failed_run_tells_staff_why_and_is_tried_again(
    browser_of: Browsers, service: Service
) -> None:
    address = hand_in(browser_of("ann"))
    fail(service, f"SuiteFailure: {HOSTILE}")
    tutor = browser_of("tutor", Role.ASSISTANT)

    page = tutor.get(address).text

    assert "SuiteFailure: &lt;script&gt;" in page
    assert "<script>alert" not in page
    assert f'action="{address}/retry"' in page
    assert "after 3 tries" in page
    assert "def forward" in re.sub(r"<[^>]+>", "", page)


def test_attempt_that_does_not_count_leads_to_the_one_that_does(
    browser_of: Browsers, service: Service
) -> None:
    ann = browser_of("ann")
    best = hand_in(ann)
    grade(service, a_case())
    worse = hand_in(ann)
    grade(service, lost())

    for browser in (ann, browser_of("tutor", Role.ASSISTANT)):
        assert f'<a href="{best}">Attempt 1 counts instead</a>' in browser.get(worse).text
        assert "This attempt counts" in browser.get(best).text


def test_hostile_text_stays_text_for_staff(browser_of: Browsers, service: Service) -> None:
    address = hand_in(browser_of("ann"), ("loss.py", HOSTILE.encode()))
    _hostile = lost(
        message=HOSTILE + f"\n  loss.py, line 1\n    {HOSTILE}",
        output=HOSTILE + "x" * 1_000_000,
        hint=HOSTILE,
        series=(Series(HOSTILE, (1.0, 2.0), plot=HOSTILE, x_label=HOSTILE),),
    )
    grade(service, _hostile, notes=(HOSTILE,))
    _rerun(service, int(address.rpartition("/")[2]))
    grade(service, a_case(message=HOSTILE * 1000), suite_version="b" * 64)

    page = browser_of("tutor", Role.ASSISTANT).get(address).text

    for evil in ("<script>alert", "<img", "\x1b", "\u202e"):
        assert evil not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 120_000


def test_long_files_are_only_linked(browser_of: Browsers, service: Service) -> None:
    address = hand_in(browser_of("ann"), ("loss.py", b"x = 1\n" * 50_000))
    grade(service, a_case())

    page = browser_of("tutor", Role.ASSISTANT).get(address).text

    assert "loss.py, 300,000 bytes</a>: too long to stand here" in page
    assert len(page) < 60_000


def test_runs_without_end_ask_the_database_no_more_often(
    browser_of: Browsers, service: Service
) -> None:
    address = hand_in(browser_of("ann"))
    grade(service, a_case())
    tutor = browser_of("tutor", Role.ASSISTANT)
    once = questions(tutor, address)
    for _ in range(30):
        _rerun(service, int(address.rpartition("/")[2]))
        grade(service, lost(), suite_version="b" * 64)

    often = questions(tutor, address)

    assert often <= once + 2  # with the look at what was released, once in a second
    assert often <= 15
    page = tutor.get(address).text
    assert page.count('<th scope="row">Run ') == 21  # the last ones, and the one that speaks
