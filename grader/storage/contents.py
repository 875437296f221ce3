"""The bytes of files, each kept once however often it comes."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from grader.storage.changes import insert_unless_there
from grader.storage.tables import ContentRow

_KNOWN = select(ContentRow.sha256).where(ContentRow.sha256.in_(bindparam("hashes", expanding=True)))


def keep(session: Session, files: Mapping[str, bytes]) -> dict[str, str]:
    """Keep the bytes of named files, and return by name the SHA-256 that they are found by."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    known = set(session.scalars(_KNOWN, {"hashes": list(hashes.values())}))
    new = {sha256: files[name] for name, sha256 in hashes.items() if sha256 not in known}
    if new:
        # In one order, so that two who keep the same files cannot wait for each other.
        rows = [
            {"sha256": sha256, "size": len(data), "content": data}
            for sha256, data in sorted(new.items())
        ]
        insert_unless_there(session, ContentRow, rows)
    return hashes
