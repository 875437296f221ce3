"""The child's side of the conversation: read a request, run the submission, answer plain data.

Everything here shares a process with hostile code and is trusted with nothing; no rule about points
rests on it.
"""

import gc
import importlib
import inspect
import os
import random
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox.inside import frames
from grader.sandbox.inside.modules import Modules
from grader.sandbox.inside.output import Output
from grader.sandbox.inside.values import PLAIN_TYPES, Decoder, Encoder, TooLarge, Unsayable

_READ_SIZE = 16 << 10  # larger ones make malloc map and unmap memory for each read
_MESSAGE_LENGTH = 2_000
_FRAMES = 8


class Stream:
    """A descriptor, read and written whole; the process ends where its other end is closed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        buffer = self._buffer
        if len(buffer) < size:
            parts, have = [buffer], len(buffer)
            while have < size:
                data = os.read(self._descriptor, max(_READ_SIZE, size - have))
                if not data:
                    os._exit(0)
                parts.append(data)
                have += len(data)
            buffer = b"".join(parts)
        self._buffer = buffer[size:]
        return buffer[:size]

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


class Child:
    """Serves one judge until its stream ends."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._objects: dict[int, Any] = {}
        self._stand_ins: dict[int, type] = {}
        self._next_object = 1
        self._next_call = 1
        self._output: Output
        self.modules: Modules
        self._answer: dict[type, Callable[[Any, memoryview], Any]] = {
            frames.Import: lambda request, _: self.modules.load(request.upload),
            frames.Call: self._call,
            frames.Get: lambda request, _: self._resolve(request.target, request.path),
            frames.Set: self._set,
        }
        self._silent: dict[type, Callable[[Any, memoryview], None]] = {
            frames.Setup: self._setup,
            frames.Begin: self._begin,
            frames.Replace: self._replace,
            frames.StandIn: self._stand_in,
            frames.End: self._end,
        }

    def serve(self) -> None:
        """Answer requests, in order, for good."""
        while True:
            request, payload = frames.read_request(self._stream.read)
            if silent := self._silent.get(type(request)):
                silent(request, payload)
            else:
                self._attempt(request, payload)

    def _attempt(self, request: Any, payload: memoryview) -> None:
        try:
            value = self._answer[type(request)](request, payload)
            node, buffers = self._encode(value)
            answer = frames.pack(frames.Value(request.id, node), buffers)
        except frames.BadFrame as error:
            answer = frames.pack(frames.Raised(request.id, "too_large", "", str(error), []), [])
        except BaseException as error:  # noqa: BLE001  (SystemExit and KeyboardInterrupt are the student's too)
            answer = self._packed_error(request.id, error)
        self._stream.write(answer)

    def _setup(self, request: frames.Setup, payload: memoryview) -> None:
        self.modules = Modules(request, payload, self._importing)
        sys.meta_path.insert(0, self.modules)

    def _begin(self, request: frames.Begin, payload: memoryview) -> None:
        """Reset all that one case could leave to the next by accident."""
        self._output = Output(request.output_bytes)
        self.modules.broken = frozenset(request.broken)
        if request.anew or self.modules.replacements:
            self.modules.forget()
        random.seed(request.seed)
        np.random.seed(request.seed % (1 << 32))
        np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
        warnings.resetwarnings()  # which also voids every __warningregistry__
        gc.enable()

    def _end(self, request: frames.End, payload: memoryview) -> None:
        self._objects.clear()
        printed, more = self._output.take()
        modules = self.modules
        answer = frames.Ended(request.id, more, modules.stubs_used[:50], modules.replaced[:50])
        modules.stubs_used, modules.replaced = [], []
        self._stream.write(frames.pack(answer, [printed]))

    def _importing(self, upload: str, done: bool) -> None:
        self._stream.write(frames.pack(frames.Importing(upload, done), []))

    def _replace(self, request: frames.Replace, payload: memoryview) -> None:
        module = self.modules.module_of[request.upload]
        named = {name: self._stand_ins[number] for name, number in request.names.items()}
        for name, made in reversed(named.items()):  # so that it looks, and pickles, like the real
            made.__name__ = made.__qualname__ = name
            made.__module__ = module
        self.modules.replacements[request.upload] = named

    def _stand_in(self, request: frames.StandIn, payload: memoryview) -> None:
        module, name = request.source.split(":")
        base = getattr(importlib.import_module(module), name)
        methods = {
            name: self._method(getattr(base, name), function, reads)
            for name, (function, reads) in request.methods.items()
        }
        made = type(base)(name, (base,), methods)
        made.__module__ = base.__module__
        self._stand_ins[request.number] = made

    def _method(
        self, original: Callable[..., Any], function: int, reads: list[str]
    ) -> Callable[..., Any]:
        signature = inspect.signature(original)

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            if kwargs:
                bound = signature.bind(self, *args, **kwargs)
                args, kwargs = bound.args[1:], bound.kwargs
            return child._outside(function, reads, self, (args, kwargs))

        child = self
        method.__name__ = original.__name__
        return method

    def _function(self, function: int) -> Callable[..., Any]:
        def outside(*args: Any, **kwargs: Any) -> Any:
            return self._outside(function, [], None, (args, kwargs))

        return outside

    def _outside(
        self, function: int, reads: list[str], instance: Any, arguments: tuple[Any, Any]
    ) -> Any:
        """Call a function outside and set what it changes on `instance`."""
        encoder = Encoder(lambda value: None)
        try:
            state = encoder.node({path: _attribute(instance, path.split(".")) for path in reads})
            nodes = [state, encoder.node(arguments)]
        except Unsayable as error:
            raise TypeError(str(error)) from None
        self._next_call += 1
        self._stream.write(
            frames.pack(frames.Outside(self._next_call, function, *nodes), encoder.buffers)
        )
        answer, payload = frames.read_request(self._stream.read)
        if isinstance(answer, frames.Throw):
            raise _EXCEPTIONS.get(answer.error, RuntimeError)(answer.message)
        if not isinstance(answer, frames.Return):
            os._exit(1)
        decoder = Decoder(payload, self._special)
        value, changes = decoder.value(answer.value), decoder.value(answer.changes)
        for path, new in changes.items():
            *owner, name = path.split(".")
            setattr(_attribute(instance, owner), name, new)
        return value

    def _call(self, request: frames.Call, payload: memoryview) -> Any:
        args, kwargs = Decoder(payload, self._special).value(request.arguments)
        return self._resolve(request.target, request.path)(*args, **kwargs)

    def _set(self, request: frames.Set, payload: memoryview) -> None:
        *owner, name = request.path
        value = Decoder(payload, self._special).value(request.value)
        setattr(self._resolve(request.target, owner), name, value)

    def _resolve(self, target: int, path: list[str]) -> Any:
        if target:
            return _attribute(self._objects[target], path)
        return self._stand_ins[int(path[0])]

    def _special(self, tag: str, node: list[Any]) -> Any:
        """Rebuild what the judge names by number."""
        if tag == "o":
            return self._objects[node[1]]
        if tag == "s":
            return self._stand_ins[node[1]]
        if tag == "f":
            return self._function(node[1])
        raise Unsayable(f"unknown tag {tag}")

    def _encode(self, value: Any) -> tuple[Any, list[bytes]]:
        """Say a value, or keep it here and name it by a number where it is not plain."""
        kind = type(value)
        if kind in PLAIN_TYPES or issubclass(kind, np.generic | np.ndarray):
            encoder = Encoder(lambda item: None)
            return encoder.node(value), encoder.buffers
        number, self._next_object = self._next_object, self._next_object + 1
        self._objects[number] = value
        return ["o", number, _type_name(value)], []

    def _packed_error(self, number: int, error: BaseException) -> bytes:
        """Say an exception, or that there was one, where the student made it unsayable."""
        try:
            return frames.pack(self._raised(number, error), [])
        except Exception:  # noqa: BLE001  (its names, lines and text are all the student's)
            return frames.pack(frames.Raised(number, "error", "Exception", "", []), [])

    def _raised(self, number: int, error: BaseException) -> frames.Raised:
        kind = "error"
        if isinstance(error, MemoryError):
            kind = "memory"
        elif isinstance(error, TooLarge):
            kind = "too_large"
        elif isinstance(error, Unsayable):
            kind = "unsayable"
        where = self._frames(error)
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        missing = missing if type(missing) is str else ""
        return frames.Raised(
            number, kind, type(error).__name__[:100], _message(error), where, missing[:100]
        )

    def _frames(self, error: BaseException) -> list[tuple[str, int, str]]:
        where = [
            (frame.f_code.co_filename, line, _sayable(frame.f_code.co_name[:100]))
            for frame, line in traceback.walk_tb(error.__traceback__)
            if self.modules.is_student_file(frame.f_code.co_filename)
        ]
        if isinstance(error, SyntaxError) and self.modules.is_student_file(str(error.filename)):
            where.append((str(error.filename), error.lineno or 1, "<module>"))
        return where[-_FRAMES:]


def _attribute(value: Any, path: list[str]) -> Any:
    for name in path:
        value = getattr(value, name)
    return value


def _message(error: BaseException) -> str:
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return _sayable(str(text)[:_MESSAGE_LENGTH])
    except BaseException:  # noqa: BLE001  (a student's own __str__)
        return "(its message could not be read)"


def _sayable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _type_name(value: Any) -> str:
    if isinstance(value, type):
        return _sayable(f"class {value.__name__}"[:100])
    return _sayable(type(value).__name__[:100])


_EXCEPTIONS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        ArithmeticError,
        AssertionError,
        AttributeError,
        FloatingPointError,
        IndexError,
        KeyError,
        MemoryError,
        OverflowError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    )
}
