"""The same suite with direct calls in a forked judge and no sandbox: what there would be to gain.

Only what asks and answers is replaced; pytest, the suite, the importing and the judging stay.
"""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.conversation import Kept
from grader.sandbox.inside.modules import Modules
from grader.sandbox.inside.values import PLAIN_TYPES
from grader.suite import judge, plugin
from grader.suite.answer import Answer, made, route_of, value_of
from grader.suite.folder import read_assignment
from grader.suite.host import pytest_arguments
from grader.suite.judging import Judging
from grader.suite.orders import Order
from grader.suite.plan import Plan, make_plan
from grader.suite.session import CaseSpec, Session
from grader.suite.stand_in import Outside, StandInClass


class DirectCase:
    """Takes the place of a case: calls the submission's code where it stands."""

    output, seconds = "", 0.0

    def __init__(self, session: Session, spec: CaseSpec) -> None:
        self.session, self.cpu_seconds = session, session.begin(spec)
        self._objects: dict[int, Any] = {}
        self._classes: dict[int, type] = {}
        self._modules = _modules_of(session)

    def module(self, upload: str) -> Answer:
        """Import a module of the submission."""
        return made(self, self._kept(self._modules.load(upload)), upload)

    def call(
        self, target: int, path: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call, with nothing between."""
        plain = {name: self._plain(value) for name, value in kwargs.items()}
        with contextlib.redirect_stdout(io.StringIO()):
            return self._kept(self._find(target, path)(*map(self._plain, args), **plain))

    def get(self, target: int, path: tuple[str, ...]) -> Any:
        """Read an attribute."""
        return self._kept(self._find(target, path))

    def put(self, target: int, path: tuple[str, ...], value: Any) -> None:
        """Set an attribute."""
        setattr(self._find(target, path[:-1]), path[-1], self._plain(value))

    def attempt(self, answer: Answer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call, whatever comes of it."""
        target, path = route_of(answer)
        with contextlib.suppress(Exception):
            self.call(target, path, args, kwargs)

    def function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Hand a function over as it is."""
        return function

    def stand_in(self, source: str, methods: Mapping[str, Outside]) -> StandInClass:
        """Make the class with methods that are called where they stand."""
        module, name = source.split(":")
        base = getattr(importlib.import_module(module), name)
        number = self.session.number()
        bodies = {name: _method(outside) for name, outside in methods.items()}
        self._classes[number] = type(base)(name, (base,), bodies)
        return StandInClass(number, name, self._make)

    def replace(self, upload: str, names: Mapping[str, StandInClass]) -> None:
        """Give a module other contents."""
        classes = {name: self._classes[made.number] for name, made in names.items()}
        self._modules.replacements[upload] = classes

    def end(self) -> None:
        """Forget the submission's modules where they were replaced."""
        if self._modules.replacements:
            _forget(self._modules)

    def _make(self, cls: StandInClass, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
        instance = self._classes[cls.number](*map(self._plain, args), **kwargs)
        return made(self, self._kept(instance), cls.name)

    def _find(self, target: int, path: tuple[str, ...]) -> Any:
        value = self._objects[target]
        for name in path:
            value = getattr(value, name)
        return value

    def _plain(self, value: Any) -> Any:
        if isinstance(value, StandInClass):
            return self._classes[value.number]
        if type(value) is not Answer:
            return value
        inner = value_of(value)
        return self._objects[inner.number] if isinstance(inner, Kept) else inner

    def _kept(self, value: Any) -> Any:
        if type(value) in PLAIN_TYPES or type(value).__module__ == "numpy":
            return value
        number = len(self._objects) + 1
        self._objects[number] = value
        return Kept(number, type(value).__name__)


class DirectJudge:
    """A host without sandbox: pytest collected once, a forked judge for each run."""

    def __init__(self, folder: Path, files: Mapping[str, bytes]) -> None:
        self._plan = make_plan(read_assignment(folder), folder)
        self._order = Order(dict(files), seed=1)

    def run(self, then: Callable[[Callable[[], None]], None]) -> None:
        """Collect the suite and call `then` with a function that forks a judge for one run."""
        host = _Loop(self._plan, self._order, then)
        pytest.main(pytest_arguments(self._plan.folder), plugins=[host])


class _Loop:
    def __init__(
        self, plan: Plan, order: Order, then: Callable[[Callable[[], None]], None]
    ) -> None:
        self._plan, self._order, self._then = plan, order, then

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.PLAN] = self._plan

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        judge.Case = DirectCase  # type: ignore[assignment, misc]
        judging = Judging(session.config, self._plan, session.items)
        judging.rehearse(self._order, _NoLease())  # type: ignore[arg-type]

        def judge_once() -> None:
            pid = os.fork()
            if pid == 0:
                results: list[Any] = []
                judging.judge(self._order, _NoLease(), results.append)  # type: ignore[arg-type]
                wrong = [m for m in results if m.result.verdict != "accepted"]
                os._exit(1 if wrong else 0)
            if os.waitpid(pid, 0)[1]:
                raise AssertionError("the suite with direct calls does not accept the right files")

        self._then(judge_once)
        return True


class _NoLease:
    def close(self) -> None:
        """Hold nothing."""


_kept_modules: dict[int, Modules] = {}


def _modules_of(session: Session) -> Modules:
    """Return the finder of this process's submission, made on first use."""
    pid = os.getpid()
    if pid not in _kept_modules:
        for earlier in _kept_modules.values():
            _forget(earlier)
            sys.meta_path.remove(earlier)
        _kept_modules.clear()
        setup, parts = session.plan.setup(session.files)
        finder = Modules(setup, memoryview(b"".join(parts)), lambda upload, done: None)
        sys.meta_path.insert(0, finder)
        _kept_modules[pid] = finder
    finder = _kept_modules[pid]
    finder.replacements.clear()
    return finder


def _forget(finder: Modules) -> None:
    for upload, module in finder.module_of.items():
        sys.modules.pop(module, None)
        sys.modules.pop(upload.removesuffix(".py"), None)


def _method(outside: Outside) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = {path: _attribute(self, path) for path in outside.reads}
        answer, changes = outside.function(state, *args, **kwargs)
        for path, value in changes.items():
            owner, _, name = path.rpartition(".")
            setattr(_attribute(self, owner) if owner else self, name, value)
        return answer

    return method


def _attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name)
    return value
