"""Runs one collected test as pytest does, but for its reports.

pytest's own protocol makes a report of each of the three phases, which nobody would read: some
milliseconds a run. The names that pytest keeps to itself and this needs stand in this module only.
"""

from collections.abc import Callable, Mapping

import pytest


def run(
    item: pytest.Item, following: pytest.Item | None, given: Mapping[str, object]
) -> list[BaseException]:
    """Set `item` up, run it, tear down what `following` does not need; return what was raised.

    `given` are arguments by name for which no fixture is asked.
    """
    _prepare(item, given)
    hooks = item.ihook
    raised = _raised(lambda: hooks.pytest_runtest_setup(item=item))
    if not raised:
        raised += _raised(lambda: hooks.pytest_runtest_call(item=item))
    raised += _raised(lambda: hooks.pytest_runtest_teardown(item=item, nextitem=following))
    _forget(item)
    return raised


def is_overridden(item: pytest.Item, name: str, module: str) -> bool:
    """Whether the fixture that `item` gets by `name` is another than that of `module`."""
    fixtures = item._fixtureinfo.name2fixturedefs[name]  # type: ignore[attr-defined]
    return bool(fixtures[-1].func.__module__ != module)


def text_of(item: pytest.Item, error: BaseException) -> str:
    """Return what pytest would print of an exception that `run` returned."""
    return str(item.repr_failure(pytest.ExceptionInfo.from_exception(error)))


def _raised(phase: Callable[[], object]) -> list[BaseException]:
    try:
        phase()
    except BaseException as error:  # noqa: BLE001  (SystemExit and pytest's own outcomes as well)
        return [error]
    return []


def _prepare(item: pytest.Item, given: Mapping[str, object]) -> None:
    if not item._request:  # type: ignore[attr-defined]  # it has run before, in the rehearsal
        item._initrequest()  # type: ignore[attr-defined]
    item.funcargs.update(given)  # type: ignore[attr-defined]


def _forget(item: pytest.Item) -> None:
    item._request = False  # type: ignore[attr-defined]
    item.funcargs = None  # type: ignore[attr-defined]
