"""The routes by which a supervisor knows that the service is alive, and ready."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from grader.domain.readiness import Finding
from grader.errors import StorageUnavailable
from grader.storage.migrations import is_current
from grader.web.access import TheService
from grader.web.errors import problem
from grader.web.models import PROBLEM, HealthModel
from grader.workflow.service import Service

Checks = Mapping[str, Callable[[], Finding]]

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> HealthModel:
    """Tell that the process answers."""
    return HealthModel(status="ok")


@router.get(
    "/readyz",
    response_model=HealthModel,
    responses={503: PROBLEM},
)
def ready(request: Request, service: TheService) -> Response:
    """Tell whether the database, its migrations and the sandbox are ready."""
    checks: Checks = request.app.state.checks
    found = {"database": _database(service), **{name: check() for name, check in checks.items()}}
    states = {name: finding.says for name, finding in found.items()}
    wrong = [f"{name}: {finding.says}" for name, finding in found.items() if not finding.ready]
    if wrong:
        detail = f"Not ready: {'; '.join(wrong)}"
        return problem(503, detail, {"Retry-After": "5"}, checks=states)
    return JSONResponse(HealthModel(status="ready", checks=states).model_dump())


def _database(service: Service) -> Finding:
    try:
        current = is_current(service.database)
    except StorageUnavailable:
        return Finding(False, "cannot be used")
    return Finding() if current else Finding(False, "migrations are missing: grader migrate")
