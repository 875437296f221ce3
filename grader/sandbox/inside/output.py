"""What a case prints: kept up to a limit, then dropped at speed. Output is never an offence."""

import contextlib
import io
import sys
from typing import Any


class Kept(io.RawIOBase):
    """The far end of a text stream that keeps the first `limit` bytes it is given."""

    def __init__(self, limit: int) -> None:
        self.room = limit
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def write(self, data: Any) -> int:
        """Keep what there is room for and take the rest as written."""
        size = len(data)
        if self.room > 0:
            self.parts.append(bytes(data[: self.room]))
        self.room -= size
        return size


class Output:
    """Standard output and error of one case, in the order in which they were flushed."""

    def __init__(self, limit: int) -> None:
        self._kept = Kept(limit)
        self._streams = [self._stream(), self._stream()]
        sys.stdout, sys.stderr = self._streams

    def _stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            io.BufferedWriter(self._kept), encoding="utf-8", errors="backslashreplace"
        )

    def take(self) -> tuple[bytes, bool]:
        """Return what was kept, and whether more was printed than that."""
        for stream in self._streams:
            with contextlib.suppress(Exception):  # student code may have closed or detached it
                stream.flush()
        return b"".join(self._kept.parts), self._kept.room < 0
