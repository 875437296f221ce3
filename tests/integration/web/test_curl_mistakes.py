"""What people get wrong with curl is answered with what to type instead."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Client

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
FORM = "multipart/form-data; boundary=x"
TEXT_FIELD = b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nloss.py\r\n--x--\r\n'
NO_FIELD = b"--x--\r\n"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param({"content": b"x = 1"}, "as a form", id="file as the body"),
        pytest.param({"data": {"files": "loss.py"}}, "as a form", id="form without files"),
        pytest.param({"json": {"files": ["x = 1"]}}, "as a form", id="JSON"),
        pytest.param({}, "as a form", id="nothing"),
        pytest.param({"files": {"file": ("loss.py", b"x")}}, "named files", id="another field"),
        pytest.param(
            {"content": NO_FIELD, "headers": {"Content-Type": FORM}}, "named files", id="no field"
        ),
        pytest.param(
            {"content": TEXT_FIELD, "headers": {"Content-Type": FORM}}, "an @ goes", id="without @"
        ),
    ],
)
def test_upload_without_a_file_is_told_the_line_that_works(
    client_of: Callable[..., Client], sent: dict[str, Any], says: str
) -> None:
    client = client_of("ann")

    response = client.post(ROUTE, **sent)

    problem = response.json()
    assert (response.status_code, problem["reason"]) == (422, "no_files")
    assert says in problem["detail"]
    assert "-F files=@loss.py" in problem["detail"]
    assert client.get(ROUTE).json()["items"] == []


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("multipart/form-data", id="no boundary"),
        pytest.param("multipart/form-data; boundary=y", id="another boundary"),
    ],
)
def test_form_that_cannot_be_read_is_refused(
    client_of: Callable[..., Client], content_type: str
) -> None:
    client = client_of("ann")

    response = client.post(ROUTE, content=TEXT_FIELD, headers={"Content-Type": content_type})

    assert response.status_code in (400, 422)
    assert "-F files=@loss.py" in response.json()["detail"]
    assert client.get(ROUTE).json()["items"] == []
