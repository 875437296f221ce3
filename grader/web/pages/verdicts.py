"""Verdicts as a student reads them: words and a symbol, so that colour says nothing alone."""

from dataclasses import dataclass

from grader.domain.verdicts import CaseResult, Verdict


@dataclass(frozen=True)
class Look:
    """A verdict in words; `icon` names its symbol, `tone` its colour."""

    words: str
    icon: str
    tone: str


_LOOKS = {
    Verdict.ACCEPTED: Look("Accepted", "tick", "good"),
    Verdict.SKIPPED: Look("File missing", "dash", "quiet"),
    Verdict.WRONG_ANSWER: Look("Wrong answer", "cross", "bad"),
    Verdict.RUNTIME_ERROR: Look("Runtime error", "bang", "bad"),
    Verdict.OUTPUT_LIMIT: Look("Answer too large", "bang", "bad"),
    Verdict.MEMORY_LIMIT: Look("Memory limit", "bang", "bad"),
    Verdict.TIME_LIMIT: Look("Time limit", "clock", "bad"),
    Verdict.INTERNAL_ERROR: Look("Our failure", "bang", "quiet"),
}
_PARTIAL = Look("Partly right", "half", "bad")


def look_of(case: CaseResult) -> Look:
    """Return what a case's verdict looks like."""
    if case.verdict is Verdict.ACCEPTED and case.points < case.max_points:
        return _PARTIAL
    return _LOOKS[case.verdict]
