"""Assignment folders as they stand."""

from grader.domain.runs import SuiteFolder
from grader.grading.slots import Slot
from grader.suite.folder import load_suite, read_assignment, take_snapshot

__all__ = ["case_names", "load_suite", "read_assignment", "take_snapshot"]


def case_names(suite: SuiteFolder) -> list[str]:
    """Return the names of a suite's cases, in order.

    Raises:
        SuiteFailure: the suite cannot be collected.
    """
    with Slot() as slot:
        return [str(case["name"]) for case in slot.cases(suite)]
