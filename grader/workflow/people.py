"""Whom a token stands for."""

import re
import secrets

from grader.domain.people import NAME_PATTERN, Identity, Role
from grader.errors import NotSignedIn, UsageError
from grader.storage import people, sign_ins
from grader.storage.database import Database
from grader.storage.people import NewToken
from grader.workflow.service import Service, now

_TOKEN_BYTES = 32
_TOKEN_PREFIX = "grd_"  # noqa: S105  # by which scanners know a leaked one; no secret


def create_token(
    database: Database, person: str, role: Role, label: str = "", course: str | None = None
) -> str:
    """Make a token for a person, made if new, and return its secret, which is kept nowhere.

    Raises:
        UsageError: nobody can have this name.
        NotFound: there is no such course.
    """
    check_name(person)
    secret = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    with database.writing() as session:
        people.add_token(session, NewToken(secret, person, role, now(), course, label))
    return secret


def check_name(person: str) -> None:
    """Refuse what nobody can be called.

    Raises:
        UsageError: it is empty, too long, or has other characters than names may have.
    """
    if not re.fullmatch(NAME_PATTERN, person):
        raise UsageError("A name has 1 to 100 letters, digits, spaces or any of . _ @ + - '")


def authenticate(service: Service, secret: str | None) -> Identity:
    """Return whom a token stands for.

    Raises:
        NotSignedIn: there is none, or it is not known or was revoked.
    """
    if secret:
        with service.database.reading() as session:
            if identity := people.find_identity(session, secret):
                return identity
        raise NotSignedIn("This token is not valid: it is mistyped, or was revoked.")
    raise NotSignedIn("Send a token: Authorization: Bearer <token>.")


def revoke_token(database: Database, secret: str) -> int:
    """Revoke a token by its secret; return how many were in force: 0 or 1."""
    with database.writing() as session:
        return people.revoke_token(session, secret, now())


def revoke_all_of(database: Database, person: str) -> int:
    """End every token, link and session of a person; return how many were in force."""
    moment = now()
    with database.writing() as session:
        return (
            people.revoke_tokens_of(session, person, moment)
            + sign_ins.end_links_of(session, person, moment)
            + sign_ins.end_sessions_of(session, person, moment)
        )


def revoke_labelled(database: Database, label: str) -> int:
    """Revoke every token made under a label; return how many were in force."""
    with database.writing() as session:
        return people.revoke_labelled(session, label, now())
