"""Two records of one patient are joined: one person proposes, a second one confirms; it can be undone.

What hung on the one record (cases, consents, lesions) hangs on the kept one from then on; each row is remembered by its
id. Nothing of what was sent changes: revisions and reports keep the identity that they bear.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from dermavis.domain.duplicates import Likeness
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.joining import Second
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import moment_words
from dermavis.models import Case, Consent, Lesion, Patient, PatientMerge
from dermavis.services.access import hold_patients, require
from dermavis.services.further_use import oppose
from dermavis.services.merge_reminders import confirmation_of, end_watch, watch_merge
from dermavis.services.names import name_of
from dermavis.services.patient_duplicates import DECIDED, pair_of
from dermavis.services.retention import write_terms_of_patient
from dermavis.services.work import Work

MOVED: dict[str, Any] = {"cases": Case, "consents": Consent, "lesions": Lesion}
"""What hangs on a patient, by its name in ``PatientMerge.moved``."""
DIED_ON = "died_on"
"""The day of death that the kept record had from the other, by that name in ``PatientMerge.moved``."""


def propose(work: Work, kept_id: UUID, merged_id: UUID) -> PatientMerge:
    """Propose to join two records, the first being kept; proposing it again changes nothing.

    Raises Forbidden, NotFound where they are not alike, and Conflict ``merge_decided`` where somebody decided.
    """
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    pair = pair_of(work, kept_id, merged_id)
    known = _decision(work, kept_id, merged_id)
    if known is not None and known.state == "proposed":
        return known
    if known is not None and known.state == "done":
        raise _decided(work, known)
    if known is not None:
        known.state, known.undone_by, known.undone_at = "undone", work.acting.person_id, work.now
    row = _new(work, kept_id, merged_id, pair.likeness, "proposed")
    watch_merge(work, row)
    work.audit("patient.merge_propose", subject_kind="patient", subject_id=kept_id, other=str(merged_id))
    return row


def keep_apart(work: Work, patient_id: UUID, other_id: UUID) -> PatientMerge:
    """Say that two records are two people; the pair is not shown any more. Also ends a proposal."""
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    known = _decision(work, patient_id, other_id)
    if known is not None and known.state == "done":
        raise _decided(work, known)
    if known is None:
        known = _new(work, patient_id, other_id, pair_of(work, patient_id, other_id).likeness, "refused")
    known.state, known.decided_by, known.decided_at = "refused", work.acting.person_id, work.now
    end_watch(work, known)
    work.audit("patient.keep_apart", subject_kind="patient", subject_id=patient_id, other=str(other_id))
    return known


def confirm(work: Work, merge_id: UUID, kept_id: UUID | None = None) -> PatientMerge:
    """Join two records as was proposed; confirming again changes nothing.

    Who confirms alone says again which record is kept (``kept_id``); where they say the other one now, nothing is
    joined: what is returned is a new proposal, to be read again a day later. Raises Forbidden for whoever may not
    confirm this one, InvalidInput, NotFound, and Conflict when it was decided otherwise, or when it is too soon.
    """
    require(work, Permission.PATIENT_MERGE_CONFIRM)
    row = find_merge(work, merge_id)
    if row.state == "done":
        return row
    if row.state != "proposed":
        raise _decided(work, row)
    second = _second_person(work, row)
    if second is Second.SAME_AGAIN:
        if kept_id not in {row.kept_id, row.merged_id}:
            raise InvalidInput({"kept": "Choisissez la fiche à garder."})
        if kept_id != row.kept_id:
            row.state, row.undone_by, row.undone_at = "undone", work.acting.person_id, work.now
            end_watch(work, row)
            work.session.flush()
            return propose(work, row.merged_id, row.kept_id)
    hold_patients(work, row.merged_id, row.kept_id)
    pair_of(work, row.kept_id, row.merged_id)
    merged = work.session.get_one(Patient, row.merged_id)
    kept = work.session.get_one(Patient, row.kept_id)
    moved = {name: _move(work, table, row.merged_id, row.kept_id) for name, table in MOVED.items()}
    if merged.died_on is not None and kept.died_on is None:
        kept.died_on = merged.died_on
        moved[DIED_ON] = [merged.died_on.isoformat()]
    row.moved = moved
    row.state, row.decided_by, row.decided_at = "done", work.acting.person_id, work.now
    merged.merged_into = row.kept_id
    work.session.flush()
    if (
        merged.opposed_at is not None or kept.opposed_at is not None
    ):  # one person objected: it holds for all of theirs
        oppose(work, kept)
    write_terms_of_patient(work, kept.id)
    end_watch(work, row)
    work.audit(
        "patient.merge",
        subject_kind="patient",
        subject_id=row.kept_id,
        other=str(row.merged_id),
        second=second.value,
    )
    return row


def undo(work: Work, merge_id: UUID) -> int:
    """Give both records back as they were, and return how many requests made since stay with the kept one.

    Raises Forbidden, NotFound, and Conflict where it is not joined, or was joined again with another.
    """
    require(work, Permission.PATIENT_MERGE_UNDO)
    row = find_merge(work, merge_id)
    hold_patients(work, row.kept_id, row.merged_id)
    kept = work.session.get_one(Patient, row.kept_id)
    merged = work.session.get_one(Patient, row.merged_id)
    if row.state != "done" or merged.merged_into != kept.id:
        raise Conflict("not_merged", "Ces fiches ne sont pas fusionnées, ou ne le sont plus.")
    if kept.merged_into is not None:
        raise Conflict(
            "merged_since", "La fiche gardée a été fusionnée depuis\u00a0: annulez d’abord cette fusion-là."
        )
    if kept.erased_at is not None:
        raise Conflict("erased", "Ce patient a été effacé\u00a0: il n’y a rien à rendre.")
    for name, table in MOVED.items():
        ids = [UUID(row_id) for row_id in row.moved.get(name, [])]
        back = update(table).where(table.id.in_(ids), table.patient_id == kept.id)
        work.session.execute(back.values(patient_id=merged.id))
    merged.merged_into = None
    if kept.died_on in [date.fromisoformat(day) for day in row.moved.get(DIED_ON, [])]:
        kept.died_on = None
    work.session.flush()
    if merged.opposed_at is None and _opposed_since(kept, row.decided_at):
        oppose(work, merged)
    for patient_id in (row.kept_id, row.merged_id):
        write_terms_of_patient(work, patient_id)
    row.state, row.undone_by, row.undone_at = "undone", work.acting.person_id, work.now
    work.audit("patient.merge_undo", subject_kind="patient", subject_id=kept.id, other=str(merged.id))
    return newer(work, row)


def _new(work: Work, kept_id: UUID, merged_id: UUID, why: Likeness, state: str) -> PatientMerge:
    if kept_id == merged_id:
        raise InvalidInput({"kept": "Choisissez deux fiches."})
    row = PatientMerge(
        id=uuid4(),
        organization_id=work.acting.organization_id,
        kept_id=kept_id,
        merged_id=merged_id,
        likeness=why.value,
        state=state,
        moved={},
        proposed_by=work.acting.person_id,
        proposed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _decision(work: Work, one: UUID, other: UUID) -> PatientMerge | None:
    """The decision in force about two records, whichever was to be kept."""
    return work.session.scalar(
        select(PatientMerge)
        .where(
            PatientMerge.organization_id == work.acting.organization_id,
            PatientMerge.kept_id.in_([one, other]),
            PatientMerge.merged_id.in_([one, other]),
            PatientMerge.state.in_(DECIDED),
        )
        .order_by(PatientMerge.proposed_at.desc())
        .limit(1)
        .with_for_update()
    )


def _second_person(work: Work, row: PatientMerge) -> Second:
    """Return in what part the actor confirms. Raises Forbidden, and Conflict ``too_soon``."""
    found = confirmation_of(work, row)
    if work.acting.person_id not in found.people:
        mine = row.proposed_by == work.acting.person_id
        raise Forbidden(
            "Vous l’avez proposée\u00a0: quelqu’un d’autre confirme."
            if mine
            else "Un médecin ou un infirmier de votre site la confirme.",
            "same_person" if mine else "not_the_second",
        )
    if work.now < found.since:
        when = moment_words(found.since, work.acting.time_zone)
        raise Conflict("too_soon", f"Relisez les deux fiches à partir du {when}, avec des yeux neufs.")
    return found.second


def find_merge(work: Work, merge_id: UUID) -> PatientMerge:
    """Return a joining of the acting site. Raises NotFound."""
    row = work.session.get(PatientMerge, merge_id, with_for_update=True)
    if row is None or row.organization_id != work.acting.organization_id:
        raise NotFound
    return row


def _decided(work: Work, row: PatientMerge) -> Conflict:
    words = {"done": "a déjà fusionné ces fiches", "refused": "a dit que ce sont deux personnes"}
    if row.state == "lapsed":
        return Conflict(
            "merge_lapsed", "La proposition s’est arrêtée sans réponse\u00a0: comparez les fiches de nouveau."
        )
    holder = name_of(work, row.decided_by or row.undone_by)
    return Conflict(
        "merge_decided", f"{holder} {words.get(row.state, 'a annulé cette fusion')}.", holder=holder
    )


def _move(work: Work, table: Any, source: UUID, target: UUID) -> list[str]:
    """Have the rows of one patient hang on another; return their ids."""
    ids = work.session.scalars(select(table.id).where(table.patient_id == source).order_by(table.id)).all()
    work.session.execute(update(table).where(table.id.in_(ids)).values(patient_id=target))
    return [str(row_id) for row_id in ids]


def _opposed_since(patient: Patient, joined_at: datetime | None) -> bool:
    """Whether an opposition was made while two records were joined: whose it was, nobody can tell any more."""
    return patient.opposed_at is not None and joined_at is not None and patient.opposed_at >= joined_at


def newer(work: Work, row: PatientMerge) -> int:
    """Return how many requests were sent on the kept record since two were joined."""
    made = select(func.count()).where(
        Case.patient_id == row.kept_id, Case.number.is_not(None), Case.sent_at > row.decided_at
    )
    return work.session.scalar(made.select_from(Case)) or 0
