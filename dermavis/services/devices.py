"""Enrolled phones and computers: for thirty days the second factor is not asked again on them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.models import Device, UserSession
from dermavis.services.sessions import hash_of, revoke
from dermavis.services.work import Work

VALID_FOR = timedelta(days=30)

MOST_TOKENS = 5
"""A shared tablet remembers so many people."""


def enrol(work: Work, person_id: UUID, label: str) -> tuple[UUID, str]:
    """Enrol the browser that asks; return the row's id and the token that the browser keeps."""
    token = secrets.token_urlsafe(32)
    row = Device(
        id=uuid4(),
        person_id=person_id,
        token_hash=hash_of(token),
        label=label[:120],
        enrolled_at=work.now,
        expires_at=work.now + VALID_FOR,
    )
    work.session.add(row)
    work.session.flush()
    return row.id, token


def recognise(work: Work, person_id: UUID, tokens: Sequence[str]) -> UUID | None:
    """Return the enrolled device of that person which one of the browser's tokens belongs to."""
    hashes = [hash_of(token) for token in tokens[:MOST_TOKENS]]
    if not hashes:
        return None
    return work.session.scalar(
        select(Device.id).where(
            Device.token_hash.in_(hashes),
            Device.person_id == person_id,
            Device.revoked_at.is_(None),
            Device.expires_at > work.now,
        )
    )


def revoke_device(work: Work, device_id: UUID, person_id: UUID) -> bool:
    """Forget a device of that person and end its sessions; tell whether there was one."""
    row = work.session.get(Device, device_id)
    if row is None or row.person_id != person_id or row.revoked_at is not None:
        return False
    row.revoked_at = work.now
    sessions = work.session.scalars(
        select(UserSession.id).where(UserSession.device_id == device_id, UserSession.revoked_at.is_(None))
    ).all()
    for session_id in sessions:
        revoke(work, session_id, person_id)
    return True


def revoke_devices(work: Work, person_id: UUID, keep_session: UUID | None = None) -> int:
    """Forget every device of a person, but the one of the session to keep; return how many there were."""
    kept = work.session.get(UserSession, keep_session) if keep_session else None
    ids = work.session.scalars(
        select(Device.id).where(Device.person_id == person_id, Device.revoked_at.is_(None))
    ).all()
    others = [device_id for device_id in ids if kept is None or device_id != kept.device_id]
    for device_id in others:
        revoke_device(work, device_id, person_id)
    return len(others)
