"""Signing in with a browser: links that work once, and the sessions that they make."""

import secrets
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.orm import Session

from grader.domain.people import Grant, Identity
from grader.errors import NotFound, NotSignedIn, StorageUnavailable
from grader.storage import people, sign_ins
from grader.storage.database import Database
from grader.storage.sign_ins import NewLink, NewSession
from grader.workflow.people import check_name
from grader.workflow.service import Service, now

_SECRET_BYTES = 32
_LINK_LASTS = timedelta(hours=24)
# Each use lets a session last this long again, up to a limit: a stolen one does not live forever.
_UNUSED_LASTS = timedelta(days=7)
_SESSION_LASTS = timedelta(days=30)
_NOTE_USE_EVERY = timedelta(minutes=10)  # not at each request, as that would write at each
_FORGET_AFTER = timedelta(days=30)
NO_LINK = "This sign-in link does not work: each works once, and only for a time."


def make_link(database: Database, grant: Grant, lasts: timedelta = _LINK_LASTS) -> str:
    """Make a sign-in link for a person, made if new, and return its secret, which is kept nowhere.

    Raises:
        UsageError: nobody can have this name.
        NotFound: there is no such course.
    """
    check_name(grant.person)
    secret, moment = _new_secret(), now()
    link = NewLink(secret, grant, moment, moment + lasts)
    with database.writing() as session:
        sign_ins.add_link(session, link)
    return secret


def read_link(service: Service, secret: str) -> Identity:
    """Return whom a link would sign in, without using it.

    Raises:
        NotFound: the link is unknown, used or expired: all alike.
    """
    with service.database.reading() as session:
        if identity := sign_ins.find_link(session, secret, now()):
            return identity
    raise NotFound(NO_LINK)


def sign_in_by_link(service: Service, secret: str, previous: str | None = None) -> str:
    """Use a link up and return the secret of a new session; the browser's `previous` one ends.

    Raises:
        NotFound: the link is unknown, used or expired: all alike.
    """
    with service.database.writing() as session:
        identity = sign_ins.use_link(session, secret, now())
        if identity is None:
            raise NotFound(NO_LINK)
        return _new_session(session, identity, previous)


def sign_in_by_token(service: Service, token: str, previous: str | None = None) -> str:
    """Return the secret of a session that lasts no longer than its token; `previous` ends.

    Raises:
        NotSignedIn: the token is not known, or was revoked.
    """
    with service.database.writing() as session:
        identity = people.find_identity(session, token)
        if identity is None:
            raise NotSignedIn("This token is not known, or was revoked.")
        return _new_session(session, identity, previous, token)


def find_session(service: Service, secret: str) -> Identity | None:
    """Return whom a session stands for, and let it last; none if it is unknown or has ended."""
    moment = now()
    with service.database.reading() as session:
        found = sign_ins.find_session(session, secret, moment)
    if found is None:
        return None
    if moment - found.last_used_at >= _NOTE_USE_EVERY:
        expires_at = min(moment + _UNUSED_LASTS, found.created_at + _SESSION_LASTS)
        # A session whose use cannot be noted is in force all the same: pages can still be read.
        with suppress(StorageUnavailable), service.database.writing() as session:
            sign_ins.extend_session(session, secret, moment, expires_at)
    return found.identity


def sign_out(service: Service, secret: str) -> None:
    """End a session."""
    with service.database.writing() as session:
        sign_ins.end_session(session, secret, now())


def end_links_labelled(database: Database, label: str) -> int:
    """End the unused links made under a label; return how many that were."""
    with database.writing() as session:
        return sign_ins.end_links_labelled(session, label, now())


def _new_session(
    session: Session, identity: Identity, previous: str | None, token: str | None = None
) -> str:
    secret, moment = _new_secret(), now()
    if previous is not None:
        sign_ins.end_session(session, previous, moment)
    sign_ins.forget(session, moment - _FORGET_AFTER)
    new = NewSession(secret, identity, moment, moment + _UNUSED_LASTS, token)
    sign_ins.add_session(session, new)
    return secret


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)
