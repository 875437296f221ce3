"""The page that describes the API, with nothing from elsewhere."""

from fastapi import APIRouter, Request, Response

from grader.web.pages.rendering import page
from grader.web.static_files import FOLDER

_SCRIPT = FOLDER / "vendor" / "swagger-ui.js"
# Swagger UI draws its arrows from data: addresses; scripts and styles come from us alone.
_IMAGES, _IMAGES_OF_DOCS = "img-src 'self'", "img-src 'self' data:"
_POLICY = "Content-Security-Policy"

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> Response:
    """Describe the API; where its script is missing, say where the description is."""
    response = page(request, "docs.html", lively=_SCRIPT.is_file())
    response.headers[_POLICY] = response.headers[_POLICY].replace(_IMAGES, _IMAGES_OF_DOCS)
    return response
