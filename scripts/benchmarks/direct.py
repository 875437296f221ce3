"""The same suite with direct calls in a forked judge and no sandbox: what there would be to gain.

Only what asks and answers is replaced. Slot, host, pytest, suite, importing, judging and the way of
the results stay, so the ratio is the price of the sandbox and of nothing else.

As a program, it is the host of such judges.
"""

import contextlib
import importlib
import io
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

from grader.domain.runs import SuiteFolder
from grader.grading.hosts import SuiteHost
from grader.grading.slots import Slot
from grader.sandbox.inside.modules import Modules
from grader.sandbox.inside.values import PLAIN_TYPES
from grader.sandbox.replies import Kept
from grader.sandbox.zygote import Zygote
from grader.suite import host, judge
from grader.suite.answer import Answer, made, route_of, value_of
from grader.suite.case import Case
from grader.suite.session import CaseSpec, Session
from grader.suite.stand_in import Outside, StandInClass
from scripts.benchmarks.other_hosts import OtherHost


class DirectCase(Case):
    """A case that calls the submission's code where it stands."""

    def __init__(self, session: Session, spec: CaseSpec) -> None:
        super().__init__(session, spec)
        self._objects: dict[int, Any] = {}
        self._classes: dict[int, type] = {}
        self._finder = _finder_of(session)

    def module(self, upload: str) -> Answer:
        """Import a module of the submission."""
        return made(self, self._kept(self._finder.load(upload)), upload)

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

    def function(self, function: Callable[..., Any] | Outside) -> Any:
        """Hand a function over as it is."""
        if isinstance(function, Outside):
            method = function.function
            return lambda *args, **kwargs: method({}, *args, **kwargs)[0]
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
        """Give a module other contents, for all who import it from now on."""
        _forget(self._finder)
        classes = {name: self._classes[made.number] for name, made in names.items()}
        self._finder.replacements[upload] = classes

    def end(self) -> None:
        """Forget the submission's modules where one was replaced."""
        if self._finder.replacements:
            _forget(self._finder)

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


class DirectSlot(Slot):
    """A slot without sandbox: the same host, the same channel, a judge forked ahead of each run."""

    def __enter__(self) -> "DirectSlot":
        """Start nothing: there is no zygote."""
        return self

    def _zygote_running(self) -> Zygote:
        return cast(Zygote, _NoZygote())  # leases are all that is asked of it

    def _host(self, suite: SuiteFolder) -> SuiteHost:
        if suite.version not in self._hosts:
            self._hosts[suite.version] = OtherHost(suite, _NoZygote(), __name__, self._core)
        return self._hosts[suite.version]


class _NoZygote:
    def lease(self) -> socket.socket:
        """Return a socket that nobody answers."""
        return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0]


_kept_modules: dict[int, Modules] = {}


def _finder_of(session: Session) -> Modules:
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


if __name__ == "__main__":
    setattr(judge, "Case", DirectCase)  # noqa: B010  (a name that the module only imports)
    host.main()
