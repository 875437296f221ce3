"""What is taken from an upload: the one place that decides it, for files, zips and folders."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath

from grader.domain.assignments import Assignment
from grader.domain.text import one_line
from grader.domain.zips import open_zip
from grader.errors import UploadRefused

MAX_FILE_BYTES = 1 << 20
MAX_TAKEN_BYTES = 4 << 20
_MOST_COMPARED = 5  # files of one name in a tree: reading them all is for nobody's good


@dataclass(frozen=True)
class Intake:
    """The files to store, by upload name, and what their author should know about the rest."""

    files: Mapping[str, bytes]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Something found in a zip or folder. `read(n)` gives at most `n` bytes."""

    path: str
    read: Callable[[int], bytes]
    regular: bool = True  # neither a symbolic link nor a device


@dataclass(frozen=True)
class Kept:
    """The files of an earlier attempt, to stand for those that an upload leaves out."""

    attempt: int
    files: Mapping[str, bytes]


def take_upload(
    assignment: Assignment, parts: Sequence[tuple[str, bytes]], kept: Kept | None = None
) -> Intake:
    """Take the files of `assignment` from an upload of named parts: `.py` files or one `.zip`.

    Raises:
        UploadRefused: a rule is broken; nothing is to be stored, and the message says what to do.
    """
    zips = [(name, content) for name, content in parts if name.lower().endswith(".zip")]
    if zips and len(parts) > 1:
        raise UploadRefused(
            "duplicate_file", "Send either .py files or one .zip, not both and not several."
        )
    if zips:
        entries = [Entry(found.path, found.read, found.regular) for found in open_zip(zips[0][1])]
        return take_tree(assignment, entries, kept)
    return _take_files(assignment, parts, kept)


def take_tree(assignment: Assignment, entries: Sequence[Entry], kept: Kept | None = None) -> Intake:
    """Take the files of `assignment` out of a tree; the rest is neither read nor counted.

    Raises:
        UploadRefused: a rule is broken by what would be taken.
    """
    files = {}
    doubts: list[str] = []
    for name, module in assignment.files.items():
        if found := _best_match(name, module, entries):
            files[name] = found.read(MAX_FILE_BYTES + 1)
            doubts += _others(name, found, files[name], entries)
    ignored = [PurePosixPath(entry.path).name for entry in entries]
    intake = _checked(assignment, files, ignored, kept)
    return replace(intake, warnings=(*doubts, *intake.warnings))


def _others(name: str, taken: Entry, content: bytes, entries: Iterable[Entry]) -> Iterator[str]:
    """Tell of a file that has the same name as the one taken, and says something else."""
    named = (entry for entry in entries if entry is not taken and _is_plainly(name, entry))
    for entry in islice(named, _MOST_COMPARED):
        if _differs(entry, content):
            yield (
                f"{name} was taken from {_shown(taken.path)}: there is another, different one, "
                f"{_shown(entry.path)}. Leave out the one that is not to be graded."
            )
            return


def _differs(entry: Entry, content: bytes) -> bool:
    try:
        return entry.read(len(content) + 1) != content
    except UploadRefused:
        return True


def _is_plainly(name: str, entry: Entry) -> bool:
    path = PurePosixPath(_with_slashes(entry.path))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.name == name and entry.regular and not hidden


def _take_files(
    assignment: Assignment, parts: Sequence[tuple[str, bytes]], kept: Kept | None
) -> Intake:
    files: dict[str, bytes] = {}
    for path, content in parts:
        if _leaves_its_folder(path):
            raise UploadRefused(
                "unsafe_path", f"{_shown(path)} leads out of its folder: send it by its bare name."
            )
        name = PurePosixPath(_with_slashes(path)).name
        if name not in assignment.files:
            raise UploadRefused(
                "unknown_file",
                _misnamed(assignment, [name])
                or f"{_shown(path)} is not asked for. {_asked_for(assignment)}",
            )
        if name in files:
            raise UploadRefused(
                "duplicate_file", f"{name} was sent twice: send the one that is to be graded."
            )
        files[name] = content
    return _checked(assignment, files, (), kept)


def _best_match(name: str, module: str, entries: Iterable[Entry]) -> Entry | None:
    """Return the entry for `name`: by its path in the course's tree, else by its bare name."""
    named = [entry for entry in entries if PurePosixPath(_with_slashes(entry.path)).name == name]
    safe = [entry for entry in named if entry.regular and not _leaves_its_folder(entry.path)]
    place = PurePosixPath(*module.split(".")[:-1], name).parts
    full = [
        entry
        for entry in safe
        if PurePosixPath(_with_slashes(entry.path)).parts[-len(place) :] == place
    ]
    matches = full or safe
    if len(matches) > 1:
        paths = " and ".join(_shown(entry.path) for entry in matches[:2])
        raise UploadRefused(
            "duplicate_file", f"There are two files for {name}: {paths}. Leave one of them out."
        )
    if named and not matches:
        raise UploadRefused(
            "unsafe_path",
            f"{_shown(named[0].path)} is a link or leads out of its folder: send the file.",
        )
    return matches[0] if matches else None


def _checked(
    assignment: Assignment,
    sent: Mapping[str, bytes],
    ignored: Iterable[str],
    kept: Kept | None,
) -> Intake:
    if not sent:
        raise UploadRefused(
            "nothing_to_grade",
            _misnamed(assignment, ignored)
            or f"There is no file to grade. {_asked_for(assignment)}",
        )
    files = _with_kept(assignment, sent, kept)
    for name, content in files.items():
        if not content:
            raise UploadRefused(
                "empty_file", f"{name} is empty: save it in your editor and send it again."
            )
        if len(content) > MAX_FILE_BYTES:
            raise UploadRefused("too_large", f"{name} is larger than 1 MiB: send only your code.")
    if sum(map(len, files.values())) > MAX_TAKEN_BYTES:
        raise UploadRefused(
            "too_large", "The files are larger than 4 MiB together: send only your code."
        )
    missing = [name for name in assignment.files if name not in files]
    if missing and not assignment.partial_uploads:
        raise UploadRefused(
            "missing_file", f"Missing: {', '.join(missing)}. {_asked_for(assignment)}"
        )
    taken = [] if kept is None else [name for name in files if name not in sent]
    warnings = (
        *(f"{name} was taken from attempt {kept.attempt}." for name in taken if kept),
        *(f"{name} is missing: its cases earn no points." for name in missing),
        *(
            f"{_shown(other)} was ignored: rename it to {name} if it is to be graded."
            for other, name in _near_misses(
                [name for name in assignment.files if name not in sent], ignored
            )
        ),
    )
    return Intake(files, warnings)


def _with_kept(
    assignment: Assignment, sent: Mapping[str, bytes], kept: Kept | None
) -> Mapping[str, bytes]:
    """Return what was sent, and for what was not the files that are kept."""
    earlier = {} if kept is None else kept.files
    return {
        name: sent.get(name, earlier.get(name, b""))
        for name in assignment.files
        if name in sent or name in earlier
    }


def _misnamed(assignment: Assignment, names: Iterable[str]) -> str:
    """Say which files to rename before they are sent again; nothing where none seems meant."""
    renamed = [
        f"{_shown(other)} to {name}" for other, name in _near_misses(assignment.files, names)
    ]
    return f"Rename {', '.join(renamed)}, and send it again." if renamed else ""


def _near_misses(missing: Iterable[str], ignored: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield ignored files such as `Answer (1).py` with the missing ones that they may well be."""
    others = list(ignored)
    for name in missing:
        for other in others:
            if _resembles(other, name):
                yield other, name
                break


def _resembles(other: str, name: str) -> bool:
    """Whether a file is most likely another: `Loss (1).py`, `loss_final.py` or `my_loss.py`."""
    said, meant = _letters(other), _letters(name)
    if not other.lower().endswith(".py") or not meant:
        return False
    return said.startswith(meant) or said.endswith(meant)


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, PurePosixPath(name.lower()).stem))


def _with_slashes(path: str) -> str:
    return path.replace("\\", "/")  # zips made by some Windows tools


def _leaves_its_folder(path: str) -> bool:
    parts = PurePosixPath(_with_slashes(path)).parts
    return ".." in parts or parts[:1] in (("/",), ("//",)) or (bool(parts) and ":" in parts[0])


def _asked_for(assignment: Assignment) -> str:
    return f"Asked for: {', '.join(assignment.files)}, or one .zip that holds them."


def _shown(name: str) -> str:
    return one_line(name, 80)
