"""Reruns in words: what is graded again, where it stands, what became of it, and who did what."""

from collections.abc import Iterator, Mapping, Sequence

from grader.domain.audit import AuditEntry
from grader.domain.rerun_changes import Counted, Outcome, Row
from grader.domain.reruns import Only, Rerun, RerunState, Scope
from grader.domain.text import one_line
from grader.web.pages.rerun_sentences import several
from grader.web.pages.verdicts import Look
from grader.workflow.rerun_changes import Which

SCOPES = {
    Scope.STALE: "What another suite version graded",
    Scope.ALL: "Everything handed in",
    Scope.COUNTED: "Each student's attempt that counts",
    Scope.LATEST: "Each student's last attempt",
    Scope.BELOW_PASS: "What is below the pass mark",
    Scope.FAILED: "What has no score, by our fault",
}
STATES = {
    RerunState.RUNNING: Look("Running", "clock", "quiet"),
    RerunState.PAUSED: Look("Paused", "dash", "quiet"),
    RerunState.READY: Look("To be decided", "bang", "open"),
    RerunState.APPLIED: Look("Applied", "tick", "good"),
    RerunState.DISCARDED: Look("Discarded", "dash", "quiet"),
    RerunState.CANCELLED: Look("Cancelled", "dash", "quiet"),
    RerunState.UNDONE: Look("Undone", "dash", "quiet"),
}
WHICHES = {
    Which.CHANGED: "all that changes",
    Which.GAIN: "students who gain",
    Which.LOSE: "students who lose",
    Which.CROSSING: "students who cross the pass mark",
    Which.PASSING: "students who newly pass",
    Which.FAILING: "students who no longer pass",
    Which.FAILED: "what could not be graded",
    Which.SUPERSEDED: "what is left alone for something newer",
    Which.ALL: "everything, unchanged too",
}
_ACTS = {
    "start": "began it",
    "pause": "paused it",
    "resume": "let it go on",
    "cancel": "cancelled it",
    "discard": "discarded it",
    "apply": "applied it",
    "undo": "took it back",
}
_OUTCOMES = {
    Outcome.APPLIED: "Applied",
    Outcome.KEPT: "Left as it was: it does not go up",
    Outcome.SUPERSEDED: "Left alone: something newer speaks for it",
    Outcome.FAILED: "Could not be graded",
    Outcome.UNDONE: "Moved back",
}
_ON_RECORD = {
    Outcome.APPLIED: "applied",
    Outcome.KEPT: "left as they were",
    Outcome.SUPERSEDED: "left alone for something newer",
    Outcome.FAILED: "not graded",
}
_MOST_NAMES = 5  # of cases or submissions, in a line
_NAME_CHARACTERS = 100


def what_of(rerun: Rerun) -> list[str]:
    """Say what a rerun grades again, in parts."""
    wanted = rerun.wanted
    said = [] if wanted.submissions and wanted.scope is Scope.ALL else [SCOPES[wanted.scope]]
    if wanted.submissions:
        chosen = [str(submission) for submission in wanted.submissions]
        said.append(f"{'Submission' if len(chosen) == 1 else 'Submissions'} {_some(chosen)}")
    if wanted.student is not None:
        said.append(f"Of {one_line(wanted.student, _NAME_CHARACTERS)} alone")
    if wanted.cases:
        said.append(f"{'Case' if len(wanted.cases) == 1 else 'Cases'} {_some(wanted.cases)} alone")
    return said


def crossing(counted: Counted) -> str:
    """Say that a student crosses the pass mark, or nothing."""
    return {"up": "newly passes", "down": "no longer passes", None: ""}[counted.crosses]


def became_of(row: Row) -> str:
    """Say what became of a submission of a rerun, or nothing while that is open."""
    if row.superseded:
        return _OUTCOMES[Outcome.SUPERSEDED]
    return "" if row.outcome is None or row.failed else _OUTCOMES[row.outcome]


def recorded(entry: AuditEntry) -> str:
    """Say what somebody did to a rerun, with the numbers on record."""
    act = entry.action.removeprefix("rerun.")
    did = f"{one_line(entry.who, _NAME_CHARACTERS)} {_ACTS.get(act, act)}"
    numbers = ", ".join(_numbers(act, entry.details))
    return f"{did}: {numbers}" if numbers else did


def _numbers(act: str, details: Mapping[str, int | str | None]) -> Iterator[str]:
    if act == "start":
        yield several(int(details.get("submissions") or 0), "submission")
    if act == "apply" and details.get("only") == Only.INCREASES:
        yield "only what goes up"
    for outcome, words in _ON_RECORD.items() if act == "apply" else ():
        if number := int(details.get(outcome) or 0):
            yield f"{number:,} {words}"
    if act == "undo":
        yield f"{int(details.get('undone') or 0):,} moved back"


def _some(names: Sequence[str]) -> str:
    shown = [one_line(name, _NAME_CHARACTERS) for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
