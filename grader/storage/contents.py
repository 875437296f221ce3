"""The bytes of files, each kept once however often it comes."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.storage.changes import add_unless_there
from grader.storage.tables import ContentRow


def keep(session: Session, data: bytes) -> str:
    """Keep bytes, unless they are kept already, and return the SHA-256 that they are found by."""
    sha256 = hashlib.sha256(data).hexdigest()
    if session.scalar(select(ContentRow.size).where(ContentRow.sha256 == sha256)) is None:
        add_unless_there(session, ContentRow(sha256=sha256, size=len(data), content=data))
    return sha256
