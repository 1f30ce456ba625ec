"""Sessions are rows: opened, found by the hash of a random token, locked when idle, listed and revoked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, or_, select

from dermavis.models import Device, Person, PushSubscription, UserSession
from dermavis.models.queries.quick import Question
from dermavis.services.actors import actor_at, places_of
from dermavis.services.work import Actor, System, Work, reading, writing

IDLE = timedelta(hours=1)
"""After this, the password is asked again on an enrolled device; elsewhere the session ends."""

LIFETIME = timedelta(days=30)
PENDING = timedelta(hours=1)
"""How long the password alone leaves time for the second factor."""

TOUCH_EVERY = timedelta(minutes=1)

_sessions, _persons, _devices = (table.__table__.c for table in (UserSession, Person, Device))

_LIVE = Question(
    select(
        _sessions.id,
        _sessions.person_id,
        _sessions.stage,
        _sessions.organization_id,
        _sessions.device_id,
        _sessions.seen_at,
        _persons.state,
        _persons.title,
        _persons.first_name,
        _persons.last_name,
        _devices.revoked_at.label("device_revoked_at"),
        _devices.expires_at.label("device_expires_at"),
    )
    .select_from(
        UserSession.__table__.join(Person.__table__, _persons.id == _sessions.person_id).outerjoin(
            Device.__table__, _devices.id == _sessions.device_id
        )
    )
    .where(
        _sessions.token_hash == bindparam("token"),
        _sessions.revoked_at.is_(None),
        _sessions.expires_at > bindparam("now"),
    )
)
"""Written once: each request asks it."""


@dataclass(frozen=True)
class FoundSession:
    """A live session.

    ``locked``: an idle hour has passed, the password must be given again. ``actor`` is None until the second factor is
    given, or when the person holds no role today.
    """

    id: UUID
    person_id: UUID
    stage: str
    locked: bool
    device_id: UUID | None
    actor: Actor | None
    organizations: tuple[tuple[UUID, str], ...]


def hash_of(token: str) -> bytes:
    """Return what is kept of a random token."""
    return hashlib.sha256(token.encode()).digest()


def open_session(
    work: Work,
    person_id: UUID,
    *,
    stage: str = "full",
    label: str = "",
    device_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> str:
    """Open a session and return its token, which is never stored."""
    token = secrets.token_urlsafe(32)
    work.session.add(
        UserSession(
            id=uuid4(),
            person_id=person_id,
            token_hash=hash_of(token),
            stage=stage,
            organization_id=organization_id,
            device_id=device_id,
            label=label[:120],
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + (LIFETIME if stage == "full" else PENDING),
        )
    )
    work.session.flush()
    return token


def complete(work: Work, session_id: UUID, device_id: UUID | None = None) -> str | None:
    """Make a session whole after the second factor, under a new token; None when it ended meanwhile."""
    row = work.session.get(UserSession, session_id, with_for_update=True)
    if row is None or row.revoked_at is not None or row.expires_at <= work.now or row.stage == "full":
        return None
    row.stage = "full"
    row.device_id = device_id
    row.expires_at = work.now + LIFETIME
    return _renew(work, row)


def find_session(system: System, token: str, *, by_itself: bool = False) -> FoundSession | None:
    """Return the live session of a token, and note, at most once a minute, that its person was there.

    ``by_itself``: a page asks without anybody's act (a list that renews itself), which must not put off the idle lock.
    """
    with reading(system) as work:
        row = _live_row(work, token)
        if row is None:
            return None
        idle = work.now - row.seen_at >= IDLE
        if idle and row.device_id is None and row.stage == "full":
            return None
        found = _describe(work, row, locked=idle and row.stage == "full")
        stale = not by_itself and not found.locked and work.now - row.seen_at >= TOUCH_EVERY
    if stale:
        with writing(system) as work:
            touched = work.session.get(UserSession, found.id)
            if touched is not None and touched.revoked_at is None:
                touched.seen_at = work.now
    return found


def lock(work: Work, session_id: UUID) -> None:
    """Have a session stand as after an idle hour."""
    row = work.session.get_one(UserSession, session_id, with_for_update=True)
    row.seen_at = work.now - IDLE


def unlock(work: Work, session_id: UUID) -> str | None:
    """Open a locked session again, under a new token, after the password; None when it ended meanwhile."""
    row = work.session.get(UserSession, session_id, with_for_update=True)
    if row is None or row.revoked_at is not None or row.expires_at <= work.now or row.stage != "full":
        return None
    return _renew(work, row)


def revoke(work: Work, session_id: UUID, person_id: UUID) -> bool:
    """End a session of that person, and the notifications to its browser; tell whether there was one."""
    row = work.session.get(UserSession, session_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        return False
    _end(work, [row])
    return True


def sign_out(system: System, found: FoundSession) -> None:
    """End the session that asks to leave."""
    with writing(system, found.actor) as work:
        revoke(work, found.id, found.person_id)
        work.audit("sign_out", subject_kind="person", subject_id=found.person_id)


def revoke_all(work: Work, person_id: UUID, keep: UUID | None = None) -> int:
    """End every session of a person but ``keep``; return how many."""
    rows = work.session.scalars(
        select(UserSession).where(UserSession.person_id == person_id, UserSession.revoked_at.is_(None))
    ).all()
    ended = [row for row in rows if row.id != keep]
    _end(work, ended)
    return len(ended)


def act_for(work: Work, session_id: UUID, organization_id: UUID) -> bool:
    """Choose the acting organisation of a session; tell whether the person holds a role there."""
    row = work.session.get(UserSession, session_id)
    if row is None or organization_id not in dict(places_of(work.session, row.person_id).on(work.now.date())):
        return False
    row.organization_id = organization_id
    return True


def _renew(work: Work, row: UserSession) -> str:
    token = secrets.token_urlsafe(32)
    row.token_hash = hash_of(token)
    row.seen_at = work.now
    work.session.flush()
    return token


def _end(work: Work, rows: list[UserSession]) -> None:
    for row in rows:
        row.revoked_at = work.now
    devices = {row.device_id for row in rows if row.device_id is not None}
    work.session.execute(
        delete(PushSubscription).where(
            or_(
                PushSubscription.session_id.in_({row.id for row in rows}),
                PushSubscription.device_id.in_(devices),
            )
        )
    )


def _live_row(work: Work, token: str) -> Any:
    row = _LIVE.first(work.session, token=hash_of(token), now=work.now)
    if row is None or row.state == "revoked":
        return None
    if row.device_id is not None and (row.device_revoked_at is not None or row.device_expires_at <= work.now):
        return None
    return row


def _describe(work: Work, row: Any, locked: bool) -> FoundSession:
    actor = None
    places = places_of(work.session, row.person_id)
    if row.stage == "full" and row.state == "active":
        actor = actor_at(work.session, row, places, work.now, row.organization_id, row.id)
    return FoundSession(
        id=row.id,
        person_id=row.person_id,
        stage=row.stage,
        locked=locked,
        device_id=row.device_id,
        actor=actor,
        organizations=tuple(places.on(work.now.date())),
    )
