"""`submission`, as a suite has it: the student's modules, and what can be put in their place."""

from collections.abc import Callable, Mapping
from typing import Any

from grader.errors import SuiteFailure
from grader.suite.answer import Answer
from grader.suite.case import Case
from grader.suite.stand_in import FunctionOutside, Outside, StandInClass


class Submission:
    """The proxy of a submission: any other attribute is the module of the file of that name."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def __getattr__(self, name: str) -> Answer:
        """Return the module of `<name>.py`, imported inside on first use.

        Raises:
            StudentError: it cannot be imported, which ends the case.
        """
        upload = f"{name}.py"
        if upload not in self._case.session.plan.assignment.files:
            raise AttributeError(f"the assignment has no file {upload}")
        return self._case.module(upload)

    def attempt(self, answer: Answer, *args: Any, **kwargs: Any) -> None:
        """Call, whatever the student's code returns or raises.

        Raises:
            StudentError: its process was lost, which ends the case.
        """
        self._case.attempt(answer, args, kwargs)

    def function(self, function: Callable[..., Any] | Outside) -> FunctionOutside:
        """Return `function` as something to hand inside: it runs here, until this case ends.

        A stand-in's method will do, with an empty state: a child that was lent it by that can go
        on to a case that lends the stand-in.
        """
        return self._case.function(function)

    def stand_in(self, scaffold_class: str, methods: Mapping[str, Outside]) -> StandInClass:
        """Make a class inside from the scaffold's `module:Class`, with `methods` that run here.

        Like a function, they can be called from inside until this case ends.
        """
        return self._case.stand_in(scaffold_class, methods)

    def replace(self, upload: str, **names: StandInClass) -> None:
        """Give a file's module the starter's names, the student's own, and over both these.

        Raises:
            SuiteFailure: no such file, or something was imported already.
        """
        self._known(upload)
        self._case.replace(upload, names)

    def missing(self, upload: str) -> bool:
        """Whether a file was not handed in."""
        return self._known(upload) not in self._case.session.files

    def lost(self, upload: str) -> bool:
        """Whether a file is missing or lost one of its own cases so far.

        Those have run where the file is listed in the marker's `after`. What a hidden case says of
        a file is known to hidden cases only.
        """
        lost = self._case.session.lost_files
        if not self._case.spec.visible:
            lost = lost | self._case.session.hidden_losses
        return self.missing(upload) or upload in lost

    def _known(self, upload: str) -> str:
        if upload not in self._case.session.plan.assignment.files:
            raise SuiteFailure(f"the assignment has no file {upload}")
        return upload
