"""Runs the cases of one order through pytest and reports each as it is done."""

from collections.abc import Callable, Sequence

import pytest

from grader.domain.verdicts import CaseResult
from grader.errors import SandboxFailure
from grader.sandbox.lease import Lease
from grader.suite import plugin, running
from grader.suite.judge import CaseMark
from grader.suite.ordering import in_order, needed
from grader.suite.orders import Broke, Done, Judged, Message, Order
from grader.suite.plan import Plan
from grader.suite.session import Loans, Session

_MESSAGE = 4_000


class Judging:
    """The collected cases of a suite, ready to judge."""

    def __init__(self, plan: Plan, items: Sequence[pytest.Item]) -> None:
        self._plan, self._items = plan, list(items)
        self._usual_loans: Loans = {}

    def judge(self, order: Order, lease: Lease, tell: Callable[[Message], None]) -> Done | Broke:
        """Run an order; `tell` gets a `Judged` for each case that was asked for.

        Raises:
            SandboxFailure: a process of ours was lost.
        """
        return self._judge(self._session(order, lease), order, tell)

    def rehearse(self, order: Order, lease: Lease) -> None:
        """Run the solution once, so that every fork inherits warm caches and knows what cases lend.

        Raises:
            SandboxFailure: a process of ours was lost.
        """
        session = self._session(order, lease)
        self._judge(session, order, lambda message: None)
        loans = self._usual_loans = session.loans
        # Those that lend come last, so that most cases share a child that was lent nothing yet.
        self._items.sort(
            key=lambda item: _mark(item).after != () or bool(loans.get(_mark(item).name))
        )
        self._items = in_order(self._items, _mark)

    def _session(self, order: Order, lease: Lease) -> Session:
        return Session(lease, self._plan, order.files, order.seed, self._usual_loans)

    def _judge(
        self, session: Session, order: Order, tell: Callable[[Message], None]
    ) -> Done | Broke:
        names = order.cases or [_mark(item).name for item in self._items]
        items = needed(self._items, _mark, names)
        try:
            for place, item in enumerate(items):
                outcome = self._run(session, item, self._after(items, place))
                if isinstance(outcome, Broke):
                    return outcome
                if outcome.name in names:
                    tell(Judged(outcome))
            return Done(tuple(session.notes))
        finally:
            session.close()

    def _after(self, items: Sequence[pytest.Item], place: int) -> pytest.Item | None:
        """Return what pytest is to take for the next item, so that session fixtures stay warm."""
        if place + 1 < len(items):
            return items[place + 1]
        return next((item for item in self._items if item is not items[place]), None)

    def _run(
        self, session: Session, item: pytest.Item, after: pytest.Item | None
    ) -> CaseResult | Broke:
        """Run one case."""
        if plugin.OUTCOME in item.stash:
            del item.stash[plugin.OUTCOME]
        raised = running.run(item, after, plugin.begin(item, session))
        outcome = item.stash.get(plugin.OUTCOME, None)
        if isinstance(outcome, SandboxFailure):
            raise outcome
        name = _mark(item).name
        if raised or outcome is None:
            return Broke(suite=True, message=f"{name}: {_why_broken(item, raised)}")
        return outcome


def _why_broken(item: pytest.Item, raised: Sequence[BaseException]) -> str:
    for error in raised:
        if not isinstance(error, pytest.skip.Exception):
            return running.text_of(item, error)[-_MESSAGE:]
    return "the case was skipped by the suite"


def _mark(item: pytest.Item) -> CaseMark:
    return item.stash[plugin.MARK]
