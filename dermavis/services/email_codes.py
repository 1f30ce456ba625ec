"""One-time codes by e-mail: six digits, ten minutes, five tries, used once. Only a keyed hash is kept."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update

from dermavis.domain.text import normalise_code
from dermavis.models import OneTimeCode, Person
from dermavis.services.letters import write_letter
from dermavis.services.work import Work

VALID_FOR = timedelta(minutes=10)
TRIES = 5
RESEND_AFTER = timedelta(seconds=30)


def send_code(work: Work, person: Person, purpose: str) -> str | None:
    """Mail a fresh code, and end the ones before; None while the last one is younger than ``RESEND_AFTER``."""
    if seconds_to_resend(work, person.id, purpose) > 0:
        return None
    work.session.execute(
        delete(OneTimeCode).where(
            OneTimeCode.person_id == person.id, OneTimeCode.expires_at < work.now - timedelta(days=1)
        )
    )
    work.session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.person_id == person.id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None)
        )
        .values(used_at=work.now)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = OneTimeCode(
        id=uuid4(),
        person_id=person.id,
        purpose=purpose,
        code_hash=b"",
        created_at=work.now,
        expires_at=work.now + VALID_FOR,
        tries=0,
    )
    row.code_hash = _hash(work, row.id, code)
    work.session.add(row)
    work.session.flush()
    write_letter(work, "email_code", person.email, person.id, code=code)
    return code


def seconds_to_resend(work: Work, person_id: UUID, purpose: str) -> int:
    """Return how long a person has to wait for another code; 0 when they may have one."""
    last = work.session.scalar(
        select(OneTimeCode)
        .where(
            OneTimeCode.person_id == person_id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None)
        )
        .order_by(OneTimeCode.created_at.desc())
        .limit(1)
    )
    if last is None:
        return 0
    return max(0, int((last.created_at + RESEND_AFTER - work.now).total_seconds()))


def accept_code(work: Work, person_id: UUID, purpose: str, typed: str) -> bool:
    """Use the newest code up when it is the typed one. Every try is counted, so commit even after a False."""
    code = normalise_code(typed)
    open_code = (
        OneTimeCode.person_id == person_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > work.now,
        OneTimeCode.tries < TRIES,
    )
    tried = work.session.execute(
        update(OneTimeCode)
        .where(*open_code)
        .values(tries=OneTimeCode.tries + 1)
        .returning(OneTimeCode.id, OneTimeCode.code_hash)
    ).all()
    for row in tried:
        if secrets.compare_digest(row.code_hash, _hash(work, row.id, code)):
            used = work.session.execute(
                update(OneTimeCode)
                .where(OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
                .values(used_at=work.now)
                .returning(OneTimeCode.id)
            )
            return len(used.all()) == 1
    return False


def _hash(work: Work, row_id: UUID, code: str) -> bytes:
    return work.system.cipher.lasting_hash("one-time-code", f"{row_id}:{code}")
