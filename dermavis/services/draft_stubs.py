"""Requests that only a phone holds: the server knows that they wait there and whose they are, nothing of what they say.

A phone tells them each time its person is there with network. Who forgets one is reminded by mail.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from dermavis.domain.permissions import Permission
from dermavis.models import Case, DraftStub, DueRow, Person
from dermavis.services.access import require
from dermavis.services.letters import write_letter
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.work import Work

KIND = "stub_reminder"
AFTER = timedelta(days=3)
AGAIN = timedelta(days=7)
MOST_TOLD = 4
"""Letters about one request: later the phone may be lost, and nothing can be done about it from here."""

MOST = 50
"""Requests that one phone may hold; the first are kept."""


def note_stubs(work: Work, device: UUID, waiting: dict[UUID, timedelta]) -> None:
    """Keep what one phone of the actor holds alone: the ids, and for how long nothing was changed in each.

    What this phone told before and does not tell any more was sent or thrown away there. Raises Forbidden.
    """
    require(work, Permission.CASE_CREATE)
    me = work.acting.person_id
    told = dict(list(waiting.items())[:MOST])
    known = set(work.session.scalars(select(Case.id).where(Case.id.in_(told))))
    held = {row.id: row for row in work.session.scalars(select(DraftStub).where(DraftStub.id.in_(told)))}
    for gone in work.session.scalars(
        select(DraftStub).where(DraftStub.person_id == me, DraftStub.device == device)
    ).all():
        if gone.id not in told or gone.id in known:
            _forget(work, gone.id)
    for draft_id, idle in told.items():
        row = held.get(draft_id)
        if draft_id in known or (row is not None and row.person_id != me):
            continue
        touched = work.now - max(idle, timedelta(0))
        if row is None:
            work.session.add(DraftStub(id=draft_id, person_id=me, device=device, touched_at=touched))
        elif touched <= row.touched_at:
            continue
        else:
            row.touched_at = touched
        schedule(work, KIND, max(work.now, touched + AFTER), subject_id=draft_id)


def remind_stub(work: Work, row: DueRow) -> None:
    """Timer ``stub_reminder``: a request waits on a phone and never came."""
    stub = work.session.get(DraftStub, row.subject_id, with_for_update=True)
    if stub is None:
        return
    person = work.session.get_one(Person, stub.person_id)
    count = int(row.payload.get("count", 0))
    if work.session.get(Case, stub.id) is not None or person.state != "active" or count >= MOST_TOLD:
        work.session.delete(stub)
        return
    page = f"{work.system.settings.origin}/requests/{stub.id}"
    write_letter(work, "draft_waits_on_phone", person.email, person.id, link=page)
    schedule(work, KIND, work.now + AGAIN, subject_id=stub.id, count=count + 1)


def _forget(work: Work, draft_id: UUID) -> None:
    work.session.execute(delete(DraftStub).where(DraftStub.id == draft_id))
    unschedule(work, KIND, subject_id=draft_id)
