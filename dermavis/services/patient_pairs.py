"""Records of one site that are alike, kept as pairs: found by the clock after each identity that is written.

A page then reads a few rows of an index, however many patients the site has. Pairs are kept whatever was decided about
them: which of them are still a question is asked when they are read.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite

from dermavis.domain.duplicates import STRENGTH, Known, likeness
from dermavis.domain.text import normalise_name
from dermavis.models import DueRow, Organization, Patient, PatientPair, PatientSearchKey
from dermavis.services.patients import LONGEST_PREFIX, read_identity
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

TIMER, ROUND = "pairing", "pairing_round"
MOST_COMPARED = 100
"""Records opened in one transaction: others write in between."""


def find_pairs(work: Work, row: DueRow) -> None:
    """Timer ``pairing``: an identity was written; its pairs are found anew, and the rest of a large group later."""
    patient = work.session.get_one(Patient, row.subject_id)
    after = row.payload.get("after", "")
    if not after:
        forget_pairs(work, patient)
    if patient.erased_at is None:
        _compare(work, patient, UUID(after) if after else None, MOST_COMPARED)


def go_round(work: Work, row: DueRow) -> None:
    """Timer ``pairing_round``: the patients who were known before pairs were kept, a few at a time."""
    after, left = row.payload.get("after", ""), MOST_COMPARED
    while left > 0:
        found = select(Patient).where(Patient.erased_at.is_(None)).order_by(Patient.id).limit(1)
        patient = work.session.scalar(found.where(Patient.id > UUID(after)) if after else found)
        if patient is None:
            return
        left -= 1 + _compare(work, patient, patient.id, left)
        after = str(patient.id)
        work.session.expunge(patient)
    # Not at once: whatever else is due has its turn.
    schedule(work, ROUND, work.now, after=after)


def forget_pairs(work: Work, patient: Patient) -> None:
    """Take away the pairs of a record."""
    of_it = or_(PatientPair.one_id == patient.id, PatientPair.other_id == patient.id)
    work.session.execute(delete(PatientPair).where(of_it))


def _compare(work: Work, patient: Patient, after: UUID | None, most: int) -> int:
    """Compare a record with those that share something with it, by id from ``after`` on; return how many.

    Where there are more than ``most`` the timer goes on with the rest.
    """
    # One at a time in a site: two that wait for each other's rows would wait for ever.
    work.session.get(Organization, patient.organization_id, with_for_update={"key_share": True})
    traits = read_identity(work, patient)
    known = Known(patient.id, patient.organization_id, traits)
    near = [
        near_id for near_id in _sharing(work, patient, traits) if after is None or str(near_id) > str(after)
    ]
    chosen = near[:most]
    for other in work.session.scalars(
        select(Patient).where(Patient.id.in_(chosen), Patient.erased_at.is_(None))
    ).all():
        why = likeness(known, Known(other.id, other.organization_id, read_identity(work, other)))
        if why is not None:
            _keep(work, patient, other.id, STRENGTH[why])
        work.session.expunge(other)
    if len(near) > most:
        schedule(work, TIMER, work.now, subject_id=patient.id, after=str(chosen[-1]))
    return len(chosen)


def _sharing(work: Work, patient: Patient, traits: dict[str, Any]) -> list[UUID]:
    """Return the other records that share a hash, by id: the number, the birth date, or birth name and first name.

    A typing error spoils the name or the date, not both; where it is the date, both names are the same.
    """
    found = [
        _hashed(work, patient, kind, str(traits[kind])) for kind in ("ins", "birth_date") if traits.get(kind)
    ]
    name, first = (normalise_name(traits.get(kind) or "") for kind in ("birth_name", "first_name"))
    if name and first:
        first_names = _hashed(work, patient, "name", first[:LONGEST_PREFIX])
        found.append(
            _hashed(work, patient, "birth_name", name).where(PatientSearchKey.patient_id.in_(first_names))
        )
    # Asked first, and by itself: joined to the patients it would walk through all of them.
    shared = set(work.session.scalars(union(*found))) if found else set()
    return sorted(shared - {patient.id}, key=str)


def _hashed(work: Work, patient: Patient, kind: str, value: str) -> Select[Any]:
    hashes = [master.search_hash(kind, value) for master in work.system.cipher.masters]
    return select(PatientSearchKey.patient_id).where(
        PatientSearchKey.organization_id == patient.organization_id,
        PatientSearchKey.kind == kind,
        PatientSearchKey.value_hash.in_(hashes),
    )


def _keep(work: Work, patient: Patient, other_id: UUID, strength: int) -> None:
    one, other = sorted((patient.id, other_id), key=str)
    row = {
        "id": uuid4(),
        "organization_id": patient.organization_id,
        "one_id": one,
        "other_id": other,
        "strength": strength,
    }
    insert: Any = sqlite.insert if work.system.on_sqlite else postgresql.insert
    work.session.execute(insert(PatientPair).values(**row).on_conflict_do_nothing())
