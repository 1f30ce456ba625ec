"""A case begets a case: what the expert wants to see again, or anew, becomes a request of the same patient.

Whoever asked is told when the day has come.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.permissions import Permission
from dermavis.domain.watches import FOLLOW_UP_AGAIN
from dermavis.models import Case, DueRow
from dermavis.services.access import find_case, require
from dermavis.services.drafts import save
from dermavis.services.following import open_things
from dermavis.services.notices import announce
from dermavis.services.patients import find_patient, read_identity
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

KEPT = ("specialty", "patient", "motive", "lesions", "history", "hypothesis", "contact", "urgency")
"""What the new request takes over; the patient as known today. Consent is asked again, pictures, question are new."""


def begin_follow_up(work: Work, case_id: UUID) -> UUID:
    """Begin a request that follows an answered one, and return its id; the one already begun is taken up again.

    It goes to the team that answered, unless the requester chooses another. Raises Forbidden, and
    NotFound when the patient was erased.
    """
    parent = find_case(work, case_id, Permission.AFTERMATH_WRITE, lock=True)
    require(work, Permission.CASE_CREATE)
    begun = work.session.scalar(
        select(Case.id)
        .where(
            Case.parent_id == parent.id,
            Case.parent_kind == "follow_up",
            Case.state == "draft",
            Case.created_by == work.acting.person_id,
        )
        .limit(1)
    )
    if begun is not None:
        return begun
    before = open_content(work, parent, last_revision(work, parent))
    content: dict[str, Any] = {name: before[name] for name in KEPT if name in before}
    content["patient"] = _patient_now(work, parent, before["patient"])
    content["question"] = f"Suite de la demande {parent.number}\u00a0: "
    if parent.team_id is not None:
        content["addressing"] = {"mode": "named", "team": str(parent.team_id), "person": None}
    new_id = uuid4()
    save(work, new_id, content, 0)
    child = work.session.get_one(Case, new_id)
    child.parent_id, child.parent_kind = parent.id, "follow_up"
    work.audit("case.follow_up", case_id=parent.id, subject_kind="case", subject_id=new_id)
    return new_id


def remind_follow_up(work: Work, row: DueRow) -> None:
    """Timer ``follow_up_reminder``: the patient is to be seen again now, and no request says so yet."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.ANSWERED or not open_things(work, case).follow_up:
        return
    announce(work, "follow_up_due", case, [case.requester_id])
    schedule(work, row.kind, work.now + FOLLOW_UP_AGAIN.duration, case_id=case.id)


def _patient_now(work: Work, parent: Case, told: dict[str, Any]) -> dict[str, Any]:
    """The patient as the site knows them today: the older request must not overwrite a correction made since."""
    if parent.patient_id is None:
        return told | {"id": None}
    patient = find_patient(work, parent.patient_id, parent.site_id)
    return read_identity(work, patient) | {"id": str(patient.id)}
