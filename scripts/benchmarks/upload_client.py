"""A process of its own that uploads at a steady rate: `python -m scripts.benchmarks.upload_client`.

Reads an order as JSON from stdin and writes what each upload came to as JSON to stdout.
"""

import contextlib
import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

_BOUNDARY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_THREADS = 160
_TIMEOUT_SECONDS = 60
_LOOK_SECONDS = 0.5  # between looks at a submission that was answered before it was graded


def main() -> None:
    """Upload as told, each at its moment however slow the answers before it were."""
    order = json.load(sys.stdin)
    body = _form(order["files"])
    count = round(order["rate"] * order["seconds"])
    started = time.perf_counter() + 0.2

    def upload(number: int) -> dict[str, Any]:
        due = started + number / order["rate"]
        time.sleep(max(0.0, due - time.perf_counter()))
        token = order["tokens"][number % len(order["tokens"])]
        answer = _post(order["url"], order["route"], token, body)
        if order["to_the_score"]:
            answer = _read_until_graded(order["url"], token, answer, due + _TIMEOUT_SECONDS)
        # From the moment when it was due: waiting for a free thread is waiting too.
        return {**answer, "seconds": time.perf_counter() - due}

    with ThreadPoolExecutor(_THREADS) as threads:
        answers = list(threads.map(upload, range(count)))
    json.dump({"span": time.perf_counter() - started, "answers": answers}, sys.stdout)


def _post(url: str, route: str, token: str, body: bytes) -> dict[str, Any]:
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    return _asked(url, "POST", route, body, {**_known(token), "Content-Type": kind})


def _read_until_graded(
    url: str, token: str, answer: dict[str, Any], until: float
) -> dict[str, Any]:
    """Look again at a submission that was stored, as a user would reload its page."""
    while answer.get("id") and answer["score"] is None and time.perf_counter() < until:
        time.sleep(_LOOK_SECONDS)
        route = f"/api/v1/submissions/{answer['id']}"
        found = _asked(url, "GET", route, None, _known(token))
        if found["status"] == HTTPStatus.OK:
            answer = found
    return answer


def _known(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _asked(
    url: str, method: str, route: str, body: bytes | None, headers: dict[str, str]
) -> dict[str, Any]:
    # A connection each, as students have: one that is kept may be closed before it is used again.
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_SECONDS)
    with contextlib.closing(connection):
        try:
            connection.request(method, route, body, headers)
            response = connection.getresponse()
            content = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            return {"status": 0, "error": repr(error)}
    return {
        "status": response.status,
        "retry_after": response.headers.get("Retry-After"),
        "score": content.get("score"),
        "id": content.get("id"),
    }


def _form(files: dict[str, str]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: text/x-python\r\n\r\n{source}\r\n"
        for name, source in files.items()
    ]
    return "".join([*parts, f"--{_BOUNDARY}--\r\n"]).encode()


if __name__ == "__main__":
    main()
