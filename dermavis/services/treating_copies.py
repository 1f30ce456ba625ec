"""The treating doctor's copy of an opinion: a delivery of its own, given when it leaves, theirs to acknowledge.

Nobody waits for it: it has no timer, keeps no case open, makes none red, and ends nobody else's wait.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.escalations import ESCALATION
from dermavis.domain.lifecycle import apply
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.treating_doctor import COPY, who_gets_a_copy
from dermavis.models import Case, Delivery, Opinion
from dermavis.services.access import find_case, may
from dermavis.services.deliveries import deliver
from dermavis.services.notices import announce, mark_read
from dermavis.services.opinion_versions import in_force, version_read
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.treating_doctors import place_of_doctor
from dermavis.services.work import Work

NEWS = {"correction": "opinion_corrected", "complement": "opinion_completed"}


def deliver_copy(work: Work, case: Case, row: Opinion, amends: str, told: Collection[UUID]) -> None:
    """Give the version to the treating doctor that the request names by id, and tell them unless they are ``told``.

    Nobody is given one who asked, who has left, or to whom the patient objects; a second opinion is between experts.
    """
    doctor_id, place_id = copy_goes_to(work, case)
    if doctor_id is None:
        return
    deliver(work, row, COPY, doctor_id, place_id)
    if doctor_id not in told:
        announce(work, NEWS.get(amends, "opinion_copy"), case, [doctor_id], not_before=row.effective_at)


def copy_goes_to(work: Work, case: Case) -> tuple[UUID | None, UUID | None]:
    """Return whom an opinion signed now would be given to beside its requester, and where; nothing for nobody."""
    patient = open_content(work, case, last_revision(work, case)).get("patient") or {}
    doctor_id = who_gets_a_copy(patient)
    place_id = place_of_doctor(work, patient, case.network_id)
    if place_id is None or doctor_id == case.requester_id or case.parent_kind == SECOND_OPINION:
        return None, None
    return doctor_id, place_id


def copies_of(work: Work, opinion: Opinion) -> list[Delivery]:
    """Return the actor's copies of a version: their own, and those of whom they stand in for."""
    rows = select(Delivery).where(
        Delivery.opinion_id == opinion.id,
        Delivery.kind == COPY,
        Delivery.recipient_id.in_(work.acting.facts.people),
    )
    return list(work.session.scalars(rows.order_by(Delivery.sent_at, Delivery.id)))


def waiting_copies(work: Work, case: Case, opinion: Opinion) -> list[Delivery]:
    """Return the actor's copies of a version that wait for them; none where they have none, or it is in error."""
    if case.state == State.ENTERED_IN_ERROR or not may(work, Permission.COPY_ACKNOWLEDGE, case):
        return []
    return [row for row in copies_of(work, opinion) if row.state in {State.SENT, State.OPENED}]


def opening_changes(row: Delivery) -> bool:
    """Whether opening the page is news for a copy that waits."""
    return row.state == State.SENT or ESCALATION[Level(row.level)].opening_acknowledges


def open_copy(work: Work, case_id: UUID) -> None:
    """The treating doctor opens the page: their copy is opened, and acknowledged where opening is enough.

    Raises NotFound for whoever has none.
    """
    case = find_case(work, case_id, Permission.OPINION_READ, lock=True)
    opinion = in_force(work, case)
    if opinion is not None and case.state != State.ENTERED_IN_ERROR:
        note_opened(work, case, opinion)
    mark_read(work, case_id=case.id)


def note_opened(work: Work, case: Case, opinion: Opinion) -> None:
    """Note that the actor's copies of a version were opened; where opening is enough, that they were read."""
    for row in copies_of(work, opinion):
        if row.state == State.SENT:
            row.state = apply(Machine.DELIVERY, Transition.OPEN, State(row.state), Who.TREATING_DOCTOR).value
            row.opened_at = work.now
            work.audit("delivery.open", case_id=case.id, subject_kind="delivery", subject_id=row.id)
        if ESCALATION[Level(row.level)].opening_acknowledges:
            _acknowledge(work, case, row)


def acknowledge_copy(work: Work, case_id: UUID, opinion_id: UUID | None = None) -> Case:
    """The treating doctor says that they read the version in force: for themselves alone. Twice changes nothing.

    ``opinion_id`` is the version that was on the screen. Raises what ``version_read`` does, NotFound and Forbidden.
    """
    case = find_case(work, case_id, Permission.COPY_ACKNOWLEDGE, lock=True)
    opinion = version_read(work, case, opinion_id)
    for row in copies_of(work, opinion):
        _acknowledge(work, case, row)
    mark_read(work, case_id=case.id)
    return case


def _acknowledge(work: Work, case: Case, row: Delivery) -> None:
    if row.acknowledged_at is not None:
        return
    if row.state != State.REPLACED:
        # The next version may still be taken back: should it be, this one was read.
        row.state = apply(
            Machine.DELIVERY, Transition.ACKNOWLEDGE, State(row.state), Who.TREATING_DOCTOR
        ).value
    row.acknowledged_at, row.acknowledged_by = work.now, work.acting.person_id
    row.opened_at = row.opened_at or work.now
    work.audit("delivery.acknowledge", case_id=case.id, subject_kind="delivery", subject_id=row.id)
