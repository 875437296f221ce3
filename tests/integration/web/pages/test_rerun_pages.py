"""The pages of reruns as staff use them, over a real database."""

import re
from collections.abc import Callable

import pytest
from httpx import Client, Response

from grader.domain.people import Role
from grader.domain.reruns import Mode, RerunState, Scope, Wanted
from grader.workflow.rerun_changes import Which
from grader.workflow.reruns import read_rerun
from grader.workflow.service import Service
from tests.reruns import FIRST, Course, Suite, counting_statements

RERUNS = "/courses/demo/assignments/hw4/reruns"
MENDED: Suite = {"A": (60.0, "a"), "B": (40.0, "x")}
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202eevil"
MOST_QUERIES = 15
Browsers = Callable[..., Client]


@pytest.fixture
def course(service: Service) -> Course:
    """Give a course in which Ann loses B and Ben gains it when the suite is mended."""
    course = Course(service)
    course.submit("ann", "a b")
    course.submit("ben", "a x")
    course.submit("cem", "a b x")
    course.release(MENDED)
    return course


@pytest.fixture
def tutor(browser_of: Browsers) -> Client:
    return browser_of("tutor", Role.ASSISTANT, "demo")


def token(browser: Client) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert found is not None
    return found[1]


def send(browser: Client, address: str, **fields: str | list[str]) -> Response:
    """Send a form of a page."""
    response: Response = browser.post(address, data={"csrf_token": token(browser), **fields})
    return response


def text(response: Response) -> str:
    """Return what stands on a page, without its markup."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def students_on(page: Response) -> list[str]:
    """Return the students whose changes a page shows, in its order."""
    return re.findall(r'<h3 id="student-\d+"><a href="[^"]+">(\w+)</a></h3>', page.text)


def act(browser: Client, rerun: int, act: str) -> str:
    """Press a button of a rerun's page and return what stands on the page after it."""
    answer = send(browser, f"{RERUNS}/{rerun}", act=act)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{RERUNS}/{rerun}")
    browser.cookies.update(answer.cookies)
    return text(browser.get(f"{RERUNS}/{rerun}"))


def state(course: Course, rerun: int) -> RerunState:
    return read_rerun(course.service, course.tutor, rerun).state


def a_proposal(course: Course, **wanted: object) -> int:
    rerun = course.rerun(Wanted(**wanted))  # type: ignore[arg-type]
    course.work()
    return rerun.id


def test_page_says_how_much_is_stale_and_by_what_it_would_be_graded(
    course: Course, tutor: Client
) -> None:
    page = tutor.get(RERUNS)

    version = course.service.suites["demo", "hw4"].version
    assert "3 of 3 submissions are stale" in text(page)
    assert version[:12] in page.text
    assert 'value="stale" checked' in page.text
    assert "None yet" in page.text


def test_page_of_an_assignment_without_submissions_says_what_reruns_are_for(
    service: Service, tutor: Client
) -> None:
    page = text(tutor.get(RERUNS))

    assert "Nothing is handed in yet" in page
    assert "mend it, release it" in page


@pytest.mark.parametrize(
    ("fields", "wanted", "graded"),
    [
        pytest.param({"scope": "all"}, Wanted(), 3, id="everything"),
        pytest.param({"scope": "stale"}, Wanted(scope=Scope.STALE), 3, id="stale"),
        pytest.param({"scope": "below-pass"}, Wanted(scope=Scope.BELOW_PASS), 1, id="below pass"),
        pytest.param(
            {"scope": "all", "student": " ben ", "case": ["B"]},
            Wanted(student="ben", cases=("B",)),
            1,
            id="one student and one case",
        ),
    ],
)
def test_rerun_is_proposed_as_the_form_says(
    course: Course,
    tutor: Client,
    fields: dict[str, str | list[str]],
    wanted: Wanted,
    graded: int,
) -> None:
    answer = send(tutor, RERUNS, **fields)

    rerun = read_rerun(course.service, course.tutor, 1)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{RERUNS}/1")
    assert (rerun.wanted, rerun.wanted.mode) == (wanted, Mode.PROPOSE)
    assert rerun.progress.total == graded


def test_scopes_say_how_many_submissions_each_means(course: Course, tutor: Client) -> None:
    course.submit("ann", "a")
    counts = {
        scope: re.search(rf'value="{scope}".*?>([\d,]+)</span>', tutor.get(RERUNS).text)
        for scope in Scope
    }

    said = {scope: int(found[1]) for scope, found in counts.items() if found}
    for scope in Scope:
        rerun = course.rerun(Wanted(scope=scope))
        assert said[scope] == rerun.progress.total, scope


def test_form_that_is_sent_twice_begins_one_rerun(course: Course, tutor: Client) -> None:
    twice = [send(tutor, RERUNS, scope="all", form="a form").headers["Location"] for _ in range(2)]
    otherwise = send(tutor, RERUNS, scope="stale", form="a form").headers["Location"]

    assert twice[0] == twice[1]
    assert otherwise != twice[0]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        pytest.param({"student": "nobody"}, 404, "no submission of nobody", id="student"),
        pytest.param({"case": ["Z"]}, 400, "There is no case Z", id="case"),
    ],
)
def test_what_cannot_be_proposed_is_refused_and_the_form_kept(
    course: Course, tutor: Client, fields: dict[str, str | list[str]], status: int, said: str
) -> None:
    course.submit("dee", "a")  # the suite that is released now has graded: its cases are known

    answer = send(tutor, RERUNS, scope="counted", **fields)

    assert answer.status_code == status
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="counted" checked' in answer.text
    assert "None yet" in answer.text


def test_form_takes_wishes_from_the_address(course: Course, tutor: Client) -> None:
    page = tutor.get(RERUNS, params={"scope": "all", "student": "ann", "case": "B"}).text

    assert 'value="all" checked' in page
    assert 'name="student" value="ann"' in page
    assert 'name="case" value="B" checked' in page


def test_page_of_a_rerun_under_way_says_how_far_it_is(course: Course, tutor: Client) -> None:
    rerun = course.rerun().id
    course.work(1)

    page = tutor.get(f"{RERUNS}/{rerun}")

    assert "1 of 3 submissions done" in text(page)
    assert "it should take" in page.text
    assert "0 scores up, 1 down" in page.text
    assert re.search(r"<time[^>]*>[^<]+</time> UTC\.", page.text)
    assert f'sse-connect="{RERUNS}/{rerun}/events?state=running"' in page.text


def test_rerun_is_paused_resumed_and_cancelled(course: Course, tutor: Client) -> None:
    rerun = course.rerun().id
    course.work(1)

    paused = act(tutor, rerun, "pause")
    assert "Paused 1 of 3 submissions done" in paused
    assert course.work() == 0
    resumed = act(tutor, rerun, "resume")
    assert "Being graded again 1 of 3 submissions done" in resumed
    assert "2 submissions are not graded again any more" in resumed
    cancelled = act(tutor, rerun, "cancel")
    assert "Every score stayed as it was" in cancelled
    assert state(course, rerun) is RerunState.CANCELLED


def test_proposal_says_who_gains_loses_and_crosses(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    page = tutor.get(f"{RERUNS}/{rerun}")

    said = text(page)
    assert "1 student gains 1 student loses 1 newly passes 1 no longer passes" in said
    assert "2 of 3 submissions come out otherwise" in said
    assert "Mean of what counts: 86.67 → 86.67" in said
    assert "What counts 100 → 60 no longer passes" in said
    assert "Before Accepted 40 / 40 After Wrong answer 0 / 40 x is not among the words" in said
    assert 'href="/submissions/1"' in page.text
    assert f"/api/v1/reruns/{rerun}/changes.csv" in page.text
    assert f"/api/v1/reruns/{rerun}/junit.xml" in page.text
    assert "cem" not in said


def test_confirmation_says_in_numbers_what_happens(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    said = text(tutor.get(f"{RERUNS}/{rerun}"))

    students = "1 student gains, 1 student loses, 1 newly passes and 1 no longer passes"
    assert f"2 submissions get their new result. By the score that counts, {students}." in said
    assert "1 comes out as before and is stale no more." in said
    assert "Apply all: 2 results move" in said
    increases = said[said.index("Apply only increases…") :]
    assert "1 submission gets its new result." in increases
    assert "1 student gains and 1 newly passes." in increases
    assert "1 that does not go up stays as now." in increases
    assert "2 new results are not used" in increases


@pytest.mark.parametrize(
    ("button", "scores", "said"),
    [
        pytest.param("apply", [60, 100, 100], "3 submissions have the result", id="all"),
        pytest.param(
            "apply-increases",
            [100, 100, 100],
            "2 submissions have the result of this rerun; 1 that does not go up stayed as it was",
            id="only increases",
        ),
    ],
)
def test_proposal_is_applied_and_taken_back(
    course: Course, tutor: Client, button: str, scores: list[float], said: str
) -> None:
    rerun = a_proposal(course)
    before = course.scores()

    applied = act(tutor, rerun, button)

    assert "Applied: " in applied
    assert said in applied
    assert list(course.scores().values()) == scores
    undone = act(tutor, rerun, "undo")
    assert "Taken back." in undone
    assert course.scores() == before
    assert "tutor took it back" in undone


def test_undo_says_in_numbers_what_stays(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)
    act(tutor, rerun, "apply")
    course.release(FIRST)
    act(tutor, a_proposal(course, student="ann"), "apply")

    said = text(tutor.get(f"{RERUNS}/{rerun}"))

    assert "Undo: 1 result moves back" in said
    assert "1 submission gets its earlier result back." in said
    assert "1 that came out as before is again by the earlier suite version." in said
    assert "1 stays as it is: something newer speaks for it." in said
    assert "1 stayed as it was" in act(tutor, rerun, "undo")


def test_discarded_proposal_leaves_every_score_and_cannot_be_applied(
    course: Course, tutor: Client
) -> None:
    rerun = a_proposal(course)
    before = course.scores()

    assert "Discarded: every score stays as it was." in act(tutor, rerun, "discard")
    assert "discarded: apply is for one that is ready" in act(tutor, rerun, "apply")
    assert course.scores() == before


def test_what_came_in_meanwhile_is_said_and_left_alone(course: Course, tutor: Client) -> None:
    rerun = course.rerun().id
    course.submit("dee", "a b")
    course.work()
    act(tutor, a_proposal(course, student="ann"), "apply")

    proposed = text(tutor.get(f"{RERUNS}/{rerun}"))
    listed = text(tutor.get(f"{RERUNS}/{rerun}", params={"which": "superseded"}))
    applied = act(tutor, rerun, "apply")

    said = "1 submission is left alone: something newer came in for it meanwhile."
    assert proposed.count(said) == 2  # in the totals, and before it is applied
    assert "1 attempt came in since it began and is no part of it." in proposed
    assert "Left alone: something newer speaks for it" in listed
    assert said in applied
    assert "tutor applied it: 2 applied, 1 left alone for something newer" in applied


def test_what_could_not_be_graded_is_shown_with_the_reason(course: Course, tutor: Client) -> None:
    rerun = course.rerun().id
    held = course.claim()
    assert held is not None
    course.fail(held, HOSTILE)
    course.work()

    page = tutor.get(f"{RERUNS}/{rerun}")

    assert "could not be graded, by our fault, and keeps its score" in text(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;␛[2J\\u202eevil" in page.text
    assert "<script>alert" not in page.text


def test_changes_are_filtered(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    shown = {
        which: students_on(tutor.get(f"{RERUNS}/{rerun}", params={"which": which}))
        for which in Which
    }

    assert shown == {
        Which.CHANGED: ["ann", "ben"],
        Which.ALL: ["ann", "ben", "cem"],
        Which.GAIN: ["ben"],
        Which.LOSE: ["ann"],
        Which.CROSSING: ["ann", "ben"],
        Which.PASSING: ["ben"],
        Which.FAILING: ["ann"],
        Which.FAILED: [],
        Which.SUPERSEDED: [],
    }


def test_changes_are_filtered_by_case(course: Course, tutor: Client) -> None:
    course.submit("dee", "b x")
    course.release({"A": (60.0, "b"), "B": (40.0, "x")})
    rerun = a_proposal(course)

    page = tutor.get(f"{RERUNS}/{rerun}")
    of_a = tutor.get(f"{RERUNS}/{rerun}", params={"case": "A"})
    of_b = tutor.get(f"{RERUNS}/{rerun}", params={"case": "B"})
    of_none = tutor.get(f"{RERUNS}/{rerun}", params={"case": HOSTILE})

    assert "A 1 1 0 B 1 1 0" in text(page)
    assert students_on(of_a) == ["ben", "dee"]
    assert students_on(of_b) == ["ann", "ben"]
    assert "No submission is like that" in of_none.text
    assert "<script>alert" not in of_none.text


def test_changes_are_shown_page_by_page_in_the_order_of_the_names(
    course: Course, tutor: Client
) -> None:
    for number in range(30):
        course.submit(f"s{29 - number:02}", "a x")
    course.release({"A": (60.0, "a"), "B": (40.0, "b")})
    rerun = a_proposal(course, scope=Scope.STALE)

    pages = [tutor.get(f"{RERUNS}/{rerun}", params={"page": n}) for n in (1, 2, 3)]

    shown = [students_on(page) for page in pages]
    assert [len(each) for each in shown] == [25, 5, 0]
    assert shown[0] + shown[1] == sorted(shown[0] + shown[1])
    assert "There are 2 pages only" in pages[2].text


def test_proposal_that_changes_nothing_says_so(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course, student="cem")

    page = text(tutor.get(f"{RERUNS}/{rerun}"))

    assert "Nothing changes" in page
    assert "No score moves." in page
    assert "1 comes out as before and is stale no more." in page


def test_rerun_of_nothing_says_so(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course, scope=Scope.FAILED)

    assert "There was nothing to grade again" in text(tutor.get(f"{RERUNS}/{rerun}"))


def test_list_says_of_each_rerun_what_came_of_it(course: Course, tutor: Client) -> None:
    act(tutor, a_proposal(course), "apply-increases")
    course.rerun(Wanted(scope=Scope.COUNTED, student="ann", cases=("B",)))
    course.work(1)

    page = text(tutor.get(RERUNS))

    assert "Rerun 1 Applied Everything handed in: 3 submissions 1 score up, 1 down" in page
    words = "Each student&#39;s attempt that counts · Of ann alone · Case B alone: 1 submission"
    assert f"Rerun 2 To be decided {words}" in page
    assert page.index("Rerun 2") < page.index("Rerun 1")


def test_older_reruns_stand_on_the_next_page(course: Course, tutor: Client) -> None:
    for _ in range(11):
        a_proposal(course, scope=Scope.FAILED)

    first = tutor.get(RERUNS).text
    second = tutor.get(RERUNS, params={"before": 2}).text

    assert f'href="{RERUNS}?before=2"' in first
    assert f'href="{RERUNS}/1"' not in first
    assert f'href="{RERUNS}/1"' in second


def test_submission_is_graded_again_by_its_button(course: Course, tutor: Client) -> None:
    answer = send(tutor, "/submissions/2/reruns")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{RERUNS}/1")
    assert "Submission 2" in text(tutor.get(f"{RERUNS}/1"))


@pytest.mark.parametrize("rerun", ["0", "999", "x", str(2**40)])
def test_unknown_rerun_is_not_found(course: Course, tutor: Client, rerun: str) -> None:
    assert tutor.get(f"{RERUNS}/{rerun}").status_code == 404


def test_rerun_of_another_assignment_is_not_found_here(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    elsewhere = RERUNS.replace("hw4", "hw5")

    assert tutor.get(f"{elsewhere}/{rerun}").status_code == 404
    assert send(tutor, f"{elsewhere}/{rerun}", act="apply").status_code == 404
    assert state(course, rerun) is RerunState.READY


def test_button_needs_the_token_of_the_page(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    for fields in ({}, {"csrf_token": "another"}):
        answer = tutor.post(f"{RERUNS}/{rerun}", data={"act": "apply", **fields})
        assert answer.status_code == 403
    assert state(course, rerun) is RerunState.READY


def test_unknown_act_does_nothing(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    assert send(tutor, f"{RERUNS}/{rerun}", act="delete").status_code == 422
    assert state(course, rerun) is RerunState.READY


def test_live_page_is_told_how_far_it_is_and_that_it_is_over(course: Course, tutor: Client) -> None:
    rerun = course.rerun().id
    told: list[str] = []
    with tutor.stream("GET", f"{RERUNS}/{rerun}/events?state=running") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("event: "):
                told.append(line.removeprefix("event: "))
            if "0 of 3 submissions" in line:
                course.work()

    assert told[0] == "progress"
    assert told[-1] == "turned"
    assert set(told) == {"progress", "turned"}


def test_page_that_shows_another_state_is_told_at_once(course: Course, tutor: Client) -> None:
    rerun = a_proposal(course)

    events = tutor.get(f"{RERUNS}/{rerun}/events?state=running").text

    assert re.findall("event: (.*)", events) == ["turned"]


def test_number_of_queries_grows_with_nothing(course: Course, tutor: Client) -> None:
    def asked(address: str, **parameters: str) -> int:
        with counting_statements(course) as sent:
            assert tutor.get(address, params=parameters).status_code == 200
        return len(sent)

    def queries(rerun: int, running: int) -> list[int]:
        return [
            asked(RERUNS),
            asked(f"{RERUNS}/{rerun}"),
            asked(f"{RERUNS}/{rerun}", which="all", case="B"),
            asked(f"{RERUNS}/{running}"),
        ]

    small = a_proposal(course)
    course.rerun()
    course.work(1)
    few = queries(small, small + 1)
    course.work()
    for number in range(20):
        course.submit(f"student {number}", "a b")
    course.release(FIRST)
    large = a_proposal(course)
    for _ in range(3):
        course.rerun()
    course.work(40)

    many = queries(large, large + 2)
    assert max(many) <= MOST_QUERIES, many
    assert many == few
