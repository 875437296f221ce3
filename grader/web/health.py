"""The routes by which a supervisor knows that the service is alive, and ready."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from grader.errors import StorageUnavailable
from grader.storage.migrations import is_current
from grader.web.access import TheService
from grader.web.errors import problem
from grader.web.models import HealthModel, Problem

Checks = Mapping[str, Callable[[], str]]  # by name; each tells what is wrong, or nothing

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> HealthModel:
    """Tell that the process answers."""
    return HealthModel(status="ok")


@router.get(
    "/readyz",
    response_model=HealthModel,
    responses={503: {"model": Problem, "content": {"application/problem+json": {}}}},
)
def ready(request: Request, service: TheService) -> Response:
    """Tell whether the database, its migrations and the sandbox are ready."""
    checks: Checks = request.app.state.checks
    found = {"database": _database(service), **{name: check() for name, check in checks.items()}}
    states = {name: trouble or "ok" for name, trouble in found.items()}
    if any(found.values()):
        wrong = "; ".join(f"{name}: {trouble}" for name, trouble in found.items() if trouble)
        return problem(503, f"Not ready: {wrong}", {"Retry-After": "5"}, checks=states)
    return JSONResponse(HealthModel(status="ready", checks=states).model_dump())


def _database(service: TheService) -> str:
    try:
        return "" if is_current(service.database) else "migrations are missing: grader migrate"
    except StorageUnavailable:
        return "cannot be used"
