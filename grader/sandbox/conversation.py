"""The judge's side of the conversation with one child: ask, wait in a budget, answer its calls."""

import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from grader.errors import GraderError, SandboxFailure
from grader.sandbox.budget import Budget, Progress
from grader.sandbox.endings import Ending, Failure
from grader.sandbox.inside import frames
from grader.sandbox.inside.values import Decoder, Unsayable
from grader.sandbox.lease import Lease, Process
from grader.sandbox.replies import CaseEnd, failure_of, refuse, returned, value_of

_READ_SIZE, _LARGE_READ_SIZE = 16 << 10, 64 << 10  # above that malloc maps memory for each read
_MOST_SENT = 64 << 20  # bytes of header towards a child, which trusts us
_NEAR_LIMIT = 0.9  # of the memory limit: a killed child that held so much died of it
_SHORTEST_WAIT = 0.002  # seconds between two looks at the clocks
_BUSY_WAIT = 0.25  # between looks past the wall clock
_CHILD_BYTES = 40 << 20  # resident before a student's first line; 31 MiB were measured
_IMPORTS, _UPLOAD_NAME = 200, 255  # told in one request; more is a flood and not an import


class _Lost(Exception):
    """The child is beyond answering; `ending` says why."""

    def __init__(self, ending: Ending, message: str = "") -> None:
        super().__init__(message)
        self.ending = ending


Outside = Callable[[int, Any, Any], tuple[Any, Any]]
"""Calls a function by its number with state and (args, kwargs): its answer and what it changes."""


class Conversation:
    """One child, from its taking to its end."""

    def __init__(self, lease: Lease, memory_bytes: int, cpu_seconds: int) -> None:
        self._lease, self._memory, self._cpu_limit = lease, memory_bytes, cpu_seconds
        self._process: Process = lease.take(memory_bytes, cpu_seconds)
        self._process.stream.setblocking(False)  # or Python itself waits, past every limit of ours
        self._buffer = b""
        self._ids = 0
        self._importing: list[str] = []
        self._imports = 0  # told of, in the present request
        self._ending = False  # whether the present request is the end of a case
        self._mark = self._process.cpu_seconds()
        self._deadline = self._look_at = 0.0
        self._calls = 0
        self._overtime: Progress | None = None
        self._budget = Budget(0, 0)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._process.stream, select.POLLIN)
        self._writable.register(self._process.stream, select.POLLOUT)
        self.open = True

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def tell(self, message: frames.Request, buffers: list[bytes], budget: Budget) -> None:
        """Send what is not answered. A child that is gone is noticed at the next question."""
        try:
            self._arm(budget)
            self._send(frames.pack(message, buffers, most=_MOST_SENT))
        except _Lost:
            return
        finally:
            self._spend()

    def ask(
        self,
        make: Callable[[int], frames.Request],
        buffers: list[bytes],
        budget: Budget,
        outside: Outside,
    ) -> Any | Failure:
        """Send a request made with its number; return what it comes to.

        That is a plain value, `Kept`, a `CaseEnd` for an `End`, or a `Failure`.

        Raises:
            SandboxFailure: a process of ours was lost, or the child was killed by somebody else.
        """
        self._ids += 1
        request = make(self._ids)
        self._ending = isinstance(request, frames.End)
        try:
            self._arm(budget)
            self._send(frames.pack(request, buffers, most=_MOST_SENT))
            return self._await(outside)
        except _Lost as lost:
            return self._lost(lost)
        except (frames.BadFrame, Unsayable) as error:
            return self._lost(_Lost(Ending.MISBEHAVED, str(error)))
        finally:
            self._spend()

    def close(self) -> None:
        """End the child.

        Raises:
            SandboxFailure: the zygote is gone.
        """
        if self.open:
            self.open = False
            self._process.stream.close()
            self._lease.drop(self._process)

    def _await(self, outside: Outside) -> Any | Failure:
        while True:
            reply, payload = frames.read_reply(self._read)
            if isinstance(reply, frames.Outside):
                self._call_outside(reply, payload, outside)
            elif isinstance(reply, frames.Importing):
                self._note_import(reply)
            elif reply.id != self._ids or isinstance(reply, frames.Ended) is not self._ending:
                raise _Lost(Ending.MISBEHAVED, "an answer to a question that was not asked")
            elif isinstance(reply, frames.Raised):
                return failure_of(reply)
            elif isinstance(reply, frames.Ended):
                return CaseEnd(
                    bytes(payload).decode("utf-8", "replace"),
                    reply.truncated,
                    tuple(reply.stubs),
                    tuple(reply.replaced),
                )
            else:
                return value_of(reply.value, payload)

    def _call_outside(self, call: frames.Outside, payload: memoryview, outside: Outside) -> None:
        decoder = Decoder(payload, refuse)
        state, arguments = decoder.value(call.state), decoder.value(call.arguments)
        decoder.finish()
        self._calls += 1
        started = time.process_time()
        try:
            value, changes = outside(call.function, state, arguments)
            answer, buffers = returned(call.id, value, changes)
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001  (on a student's odd arguments anything may happen)
            answer = frames.Throw(call.id, type(error).__name__, str(error)[:1000])
            buffers = []
        self._budget.cpu_seconds -= time.process_time() - started  # who asks for work pays for it
        self._look_at_clocks()
        self._send(frames.pack(answer, buffers, most=_MOST_SENT))

    def _note_import(self, reply: frames.Importing) -> None:
        self._imports += 1
        if self._imports > _IMPORTS or len(reply.upload) > _UPLOAD_NAME:
            raise _Lost(Ending.MISBEHAVED, "imports without end")
        if not reply.done:
            self._importing.append(reply.upload)
        elif self._importing:
            self._importing.pop()
        else:
            raise _Lost(Ending.MISBEHAVED, "an import ended that had not begun")

    def _arm(self, budget: Budget) -> None:
        now = time.monotonic()
        self._budget = budget
        self._deadline = now + budget.wall_seconds
        if not self.open:
            raise _Lost(Ending.EXITED)
        self._importing.clear()
        self._imports = self._calls = 0
        self._overtime = None
        if budget.cpu_seconds <= 0:
            raise _Lost(Ending.CPU_TIME)
        if budget.wall_seconds < -budget.most_debt:
            raise _Lost(Ending.WALL_TIME)
        # A child cannot use more CPU seconds than pass, so no clock need be read before these have.
        self._look_at = now + min(budget.cpu_seconds, max(0.0, budget.wall_seconds))

    def _spend(self) -> None:
        if self.open:
            now = self._process.cpu_seconds()
            self._budget.cpu_seconds -= max(0.0, now - self._mark)
            self._mark = now
        self._budget.wall_seconds = self._deadline - time.monotonic()

    def _look_at_clocks(self) -> None:
        """Say anew when to look again; raise where nothing is left."""
        used = self._process.cpu_seconds() - self._mark
        left = self._budget.cpu_seconds - used
        if left <= 0:
            raise _Lost(Ending.CPU_TIME)
        now = time.monotonic()
        wall = self._deadline - now
        if wall <= 0:
            self._look_past_the_wall_clock(now, used)
            wall = _BUSY_WAIT
        self._look_at = now + max(_SHORTEST_WAIT, min(left, wall))

    def _look_past_the_wall_clock(self, now: float, used: float) -> None:
        """Raise where a child sleeps, or has been excused for long enough."""
        progress = Progress(now, used, self._calls)
        before = self._overtime
        if before is not None and now - before.moment < _BUSY_WAIT:
            return  # too soon to tell
        self._overtime = progress
        if before is None:
            return
        if not progress.goes_on(before):
            raise _Lost(Ending.WALL_TIME)
        if now > min(self._deadline + self._budget.most_debt, self._budget.latest):
            raise _Lost(Ending.CPU_TIME)

    def _wait(self, poll: select.poll) -> None:
        while True:  # a child that drips bytes, or floods, is looked at all the same
            left = self._look_at - time.monotonic()
            if left <= 0:
                self._look_at_clocks()
            elif poll.poll(left * 1000 + 1):
                return

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._process.stream.send(rest) :]
            except BlockingIOError:
                self._wait(self._writable)
            except OSError:
                raise _Lost(Ending.EXITED) from None

    def _read(self, size: int) -> bytes:
        if len(self._buffer) < size:
            self._fill(size)
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _fill(self, size: int) -> None:
        """Read until `size` bytes are there."""
        if not self._buffer:
            self._buffer = self._receive(_READ_SIZE)  # mostly a whole answer
        if (have := len(self._buffer)) >= size:
            return
        room = bytearray(max(size, _READ_SIZE))  # one for all, as a child may send them singly
        room[:have] = self._buffer
        while have < size:
            data = self._receive(min(len(room) - have, _LARGE_READ_SIZE))
            room[have : have + len(data)] = data
            have += len(data)
        self._buffer = bytes(memoryview(room)[:have])

    def _receive(self, most: int) -> bytes:
        while True:
            self._wait(self._readable)
            try:
                data = self._process.stream.recv(most)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                raise _Lost(Ending.EXITED)
            return data

    def _lost(self, lost: _Lost) -> Failure:
        """Have the child ended and say how it went."""
        importing = self._importing[-1] if self._importing else ""
        ending, message = lost.ending, str(lost)
        if self.open:
            self.open = False
            ended = self._lease.end(self._process, at_once=ending is not Ending.EXITED)
            self._process.stream.close()
            self._budget.cpu_seconds -= max(0.0, ended.cpu_seconds - self._mark)
            if ending is Ending.WALL_TIME and ended.wanting:  # kept from its core: no sleeper
                ending = Ending.CPU_TIME
            if ending is Ending.EXITED:
                near = ended.peak_bytes - _CHILD_BYTES > _NEAR_LIMIT * self._memory
                ending, message = _explain(
                    ended.status, near, ended.cpu_seconds >= self._cpu_limit - 1
                )
        return Failure(ending, message=message, importing=importing)


def _explain(status: int, near_memory_limit: bool, cpu_used_up: bool) -> tuple[Ending, str]:
    """Tell from a wait status why a child that nobody of ours ended is gone.

    Raises:
        SandboxFailure: it was killed, which it cannot do to itself; so somebody else did.
    """
    if not os.WIFSIGNALED(status):
        return Ending.EXITED, f"exit code {os.waitstatus_to_exitcode(status)}"
    number = os.WTERMSIG(status)
    if near_memory_limit:
        return Ending.OUT_OF_MEMORY, ""
    if number in (signal.SIGKILL, signal.SIGXCPU) and cpu_used_up:
        return Ending.CPU_TIME, ""
    if number == signal.SIGKILL:
        raise SandboxFailure("a child was killed from outside")
    return Ending.CRASHED, signal.strsignal(number) or f"signal {number}"
