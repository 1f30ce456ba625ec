"""A proposal to join two records waits for a second person, who is told again, and ends by itself without them."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.joining import TOLD_AGAIN_EACH, Confirmation, Second, confirmation, first_told_at
from dermavis.domain.roles import REQUESTING
from dermavis.models import DueRow, PatientMerge
from dermavis.services.notice_subjects import Subject
from dermavis.services.notices import announce_of
from dermavis.services.patient_duplicates import are_alike
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.teams import holding, secretaries
from dermavis.services.work import Work

TIMER = "merge_reminder"


def confirmation_of(work: Work, row: PatientMerge) -> Confirmation:
    """Return who may confirm a proposal today."""
    return confirmation(row.proposed_by, row.proposed_at, *people_of_site(work, row.organization_id))


def people_of_site(work: Work, site_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return who asks for opinions at a site today, and its secretaries."""
    asking = frozenset(person for role in REQUESTING for person in holding(work, site_id, role))
    return asking, frozenset(secretaries(work, site_id))


def watch_merge(work: Work, row: PatientMerge) -> None:
    """Two records were proposed: tell who confirms, and have them told again."""
    found = confirmation_of(work, row)
    if found.second is not Second.SAME_AGAIN:
        announce_of(work, "merge_proposed", _about(row), found.people)
    schedule(work, TIMER, first_told_at(found, row.proposed_at), subject_id=row.id)


def end_watch(work: Work, row: PatientMerge) -> None:
    """It was decided: nobody is reminded any more."""
    unschedule(work, TIMER, subject_id=row.id)


def remind_merge(work: Work, due: DueRow) -> None:
    """Timer ``merge_reminder``: tell who confirms; end what nobody confirmed, or what is no question any more."""
    row = work.session.get_one(PatientMerge, due.subject_id)
    if row.state != "proposed":
        return
    found = confirmation_of(work, row)
    if work.now >= found.until or not are_alike(work, row.kept_id, row.merged_id):
        row.state, row.undone_at = "lapsed", work.now
        work.audit(
            "patient.merge_lapse", subject_kind="patient", subject_id=row.kept_id, other=str(row.merged_id)
        )
        announce_of(work, "merge_lapsed", _about(row), [row.proposed_by])
        return
    event = "merge_again" if found.second is Second.SAME_AGAIN else "merge_waits"
    announce_of(work, event, _about(row), found.people)
    schedule(work, TIMER, min(work.now + TOLD_AGAIN_EACH, found.until), subject_id=row.id)


def is_proposed(work: Work, merge_id: UUID) -> bool:
    """Whether a proposal still waits."""
    return work.session.get_one(PatientMerge, merge_id).state == "proposed"


def _about(row: PatientMerge) -> Subject:
    return Subject("", f"/patients/merges/{row.id}", kind="merge", id=row.id)
