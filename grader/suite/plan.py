"""What every run of an assignment sends to its children, compiled once: scaffold and starter."""

import marshal
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.domain.assignments import Assignment
from grader.errors import AssignmentError
from grader.sandbox.inside.frames import Setup


@dataclass(frozen=True)
class Plan:
    """An assignment, and what its children can import besides the submission."""

    assignment: Assignment
    folder: Path
    scaffold: Mapping[str, bytes]  # module name -> marshalled code
    packages: tuple[str, ...]
    starter: Mapping[str, bytes]  # upload name -> marshalled code

    def setup(self, files: Mapping[str, bytes]) -> tuple[Setup, list[bytes]]:
        """Return the first message to a child that is to run `files`, and its payload."""
        present = [name for name in self.assignment.files if name in files]
        message = Setup(
            code=dict(self.scaffold),
            packages=list(self.packages),
            files=dict(self.assignment.files),
            present=present,
            sizes=[len(files[name]) for name in present],
            starter=dict(self.starter),
            stubs=list(self.assignment.stub_modules),
        )
        return message, [bytes(files[name]) for name in present]


def make_plan(assignment: Assignment, folder: Path) -> Plan:
    """Compile the scaffold and the starter of an assignment's folder.

    Raises:
        AssignmentError: one of them is not valid Python.
    """
    root = folder / "scaffold"
    scaffold, packages = {}, set()
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
            packages.add(".".join(parts))
        scaffold[".".join(parts)] = _compiled(path)
    for module in assignment.files.values():
        above = module.split(".")[:-1]
        packages |= {".".join(above[: length + 1]) for length in range(len(above))}
    starter = {name: _compiled(folder / "starter" / name) for name in assignment.files}
    return Plan(assignment, folder, scaffold, tuple(sorted(packages)), starter)


def readable_paths(assignment: Assignment, folder: Path) -> list[str]:
    """Return the paths that a process that judges may read, of those that are there.

    The assignment's folder, its data, this package, Python and the system's libraries; not the
    folder that this package lies in, where a database may lie beside it.
    """
    package = Path(__file__).parents[1]
    installation = {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib")}
    libraries = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"}
    data = folder / assignment.data_source
    paths = {str(folder), str(data), str(package), *installation, *libraries}
    return sorted(path for path in paths if Path(path).exists())


def _compiled(path: Path) -> bytes:
    try:
        return marshal.dumps(compile(path.read_bytes(), path.name, "exec", dont_inherit=True))
    except (OSError, SyntaxError, ValueError) as error:
        raise AssignmentError(f"{path.parent.name}/{path.name} cannot be used: {error}") from error
