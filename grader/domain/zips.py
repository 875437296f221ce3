"""Opening a zip that a stranger made: nothing is believed, nor read unless asked for."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from grader.errors import UploadRefused

MAX_ZIP_BYTES = 64 << 20
MAX_ENTRIES = 2000
_NAME_CHARACTERS = 1024
_CENTRAL_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BOMB_RATIO = 100  # code compresses to a third, hardly ever to a hundredth
# What zipfile raises on bytes that are not a zip, or only nearly one.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,
)


@dataclass(frozen=True)
class ZippedFile:
    """A file in an open zip, links and devices included."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    @property
    def path(self) -> str:
        """Return the path as the zip states it."""
        return self.info.filename

    @property
    def regular(self) -> bool:
        """Return whether this is neither a symbolic link nor a device."""
        kind = stat.S_IFMT(self.info.external_attr >> 16)
        return kind in (0, stat.S_IFREG)

    def read(self, limit: int) -> bytes:
        """Read at most `limit` bytes, counted as they come out: the size in the header may lie.

        Raises:
            UploadRefused: the bytes cannot be read, or swell a hundredfold up to the limit.
        """
        # Bzip2 and LZMA would let the zip's maker choose how much memory decompressing takes.
        if self.info.compress_type not in _METHODS or self.info.flag_bits & 0x1:
            raise UploadRefused(
                "not_a_zip",
                f"{self.info.filename[-60:]!a} is encrypted or oddly compressed: make a plain zip.",
            )
        with _refusing_broken(), self.archive.open(self.info) as stream:
            content = stream.read(limit)
        if len(content) >= limit and self.info.compress_size * _BOMB_RATIO < limit:
            raise UploadRefused(
                "zip_bomb", "The zip unpacks to far more than code does: send only your code."
            )
        return content


def open_zip(content: bytes) -> list[ZippedFile]:
    """List the files of a zip held in memory, folders left out.

    Raises:
        UploadRefused: it is too large, holds too many entries or is no zip.
    """
    if len(content) > MAX_ZIP_BYTES:
        raise UploadRefused(
            "too_large", "The zip is larger than 64 MiB: leave data, models and environments out."
        )
    # An upper bound, taken before zipfile makes an object of each: 64 MiB hold a million entries.
    if content.count(_CENTRAL_ENTRY) > MAX_ENTRIES:
        raise UploadRefused(
            "too_many_entries",
            f"The zip holds more than {MAX_ENTRIES} entries: zip only your code.",
        )
    with _refusing_broken():
        archive = zipfile.ZipFile(BytesIO(content))
        infos = [info for info in archive.infolist() if _is_file(info.filename)]
    return [ZippedFile(archive, info) for info in infos]


def _is_file(name: str) -> bool:
    """Whether an entry may be one of the files: no folder, and of a name that a person wrote."""
    # Not ZipInfo.is_dir(): it fails on an entry without a name.
    return not name.endswith("/") and len(name) <= _NAME_CHARACTERS


@contextmanager
def _refusing_broken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise UploadRefused(
            "not_a_zip", "This is not a .zip that can be read: make it anew and send it again."
        ) from error
