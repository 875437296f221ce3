"""An application over real HTTP, in a thread of the test."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from httpx import Client

from tests.processes import wait_for

# Loading the authorities that a client trusts takes longer than most tests.
_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def served(app: FastAPI, **options: Any) -> Iterator[str]:  # noqa: ANN401  # as uvicorn takes them
    """Serve `app` on a free port and give its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_for(lambda: server.started or not thread.is_alive(), "the application served")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def client_at(url: str, **headers: str) -> Client:
    """Return a client of a served application, for plain HTTP."""
    return Client(base_url=url, headers=headers, verify=_TRUSTS_NOBODY)
