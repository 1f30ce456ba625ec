"""What a person had typed when their session ended: sealed for an hour, and given back to the same person alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from dermavis.models import HeldForm
from dermavis.services.sessions import hash_of
from dermavis.services.vault import open_under_master, seal_under_master
from dermavis.services.work import System, Work, reading, writing

VALID_FOR = timedelta(hours=1)

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class KeptForm:
    """Where a form was going, and what it said."""

    path: str
    fields: Fields


def keep(system: System, person_id: UUID, path: str, fields: Fields) -> str:
    """Keep what was typed, and return the token that the browser shows to have it back."""
    token = secrets.token_urlsafe(32)
    row_id = uuid4()
    with writing(system) as work:
        work.session.execute(delete(HeldForm).where(HeldForm.expires_at <= work.now))
        work.session.add(
            HeldForm(
                id=row_id,
                token_hash=hash_of(token),
                path=path,
                sealed=seal_under_master(work, fields, HeldForm.__tablename__, row_id, "sealed"),
                person_id=person_id,
                created_at=work.now,
                expires_at=work.now + VALID_FOR,
            )
        )
    return token


def find(system: System, person_id: UUID, token: str) -> KeptForm | None:
    """Return what is kept behind a token, to the person who typed it and nobody else."""
    with reading(system) as work:
        row = _row(work, token)
        if row is None or row.person_id != person_id or row.expires_at <= work.now:
            return None
        fields = open_under_master(system.cipher, row.sealed, HeldForm.__tablename__, row.id, "sealed")
        return KeptForm(row.path, [(name, value) for name, value in fields])


def discard(system: System, token: str, path: str | None = None) -> bool:
    """Forget what is kept behind a token, when it was going to ``path`` if one is given; tell whether it was."""
    with writing(system) as work:
        row = _row(work, token)
        if row is None or (path is not None and row.path != path):
            return False
        work.session.delete(row)
        return True


def _row(work: Work, token: str) -> HeldForm | None:
    return work.session.scalar(select(HeldForm).where(HeldForm.token_hash == hash_of(token)))
