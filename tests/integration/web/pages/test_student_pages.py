"""The pages that a student opens, over a real database."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from httpx import Client, Response
from sqlalchemy import Engine, event

from grader.domain.people import Role
from grader.domain.verdicts import CaseResult, Series, Verdict, Visibility
from grader.storage import runs
from grader.web.app import create_app
from grader.workflow.service import Service
from tests.factories import a_case, a_result, a_zip
from tests.serving import client_at, served

ASSIGNMENT = "/courses/demo/assignments/hw4"
FILE = ("loss.py", b"def forward(y):\n    return y_true\n")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202eevil"
Browsers = Callable[..., Client]


def _token(browser: Client) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert found is not None
    return found[1]


def _hand_in(browser: Client, *files: tuple[str, bytes], **fields: str) -> Response:
    parts = [("files", file) for file in files or (FILE,)]
    data = {"csrf_token": _token(browser), **fields}
    headers = {"Origin": str(browser.base_url).rstrip("/")}
    response: Response = browser.post(ASSIGNMENT, files=parts, data=data, headers=headers)
    return response


def _grade(service: Service, *cases: CaseResult, notes: tuple[str, ...] = ()) -> None:
    """Grade what is next as a worker would, to given results."""
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        runs.finish(session, held, a_result(*cases, notes=notes), now)


def _lost(**changes: object) -> CaseResult:
    return a_case(**{"points": 0.0, "verdict": Verdict.WRONG_ANSWER, **changes})


def test_first_page_of_a_new_student_says_what_to_do(browser_of: Browsers) -> None:
    page = browser_of("ann").get("/")

    assert page.status_code == 200
    assert f'href="{ASSIGNMENT}"' in page.text
    assert "Nothing handed in yet" in page.text


def test_first_page_tells_staff_nothing_of_handing_in_themselves(browser_of: Browsers) -> None:
    page = browser_of("tutor", Role.ASSISTANT).get("/").text

    assert "How the class stands" in page
    assert "Nothing handed in yet" not in page


@pytest.mark.parametrize("service", [None], indirect=True)
def test_first_page_without_assignments_is_useful(browser_of: Browsers) -> None:
    page = browser_of("ann").get("/")

    assert "There is nothing to hand in yet" in page.text
    assert "ask your instructor" in page.text


def test_first_page_shows_the_score_that_counts(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    for points in (85.0, 40.0):
        _hand_in(browser)
        _grade(service, a_case(points=points, max_points=100.0))

    page = browser.get("/").text

    assert "Passed" in page
    assert ">85<" in page
    assert "Attempt 1 counts (best)" in page


def test_assignment_says_what_is_asked_and_when_it_is_due(browser_of: Browsers) -> None:
    page = browser_of("ann").get(ASSIGNMENT).text

    for name in ("loss.py", "classifier.py", "optimizer.py", "solver.py"):
        assert name in page
    assert "80 points" in page
    assert "As many as you like" in page
    assert 'type="file"' in page
    assert "multiple" in page


def test_handing_in_leads_to_the_submission(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    answer = _hand_in(browser)

    assert answer.status_code == 303
    assert browser.get(answer.headers["Location"]).status_code == 200


def test_handing_in_by_script_leads_to_the_submission(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    data = {"csrf_token": _token(browser)}

    answer = browser.post(
        ASSIGNMENT, files=[("files", FILE)], data=data, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 200
    assert re.fullmatch(r"/submissions/\d+", answer.headers["HX-Redirect"])


def test_refused_upload_shows_the_page_again_and_stores_nothing(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    _hand_in(browser)

    answer = _hand_in(browser, ("other.py", b"x"), keep_from="1")

    assert answer.status_code == 422
    assert "other.py is not asked for" in answer.text
    assert 'role="alert"' in answer.text
    assert re.search(r'value="1" selected', answer.text)
    assert "Attempt 1" in answer.text
    assert "Attempt 2" not in browser.get(ASSIGNMENT).text


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([("files", ("", b""))], id="as browsers send it"),
        pytest.param([("other", ("x.py", b"x"))], id="another field"),
    ],
)
def test_form_without_a_file_is_told_so(
    browser_of: Browsers, files: list[tuple[str, tuple[str, bytes]]]
) -> None:
    browser = browser_of("ann")

    answer = browser.post(ASSIGNMENT, files=files, data={"csrf_token": _token(browser)})

    assert answer.status_code == 422
    assert "There is no file to grade" in answer.text


def test_name_of_a_refused_file_is_shown_as_text(browser_of: Browsers) -> None:
    answer = _hand_in(browser_of("ann"), ("<img src=x onerror=alert(1)>.py", b"x"))

    assert "<img" not in answer.text
    assert "&lt;img" in answer.text


def test_full_queue_is_told_on_a_page(browser_of: Browsers, service: Service) -> None:
    session = browser_of("ann").cookies
    with (
        served(create_app(replace(service, most_queued=0))) as url,
        client_at(url, Accept="text/html") as browser,
    ):
        browser.cookies = session

        answer = _hand_in(browser)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "wait to be graded" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_form_of_another_site_stores_nothing(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    answer = browser.post(ASSIGNMENT, files=[("files", FILE)])

    assert answer.status_code == 403
    assert "Nothing handed in yet" in browser.get(ASSIGNMENT).text


def test_files_not_chosen_are_kept_from_the_attempt_that_was_chosen(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    _hand_in(browser, ("loss.py", b"old"), ("solver.py", b"s"))

    answer = _hand_in(browser, ("loss.py", b"new"), keep_from="1")

    page = browser.get(answer.headers["Location"]).text
    assert "solver.py was taken from attempt 1." in page
    source = browser.get(f"/api/v1{answer.headers['Location']}/files/loss.py")
    assert source.content == b"new"


def test_nothing_is_kept_unless_chosen(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    _hand_in(browser, ("loss.py", b"old"), ("solver.py", b"s"))

    answer = _hand_in(browser, ("loss.py", b"new"), keep_from="")

    assert "solver.py is missing" in browser.get(answer.headers["Location"]).text


def test_others_are_kept_from_the_attempt_that_counts_where_this_one_lacks_them(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    _hand_in(browser)
    _grade(service, _lost(points=70.0, max_points=80.0))
    answer = _hand_in(browser, ("loss.py", b"new"))
    _grade(service, _lost(max_points=80.0, file="solver.py", verdict=Verdict.SKIPPED))

    page = browser.get(answer.headers["Location"]).text

    assert f'href="{ASSIGNMENT}?keep=1#hand-in"' in page
    assert "keeping the other files of attempt 1" in page


def test_others_are_kept_from_the_attempt_at_hand_where_it_has_them(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    _hand_in(browser)
    _grade(service, _lost(points=70.0, max_points=80.0))
    answer = _hand_in(browser)
    _grade(service, _lost(max_points=80.0))

    page = browser.get(answer.headers["Location"]).text

    assert f'href="{ASSIGNMENT}?keep=2#hand-in"' in page


def test_queued_submission_says_where_it_waits(browser_of: Browsers) -> None:
    _hand_in(browser_of("ben"))
    browser = browser_of("ann")

    page = browser.get(_hand_in(browser).headers["Location"]).text

    assert "Place 2 of 2 in the queue" in page
    assert re.search(r'<noscript><meta http-equiv="refresh"|<meta http-equiv="refresh"', page)


def test_result_begins_with_what_to_fix_first(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser, FILE, ("solver.py", b"x")).headers["Location"]
    message = "NameError: name 'y_true' is not defined\n  loss.py, line 2, in forward\n    return"
    error = {"verdict": Verdict.RUNTIME_ERROR, "message": message}
    cases = [
        _lost(name="Step", file="solver.py", message="the update is made twice", hint="see 3.2"),
        _lost(name="Forward", **error),
        _lost(name="Backward", **error),
    ]
    _grade(service, *cases, a_case(name="Good", file="solver.py"), notes=("a note",))

    page = browser.get(address).text

    first = page[page.index("Fix this first") : page.index("Case by case")]
    assert "NameError: name &#39;y_true&#39; is not defined" in first
    assert f'href="{address}/files/loss.py#L2"' in first
    assert "Worth 20 points" in first
    assert "Nothing in loss.py runs" in first
    assert "Then 1 more" in first
    for text in ("10</span>", "Runtime error", "Wrong answer", "Accepted", "see 3.2", "a note"):
        assert text in page
    assert "Not passed: 70 points short of 80" in page


def test_hostile_text_is_shown_as_text_and_bounded(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser, ("loss.py", HOSTILE.encode())).headers["Location"]
    case = _lost(
        message=HOSTILE + f"\n  loss.py, line 1\n    {HOSTILE}",
        output=HOSTILE + "x" * 1_000_000,
        hint=HOSTILE,
        series=(Series(HOSTILE, (1.0, 2.0), plot=HOSTILE, x_label=HOSTILE),),
    )
    _grade(service, case, notes=(HOSTILE,))

    for route in (address, f"{address}/files/loss.py"):
        page = browser.get(route).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page
        assert len(page) < 100_000
    assert re.search(r"… cut, \d{3},\d{3} more characters", browser.get(address).text)


def test_cases_that_are_shown_later_leave_no_trace(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    hidden = _lost(
        name="Secret",
        visibility=Visibility.HIDDEN,
        message="Secret\n  loss.py, line 1\n    def",
        output="Secret",
        hint="Secret",
        notes=("Secret",),
        series=(Series("Secret", (1.0, 2.0)),),
    )
    _grade(service, a_case(), hidden, notes=("Secret",))
    waiting = _hand_in(browser).headers["Location"]

    for route in (address, f"{address}/files/loss.py", "/", ASSIGNMENT, waiting):
        page = browser.get(route).text
        assert "Secret" not in page
        assert "/ 20<" not in page
        assert "Not passed" not in page  # nobody knows yet
    page = browser.get(address).text
    assert "Some cases are shown later" in page
    assert "/ 10<" in page
    assert "/ 20<" not in page
    staff = browser_of("tutor", Role.INSTRUCTOR).get(address).text
    assert "Secret" in staff
    assert "/ 20<" in staff


def test_failed_run_blames_nobody_and_tells_staff_why(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    with service.database.writing() as session:
        for seconds in range(0, 30, 10):
            now = datetime.now(UTC) + timedelta(seconds=seconds)
            held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
            assert held is not None
            runs.fail_try(session, held, "SuiteFailure: the secret reason", now)

    page = browser.get(address).text

    assert "The grader failed, not your files" in page
    assert "secret reason" not in page
    assert "secret reason" in browser_of("tutor", Role.ASSISTANT).get(address).text


def test_plot_is_a_picture_with_words_and_numbers(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    series = tuple(
        Series(name, (0.7, 0.5, 0.4), plot="Loss", x_label="epoch", y_label="mean loss")
        for name in ("training", "validation")
    )
    _grade(service, a_case(series=series))

    page = browser.get(address).text

    assert page.count("<figure") == 1
    assert 'role="img" aria-labelledby="case-1-1-title case-1-1-desc"' in page
    assert "training: from 0.7 to 0.4" in page
    assert "Loss as numbers" in page
    assert "style=" not in page


def test_source_marks_the_line_with_its_message(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    message = "NameError: no y_true\n  loss.py, line 2, in forward\n    return y_true"
    _grade(service, _lost(verdict=Verdict.RUNTIME_ERROR, message=message))

    page = browser.get(f"{address}/files/loss.py").text

    line = page[page.index('id="L2"') :]
    assert 'class="marked"' in line[:40]
    assert "NameError: no y_true" in line
    assert "BCEForwardTest" in line


def test_pages_of_another_student_are_not_there(browser_of: Browsers) -> None:
    address = _hand_in(browser_of("ann")).headers["Location"]
    ben = browser_of("ben")

    for tail in ("", "/files/loss.py", "/events"):
        assert ben.get(f"{address}{tail}").status_code == 404


@pytest.mark.parametrize("service", [{"attempt_limit": 2}], indirect=True)
def test_last_attempt_is_told_of_beside_the_button(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    _hand_in(browser)

    assert "Hand in (attempt 2 of 2)" in browser.get(ASSIGNMENT).text
    _hand_in(browser)
    page = browser.get(ASSIGNMENT).text
    assert "All 2 attempts are used" in page
    assert 'type="file"' not in page
    refused = _hand_in(browser)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


def test_what_was_noticed_of_the_files_is_told_once(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    noticed = "solver.py is missing: its cases earn no points."

    waiting = browser.get(address).text
    _grade(service, a_case())
    graded = browser.get(address).text

    assert (waiting.count(noticed), graded.count(noticed)) == (1, 1)


def test_zip_is_handed_in_like_files(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    answer = _hand_in(browser, ("work.zip", a_zip({"a/loss.py": b"x = 1"})))

    assert "loss.py" in browser.get(answer.headers["Location"]).text


def test_page_while_grading_is_told_the_news(browser_of: Browsers, service: Service) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    hidden = a_case(name="Secret", visibility=Visibility.HIDDEN)
    _grade(service, a_case(name="<b>"), hidden)

    said = browser.get(f"{address}/events", timeout=10).text

    assert "event: progress" in said
    assert "&lt;b&gt;" in said
    assert "Secret" not in said
    assert "1 of 1 cases done" in said
    assert said.rstrip().endswith("event: ended\ndata: ended")


def test_pages_ask_the_database_a_fixed_number_of_times(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    _grade(service, a_case(), a_case(name="B"))
    asked: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    counts = {}
    try:
        for route in ("/", ASSIGNMENT, address, f"{address}/files/loss.py"):
            browser.get(route)
            asked.clear()
            assert browser.get(route).status_code == 200
            counts[route] = len(asked)
    finally:
        event.remove(Engine, "before_cursor_execute", count)

    # With the look at what was released, two statements once in a second.
    assert all(0 < found <= 13 for found in counts.values()), counts


def test_plot_says_when_another_file_was_replaced_for_it(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]
    note = "loss.py was replaced by a correct one for the training, because it is missing"
    _grade(service, a_case(series=(Series("training", (0.7, 0.5)),), notes=(note,)))

    page = browser.get(address).text

    assert note in page[page.index("<figure") :]
