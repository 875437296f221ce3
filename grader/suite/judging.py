"""Runs the cases of one order through pytest and reports each as it is done."""

from collections.abc import Callable, Sequence

import pytest
from _pytest.runner import runtestprotocol  # pytest-forked takes it, too: there is no public one

from grader.domain.verdicts import CaseResult
from grader.errors import SandboxFailure
from grader.sandbox.lease import Lease
from grader.suite import plugin
from grader.suite.judge import CaseMark
from grader.suite.ordering import in_order, needed
from grader.suite.orders import Broke, Done, Judged, Message, Order
from grader.suite.plan import Plan
from grader.suite.session import Loans, Session

_MESSAGE = 4_000


class Judging:
    """The collected cases of a suite, ready to judge."""

    def __init__(self, config: pytest.Config, plan: Plan, items: Sequence[pytest.Item]) -> None:
        self._config, self._plan, self._items = config, plan, list(items)
        self._usual_loans: Loans = {}

    def judge(self, order: Order, lease: Lease, tell: Callable[[Message], None]) -> Done | Broke:
        """Run an order; `tell` gets a `Judged` for each case that was asked for.

        Raises:
            SandboxFailure: a process of ours was lost.
        """
        names = order.cases or [_mark(item).name for item in self._items]
        items = needed(self._items, _mark, names)
        session = Session(lease, self._plan, order.files, order.seed, self._usual_loans)
        self._config.stash[plugin.SESSION] = session
        try:
            for place, item in enumerate(items):
                outcome = self._run(item, self._after(items, place))
                if isinstance(outcome, Broke):
                    return outcome
                if outcome.name in names:
                    tell(Judged(outcome))
            return Done(tuple(session.notes))
        finally:
            session.close()

    def rehearse(self, order: Order, lease: Lease) -> None:
        """Run the solution once, so that every fork inherits warm caches and knows what cases lend.

        Raises:
            SandboxFailure: a process of ours was lost.
        """
        self.judge(order, lease, lambda message: None)
        loans = self._usual_loans = self._config.stash[plugin.SESSION].loans
        # Those that lend come last, so that most cases share a child that was lent nothing yet.
        self._items.sort(
            key=lambda item: _mark(item).after != () or bool(loans.get(_mark(item).name))
        )
        self._items = in_order(self._items, _mark)

    def _after(self, items: Sequence[pytest.Item], place: int) -> pytest.Item | None:
        """Return what pytest is to take for the next item, so that session fixtures stay warm."""
        if place + 1 < len(items):
            return items[place + 1]
        return next((item for item in self._items if item is not items[place]), None)

    def _run(self, item: pytest.Item, after: pytest.Item | None) -> CaseResult | Broke:
        """Run one case."""
        if plugin.OUTCOME in item.stash:
            del item.stash[plugin.OUTCOME]
        reports = runtestprotocol(item, log=False, nextitem=after)
        outcome = item.stash.get(plugin.OUTCOME, None)
        if isinstance(outcome, SandboxFailure):
            raise outcome
        name = _mark(item).name
        broken = next((report.longreprtext for report in reports if report.failed), "")
        if broken or outcome is None:
            return Broke(
                suite=True,
                message=f"{name}: {broken[-_MESSAGE:] or 'the case was skipped by the suite'}",
            )
        return outcome


def _mark(item: pytest.Item) -> CaseMark:
    return item.stash[plugin.MARK]
