"""A request goes on to another place, never to one that was asked already: after a refusal, or while nobody took it.

Whoever sends it on says why; the requester's side and both teams are told. The new place's clock begins, the patient's
goes on. Where the place it lies with can no longer answer, it goes on by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dermavis.domain.addressing import NotAddressable
from dermavis.domain.case_states import State, Transition, Who
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import RequestContent
from dermavis.domain.specialty import reasons_for
from dermavis.domain.specialty_answer_schema import Occasion, Reason
from dermavis.models import Case
from dermavis.services.access import find_case
from dermavis.services.addressing import address, address_to_own_team
from dermavis.services.changing import cancel_second_opinions
from dermavis.services.claiming import check_reason
from dermavis.services.deadlines import set_deadlines
from dermavis.services.moves import last_step, move
from dermavis.services.notices import announce, announce_submission
from dermavis.services.offers import Offer, Offers, offers
from dermavis.services.queue_watch import watch_queue
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.schedule import unschedule
from dermavis.services.second_opinion_links import check_none_awaited
from dermavis.services.teams import coordinators, who_answers, who_is_in_team
from dermavis.services.work import Work

NOBODY_THERE = "nobody_there"
"""The reason in the row of a redirection that the clock made: the place has nobody left who could answer."""

_WHY: dict[Who, str] = {
    Who.REQUESTER: "",
    Who.COORDINATOR: "Réorientée par la coordination.",
    Who.EXPERT: "Réorientée par l’équipe qui l’avait reçue.",
    Who.SYSTEM: "Réorientée d’elle-même\u00a0: plus personne n’y répondait.",
}


def choices(work: Work, case_id: UUID) -> Offers:
    """Return where a request may still go, and who cannot take it with the reason."""
    case = find_case(work, case_id, Permission.CASE_REDIRECT)
    return offers(work, _content(work, case), case.specialty_id, case)


def redirect_reasons(work: Work, case: Case) -> list[Reason]:
    """Return the coded reasons of which one must be given; none after a refusal, which is reason enough."""
    if case.state == State.DECLINED:
        return []
    return reasons_for(
        work.system.specialty(case.specialty_id, case.specialty_version), _occasion(work, case)
    )


def redirect(
    work: Work,
    case_id: UUID,
    team_id: UUID,
    person_id: UUID | None = None,
    reason: str = "",
    words: str = "",
) -> Case:
    """Send a declined request, or one that nobody took yet, to another place.

    Sending it again where it was just sent changes nothing. Raises InvalidInput for a place that is not offered or a
    missing reason, and NotAddressable when the place can no longer take it.
    """
    case = find_case(work, case_id, Permission.CASE_READ, lock=True)
    if (
        case.state == State.SUBMITTED
        and case.team_id == team_id
        and last_step(work, case, Transition.REDIRECT)
    ):
        return case
    case = find_case(work, case_id, Permission.CASE_REDIRECT, lock=True)
    check_none_awaited(work, case)
    if redirect_reasons(work, case):
        check_reason(work, case, _occasion(work, case), reason, words)
    before = _content(work, case)
    found = offers(work, before, case.specialty_id, case)
    if _among(found, team_id, person_id) is None:
        raise InvalidInput({"team": "Choisissez un centre de cette liste."})
    choice = {"mode": "named", "team": team_id, "person": person_id}
    content = RequestContent.model_validate(before.model_dump() | {"addressing": choice})
    who, left = _part(work, case), _those_who_wait(work, case)
    address(work, case, content, _WHY[who])
    add_revision(work, case, content, "redirected")
    _send_on(work, case, who, reason, words)
    _tell(work, case, left)
    return case


def leave_empty_place(work: Work, case: Case) -> bool:
    """Send on by itself what lies where nobody can answer any more; tell whether it does lie there.

    A named expert who left: to that expert's team. A team without anybody: where requests of this site go by default.
    Where nobody takes it, it stays, and the requester and the coordination are told.
    """
    team = [person.id for person in who_is_in_team(work, case)]
    if (case.expert_id in team) if case.expert_id is not None else team:
        return False
    if team:
        # The promise was the centre's, and stands.
        address_to_own_team(work, case, _WHY[Who.SYSTEM])
        move(work, case, Transition.REDIRECT, Who.SYSTEM, reason=NOBODY_THERE)
        announce_submission(work, case)
        announce(work, "redirected", case, [case.requester_id])
        return True
    centre = case.centre_id
    try:
        address(work, case, _content(work, case), _WHY[Who.SYSTEM])
    except NotAddressable:
        told = [case.requester_id, *(coordinators(work, case.pooled_by) if case.pooled_by else [])]
        announce(work, "nobody_takes_it", case, told)
        return True
    if case.centre_id != centre:
        # Nobody is left where it was asked, and where the case goes nobody asked it.
        cancel_second_opinions(work, case, "another", "Plus personne n’attend ce second avis.")
    _send_on(work, case, Who.SYSTEM, NOBODY_THERE, "")
    _tell(work, case, [])
    return True


def _occasion(work: Work, case: Case) -> Occasion:
    return "redirect" if _part(work, case) is Who.REQUESTER else "pass_on"


def _among(found: Offers, team_id: UUID, person_id: UUID | None) -> Offer | None:
    offered = [*([found.chosen] if found.chosen else []), *found.others]
    place = next((offer for offer in offered if offer.team_id == team_id), None)
    if place is None or person_id is None or person_id in {expert for expert, _ in place.experts}:
        return place
    return None


def _part(work: Work, case: Case) -> Who:
    here = work.acting.organization_id
    if here == case.site_id:
        return Who.REQUESTER
    return Who.EXPERT if here == case.centre_id else Who.COORDINATOR


def _those_who_wait(work: Work, case: Case) -> list[UUID]:
    """Who had it before them until now; a team that declined waits no longer."""
    return who_answers(work, case) if case.state == State.SUBMITTED else []


def _send_on(work: Work, case: Case, who: Who, reason: str, words: str) -> None:
    unschedule(work, "declined_reminder", case_id=case.id)
    move(work, case, Transition.REDIRECT, who, reason=reason, words=words.strip())
    case.claimed_by = case.claimed_at = case.executing_organization_id = None
    case.held_at, case.held_seconds, case.without_reply = None, 0, False
    case.submitted_at = work.now
    set_deadlines(work, case)
    watch_queue(work, case)


def _tell(work: Work, case: Case, left: Sequence[UUID]) -> None:
    """The team it leaves may not open it any more: its line leads to its list."""
    announce_submission(work, case)
    announce(work, "gone_elsewhere", case, left, url="/worklist")
    announce(work, "redirected", case, [case.requester_id])


def _content(work: Work, case: Case) -> RequestContent:
    """The request as it stands, without the place that was chosen first."""
    content = open_content(work, case, last_revision(work, case))
    return RequestContent.model_validate(content | {"addressing": {"mode": "default"}})
