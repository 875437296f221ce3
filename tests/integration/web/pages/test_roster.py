"""The roster of a course: its page, lists in and out, and links that let people in."""

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from httpx import Client, Response

from grader.domain.people import Role
from grader.storage import courses, people
from grader.workflow.service import Service
from tests.integration.web.desk import HOSTILE, csrf_token, hand_in, questions

Browsers = Callable[..., Client]
ROSTER = "/courses/demo/roster"
API = f"/api/v1{ROSTER}"
LIST = b"name,role,section\nann,student,A\nben,assistant,\n"


def _instructor(browser_of: Browsers) -> Client:
    return browser_of("prof", Role.INSTRUCTOR, "demo")


def _send(browser: Client, content: bytes = LIST, **fields: str) -> Response:
    files = [("file", ("roster.csv", content))]
    data = {"csrf_token": csrf_token(browser), **fields}
    response: Response = browser.post(ROSTER, files=files, data=data)
    return response


def _confirm(browser: Client, page: str, **fields: str) -> Response:
    """Send the form of a plan as a browser does."""
    form = page[page.index("/roster/confirm") :]
    form = form[: form.index("</form>")]
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    shown = {name: unescape(text) for name, text in hidden.items()}
    parts = {name: (None, text) for name, text in {**shown, **fields}.items()}
    response: Response = browser.post(f"{ROSTER}/confirm", files=parts)
    return response


def _listed(browser: Client) -> list[tuple[str, str, str]]:
    items = browser.get(f"{API}?limit=500").json()["items"]
    return [(each["name"], each["role"], each["section"]) for each in items]


def test_list_is_looked_at_first_and_stored_when_confirmed(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)

    page = _send(prof)

    assert page.status_code == 200
    assert "Nothing is stored before you confirm" in page.text
    assert "Confirm: 2 added" in page.text
    assert _listed(prof) == []

    answer = _confirm(prof, page.text)

    assert answer.status_code == 303
    assert "The roster is changed: 2 added." in prof.get(ROSTER).text
    assert _listed(prof) == [("ann", "student", "A"), ("ben", "assistant", "")]


def test_list_tells_what_it_changes_and_removes(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof).text)

    keeps = _send(prof, b"name,section\nann,B\n").text
    removes = _send(prof, b"name,section\nann,B\n", remove_others="yes").text

    assert "section A → B" in keeps
    assert "Not in the list, and staying: 1" in keeps
    assert "Removed: 1" in removes
    _confirm(prof, removes)
    assert _listed(prof) == [("ann", "student", "B")]


def test_roster_that_changed_meanwhile_is_looked_at_again(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    page = _send(prof).text
    _confirm(prof, _send(prof, b"name\nann\n").text)

    answer = _confirm(prof, page)

    assert "The roster was changed meanwhile" in answer.text
    assert _listed(prof) == [("ann", "student", "")]
    assert _confirm(prof, answer.text).status_code == 303
    assert len(_listed(prof)) == 2


def test_mistakes_are_told_with_their_lines_and_nothing_is_stored(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)

    page = _send(prof, f"name,role\nann,student\n{HOSTILE},student\nben,boss\n".encode())

    assert page.status_code == 422
    assert re.search(r"Line 3</strong>: “&lt;script&gt;", page.text)
    assert "Line 4</strong>: “boss” is no role" in page.text
    assert "<script>alert" not in page.text
    assert "\x1b" not in page.text
    assert "/roster/confirm" not in page.text
    assert _listed(prof) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"x" * (600 << 10), "larger than 512 KiB", id="huge"),
        pytest.param("name\nJürgen\n".encode("utf-16"), "not UTF-8", id="UTF-16"),
    ],
)
def test_what_is_no_roster_is_told_plainly(browser_of: Browsers, content: bytes, says: str) -> None:
    page = _send(_instructor(browser_of), content)

    assert page.status_code == 422
    assert says.lower() in page.text.lower()


def test_form_without_a_file_is_told_so(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)

    page = prof.post(ROSTER, data={"csrf_token": csrf_token(prof)})

    assert page.status_code == 422
    assert "the file is empty" in page.text


def test_confirmed_list_that_was_tampered_with_stores_nothing(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    page = _send(prof).text

    assert _confirm(prof, page, csv="name\n<b>\n").status_code == 422
    assert "changed meanwhile" in _confirm(prof, page, csv="name\nmallory\n").text
    assert _listed(prof) == []


def test_confirmed_list_that_is_no_text_is_told_so(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    field = b'--b\r\nContent-Disposition: form-data; name="csv"\r\n\r\nname\n+2AA-\r\n--b--\r\n'
    kind = "multipart/form-data; boundary=b; charset=utf-7"  # half a surrogate, in UTF-7

    answer = prof.post(
        f"{ROSTER}/confirm",
        content=field,
        headers={"Content-Type": kind, "X-CSRF-Token": csrf_token(prof)},
    )

    assert answer.status_code == 422
    assert "“?” cannot be a name" in answer.text


def test_instructor_cannot_shut_themselves_out(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof, b"name,role\nprof,instructor\n").text)

    demoted = _send(prof, b"name,role\nprof,student\n")
    removed = _send(prof, b"name\nann\n", remove_others="yes")

    for page in (demoted, removed):
        assert page.status_code == 422
        assert "take away your own role" in page.text
    assert _listed(prof) == [("prof", "instructor", "")]


def test_who_is_removed_or_gets_another_role_is_let_in_no_longer(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof, b"name,role\nann,student\nben,assistant\ncem,assistant\n").text)
    ann, ben = browser_of("ann", Role.STUDENT, "demo"), browser_of("ben", Role.ASSISTANT, "demo")
    cem = browser_of("cem", Role.ASSISTANT, "demo")
    assert {each.get(ROSTER).status_code for each in (ben, cem)} == {200}

    plan = _send(prof, b"name,role\nben,student\ncem,assistant\n", remove_others="yes")
    _confirm(prof, plan.text)

    assert [each.get("/").status_code for each in (ann, ben, cem)] == [303, 303, 200]


def test_what_a_removed_student_handed_in_stays(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    address = hand_in(browser_of("ann", Role.STUDENT, "demo"))

    _confirm(prof, _send(prof, b"name\nben\n", remove_others="yes").text)

    assert _listed(prof) == [("ben", "student", "")]
    assert prof.get(f"/api/v1{address}").status_code == 200


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_roster_shows_role_section_and_last_activity(browser_of: Browsers, role: Role) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof).text)
    hand_in(browser_of("ann"))

    page = browser_of("tutor", role, "demo").get(ROSTER).text

    rows = dict(re.findall(r"<th scope=\"row\">(?:<a[^>]*>)?(\w+)(.*?)</tr>", page, re.DOTALL))
    assert "<td>A</td>" in rows["ann"]
    assert "just now" in rows["ann"]
    assert "never" in rows["ben"]
    assert ("Import a list" in page) is (role is Role.INSTRUCTOR)
    assert ("Sign-in links" in page) is (role is Role.INSTRUCTOR)


def test_empty_roster_is_useful(browser_of: Browsers) -> None:
    assert (
        "Nobody is on the roster yet. Import a list below"
        in _instructor(browser_of).get(ROSTER).text
    )


def test_people_are_searched_and_paged(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    rows = "".join(f"student {number:03},{'AB'[number % 2]}\n" for number in range(250))
    _confirm(prof, _send(prof, f"name,section\n{rows}".encode()).text)

    first, last = prof.get(ROSTER).text, prof.get(f"{ROSTER}?page=3").text
    found = prof.get(f"{ROSTER}?q=STUDENT 24").text
    nobody = prof.get(f"{ROSTER}?q=%3Cb%3E").text

    assert "250 people" in first
    assert (first.count(">student 0"), last.count(">student 2")) == (100, 50)
    assert found.count(">student 24") == 10
    assert "Nobody is called so" in nobody
    assert 'value="&lt;b&gt;"' in nobody


def test_roster_asks_the_database_as_often_for_500_as_for_2(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof).text)
    few = questions(prof, ROSTER)
    rows = "".join(f"student {number:03}\n" for number in range(500))
    _confirm(prof, _send(prof, f"name\n{rows}".encode()).text)

    many = questions(prof, ROSTER)

    assert many <= few + 2  # with the look at what was released, once in a second
    assert many <= 15


def test_exported_roster_is_imported_again_and_defused(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof, b'name,section\n+ann,"=1+1"\nben,\n').text)

    answer = prof.get(f"{API}.csv")

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert list(csv.reader(StringIO(answer.text))) == [
        ["name", "role", "section"],
        ["'+ann", "student", "'=1+1"],
        ["ben", "student", ""],
    ]
    assert "Nothing to change" in _send(prof, answer.content).text


def test_links_sign_in_once_and_are_told_once(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof).text)

    answer = prof.post(
        f"{ROSTER}/links", data={"csrf_token": csrf_token(prof), "whom": "students", "days": "1"}
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    ((_, name, role),) = [
        (each["link"], each["name"], each["role"]) for each in csv.DictReader(StringIO(answer.text))
    ]
    assert (name, role) == ("ann", "student")
    link = next(csv.DictReader(StringIO(answer.text)))["link"]
    stranger = browser_of(None)
    data = {"csrf_token": re.findall(r'csrf_token" value="(\w+)', stranger.get(link).text)[0]}
    assert stranger.post(link, data=data).headers["Location"] == "/"
    assert "ann, student" in stranger.get("/").text
    assert browser_of(None).get(link).status_code == 404


def test_links_are_made_for_whom_they_are_wanted(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)
    _confirm(prof, _send(prof, b"name,role\nann,\nben,assistant\ncem,\n").text)
    hand_in(browser_of("ann", Role.STUDENT, "demo"))

    made = {}
    for whom in ("new", "students", "all"):
        answer = prof.post(
            f"{API}/links",
            json={"whom": whom, "hours": 1},
            headers={"X-CSRF-Token": csrf_token(prof)},
        )
        assert answer.status_code == 201
        made[whom] = [each["name"] for each in answer.json()["items"]]

    assert made == {"new": ["cem"], "students": ["ann", "cem"], "all": ["ann", "ben", "cem"]}


def test_nobody_to_make_a_link_for_is_told(browser_of: Browsers) -> None:
    prof = _instructor(browser_of)

    answer = prof.post(
        f"{ROSTER}/links", data={"csrf_token": csrf_token(prof), "whom": "new", "days": "7"}
    )

    assert answer.status_code == 303
    assert "There is nobody to make a link for" in prof.get(ROSTER).text


def test_api_tells_a_plan_and_stores_it_when_told_to(client_of: Browsers) -> None:
    prof = client_of("prof", Role.INSTRUCTOR)
    files = [("file", ("roster.csv", LIST))]

    looked = prof.post(API, files=files).json()
    stored = prof.post(f"{API}?dry_run=false", files=files).json()
    refused = prof.post(API, files=[("file", ("roster.csv", b"name\n<b>\n"))])

    assert looked["stored"] is False
    assert [each["name"] for each in looked["added"]] == ["ann", "ben"]
    assert stored == {**looked, "stored": True}
    assert _listed(prof) == [("ann", "student", "A"), ("ben", "assistant", "")]
    assert refused.status_code == 422
    assert refused.json()["reason"] == "not_a_roster"
    assert "Line 2: “<b>” cannot be a name" in refused.json()["detail"]


def test_api_lists_a_roster_page_by_page(client_of: Browsers) -> None:
    prof = client_of("prof", Role.INSTRUCTOR)
    prof.post(f"{API}?dry_run=false", files=[("file", ("roster.csv", LIST))])

    first = prof.get(f"{API}?limit=1").json()
    second = prof.get(f"{API}?limit=1&cursor={first['next']}").json()

    assert [each["name"] for each in first["items"] + second["items"]] == ["ann", "ben"]
    assert second["next"] is None


def test_who_changed_the_roster_and_made_links_is_on_record(client_of: Browsers) -> None:
    prof = client_of("prof", Role.INSTRUCTOR)
    files = [("file", ("roster.csv", LIST))]
    for address in (API, f"{API}?dry_run=false", f"{API}?dry_run=false"):
        prof.post(address, files=files)
    prof.post(f"{API}/links", json={"whom": "all"})

    entries = prof.get("/api/v1/audit", params={"course": "demo"}).json()["items"]

    assert [(each["who"], each["action"], each["details"]) for each in entries] == [
        ("prof", "roster.links", {"made": 2, "whom": "all"}),
        ("prof", "roster.import", {"added": 2, "changed": 0, "removed": 0}),
    ]


def test_assistant_changes_nobodys_part(client_of: Browsers) -> None:
    tutor = client_of("tutor", Role.ASSISTANT)

    files = [("file", ("roster.csv", b"name,role\ntutor,instructor\n"))]

    assert tutor.post(f"{API}?dry_run=false", files=files).status_code == 403
    assert tutor.post(f"{API}/links", json={}).status_code == 403
    assert tutor.get(API).json()["items"] == []


def test_who_may_not_import_a_list_is_told_so_and_not_what_is_wrong_with_it(
    browser_of: Browsers,
) -> None:
    assistant = browser_of("tutor", Role.ASSISTANT, "demo")
    broken = b"name\n\x1b\n"

    page = _send(assistant, broken)
    api = assistant.post(
        API, files={"file": broken}, headers={"X-CSRF-Token": csrf_token(assistant)}
    )

    assert (page.status_code, api.status_code) == (403, 403)


def test_roster_of_another_course_is_not_theirs(browser_of: Browsers, service: Service) -> None:
    with service.database.writing() as session:
        other = courses.ensure_course(session, "other", "other")
        people.enrol(session, other, people.ensure_person(session, "zoe"), Role.STUDENT)
    prof = _instructor(browser_of)

    assert prof.get("/courses/other/roster").status_code == 404
    assert prof.get("/courses/nowhere/roster").status_code == 404
    assert "zoe" not in prof.get(ROSTER).text
