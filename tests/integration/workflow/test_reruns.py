"""A rerun is a proposal until it is applied, and can be taken back. On both databases."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from grader.domain.rerun_changes import Outcome
from grader.domain.reruns import Mode, Only, Rerun, RerunState, Scope, Wanted
from grader.domain.verdicts import Verdict
from grader.errors import Conflict, NotAllowed, NotFound, UsageError
from grader.storage import leases, runs
from grader.storage.database import Database
from grader.storage.tables import CaseResultRow
from grader.workflow.audit import list_audit
from grader.workflow.rerun_changes import Which, read_proposal
from grader.workflow.reruns import (
    Action,
    act_on,
    apply_rerun,
    read_rerun,
    rerun_submission,
    start_rerun,
    undo_rerun,
)
from grader.workflow.submissions import read_submission
from tests.releases import no_suites
from tests.reruns import HW4, Course, Suite, counting_statements

MENDED: Suite = {"A": (60.0, "a"), "B": (40.0, "x")}
STRICTER: Suite = {"A": (60.0, "strict"), "B": (40.0, "b")}
ADDED: Suite = {"A": (60.0, "a"), "B": (20.0, "b"), "C": (20.0, "c")}
POINTS_MOVED: Suite = {"A": (50.0, "a"), "B": (50.0, "b")}


@pytest.fixture
def course(database: Database) -> Course:
    return Course(no_suites(database))


def a_class(course: Course) -> dict[str, int]:
    """Let a class hand in: all right, without B, without A, and with everything."""
    words = {"ann": "a b", "ben": "a x", "cem": "b strict", "dee": "a b c x strict"}
    return {student: course.submit(student, said) for student, said in words.items()}


def apply(course: Course, rerun: Rerun, only: Only = Only.ALL) -> Rerun:
    return apply_rerun(course.service, course.tutor, rerun.id, only)


def undo(course: Course, rerun: Rerun) -> Rerun:
    return undo_rerun(course.service, course.tutor, rerun.id)


def act(course: Course, rerun: Rerun, action: Action) -> Rerun:
    return act_on(course.service, course.tutor, rerun.id, action)


def state(course: Course, rerun: Rerun) -> RerunState:
    return read_rerun(course.service, course.tutor, rerun.id).state


@pytest.mark.parametrize(
    ("suite", "changes"),
    [
        pytest.param(
            MENDED, {"ann": (100, 60), "ben": (60, 100), "cem": (40, 0)}, id="a case mended"
        ),
        pytest.param(
            STRICTER,
            {"ann": (100, 40), "ben": (60, 0), "cem": (40, 100)},
            id="a case made stricter",
        ),
        pytest.param(
            ADDED, {"ann": (100, 80), "cem": (40, 20), "ben": (60, 60)}, id="a case added"
        ),
        pytest.param(POINTS_MOVED, {"ben": (60, 50), "cem": (40, 50)}, id="points moved"),
    ],
)
def test_rerun_moves_exactly_those_affected_when_applied_and_back_when_undone(
    course: Course, suite: Suite, changes: dict[str, tuple[float, float]]
) -> None:
    submissions = a_class(course)
    before = course.scores()
    course.release(suite)

    rerun = course.rerun()
    course.work()

    proposed = {
        change.row.student: (change.row.before.score, change.row.after.score)
        for change in course.changes(rerun)
    }
    expected = before | {submissions[name]: score for name, (_, score) in changes.items()}
    assert proposed == changes
    assert state(course, rerun) is RerunState.READY
    assert course.scores() == before
    apply(course, rerun)
    assert course.scores() == expected
    undo(course, rerun)
    assert course.scores() == before


def test_proposed_rerun_leaves_every_score_alone_until_applied(course: Course) -> None:
    submission = course.submit("ann", "a b")
    before = course.view(submission)
    course.release(STRICTER)

    rerun = course.rerun()
    states = [course.view(submission)]
    course.work()
    states.append(course.view(submission))
    to_student = read_submission(course.service, course.student("ann"), submission)

    assert states == [before, before]
    assert to_student.submission.score == before.submission.score
    apply(course, rerun)
    after = read_submission(course.service, course.student("ann"), submission).submission
    assert after.score != before.submission.score
    assert after.run.trigger == runs.RERUN


def test_rerun_is_by_what_another_process_released_a_moment_ago(
    course: Course, database: Database
) -> None:
    course.submit("ann", "a b")
    version = Course(no_suites(database)).release(MENDED)

    rerun = course.rerun()

    assert rerun.suite_version == version


def test_rerun_takes_the_seed_of_the_run_that_it_would_replace(course: Course) -> None:
    submission = course.submit("ann", "a b")
    seed = course.view(submission).submission.run.seed

    course.rerun()
    held = course.claim()

    assert held is not None
    assert held.seed == seed


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        pytest.param(Wanted(), ["ann 1", "ann 2", "ben 1", "cem 1"], id="all"),
        pytest.param(Wanted(Scope.LATEST), ["ann 2", "ben 1", "cem 1"], id="latest"),
        pytest.param(Wanted(Scope.COUNTED), ["ann 1", "ben 1"], id="counted"),
        pytest.param(Wanted(Scope.FAILED), ["cem 1"], id="failed"),
        pytest.param(Wanted(Scope.BELOW_PASS), ["ann 2", "ben 1"], id="below pass"),
        pytest.param(Wanted(Scope.STALE), ["ann 1", "ann 2", "cem 1"], id="stale"),
        pytest.param(Wanted(student="ann"), ["ann 1", "ann 2"], id="student"),
        pytest.param(Wanted(Scope.LATEST, student="ann"), ["ann 2"], id="student's latest"),
        pytest.param(Wanted(submissions=(2, 3)), ["ann 2", "cem 1"], id="chosen"),
        pytest.param(Wanted(cases=("A",)), ["ann 1", "ann 2", "ben 1"], id="by case"),
    ],
)
def test_scope_chooses(course: Course, wanted: Wanted, chosen: list[str]) -> None:
    course.submit("ann", "a b")
    course.submit("ann", "a")
    course.submit("cem", "a b", graded=False)
    held = course.claim()
    assert held is not None
    course.fail(held)
    course.release(MENDED)
    course.submit("ben", "a")

    rerun = course.rerun(wanted)

    found = course.changes(rerun, Which.ALL)
    assert sorted(f"{each.row.student} {each.row.attempt}" for each in found) == chosen
    assert rerun.progress.total == len(chosen)


def test_result_of_a_rerun_by_case_is_no_longer_stale_in_that_case_alone(course: Course) -> None:
    course.submit("ann", "a b")
    course.release(MENDED)
    by_case = course.rerun(Wanted(cases=("B",)))
    course.work()
    apply(course, by_case)

    stale = course.rerun(Wanted(Scope.STALE))

    assert stale.progress.total == 1


def test_rerun_by_case_takes_the_other_results_from_the_current_run(course: Course) -> None:
    submission = course.submit("ann", "a x")
    first = course.view(submission).submission.run
    version = course.release({"A": (60.0, "never"), "B": (40.0, "x")})

    rerun = course.rerun(Wanted(cases=("B",)))
    course.work()
    apply(course, rerun)

    run = course.view(submission).submission.run
    assert [(case.name, case.verdict) for case in run.cases] == [
        ("A", Verdict.ACCEPTED),
        ("B", Verdict.ACCEPTED),
    ]
    assert run.cases[0] == first.cases[0]
    assert course.scores() == {submission: 100.0}
    assert stamps(course, run.id) == {"A": first.suite_version, "B": version}


@pytest.mark.parametrize("case", ["A", "B", "C"])
def test_case_keeps_its_place_when_it_is_graded_again_alone(course: Course, case: str) -> None:
    course.release(ADDED)
    submission = course.submit("ann", "a")

    course.rerun(Wanted(cases=(case,), mode=Mode.APPLY))
    course.work()

    run = course.view(submission).submission.run
    assert run.trigger == runs.RERUN
    assert [each.name for each in run.cases] == ["A", "B", "C"]


def stamps(course: Course, run_id: int) -> dict[str, str]:
    """Return by which suite version each case of a run was judged."""
    with course.service.database.reading() as session:
        rows = session.execute(
            select(CaseResultRow.name, CaseResultRow.suite_version).where(
                CaseResultRow.run_id == run_id
            )
        )
        return {row.name: row.suite_version for row in rows}


def test_case_that_is_new_is_added_by_a_rerun_of_it(course: Course) -> None:
    submission = course.submit("ann", "a b c")
    course.release(ADDED)

    rerun = course.rerun(Wanted(cases=("C",)))
    course.work()
    apply(course, rerun)

    assert [case.name for case in course.view(submission).submission.run.cases] == ["A", "B", "C"]


def test_case_that_is_gone_is_shown_where_it_was_lost(course: Course) -> None:
    course.release({"A": (100.0, "a"), "Z": (0.0, "z")})
    for student, words in {"ann": "a", "ben": "a z"}.items():
        course.submit(student, words)
    course.release({"A": (100.0, "a")})

    rerun = course.rerun()
    course.work()

    (change,) = course.changes(rerun)
    assert change.row.student == "ann"
    assert [(case.name, case.after) for case in change.cases] == [("Z", None)]


def test_unknown_case_is_refused_where_the_cases_are_known(course: Course) -> None:
    course.submit("ann", "a")

    with pytest.raises(UsageError, match="no case Z in the suite; there are: A, B"):
        course.rerun(Wanted(cases=("Z",)))


def test_messages_before_and_after_are_shown_of_each_case_that_changes(course: Course) -> None:
    course.submit("ann", "a b")
    course.release(MENDED)

    rerun = course.rerun()
    course.work()

    (change,) = course.changes(rerun)
    (case,) = change.cases
    assert case.name == "B"
    assert case.before is not None
    assert case.after is not None
    assert (case.before.verdict, case.before.message) == (Verdict.ACCEPTED, "")
    assert case.after.message == "x is not among the words"


def test_totals_say_who_gains_loses_and_crosses_the_pass_mark(course: Course) -> None:
    a_class(course)
    course.release(MENDED)

    rerun = course.rerun()
    course.work()

    totals = read_proposal(course.service, course.tutor, rerun.id).totals
    assert (totals.students, totals.changed, totals.gain, totals.lose) == (4, 3, 1, 2)
    assert (totals.newly_passing, totals.newly_failing) == (1, 1)
    assert (totals.mean_before, totals.mean_after) == (75.0, 65.0)
    crossing = {each.row.student for each in course.changes(rerun, Which.CROSSING)}
    assert crossing == {"ann", "ben"}
    assert {each.row.student for each in course.changes(rerun, Which.GAIN)} == {"ben"}
    assert {each.row.student for each in course.changes(rerun, Which.LOSE)} == {"ann", "cem"}


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [pytest.param("best", 100.0, 60.0, id="best"), pytest.param("last", 40.0, 0.0, id="last")],
)
def test_score_that_counts_follows_the_rule_of_the_assignment(
    database: Database, rule: str, before: float, after: float
) -> None:
    course = Course(no_suites(database), rule)
    course.submit("ann", "a b")
    course.submit("ann", "b")
    course.release(MENDED)

    rerun = course.rerun()
    course.work()

    counted = {(each.counted.before, each.counted.after) for each in course.changes(rerun)}
    assert counted == {(before, after)}


def test_increases_alone_can_be_applied(course: Course) -> None:
    submissions = a_class(course)
    before = course.scores()
    course.release(MENDED)
    rerun = course.rerun()
    course.work()

    apply(course, rerun, Only.INCREASES)

    assert course.scores() == before | {submissions["ben"]: 100.0}
    totals = read_proposal(course.service, course.tutor, rerun.id).totals
    assert (totals.applied, totals.kept, totals.gain, totals.lose) == (2, 2, 1, 0)
    undo(course, rerun)
    assert course.scores() == before


def test_rerun_may_apply_itself_at_the_end(course: Course) -> None:
    submission = course.submit("ann", "a x")
    course.submit("ben", "a")
    course.release(MENDED)

    rerun = course.rerun(Wanted(mode=Mode.APPLY))
    course.work(1)
    halfway = course.scores()[submission]
    course.work()

    assert halfway == 60.0
    assert state(course, rerun) is RerunState.APPLIED
    assert course.scores()[submission] == 100.0


def test_rerun_of_nothing_is_ready_at_once(course: Course) -> None:
    course.submit("ann", "a b")

    rerun = course.rerun(Wanted(Scope.FAILED))

    assert (rerun.state, rerun.progress.total) == (RerunState.READY, 0)


def test_run_that_failed_by_our_fault_is_shown_and_its_score_stays(course: Course) -> None:
    submission = course.submit("ann", "a b")
    course.release(MENDED)
    rerun = course.rerun()
    held = course.claim()
    assert held is not None

    course.fail(held, "the suite raised")

    (change,) = course.changes(rerun)
    assert change.row.failed
    assert change.row.after.error == "the suite raised"
    apply(course, rerun)
    assert course.scores() == {submission: 100.0}
    (change,) = course.changes(rerun)
    assert change.row.outcome is Outcome.FAILED


def test_what_another_applied_rerun_moved_is_not_overwritten(course: Course) -> None:
    submission = course.submit("ann", "a b x")
    course.submit("ben", "a b")
    course.release(STRICTER)
    older = course.rerun()
    course.work()
    course.release(MENDED)
    newer = course.rerun(Wanted(student="ann"))
    course.work()
    apply(course, newer)

    apply(course, older)

    by_student = {each.row.student: each.row for each in course.changes(older, Which.ALL)}
    assert by_student["ann"].outcome is Outcome.SUPERSEDED
    assert by_student["ben"].outcome is Outcome.APPLIED
    assert course.scores()[submission] == 100.0
    assert read_proposal(course.service, course.tutor, older.id).totals.superseded == 1


def test_undo_leaves_what_was_moved_again_since(course: Course) -> None:
    ann, ben = course.submit("ann", "a x"), course.submit("ben", "a x")
    course.release(MENDED)
    first = course.rerun()
    course.work()
    apply(course, first)
    course.release(STRICTER)
    second = course.rerun(Wanted(student="ann"))
    course.work()
    apply(course, second)

    undo(course, first)

    assert course.scores() == {ann: 0.0, ben: 60.0}
    outcomes = {each.row.student: each.row.outcome for each in course.changes(first, Which.ALL)}
    assert outcomes == {"ann": Outcome.APPLIED, "ben": Outcome.UNDONE}
    undo(course, second)
    assert course.scores() == {ann: 100.0, ben: 60.0}


def test_failed_run_that_was_tried_again_by_a_newer_suite_is_not_overwritten(
    course: Course,
) -> None:
    submission = course.submit("ann", "a b x", graded=False)
    held = course.claim()
    assert held is not None
    course.fail(held)
    rerun = course.rerun()
    newest = course.release(MENDED)
    course.work()
    with course.service.database.writing() as session:
        assert runs.retry(session, held.run_id, newest)
    course.work()

    apply(course, rerun)

    assert course.view(submission).submission.run.id == held.run_id
    (change,) = course.changes(rerun, Which.ALL)
    assert change.row.outcome is Outcome.SUPERSEDED


def test_attempt_that_came_in_meanwhile_is_no_part_of_a_rerun_and_said_so(course: Course) -> None:
    course.submit("ann", "a")
    course.release(MENDED)
    rerun = course.rerun(Wanted(Scope.LATEST))
    newer = course.submit("ann", "a x")
    course.work()

    apply(course, rerun)

    assert course.scores()[newer] == 100.0
    assert read_proposal(course.service, course.tutor, rerun.id).totals.newer_attempts == 1
    (change,) = course.changes(rerun, Which.ALL)
    assert (change.counted.before, change.counted.after) == (100.0, 100.0)


def test_two_reruns_applied_at_once_move_each_submission_once(course: Course) -> None:
    submissions = [course.submit(f"student {number}", "a x") for number in range(6)]
    course.release(MENDED)
    reruns = [course.rerun(), course.rerun()]
    course.work()
    start = Barrier(2)

    def work(rerun: Rerun) -> None:
        start.wait()
        apply(course, rerun)

    threads = [Thread(target=work, args=(rerun,)) for rerun in reruns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    applied = sorted(
        read_proposal(course.service, course.tutor, rerun.id).totals.applied for rerun in reruns
    )
    assert applied == [0, 6]
    assert course.scores() == dict.fromkeys(submissions, 100.0)


def test_paused_rerun_waits_and_goes_on_where_it_was(course: Course) -> None:
    for student in ("ann", "ben", "cem"):
        course.submit(student, "a b")
    rerun = course.rerun()
    course.work(1)

    paused = act(course, rerun, Action.PAUSE)
    while_paused = course.work()
    resumed = act(course, rerun, Action.RESUME)
    after = course.work()

    assert (paused.state, while_paused) == (RerunState.PAUSED, 0)
    assert (resumed.state, after) == (RerunState.RUNNING, 2)
    assert state(course, rerun) is RerunState.READY


def test_upload_is_graded_while_a_rerun_is_paused(course: Course) -> None:
    course.submit("ann", "a b")
    act(course, course.rerun(), Action.PAUSE)

    submission = course.submit("ben", "a b")

    assert course.scores()[submission] == 100.0


def test_run_of_a_paused_rerun_whose_worker_was_lost_waits_too(course: Course) -> None:
    course.submit("ann", "a b")
    rerun = course.rerun()
    course.claim()
    act(course, rerun, Action.PAUSE)
    with course.service.database.writing() as session:
        swept = leases.sweep(session, datetime.now(UTC) + timedelta(minutes=1))

    assert swept == 1
    assert course.claim() is None


def test_rerun_whose_last_run_ended_while_it_was_paused_is_ready_when_resumed(
    course: Course,
) -> None:
    course.submit("ann", "a b")
    rerun = course.rerun()
    held = course.claim()
    act(course, rerun, Action.PAUSE)
    assert held is not None
    course.finish(held)

    resumed = act(course, rerun, Action.RESUME)

    assert resumed.state is RerunState.READY


def test_cancelled_rerun_grades_nothing_more_and_moves_nothing(course: Course) -> None:
    submissions = [course.submit(student, "a b") for student in ("ann", "ben")]
    course.release(STRICTER)
    rerun = course.rerun()
    held = course.claim()
    assert held is not None

    cancelled = act(course, rerun, Action.CANCEL)

    assert cancelled.state is RerunState.CANCELLED
    assert course.finish(held) is False
    assert course.work() == 0
    with pytest.raises(Conflict, match="cancelled"):
        apply(course, rerun)
    assert course.scores() == dict.fromkeys(submissions, 100.0)


def test_discarded_rerun_moves_nothing_and_cannot_be_applied(course: Course) -> None:
    submission = course.submit("ann", "a b")
    course.release(STRICTER)
    rerun = course.rerun()
    course.work()

    act(course, rerun, Action.DISCARD)

    with pytest.raises(Conflict, match="discarded"):
        apply(course, rerun)
    assert course.scores() == {submission: 100.0}


def test_rerun_cannot_be_applied_before_it_is_ready(course: Course) -> None:
    course.submit("ann", "a b")
    rerun = course.rerun()

    with pytest.raises(Conflict, match="running"):
        apply(course, rerun)


def test_each_act_done_twice_is_done_once(course: Course) -> None:
    submission = course.submit("ann", "a x")
    course.release(MENDED)
    rerun = course.rerun()

    for action in (Action.PAUSE, Action.PAUSE, Action.RESUME, Action.RESUME):
        act(course, rerun, action)
    course.work()
    applied = [apply(course, rerun), apply(course, rerun)]
    undone = [undo(course, rerun), undo(course, rerun)]

    acts = [entry.action for _, entry in list_audit(course.service, course.tutor, "demo", None, 50)]
    assert applied[0] == applied[1]
    assert undone[0] == undone[1]
    assert acts[::-1] == [f"rerun.{each}" for each in ("start", "pause", "resume", "apply", "undo")]
    assert course.scores() == {submission: 60.0}


def test_repeat_under_an_idempotency_key_begins_nothing(course: Course) -> None:
    course.submit("ann", "a b")

    first = course.rerun(key="one")
    again = course.rerun(key="one")

    assert again == first
    assert course.work() == 1
    with pytest.raises(Conflict, match="Idempotency-Key"):
        course.rerun(Wanted(Scope.STALE), key="one")


def test_record_says_who_applied_what(course: Course) -> None:
    course.submit("ann", "a x")
    course.release(MENDED)
    rerun = course.rerun()
    course.work()
    apply(course, rerun)

    (_, entry), *_ = list_audit(course.service, course.tutor, "demo", None, 50)

    assert (entry.who, entry.action, entry.course) == ("tutor", "rerun.apply", "demo")
    assert entry.subject == f"rerun {rerun.id} of hw4"
    assert entry.details == {"only": "all", "applied": 1}


def test_students_neither_rerun_nor_see_reruns(course: Course) -> None:
    submission = course.submit("ann", "a b")
    rerun = course.rerun()
    ann = course.student("ann")

    with pytest.raises(NotAllowed):
        start_rerun(course.service, ann, HW4, Wanted())
    with pytest.raises(NotAllowed):
        rerun_submission(course.service, ann, submission, Wanted())
    with pytest.raises(NotFound):
        read_rerun(course.service, ann, rerun.id)
    with pytest.raises(NotFound):
        apply_rerun(course.service, ann, rerun.id, Only.ALL)
    with pytest.raises(NotFound):
        list_audit(course.service, ann, "demo", None, 50)


def test_progress_says_when_the_end_is_expected(course: Course) -> None:
    for number in range(4):
        course.submit(f"student {number}", "a b")

    rerun = course.rerun()
    course.work(3)

    progress = read_rerun(course.service, course.tutor, rerun.id).progress
    assert (progress.total, progress.ended, progress.graded) == (4, 3, 3)
    assert rerun.progress.expected_seconds is None
    assert progress.expected_seconds is not None
    act(course, rerun, Action.PAUSE)
    paused = read_rerun(course.service, course.tutor, rerun.id)
    assert paused.progress.expected_seconds is None


def test_statements_do_not_grow_with_the_class(course: Course) -> None:
    def spent() -> list[int]:
        counts = []
        course.release(MENDED if len(course.suites) % 2 else STRICTER)
        with counting_statements(course) as sent:
            rerun = course.rerun()
        counts.append(len(sent))
        course.work()
        with counting_statements(course) as sent:
            course.changes(rerun)
            read_proposal(course.service, course.tutor, rerun.id)
        counts.append(len(sent))
        with counting_statements(course) as sent:
            apply(course, rerun)
            undo(course, rerun)
        counts.append(len(sent))
        return counts

    course.submit("first", "a b")
    few = spent()
    for number in range(40):
        course.submit(f"student {number}", "a b")
    many = spent()

    # A look for new releases may fall into either, once a second.
    assert all(more <= less + 4 for more, less in zip(many, few, strict=True)), (few, many)
    assert sum(many) <= 80
