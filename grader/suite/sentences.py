"""From the facts of the sandbox to verdicts, by the one table, and to what a student reads."""

import re
from collections.abc import Mapping

from grader.domain.text import one_line, printable
from grader.domain.verdicts import Verdict
from grader.sandbox.endings import Ending, Failure
from grader.suite.outcomes import StudentError

VERDICTS = {
    Ending.RAISED: Verdict.RUNTIME_ERROR,
    Ending.UNSAYABLE: Verdict.RUNTIME_ERROR,
    Ending.EXITED: Verdict.RUNTIME_ERROR,
    Ending.CRASHED: Verdict.RUNTIME_ERROR,
    Ending.MISBEHAVED: Verdict.RUNTIME_ERROR,
    Ending.TOO_LARGE: Verdict.OUTPUT_LIMIT,
    Ending.OUT_OF_MEMORY: Verdict.MEMORY_LIMIT,
    Ending.CPU_TIME: Verdict.TIME_LIMIT,
    Ending.WALL_TIME: Verdict.TIME_LIMIT,
}
_MESSAGE = 400
_SOURCE_LINE = 120
_LINE_END = re.compile(r"\r\n|\r|\n")  # Python's own; str.splitlines() knows eight more


def student_error(failure: Failure, what: str, files: Mapping[str, bytes]) -> StudentError:
    """Return how a case ends that met `failure` in `what`: a method, or an import."""
    return StudentError(VERDICTS[failure.ending], _sentence(failure, what) + _where(failure, files))


def source_lines(content: bytes) -> list[str]:
    """Return the lines of a student's file, counted as Python counts them."""
    return _LINE_END.split(content.decode("utf-8-sig", "replace"))


def _sentence(failure: Failure, what: str) -> str:
    message = one_line(failure.message, _MESSAGE)  # or it could forge lines of ours
    match failure.ending:
        case Ending.RAISED:
            return _exception(failure, message)
        case Ending.UNSAYABLE:
            return f"{what}: {message}; numbers or arrays were expected."
        case Ending.TOO_LARGE:
            return f"{what}: {message}."
        case Ending.OUT_OF_MEMORY:
            return f"{what} used more memory than is allowed."
        case Ending.CPU_TIME:
            return f"{what} used up its time limit: is there an endless loop?"
        case Ending.WALL_TIME:
            return f"{what} did not end in time; it waited: is there a sleep or an input()?"
        case Ending.EXITED:
            how = message or "it closed its connection"
            return f"{what} ended the whole process ({how}): does it call os._exit()?"
        case Ending.CRASHED:
            return f"{what} crashed Python ({message}): is there an endless recursion?"
        case Ending.MISBEHAVED:
            return f"{what} disturbed the process that runs it, which was ended."


def _exception(failure: Failure, message: str) -> str:
    error = one_line(failure.error, 100)
    if failure.missing_module:
        module = one_line(failure.missing_module, 100)
        return f"{error}: {module} is not installed here; remove the import."
    if error == "SystemExit":
        return "SystemExit: the code ends the program, with sys.exit() or exit(); remove that."
    if error == "PermissionError":
        message += " (nothing can be written, started or reached here: remove that)"
    return f"{error}: {message}" if message else error


def _where(failure: Failure, files: Mapping[str, bytes]) -> str:
    """Name the innermost line of the student's; quote it from what was handed in, not sent back."""
    frames = [frame for frame in failure.frames if frame.file in files]
    if not frames:
        return ""
    last = frames[-1]
    lines = source_lines(files[last.file])
    if not 1 <= last.line <= len(lines):  # a forged one, or of code that the student compiled
        return f"\n  {last.file}"
    place = f"\n  {last.file}, line {last.line}"
    if last.function != "<module>":
        place += f", in {one_line(last.function, 80)}"
    if line := lines[last.line - 1].strip():
        place += f"\n    {printable(line, _SOURCE_LINE)}"
    return place
