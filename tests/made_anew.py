"""A request entered in error, begun anew by its requester for the right patient."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dermavis.domain.roles import Role
from dermavis.services import carried_pictures, drafts, sending
from dermavis.services.sending_anew import begin_anew
from dermavis.services.work import reading, writing
from tests.factories import World

RIGHT: dict[str, Any] = {
    "birth_name": "Martin",
    "first_name": "Rose",
    "birth_date": "1961-05-04",
    "sex": "F",
}
AGREED = {"given": True, "by": "patient", "representative_name": ""}


def begin_for_right_patient(
    world: World, case_id: UUID, patient_id: UUID | None = None, **traits: Any
) -> UUID:
    """Begin the request anew for the right patient; return its draft's id."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        return begin_anew(work, case_id, RIGHT | traits, AGREED, patient_id)


def draft_of(world: World, case_id: UUID) -> drafts.Draft:
    """Return a draft of the requester's."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return drafts.read(work, case_id)


def send_draft(world: World, case_id: UUID) -> None:
    """Send a draft as it stands."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, case_id, drafts.read(work, case_id).revision)


def next_picture(
    world: World, draft_id: UUID, after: UUID | None = None
) -> carried_pictures.ToConfirm | None:
    """Return the next picture to confirm, behind ``after``."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return carried_pictures.next_to_confirm(work, draft_id, after)
