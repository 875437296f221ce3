"""Submitted files in one zip, to have them again elsewhere."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip


def archive_name(submission_id: int) -> str:
    """Return how the zip of a submission's files is called."""
    return f"submission-{submission_id}.zip"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by name."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
