"""Eight small checks: as calls to a sandboxed child, as cases of a suite, and without a sandbox."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox import zygote
from grader.sandbox.budget import Budget
from grader.sandbox.conversation import Conversation
from grader.sandbox.inside import frames
from grader.sandbox.inside.values import Encoder
from grader.sandbox.lease import Lease
from grader.sandbox.replies import Kept

SOURCE = '''"""Eight small functions."""

import numpy as np


def double(x): return 2 * x
def square(x): return x * x
def total(x): return np.sum(x)
def mean(x): return np.mean(x)
def order(x): return np.sort(x)
def turn(x): return x[::-1]
def root(x): return np.sqrt(np.abs(x))
def outer(x): return np.outer(x, x)
'''
TRUTH: dict[str, str] = {
    "double": "2 * x",
    "square": "x * x",
    "total": "np.sum(x)",
    "mean": "np.mean(x)",
    "order": "np.sort(x)",
    "turn": "x[::-1]",
    "root": "np.sqrt(np.abs(x))",
    "outer": "np.outer(x, x)",
}
INPUT = np.linspace(-1.0, 1.0, 7)
ENVIRONMENT = zygote._environment()  # one thread for BLAS, as a child has
_SETUP = frames.Setup({}, [], {"answer.py": "answer"}, ["answer.py"], [len(SOURCE)], {}, [])
_CHECKS = "\n".join(f"assert np.allclose({name}(x), {truth})" for name, truth in TRUTH.items())
_FRESH = f"{SOURCE}\nx = np.linspace(-1.0, 1.0, 7)\n{_CHECKS}\n"


def in_a_child(lease: Lease) -> list[Any]:
    """Source in, eight answers out, through a locked child of its own.

    Raises:
        AssertionError: an answer is not right: a fast wrong one is no figure.
    """
    budget = Budget(5.0, 25.0)
    child = Conversation(lease, 512 << 20, 65)
    child.tell(_SETUP, [SOURCE.encode()], budget)
    child.tell(frames.Begin(1, 1 << 16, []), [], budget)
    module = child.ask(lambda n: frames.Import(n, "answer.py"), [], budget, _nothing)
    if not isinstance(module, Kept):
        raise TypeError(f"the module did not import: {module}")
    answers = [_call(child, module.number, name, budget) for name in TRUTH]
    child.close()
    for name, answer, expected in zip(TRUTH, answers, _expected(), strict=True):
        if not np.array_equal(answer, expected):
            raise AssertionError(f"{name} answered {answer}")
    return answers


def without_sandbox() -> None:
    """Run source and checks in a Python started for them."""
    subprocess.run([sys.executable, "-c", _FRESH], env=ENVIRONMENT, check=True)


def under_bubblewrap() -> Callable[[], object] | None:
    """Return the same under bwrap, or None where it is not installed."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    command = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent"]
    return lambda: subprocess.run(
        [*command, sys.executable, "-c", _FRESH], env=ENVIRONMENT, check=True
    )


def in_process() -> None:
    """Run source and checks here, with nothing between."""
    exec(compile(_FRESH, "answer.py", "exec"), {})  # noqa: S102  (the source above)


def write_assignment(folder: Path) -> Path:
    """Write an assignment whose suite asks the same eight."""
    cases = "\n\n".join(
        f'@pytest.mark.case("{name}", points=12.5, file="answer.py")\n'
        f"def test_{name}(submission, check):\n"
        f"    x = np.linspace(-1.0, 1.0, 7)\n\n"
        f"    check.close(submission.answer.{name}(x), {truth}, rtol=1e-9)"
        for name, truth in TRUTH.items()
    )
    files = {
        "assignment.toml": 'title = "Eight"\n[files]\n"answer.py" = "answer"\n',
        "suite/test_answer.py": f"import numpy as np\nimport pytest\n\n\n{cases}\n",
        "solution/answer.py": SOURCE,
        "starter/answer.py": "",
    }
    for name, text in files.items():
        path = folder / "eight" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "eight"


@cache
def _expected() -> list[Any]:
    functions: dict[str, Any] = {}
    exec(compile(SOURCE, "answer.py", "exec"), functions)  # noqa: S102  (the source above)
    return [functions[name](INPUT) for name in TRUTH]


def _call(child: Conversation, module: int, name: str, budget: Budget) -> Any:
    encoder = Encoder(lambda value: None)
    arguments = encoder.node(((INPUT,), {}))
    return child.ask(
        lambda n: frames.Call(n, module, [name], arguments), encoder.buffers, budget, _nothing
    )


def _nothing(number: int, state: object, arguments: object) -> tuple[object, object]:
    raise RuntimeError("nothing is lent here")
