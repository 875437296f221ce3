"""How a case ends early."""

import pytest

from grader.domain.verdicts import Verdict
from grader.suite.outcomes import MESSAGE_CHARACTERS, CaseEnded, StudentError, WrongAnswer


def test_a_wrong_answer_ends_the_case_with_its_message() -> None:
    with pytest.raises(CaseEnded, match="the sign is turned") as ended:
        raise WrongAnswer("the sign is turned")

    assert ended.value.verdict is Verdict.WRONG_ANSWER
    assert ended.value.message == "the sign is turned"


def test_a_students_error_carries_its_verdict() -> None:
    error = StudentError(Verdict.TIME_LIMIT, "forward used 1.0 s")

    assert (error.verdict, error.message) == (Verdict.TIME_LIMIT, "forward used 1.0 s")


def test_a_message_is_bounded() -> None:
    assert len(WrongAnswer("x" * 10_000).message) == MESSAGE_CHARACTERS
    assert WrongAnswer("x" * MESSAGE_CHARACTERS).message == "x" * MESSAGE_CHARACTERS
