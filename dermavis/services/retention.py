"""Until when a case must be kept: written when it is over, again when a charter changes, anew before it goes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from dermavis.domain.calendars import local_day
from dermavis.domain.ports import SealBroken
from dermavis.domain.retention import RECORD_YEARS, Term, record_term
from dermavis.models import Case, DueRow, Organization, Patient, Transition
from dermavis.services.charters import charter_of
from dermavis.services.patients import read_identity
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

KIND = "retention_of_centre"
BATCH = 200
"""Cases whose term is written in one transaction."""


def term_of(work: Work, case: Case) -> Term | None:
    """Return the term of a case that is over, as everything stands now; None while it is open.

    What was discarded before it was ever sent holds nothing any more: it is over at once.
    """
    if case.closed_at is None:
        return None
    zone = work.session.get_one(Organization, case.site_id).time_zone
    if case.number is None:
        return Term(local_day(case.closed_at, zone), "record")
    patient = work.session.get(Patient, case.patient_id) if case.patient_id else None
    last = local_day(_last_contact(work, case), zone)
    born, died = (_birth_date(work, patient, last), patient.died_on) if patient else (None, None)
    years = charter_of(work, case.centre_id, case.specialty_id).keep_years if case.centre_id else RECORD_YEARS
    return record_term(last, born, died, years)


def write_term(work: Work, case: Case) -> Term | None:
    """Write until when a case is kept; nothing while it is open or once it was erased."""
    if case.erased_at is not None:
        return None
    term = term_of(work, case)
    case.keep_until = _first_instant(work, case, term.until) if term else None
    return term


def write_terms_of_patient(work: Work, patient_id: UUID) -> None:
    """Write the terms of all that is over of a patient, after something became known of them."""
    for case in work.session.scalars(
        select(Case)
        .where(Case.patient_id == patient_id, Case.closed_at.is_not(None), Case.erased_at.is_(None))
        .order_by(Case.id)
        .with_for_update()
    ):
        write_term(work, case)


def rewrite_later(work: Work, centre_id: UUID, at: datetime) -> None:
    """Have the terms of a centre's cases written anew once its charter says another duration."""
    schedule(work, KIND, at, subject_id=centre_id)


def rewrite_centre(work: Work, row: DueRow) -> None:
    """Timer ``retention_of_centre``: write the terms of a centre's cases anew, some at a time."""
    after = row.payload.get("after")
    cases = select(Case).where(
        Case.centre_id == row.subject_id, Case.closed_at.is_not(None), Case.erased_at.is_(None)
    )
    if after:
        cases = cases.where(Case.id > UUID(after))
    found = work.session.scalars(cases.order_by(Case.id).limit(BATCH).with_for_update()).all()
    for case in found:
        write_term(work, case)
    if len(found) == BATCH:
        schedule(work, KIND, work.now, subject_id=row.subject_id, after=str(found[-1].id))


def _last_contact(work: Work, case: Case) -> datetime:
    """The last act of a person on any case of the patient; what the clock did by itself is none."""
    together = Case.patient_id == case.patient_id if case.patient_id else Case.id == case.id
    acted = work.session.scalar(
        select(func.max(Transition.at))
        .join(Case, Case.id == Transition.case_id)
        .where(together, Transition.actor_id.is_not(None))
    )
    return acted or case.sent_at or case.created_at


def _birth_date(work: Work, patient: Patient, last: date) -> date | None:
    """The birth date; of a damaged identity the last contact itself: as long as a newborn's, and no case is held up."""
    if patient.erased_at is not None:
        return None
    try:
        written = read_identity(work, patient).get("birth_date")
    except SealBroken:
        return last
    return date.fromisoformat(written) if written else None


def _first_instant(work: Work, case: Case, day: date) -> datetime:
    zone = work.session.get_one(Organization, case.site_id).time_zone
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
