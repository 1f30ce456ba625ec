"""The newest seal of the audit is stamped by an authority outside: nobody can date it back afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from dermavis.domain import audit_faults
from dermavis.domain.audit_faults import Fault
from dermavis.domain.audit_witness import witness_line
from dermavis.domain.ports import DeliveryFailed, StampRefused, TimestampAuthority
from dermavis.models import AuditSeal, AuditTimestamp
from dermavis.services.audit_sealing import as_seal, newest_seal
from dermavis.services.work import System, Work, reading, writing

log = logging.getLogger("dermavis.audit")

EVERY_S = 60.0
AHEAD = timedelta(minutes=5)
"""How far the authority's clock may be behind ours."""


def stamp_due(system: System) -> int:
    """Have the newest seal stamped when its turn has come; returns 0, as there is nothing to do at once.

    An authority that is away is asked again a minute later: sealing does not wait for it.
    """
    authority = system.authority
    if authority is None:
        return 0
    with reading(system) as work:
        newest = newest_seal(work)
        last = work.session.scalar(
            select(AuditTimestamp).order_by(AuditTimestamp.seal_number.desc()).limit(1)
        )
    if newest is None or (last is not None and _rests(last, newest.number, system, authority)):
        return 0
    try:
        made = authority.stamp(witness_line(newest).encode("ascii"))
    except (DeliveryFailed, StampRefused) as failure:
        log.warning("seal %s of the audit was not stamped: %s", newest.number, failure)
        return 0
    try:
        with writing(system) as work:
            work.session.add(
                AuditTimestamp(
                    id=uuid4(),
                    seal_number=newest.number,
                    token=made.token,
                    nonce=made.nonce,
                    stamped_at=made.at,
                )
            )
    except IntegrityError:
        # Another worker had the same seal stamped.
        return 0
    return 0


def _rests(last: AuditTimestamp, newest: int, system: System, authority: TimestampAuthority) -> bool:
    return last.seal_number >= newest or system.clock.now() - last.stamped_at < authority.every


def is_late(work: Work, after: timedelta) -> bool:
    """Whether a seal has waited for its stamp ``after`` longer than the settings want."""
    authority = work.system.authority
    if authority is None:
        return False
    stamped_to = work.session.scalar(select(func.max(AuditTimestamp.seal_number))) or 0
    first_left = select(func.min(AuditSeal.sealed_at)).where(AuditSeal.number > stamped_to)
    since = work.session.scalar(first_left)
    return since is not None and since <= work.now - authority.every - after


def stamp_faults(work: Work) -> Iterator[Fault]:
    """Compare each stamp with the seal that it was given for: digest, nonce, signature and certificates."""
    authority = work.system.authority
    for stamp in work.session.scalars(select(AuditTimestamp).order_by(AuditTimestamp.seal_number)):
        row = work.session.scalar(select(AuditSeal).where(AuditSeal.number == stamp.seal_number))
        if row is None:
            yield audit_faults.stamp_without_seal(stamp.seal_number)
            continue
        if authority is None:
            continue
        try:
            at = authority.check(witness_line(as_seal(row)).encode("ascii"), stamp.token, stamp.nonce)
        except StampRefused:
            yield audit_faults.stamp_differs(stamp.seal_number)
            continue
        if at != stamp.stamped_at or at < row.sealed_at - AHEAD:
            yield audit_faults.stamp_differs(stamp.seal_number)


def stamps_kept(work: Work) -> tuple[int, int]:
    """Return how many stamps there are, and the newest seal that has one."""
    found = select(func.count(), func.max(AuditTimestamp.seal_number)).select_from(AuditTimestamp)
    count, newest = work.session.execute(found).one()
    return count, newest or 0
