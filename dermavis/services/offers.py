"""To whom a request may go, and what each place promises: what the person who chooses is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain import addressing as rules
from dermavis.domain.calendars import closed_days
from dermavis.domain.photo_course import is_held_back
from dermavis.domain.requests import RequestContent
from dermavis.domain.wording import promise
from dermavis.models import Case, Organization
from dermavis.services.addressing_places import grants_of, places_of, profession_of, question_of
from dermavis.services.asked_places import facts_of_asking, own_teams
from dermavis.services.charters import Charter
from dermavis.services.deadlines import promised
from dermavis.services.photo_course import is_lacking
from dermavis.services.work import Work

CLOSED_DAYS_SHOWN = 7


@dataclass(frozen=True)
class Offer:
    """A place that can take the request, and what it promises. ``promise`` reads "jeudi 14 h".

    ``course_awaited``: it asks for the photo course, which the actor has not taken.
    """

    team_id: UUID
    organization_id: UUID
    name: str
    kind: str
    person_id: UUID | None
    why: str
    due_at: datetime
    promise: str
    phone: str
    on_call_phone: str
    open_now: bool
    closed: tuple[tuple[str, str], ...]
    course_awaited: bool
    experts: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True)
class Offers:
    """The default, the other places, and those that cannot take it with the reason."""

    chosen: Offer | None
    others: tuple[Offer, ...]
    refused: tuple[tuple[str, str], ...]


def offers(
    work: Work, content: RequestContent, specialty_id: str = "dermatology", case: Case | None = None
) -> Offers:
    """Return to whom a request of the actor's site may go, the choice made in it applied.

    Of a ``case`` that was sent, the places already asked are among the refused.
    """
    actor = work.acting
    site = work.session.get_one(Organization, case.site_id if case else actor.organization_id)
    asker = case.requester_id if case else actor.person_id
    asked = facts_of_asking(work, case) if case is not None else {}
    question = question_of(content, site, profession_of(work, asker, site.id), **asked)
    return _offers(work, question, specialty_id, site.id, new=case is None)


def offers_to_colleagues(work: Work, content: RequestContent, case: Case) -> Offers:
    """Return whom the actor's centre may ask about a case that it answers."""
    here = work.session.get_one(Organization, work.acting.organization_id)
    asked = facts_of_asking(work, case) | {"colleague": True}
    asked["asked"] |= own_teams(work, here.id)
    return _offers(work, question_of(content, here, "", **asked), case.specialty_id, here.id)


def _offers(
    work: Work, question: rules.Question, specialty_id: str, site_id: UUID, new: bool = False
) -> Offers:
    places, charters = places_of(work, work.acting.facts.network_id, specialty_id)
    found = rules.resolve(question, places, grants_of(work, site_id))
    by_team = {place.team_id: place for place in places}
    lacking = new and is_lacking(work)

    def offer(address: rules.Addressing) -> Offer:
        place = by_team[address.team_id]
        charter = charters[place.organization_id]
        course_awaited = is_held_back(charter.photo_course, lacking, question.urgency)
        return _offer(work, place, charter, address, question.urgency, course_awaited)

    return Offers(
        chosen=offer(found.chosen) if found.chosen else None,
        others=tuple(offer(address) for address in found.alternatives),
        refused=tuple((row.place.team_name, row.why) for row in found.refused),
    )


def _offer(
    work: Work,
    place: rules.Place,
    charter: Charter,
    address: rules.Addressing,
    urgency: str,
    course_awaited: bool,
) -> Offer:
    target, _ = promised(work, charter, urgency, work.now)
    zone = work.acting.time_zone
    today = work.now.astimezone(ZoneInfo(charter.zone)).date()
    shut = closed_days(today, CLOSED_DAYS_SHOWN, charter.hours)
    return Offer(
        team_id=place.team_id,
        organization_id=place.organization_id,
        name=place.team_name,
        kind=place.kind,
        person_id=address.person_id,
        why=address.why,
        due_at=target,
        promise=promise(target, work.now, zone),
        phone=charter.phone,
        on_call_phone=charter.on_call_phone,
        open_now=place.open_now,
        closed=tuple(
            (row.day.isoformat(), row.why) for row in shut if row.day - today < timedelta(CLOSED_DAYS_SHOWN)
        ),
        course_awaited=course_awaited,
        experts=tuple((expert.id, expert.name) for expert in place.experts if not expert.red_list),
    )
