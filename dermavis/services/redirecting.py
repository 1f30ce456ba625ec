"""After a refusal: the requester sends the request to another place, never to one that was asked already."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.errors import InvalidInput
from dermavis.domain.lifecycle import State, Transition, Who
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import RequestContent
from dermavis.models import Case
from dermavis.services.access import find_case
from dermavis.services.addressing import Offer, Offers, address, offers
from dermavis.services.deadlines import set_deadlines
from dermavis.services.moves import move
from dermavis.services.notices import announce_submission
from dermavis.services.queue_watch import watch_queue
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.schedule import unschedule
from dermavis.services.work import Work


def choices(work: Work, case_id: UUID) -> Offers:
    """Return where a declined request may still go, and who cannot take it with the reason."""
    case = find_case(work, case_id, Permission.CASE_REDIRECT)
    return offers(work, _content(work, case), case.specialty_id, case)


def redirect(work: Work, case_id: UUID, team_id: UUID, person_id: UUID | None = None) -> Case:
    """Send a declined request to another place: the expert's clock begins anew, the patient's goes on.

    Sending it again where it already is changes nothing. Raises InvalidInput for a place that is not offered, and
    NotAddressable when it can no longer take it.
    """
    case = find_case(work, case_id, Permission.CASE_READ, lock=True)
    if case.state == State.SUBMITTED and case.team_id == team_id:
        return case
    case = find_case(work, case_id, Permission.CASE_REDIRECT, lock=True)
    before = _content(work, case)
    found = offers(work, before, case.specialty_id, case)
    if _among(found, team_id, person_id) is None:
        raise InvalidInput({"team": "Choisissez un centre de cette liste."})
    choice = {"mode": "named", "team": team_id, "person": person_id}
    content = RequestContent.model_validate(before.model_dump() | {"addressing": choice})
    unschedule(work, "declined_reminder", case_id=case.id)
    address(work, case, content)
    add_revision(work, case, content, "redirected")
    move(work, case, Transition.REDIRECT, Who.REQUESTER)
    case.claimed_by = case.claimed_at = case.executing_organization_id = None
    case.held_at, case.held_seconds, case.without_reply = None, 0, False
    case.submitted_at = work.now
    set_deadlines(work, case)
    watch_queue(work, case)
    announce_submission(work, case)
    return case


def _among(found: Offers, team_id: UUID, person_id: UUID | None) -> Offer | None:
    offered = [*([found.chosen] if found.chosen else []), *found.others]
    place = next((offer for offer in offered if offer.team_id == team_id), None)
    if place is None or person_id is None or person_id in {expert for expert, _ in place.experts}:
        return place
    return None


def _content(work: Work, case: Case) -> RequestContent:
    """The request as it stands, without the place that was chosen first."""
    content = open_content(work, case, last_revision(work, case))
    return RequestContent.model_validate(content | {"addressing": {"mode": "default"}})
