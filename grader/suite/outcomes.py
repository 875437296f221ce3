"""How a case ends early inside a judge: control flow that the plugin turns into a verdict."""

from grader.domain.text import printable
from grader.domain.verdicts import Verdict

MESSAGE_CHARACTERS = 600


class CaseEnded(Exception):
    """The case is over and the student's; `message` is what the student reads."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        message = printable(message, 4 * MESSAGE_CHARACTERS)
        if len(message) > MESSAGE_CHARACTERS:
            message = message[: MESSAGE_CHARACTERS - 3] + "..."
        super().__init__(message)
        self.verdict = verdict
        self.message = message


class WrongAnswer(CaseEnded):
    """What the submission answered is not right."""

    def __init__(self, message: str) -> None:
        super().__init__(Verdict.WRONG_ANSWER, message)


class StudentError(CaseEnded):
    """The submission raised, ran into a limit or is not there; `verdict` says which."""
