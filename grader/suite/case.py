"""One case in progress: what it asks of the submission, and what it lends it until it ends."""

import marshal
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from grader.domain.text import printable
from grader.domain.verdicts import Verdict
from grader.errors import SuiteFailure
from grader.sandbox.budget import Budget
from grader.sandbox.conversation import Conversation
from grader.sandbox.endings import Ending, Failure
from grader.sandbox.inside import frames
from grader.sandbox.inside.values import Encoder, TooLarge, Unsayable
from grader.sandbox.replies import CaseEnd, Kept
from grader.suite.answer import Answer, made, route_of, value_of
from grader.suite.outcomes import StudentError
from grader.suite.sentences import source_lines, student_error
from grader.suite.session import CaseSpec, Session, derived_seed
from grader.suite.stand_in import FunctionOutside, Outside, StandInClass

_NOTES = 10  # of one child about one case
_DOTTED = re.compile(r"[A-Za-z_]\w{0,60}(\.[A-Za-z_]\w{0,60}){0,5}", re.ASCII)
_REASON = re.compile(r"it is missing|it does not import( \([A-Za-z_]\w{0,60}\))?", re.ASCII)


@dataclass
class Case:
    """One case in progress: its budget, and what can be called from inside until it ends."""

    session: Session
    spec: CaseSpec
    cpu_seconds: float = field(init=False)
    budget: Budget = field(init=False)
    output: str = ""
    _functions: dict[int, Outside | Callable[..., Any]] = field(default_factory=dict)
    _told: list[tuple[frames.Request, list[bytes]]] = field(default_factory=list)
    _modules: dict[str, Answer] = field(default_factory=dict)
    _import_failures: dict[str, StudentError] = field(init=False)
    _anew: bool = False
    _begun: bool = False
    _asked: bool = False
    _ended: bool = False

    def __post_init__(self) -> None:
        """Begin."""
        self.cpu_seconds = self.session.begin(self.spec)
        factor = self.session.plan.assignment.limits.wall_factor
        known = self.session.import_failures
        # What a hidden case meets stays in it: its message may speak of hidden inputs.
        self._import_failures = known if self.spec.visible else dict(known)
        self.budget = self.session.budget(self.cpu_seconds, self.cpu_seconds * factor)

    @property
    def seconds(self) -> float:
        """CPU seconds that the submission used so far in this case."""
        return max(0.0, self.cpu_seconds - self.budget.cpu_seconds)

    def module(self, upload: str) -> Answer:
        """Import a file's module, once a case; a file that failed once a run fails alike again."""
        self._asked = True
        if upload not in self._modules:
            self._modules[upload] = self._import(upload)
        return self._modules[upload]

    def function(self, function: Callable[..., Any] | Outside) -> FunctionOutside:
        """Make a function callable from inside until this case ends."""
        return FunctionOutside(self._register(function))

    def stand_in(self, source: str, methods: Mapping[str, Outside]) -> StandInClass:
        """Make a class inside from the scaffold's; `methods` run outside until the case ends."""
        module, _, name = source.partition(":")
        code = self.session.plan.scaffold.get(module)
        if code is None or name not in marshal.loads(code).co_names:  # noqa: S302  (code of ours)
            raise SuiteFailure(f"the scaffold has no {source}: name it as module:Class")
        listed = {
            name: (self._register(method), list(method.reads)) for name, method in methods.items()
        }
        number = self.session.number()
        self._tell(frames.StandIn(number, source, listed))
        return StandInClass(number, source.rpartition(":")[2], self._make)

    def replace(self, upload: str, names: Mapping[str, StandInClass]) -> None:
        """Give a file's module other contents for this case.

        Raises:
            SuiteFailure: too late, something was imported already.
        """
        if self._asked:
            raise SuiteFailure(f"{upload} must be replaced before anything is imported or called")
        self._anew = True  # what cases before this imported would stay
        self._tell(frames.Replace(upload, {name: made.number for name, made in names.items()}))

    def call(
        self, target: int, path: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call what `path` leads to from an object inside."""
        return self._answered(
            path[-1] if path else "the call", self._call(target, path, args, kwargs)
        )

    def attempt(self, answer: Answer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call, whatever comes of it; only a child that is lost ends the case."""
        target, path = route_of(answer)
        reply = self._call(target, path, args, kwargs)
        if isinstance(reply, Failure) and reply.lost_child:
            self._answered(path[-1] if path else "the call", reply)

    def get(self, target: int, path: tuple[str, ...]) -> Any:
        """Read what `path` leads to."""
        return self._answered(
            path[-1], self._ask(lambda number: frames.Get(number, target, list(path)), [])
        )

    def put(self, target: int, path: tuple[str, ...], value: Any) -> None:
        """Set the attribute at the end of `path`."""
        node, buffers = self._encoded(value)
        self._answered(
            path[-1],
            self._ask(lambda number: frames.Set(number, target, list(path), node), buffers),
        )

    def end(self) -> None:
        """End the case: revoke what was handed out and collect what was printed."""
        self._gather()
        self._functions.clear()
        self._ended = True
        self.session.spend(self.seconds)
        if not self.spec.visible:
            self.session.retire()
        self.session.end()

    def _gather(self) -> None:
        child = self.session.running
        if child is None or not child.open or not self._begun:
            return
        reply = child.ask(frames.End, [], self.session.budget(1.0, 5.0), self._outside)
        if isinstance(reply, CaseEnd):
            self._collect(reply)
        else:
            self.session.retire()

    def _collect(self, end: CaseEnd) -> None:
        limits = self.session.plan.assignment.limits
        self.output += printable(end.output, limits.output_bytes)
        if end.truncated:
            self.output += "\n… (more was printed than is kept)"
        if self.spec.visible:  # a child that knows hidden inputs is not heard beyond its case
            for note in islice(self._notes(end), _NOTES):
                self.session.note(note)

    def _notes(self, end: CaseEnd) -> Iterator[str]:
        """Yield what a child notes about imports, where it is of the form that ours has."""
        assignment = self.session.plan.assignment
        for upload, line, module in end.stubs[:_NOTES]:
            known = any(f"{module}.".startswith(f"{stub}.") for stub in assignment.stub_modules)
            if not known or not _DOTTED.fullmatch(module) or upload not in self.session.files:
                continue
            if 1 <= line <= len(source_lines(self.session.files[upload])):
                yield f"{upload}: line {line} imports {module}, which is not needed here."
        for upload, reason in end.replaced[:_NOTES]:
            if upload in assignment.files and _REASON.fullmatch(reason):
                yield f"{upload} was replaced for the files that import it, because {reason}."

    def _register(self, function: Outside | Callable[..., Any]) -> int:
        if self._ended:
            raise SuiteFailure("this case has ended")
        number = self.session.lend(self.spec.name, function)
        self._functions[number] = function
        return number

    def _make(
        self, stand_in: StandInClass, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Answer:
        value = self.call(0, (str(stand_in.number),), args, kwargs)
        return made(self, value, stand_in.name)

    def _call(
        self, target: int, path: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        node, buffers = self._encoded((args, kwargs))
        return self._ask(lambda number: frames.Call(number, target, list(path), node), buffers)

    def _import(self, upload: str) -> Answer:
        session, failures = self.session, self._import_failures
        if upload in failures:
            raise failures[upload]
        limits = session.plan.assignment.limits
        while True:
            seconds = limits.import_seconds
            budget = session.budget(seconds, seconds * limits.wall_factor)
            reply = self._conversation().ask(
                lambda number: frames.Import(number, upload), [], budget, self._outside
            )
            session.spend(max(0.0, limits.import_seconds - budget.cpu_seconds))
            if isinstance(reply, Kept):
                return made(self, reply, upload.removesuffix(".py"))
            failure = reply if isinstance(reply, Failure) else Failure(Ending.MISBEHAVED)
            culprit = upload
            if failure.lost_child and failure.importing in session.files.keys() - failures.keys():
                culprit = failure.importing
            error = student_error(failure, f"importing {culprit}", session.files)
            failures[culprit] = error
            self._gather()
            session.retire()
            if culprit == upload or self._modules:  # what was made of those is lost as well
                raise error
            # A sibling took the process with it: this file gets a replacement for it.

    def _conversation(self) -> Conversation:
        child, fresh = self.session.child()
        if fresh or not self._begun:
            self._begun = True
            seed = derived_seed(self.session.seed, self.spec.name, "submission")
            limit = self.session.plan.assignment.limits.output_bytes
            begin = frames.Begin(seed, limit, sorted(self._import_failures), self._anew)
            child.tell(begin, [], self.budget)
            for message, buffers in self._told:
                child.tell(message, buffers, self.budget)
        return child

    def _tell(self, message: frames.Request) -> None:
        self._told.append((message, []))
        if self._begun:
            self._conversation().tell(message, [], self.budget)

    def _ask(self, make: Callable[[int], frames.Request], buffers: list[bytes]) -> Any | Failure:
        if self._ended:
            raise SuiteFailure("an answer of a case that has ended was used")
        if not self._asked:  # the file first, so that a sibling that hangs can be told from it
            self.module(self.spec.file)
        return self._conversation().ask(make, buffers, self.budget, self._outside)

    def _answered(self, what: str, reply: Any | Failure) -> Any:
        if not isinstance(reply, Failure):
            return reply
        raise student_error(reply, what, self.session.files)

    def _encoded(self, value: Any) -> tuple[Any, list[bytes]]:
        def special(item: Any) -> Any:
            if isinstance(item, FunctionOutside):
                return ["f", item.number]
            if isinstance(item, StandInClass):
                return ["s", item.number]
            if type(item) is Answer:
                inner = value_of(item)
                return ["o", inner.number] if isinstance(inner, Kept) else handed_back(inner)
            return None

        def handed_back(inner: Any) -> Any:
            part = Encoder(lambda item: None)
            try:
                node = part.node(inner)
            except TooLarge as error:
                raise StudentError(
                    Verdict.OUTPUT_LIMIT, f"An answer is too large: {error}."
                ) from None
            except Unsayable as error:
                raise StudentError(Verdict.RUNTIME_ERROR, f"An answer: {error}.") from None
            encoder.buffers.extend(part.buffers)
            return node

        encoder = Encoder(special)
        try:
            return encoder.node(value), encoder.buffers
        except Unsayable as error:
            raise SuiteFailure(f"a case cannot hand this to a submission: {error}") from error

    def _outside(self, number: int, state: Any, arguments: Any) -> tuple[Any, Any]:
        function = self._functions.get(number)
        if function is None:
            raise RuntimeError("this was lent for a case that has ended")
        args, kwargs = arguments
        if isinstance(function, Outside):
            return function.function(state, *args, **kwargs)
        return function(*args, **kwargs), {}
