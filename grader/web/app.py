"""The web application, made from a service."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import create_task_group
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from grader.web import (
    audit,
    courses,
    desk,
    docs,
    errors,
    health,
    metrics,
    progress,
    rerun_events,
    reruns,
    roster,
    submissions,
    workers,
)
from grader.web.events import new_stream_room
from grader.web.failed_sign_ins import FailedSignIns
from grader.web.gate import UploadRooms
from grader.web.headers import SafeHeaders
from grader.web.heads import HeadLikeGet
from grader.web.health import Checks
from grader.web.limits import BodyLimit
from grader.web.metrics import CountUploads, Uploads
from grader.web.pages import routes, sign_in
from grader.web.pages.overview import Overviews
from grader.web.site import Site
from grader.web.static_files import StaticFilesByHash
from grader.web.waiting import look_for_others, new_waiting_room
from grader.workflow.service import Service

# Routes are plain functions in threads. More would wait for one of the database's connections.
THREADS = 32


def create_app(service: Service, checks: Checks | None = None, site: Site | None = None) -> FastAPI:
    """Return the application; `checks` are what `/readyz` asks besides the database.

    Without a `site` it signs by a key of its own, which no other process and no later start knows.
    """
    # The framework's pages of documentation load scripts from elsewhere: `docs` is our own.
    app = FastAPI(title="grader", version="1", docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.service = service
    app.state.checks = checks or {}
    app.state.site = site or Site(secrets.token_urlsafe())
    app.state.failed_sign_ins = FailedSignIns()
    app.state.uploads = Uploads()
    app.state.upload_rooms = UploadRooms()
    app.state.stream_room = new_stream_room()
    app.state.overviews = Overviews()
    app.state.waiting = new_waiting_room()
    errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(CountUploads, uploads=app.state.uploads)
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadLikeGet)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(docs.router)
    app.include_router(courses.router)
    app.include_router(desk.router)
    app.include_router(submissions.router)
    app.include_router(roster.router)
    app.include_router(workers.router)
    app.include_router(progress.router)
    app.include_router(reruns.router)
    app.include_router(rerun_events.router)
    app.include_router(audit.router)
    app.include_router(routes.router)
    app.include_router(sign_in.router)
    app.include_router(sign_in.signed_in)
    app.mount("/static", StaticFilesByHash(), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    async with create_task_group() as tasks:
        tasks.start_soon(look_for_others, app.state.service)
        yield
        tasks.cancel_scope.cancel()
