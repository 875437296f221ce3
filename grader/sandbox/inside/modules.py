"""Imports inside a child: scaffold, students' files, replacements and stubs, all from memory."""

import importlib
import marshal
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from grader.sandbox.inside.frames import Setup


class Placeholder:
    """Any name of a stub: it can be called, looked into and inherited from, and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> "Placeholder":
        """Return itself."""
        return self

    def __getattr__(self, name: str) -> "Placeholder":
        """Return itself for every name but Python's own."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Stand for no base class at all."""
        return ()


class Stub(ModuleType):
    """An inert module in place of an accidental import."""

    def __getattr__(self, name: str) -> Any:
        """Return the name from the installed package above this module, or else a placeholder."""
        if name.startswith("__"):
            raise AttributeError(name)
        above = sys.modules.get(self.__name__.split(".")[0])
        return (
            Placeholder()
            if isinstance(above, Stub)
            else getattr(above, name, None) or Placeholder()
        )


class Modules:
    """Finds and loads the modules that a set-up names; keeps what there is to report about them.

    A finder and a loader without their abstract classes: importlib.abc brings along tempfile and
    the libraries of three compressions, which each fork would copy.
    """

    def __init__(
        self, setup: Setup, payload: memoryview, report: Callable[[str, bool], None]
    ) -> None:
        self._code, self._starter = setup.code, setup.starter
        self._packages, self._stubs = frozenset(setup.packages), frozenset(setup.stubs)
        self.module_of = setup.files
        self._upload_of = {module: upload for upload, module in setup.files.items()}
        self._upload_of |= {upload.removesuffix(".py"): upload for upload in setup.files}
        self._sources: dict[str, bytes] = {}
        offset = 0
        for upload, size in zip(setup.present, setup.sizes, strict=True):
            self._sources[upload] = bytes(payload[offset : offset + size])
            offset += size
        self._report = report
        self.broken: frozenset[str] = frozenset()
        self.replacements: dict[str, dict[str, Any]] = {}
        self._wanted = ""
        self._stopgaps: set[str] = set()
        self.stubs_used: list[tuple[str, int, str]] = []
        self.replaced: list[tuple[str, str]] = []

    def load(self, upload: str) -> ModuleType:
        """Import the module of `upload`; whatever its code raises comes out."""
        if upload in self._stopgaps:  # a sibling met it first, and got by without it
            self._stopgaps.discard(upload)
            for name in (self.module_of[upload], upload.removesuffix(".py")):
                sys.modules.pop(name, None)
        self._wanted = upload
        try:
            return importlib.import_module(self.module_of[upload])
        finally:
            self._wanted = ""

    def forget(self) -> None:
        """Have all of it imported anew, with no replacements; packages too, which hold modules."""
        for name in (*self._upload_of, *self._code, *self._packages):
            sys.modules.pop(name, None)
        self.replacements.clear()
        self._stopgaps.clear()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Say whether `fullname` is one of ours; the search goes on elsewhere where it is not."""
        if fullname in self._packages or fullname in self._code or fullname in self._upload_of:
            origin = self._upload_of.get(fullname, fullname.replace(".", "/"))
            spec = self._spec(fullname, fullname in self._packages, origin)
            spec.has_location = fullname in self._upload_of
            return spec
        if any(fullname == stub or fullname.startswith(stub + ".") for stub in self._stubs):
            self._note_stub(fullname)
            return self._spec(fullname, is_package=True)
        return None

    def _spec(self, name: str, is_package: bool, origin: str | None = None) -> ModuleSpec:
        loader: Any = self  # in all but its base class
        return ModuleSpec(name, loader, origin=origin, is_package=is_package)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make a stub where one is asked for, and let the import system make the rest."""
        ours = (
            spec.name in self._packages or spec.name in self._code or spec.name in self._upload_of
        )
        return None if ours else Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code, or give it the contents of a replacement."""
        name = module.__name__
        if isinstance(module, Stub):
            module.__dict__["__all__"] = []
        elif name in self._upload_of:
            upload = self._upload_of[name]
            canonical = self.module_of[upload]
            if name != canonical:  # the flat name is the same module object
                sys.modules[name] = importlib.import_module(canonical)
            else:
                self._fill(module, upload)
        elif name in self._code:
            exec(marshal.loads(self._code[name]), module.__dict__)  # noqa: S102, S302  (our code)

    def get_source(self, name: str) -> str | None:
        """Return a student's source, for tracebacks that they print themselves."""
        source = self._sources.get(self._upload_of.get(name, ""))
        return None if source is None else source.decode("utf-8", "replace")

    def is_student_file(self, filename: str) -> bool:
        """Whether code of that file name came from the submission."""
        return filename in self._sources

    def _fill(self, module: ModuleType, upload: str) -> None:
        before = dict(module.__dict__)
        reason = self._run_student(module, upload)
        if reason is None and upload not in self.replacements:
            return
        own = {} if reason else _public(module)
        module.__dict__.clear()
        module.__dict__.update(before)
        self._run_starter(module, upload)
        module.__dict__.update(own)
        module.__dict__.update(self.replacements.get(upload, {}))
        if reason and upload not in self.replacements:
            self.replaced.append((upload, reason))
            self._stopgaps.add(upload)

    def _run_student(self, module: ModuleType, upload: str) -> str | None:
        """Run the student's code; return why there is nothing of theirs in the module, if so."""
        if upload not in self._sources:
            return "it is missing"
        if upload in self.broken:
            return "it does not import"
        nested = upload != self._wanted
        if nested:
            self._report(upload, False)
        try:
            code = compile(self._sources[upload], upload, "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102  (what all the locks are for)
        except BaseException as error:
            if not nested and upload not in self.replacements:
                raise
            return f"it does not import ({type(error).__name__})"
        finally:
            if nested:
                self._report(upload, True)
        return None

    def _run_starter(self, module: ModuleType, upload: str) -> None:
        if upload in self._starter:
            exec(marshal.loads(self._starter[upload]), module.__dict__)  # noqa: S102, S302  (ours)

    def _note_stub(self, fullname: str) -> None:
        frame = sys._getframe(1)
        while frame is not None:
            if self.is_student_file(frame.f_code.co_filename):
                self.stubs_used.append((frame.f_code.co_filename, frame.f_lineno, fullname))
                return
            frame = frame.f_back  # type: ignore[assignment]


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in module.__dict__.items() if not name.startswith("__")}
