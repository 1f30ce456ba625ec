"""A device reported lost or stolen: forgotten, and told to destroy the drafts that it keeps when it is heard of again.

What it keeps is sealed and its code was closed with its session: this is for whoever does not want to rely on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.models import Device
from dermavis.services.devices import MOST_TOKENS, revoke_device
from dermavis.services.sessions import hash_of
from dermavis.services.work import Work

SHOWN_FOR = timedelta(days=90)


@dataclass(frozen=True)
class StolenDevice:
    """One of the actor's devices that was reported; ``destroyed_at`` is None until it has answered."""

    label: str
    asked_at: datetime
    destroyed_at: datetime | None


def report_stolen(work: Work, device_id: UUID) -> None:
    """Forget one of the actor's devices and have its drafts destroyed. Raises NotFound."""
    if not revoke_device(work, device_id, work.acting.person_id):
        raise NotFound
    work.session.get_one(Device, device_id).destroy_asked_at = work.now
    work.audit("device.stolen", subject_kind="device", subject_id=device_id)


def stolen_devices(work: Work) -> tuple[StolenDevice, ...]:
    """Return the actor's devices reported in the last three months, the latest first."""
    rows = work.session.scalars(
        select(Device)
        .where(Device.person_id == work.acting.person_id, Device.destroy_asked_at > work.now - SHOWN_FOR)
        .order_by(Device.destroy_asked_at.desc())
    )
    return tuple(
        StolenDevice(row.label, row.destroy_asked_at, row.destroyed_at)
        for row in rows
        if row.destroy_asked_at is not None
    )


def to_destroy(work: Work, tokens: Sequence[str]) -> list[UUID]:
    """Return whose drafts a browser with these tokens must destroy."""
    return [row.person_id for row in _told(work, tokens)]


def note_destroyed(work: Work, tokens: Sequence[str]) -> None:
    """A browser with these tokens says that it has destroyed what it was told to."""
    for row in _told(work, tokens):
        row.destroyed_at = work.now
        work.audit("device.destroyed", subject_kind="device", subject_id=row.id)


def _told(work: Work, tokens: Sequence[str]) -> list[Device]:
    hashes = [hash_of(token) for token in tokens[:MOST_TOKENS]]
    if not hashes:
        return []
    waiting = (Device.destroy_asked_at.is_not(None), Device.destroyed_at.is_(None))
    return list(work.session.scalars(select(Device).where(Device.token_hash.in_(hashes), *waiting)))
