"""The finder of what can be imported inside: all of it from memory."""

import importlib
import marshal
import sys
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from grader.sandbox.inside.frames import Setup
from grader.sandbox.inside.modules import Modules

FILES = {"first.py": "house.rooms.first", "second.py": "house.rooms.second"}
STARTER = {"first.py": "left = right = None\n", "second.py": "up = down = None\n"}
Finder = Callable[..., Modules]


@pytest.fixture
def reports() -> list[tuple[str, bool]]:
    return []


@pytest.fixture
def finder(reports: list[tuple[str, bool]]) -> Iterator[Finder]:
    """Give a function that puts a finder of these files in force, until the test ends."""
    modules_before, path_before = dict(sys.modules), list(sys.meta_path)

    def install(code: dict[str, str] | None = None, **files: str) -> Modules:
        sources = {f"{name}.py": source.encode() for name, source in files.items()}
        setup = Setup(
            code={name: compiled(source) for name, source in (code or {}).items()},
            packages=["house", "house.rooms"],
            files=FILES,
            present=list(sources),
            sizes=[len(source) for source in sources.values()],
            starter={name: compiled(source) for name, source in STARTER.items()},
            stubs=["tinker", "numpy.gone"],
        )
        payload = memoryview(b"".join(sources.values()))
        made = Modules(setup, payload, lambda upload, done: reports.append((upload, done)))
        sys.meta_path.insert(0, made)
        return made

    yield install
    sys.meta_path[:] = path_before
    for name in sys.modules.keys() - modules_before.keys():
        del sys.modules[name]


def compiled(source: str) -> bytes:
    return marshal.dumps(compile(source, "ours", "exec"))


def names_of(module: ModuleType) -> set[str]:
    return {name for name in vars(module) if not name.startswith("__")}


def test_file_is_imported_under_the_name_of_its_module(finder: Finder) -> None:
    modules = finder(first="left = 1\n")

    loaded = modules.load("first.py")

    assert loaded.__name__ == "house.rooms.first"
    assert loaded.left == 1


def test_flat_name_is_the_same_module_object(finder: Finder) -> None:
    modules = finder(
        first="left = 1\n", second="import first\nfrom house.rooms import first as it\n"
    )

    second = modules.load("second.py")

    assert second.first is second.it is sys.modules["house.rooms.first"]


def test_packages_of_the_scaffold_hold_its_modules(finder: Finder) -> None:
    finder({"house.given": "door = 'open'\n"})

    given = importlib.import_module("house.given")

    assert given.door == "open"


def test_missing_sibling_is_the_starter_s(finder: Finder) -> None:
    modules = finder(second="from first import *\n")

    second = modules.load("second.py")

    assert {"left", "right"} <= names_of(second)
    assert modules.replaced == [("first.py", "it is missing")]


def test_sibling_that_does_not_import_is_the_starter_s(finder: Finder) -> None:
    modules = finder(first="own = 1\nraise ValueError('no')\n", second="import first\n")

    second = modules.load("second.py")

    assert names_of(second.first) == {"left", "right"}
    assert modules.replaced == [("first.py", "it does not import (ValueError)")]


def test_sibling_that_is_known_to_be_broken_is_not_run_again(
    finder: Finder, reports: list[tuple[str, bool]]
) -> None:
    modules = finder(first="while True: pass\n", second="import first\n")
    modules.broken = frozenset({"first.py"})

    second = modules.load("second.py")

    assert names_of(second.first) == {"left", "right"}
    assert reports == []


def test_replaced_module_has_the_starter_s_its_own_and_the_given_names(finder: Finder) -> None:
    modules = finder(first="left = 1\nown = 2\n_private = 3\n", second="import first\n")
    modules.replacements["first.py"] = {"right": int}

    second = modules.load("second.py")

    assert second.first.left == 1
    assert second.first.right is int
    assert (second.first.own, second.first._private) == (2, 3)
    assert modules.replaced == []


def test_replaced_module_that_does_not_import_has_the_other_names(finder: Finder) -> None:
    modules = finder(first="own = 2\n1 / 0\n")
    modules.replacements["first.py"] = {"right": int}

    first = modules.load("first.py")

    assert names_of(first) == {"left", "right"}
    assert first.right is int


def test_error_of_the_wanted_file_comes_out(finder: Finder) -> None:
    modules = finder(first="1 / 0\n")

    with pytest.raises(ZeroDivisionError) as raised:
        modules.load("first.py")

    frame = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno) == ("first.py", 1)


def test_start_and_end_of_a_sibling_s_code_are_reported(
    finder: Finder, reports: list[tuple[str, bool]]
) -> None:
    modules = finder(first="left = 1\n", second="import first\n")

    modules.load("second.py")

    assert reports == [("first.py", False), ("first.py", True)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("from tinker import W", id="name"),
        pytest.param("from tinker.filedialog import open_all", id="module below"),
        pytest.param("import tinker as tk", id="module"),
        pytest.param("from tinker import *", id="star"),
        pytest.param("from numpy.gone import gradient", id="below an installed package"),
    ],
)
def test_stub_is_inert_and_noted_with_its_line(finder: Finder, line: str) -> None:
    modules = finder(first=f"x = 1\n\n{line}\nleft = 1\n")

    first = modules.load("first.py")

    assert first.left == 1
    name = line.split()[1]
    assert ("first.py", 3, name) in modules.stubs_used


def test_name_from_a_stub_can_be_called_looked_into_and_inherited_from(finder: Finder) -> None:
    source = (
        "from tinker import Frame, W\n"
        "class Window(Frame):\n    pass\n"
        "made = Window()\n"
        "left = W(1).anything.at_all(2)\n"
    )

    modules = finder(first=source)

    assert type(modules.load("first.py").made).__name__ == "Window"


def test_name_from_a_stub_below_an_installed_package_is_the_package_s(finder: Finder) -> None:
    modules = finder(first="from numpy.gone import gradient\n")

    first = modules.load("first.py")

    assert first.gradient.__module__ == "numpy"


def test_what_is_nowhere_raises_as_python_does(finder: Finder) -> None:
    modules = finder(first="import torch_of_nobody\n")

    with pytest.raises(ModuleNotFoundError, match="torch_of_nobody"):
        modules.load("first.py")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"\xef\xbb\xbfleft = 1\n", id="byte order mark"),
        pytest.param(b"left = 0\r\nleft = 1\r\n", id="carriage returns"),
        pytest.param(b"left = 0\rleft = 1", id="carriage returns alone"),
        pytest.param("# -*- coding: gbk -*-\nleft = len('\u4e2d')\n".encode("gbk"), id="cookie"),
    ],
)
def test_source_is_read_as_python_reads_a_file(finder: Finder, source: bytes) -> None:
    modules = finder(first="")
    modules._sources["first.py"] = source

    assert modules.load("first.py").left == 1


def test_source_is_there_for_tracebacks_that_a_student_prints(finder: Finder) -> None:
    modules = finder(first="left = 1\n")

    assert modules.get_source("house.rooms.first") == "left = 1\n"
    assert modules.get_source("house.given") is None


def test_no_file_is_looked_for_on_disk(
    finder: Finder, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    modules = finder(first="left = __file__\n")

    first = modules.load("first.py")

    assert first.left == "first.py"
