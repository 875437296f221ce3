"""Runs the cases of one order through pytest and reports each as it is done."""

from collections.abc import Callable, Sequence

import pytest
from _pytest.runner import runtestprotocol

from grader.domain.verdicts import CaseResult
from grader.errors import SandboxFailure
from grader.sandbox.lease import Lease
from grader.suite import plugin
from grader.suite.ordering import needed
from grader.suite.orders import Broke, Done, Judged, Message, Order
from grader.suite.plan import Plan
from grader.suite.session import Session

_MESSAGE = 4_000


class Judging:
    """The collected cases of a suite, ready to judge."""

    def __init__(self, config: pytest.Config, plan: Plan, items: Sequence[pytest.Item]) -> None:
        self._config, self._plan, self._items = config, plan, items

    def judge(self, order: Order, lease: Lease, tell: Callable[[Message], None]) -> Done | Broke:
        """Run an order; `tell` gets a `Judged` for each case that was asked for.

        Raises:
            SandboxFailure: a process of ours was lost.
        """
        mark = plugin.MARK
        names = order.cases or [item.stash[mark].name for item in self._items]
        items = needed(self._items, lambda item: item.stash[mark], names)
        session = Session(lease, self._plan, order.files, order.seed)
        self._config.stash[plugin.SESSION] = session
        try:
            for item, after in zip(items, [*items[1:], items[0]], strict=True):
                outcome = self._run(item, after)
                if isinstance(outcome, Broke):
                    return outcome
                if outcome.name in names:
                    tell(Judged(outcome))
            return Done(tuple(session.notes))
        finally:
            session.close()

    def _run(self, item: pytest.Item, after: pytest.Item) -> CaseResult | Broke:
        """Run one case.

        Its next is never None, so that what session fixtures made stays warm for the next fork.
        """
        if plugin.OUTCOME in item.stash:
            del item.stash[plugin.OUTCOME]
        reports = runtestprotocol(item, log=False, nextitem=after)
        outcome = item.stash.get(plugin.OUTCOME, None)
        if isinstance(outcome, SandboxFailure):
            raise outcome
        name = item.stash[plugin.MARK].name
        broken = next((report.longreprtext for report in reports if report.failed), "")
        if broken or outcome is None:
            return Broke(
                suite=True,
                message=f"{name}: {broken[-_MESSAGE:] or 'the case was skipped by the suite'}",
            )
        return outcome
