"""What Prometheus reads: counts of runs and uploads, with nothing of a student in them."""

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.domain.runs import RunStatus
from grader.domain.traffic import Traffic
from grader.web.access import TheService
from grader.web.limits import is_upload
from grader.web.models import PROBLEM
from grader.workflow.service import Service, now
from grader.workflow.traffic import read_traffic

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ANSWERS = ("accepted", "refused", "too_often", "put_off", "failed")

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        503: PROBLEM,
    },
)
def metrics(request: Request, service: TheService) -> Response:
    """Tell what is counted, as Prometheus reads it; open to all who reach it, like `/healthz`."""
    counted: Uploads = request.app.state.uploads
    runs = CollectorRegistry()
    runs.register(_Runs(service))
    return Response(generate_latest(runs) + generate_latest(counted.registry), media_type=_TYPE)


class Uploads:
    """Counts what uploads to this process were answered."""

    def __init__(self) -> None:
        # Else there would be gauges of when each counter was made, which are for nobody.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "grader_uploads",
            "Uploads by what they were answered.",
            ["answer"],
            registry=self.registry,
        )
        for answer in _ANSWERS:
            self._answers.labels(answer)

    def count(self, status: int) -> None:
        """Count an upload that was answered with a status."""
        self._answers.labels(_answer(status)).inc()


class CountUploads:
    """Counts the answers to what is sent as a form with files, whichever route takes it."""

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count its answer if it is an upload."""
        if scope["type"] != "http" or not is_upload(scope):
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._uploads.count(message["status"])
            await send(message)

        await self._app(scope, receive, counted)


class _Runs(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        found = read_traffic(self._service)
        yield from _of_queue(found)
        yield _by_status(found)
        yield _seconds(found)
        board = self._service.board
        busy = "Runs that slots of this process are at."
        yield GaugeMetricFamily("grader_slots_busy", busy, board.busy)
        yield GaugeMetricFamily("grader_slots", "Slots of this process.", board.slots)


def _of_queue(found: Traffic) -> Iterator[Metric]:
    waiting = found.by_status[RunStatus.QUEUED]
    age = (now() - found.oldest_queued).total_seconds() if found.oldest_queued else 0.0
    yield GaugeMetricFamily("grader_queue_runs", "Runs that wait.", waiting)
    yield GaugeMetricFamily("grader_queue_age_seconds", "How long the oldest has waited.", age)
    yield CounterMetricFamily("grader_tries", "Tries at runs.", found.tries)
    ours = "Tries that failed by our own fault: sandbox, suite or database."
    yield CounterMetricFamily("grader_tries_failed", ours, found.failures)


def _by_status(found: Traffic) -> Metric:
    metric = GaugeMetricFamily("grader_runs", "Runs by where they stand.", labels=["status"])
    for status, count in found.by_status.items():
        metric.add_metric([status], count)
    return metric


def _seconds(found: Traffic) -> Metric:
    buckets = [(str(bound), float(count)) for bound, count in found.within.items()]
    return HistogramMetricFamily(
        "grader_run_seconds",
        "Wall time of graded runs.",
        [*buckets, ("+Inf", float(found.graded))],
        found.seconds,
    )


def _answer(status: int) -> str:
    if status < 400:
        return "accepted"
    if status == 429:
        return "too_often"
    if status == 503:
        return "put_off"
    return "refused" if status < 500 else "failed"
