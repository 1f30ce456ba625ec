"""What must always hold between a case that was referred up and the one that began elsewhere, and of the copies."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.referrals import FIRST_OPINION, REFERRAL
from dermavis.models import AuditEvent, Case, Opinion
from dermavis.services.child_links import children_of, parent_of
from dermavis.services.opinion_versions import open_opinion
from dermavis.services.referral_links import opinions_brought, referral_of
from dermavis.services.work import System, reading
from tests.lifecycle.always import Snapshot

NEWS_OF_A_COPY = {"opinion_copy", "opinion_corrected", "opinion_completed"}


def second_of(system: System, case_id: UUID) -> UUID | None:
    """Return the case that a case was referred to; there is one at most."""
    with reading(system) as work:
        found = children_of(work, [case_id])
    assert len(found) <= 1, "begun twice"
    return found[0].id if found else None


def check_linked(system: System, first: Snapshot, second_id: UUID) -> None:
    """The two name each other, and are one requester's; what the second centre reads has left."""
    with reading(system) as work:
        case, second = work.session.get_one(Case, first.case.id), work.session.get_one(Case, second_id)
        there, back = referral_of(work, case), parent_of(work, second)
        assert there is not None
        assert back is not None
        assert (there.id, back.id, second.parent_kind) == (second.id, case.id, REFERRAL)
        same = ("site_id", "requester_id", "patient_id", "pooled_by", "network_id", "specialty_id")
        assert all(getattr(case, name) == getattr(second, name) for name in same)
        assert second.centre_id != case.centre_id
        assert second.number not in {None, case.number}
        assert second.data_key != case.data_key
        signed = [row for row in first.rows["opinions"] if row.signed_at is not None]
        earliest = work.session.get_one(Opinion, min(signed, key=lambda row: row.version).id)
        referral = open_opinion(work, case, earliest).referral
        assert referral is not None
        assert referral.id == second.id
        left = {row.id for row in signed if row.effective_at <= work.now}
        brought = opinions_brought(work, second)
        assert brought, "the second centre reads the first opinion"
        assert brought <= left, "the second centre reads what may still be taken back"
        told = select(AuditEvent.subject_id).where(
            AuditEvent.case_id == case.id, AuditEvent.action == "case.referral"
        )
        assert work.session.scalars(told).all() == [second.id]


def check_brought(system: System, first: Snapshot, second: Snapshot) -> None:
    """The timers ran: the version in force is there once, unless the second case was cancelled."""
    texts = [row.subject_id for row in second.rows["case_texts"] if row.kind == FIRST_OPINION]
    assert len(texts) == len(set(texts))
    now = system.clock.now()
    left = [row for row in first.rows["opinions"] if row.effective_at is not None and row.effective_at <= now]
    newest = max(left, key=lambda row: row.version)
    assert second.case.state == "cancelled" or newest.id in texts


def check_news_of_copies(found: Snapshot, doctor_id: UUID) -> None:
    """A doctor who has nothing else of the case is told of each version that they have, from when it leaves."""
    leave = {row.id: row.effective_at for row in found.rows["opinions"]}
    copies = [row for row in found.rows["deliveries"] if row.recipient_id == doctor_id]
    lines = [row for row in found.rows["notifications"] if row.person_id == doctor_id]
    assert {row.event for row in lines} <= NEWS_OF_A_COPY
    assert sorted(row.at for row in lines) == sorted(leave[row.opinion_id] for row in copies)
