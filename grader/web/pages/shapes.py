"""The shapes that a case's message speaks of, to be seen at a glance.

The suite's own sentences name them (grader.suite.diagnosis), for answers that are wrong.
"""

import re
from dataclasses import dataclass

from grader.domain.verdicts import CaseResult, Verdict

_SHAPE = r"\((?:\d+(?:, \d+)*,?(?:, and \d+ more)?)?\)"
_GOT = re.compile(rf"array of shape ({_SHAPE})|numbers in shape ({_SHAPE})|: shape ({_SHAPE}) inst")
_EXPECTED = re.compile(
    rf"shape ({_SHAPE}) was expected|was expected, shape ({_SHAPE})|instead of ({_SHAPE})\."
)
_ONE_NUMBER = re.compile(r"(?:returned|is|:) one number, but")
_ONE_EXPECTED = re.compile(r"but one number was expected")


@dataclass(frozen=True)
class Shapes:
    """The shape that an answer has, and the one that was expected; empty where not known."""

    got: str
    expected: str


def shapes_of(case: CaseResult) -> Shapes | None:
    """Return the shapes that the message of a wrong answer speaks of, if it does."""
    if case.verdict is not Verdict.WRONG_ANSWER:
        return None  # what an exception says are the student's words
    head = case.message.partition("\n")[0][:1000]
    got = _first(_GOT, head) or ("()" if _ONE_NUMBER.search(head) else "")
    expected = _first(_EXPECTED, head) or ("()" if _ONE_EXPECTED.search(head) else "")
    return Shapes(got, expected) if got or expected else None


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return next(filter(None, found.groups()), "") if found else ""
