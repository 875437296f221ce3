"""Verdicts as a student reads them: words and a symbol, so that colour says nothing alone."""

from dataclasses import dataclass

from grader.domain.verdicts import CaseResult, Verdict


@dataclass(frozen=True)
class Badge:
    """A verdict in words; `icon` names its symbol, `tone` its colour."""

    words: str
    icon: str
    tone: str


_BADGES = {
    Verdict.ACCEPTED: Badge("Accepted", "tick", "good"),
    Verdict.SKIPPED: Badge("File missing", "dash", "quiet"),
    Verdict.WRONG_ANSWER: Badge("Wrong answer", "cross", "bad"),
    Verdict.RUNTIME_ERROR: Badge("Runtime error", "bang", "bad"),
    Verdict.OUTPUT_LIMIT: Badge("Answer too large", "bang", "bad"),
    Verdict.MEMORY_LIMIT: Badge("Memory limit", "bang", "bad"),
    Verdict.TIME_LIMIT: Badge("Time limit", "clock", "bad"),
    Verdict.INTERNAL_ERROR: Badge("Our failure", "bang", "quiet"),
}
_PARTIAL = Badge("Partly right", "half", "bad")


def badge(case: CaseResult) -> Badge:
    """Return what a case's verdict looks like."""
    if case.verdict is Verdict.ACCEPTED and case.points < case.max_points:
        return _PARTIAL
    return _BADGES[case.verdict]
