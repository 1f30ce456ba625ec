"""To whom a request goes: the places of the network, the site's fiches, the rule, and the promise that each makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain import addressing as rules
from dermavis.domain.calendars import closed_days, is_open
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import ANSWERING
from dermavis.domain.wording import promise
from dermavis.models import (
    AccessRequest,
    Addressing,
    Case,
    Membership,
    Organization,
    Person,
    Team,
    TeamMember,
)
from dermavis.models.queries.validity import holds_on
from dermavis.services.asked_places import facts_of_asking, own_teams
from dermavis.services.charters import Charter, charter_of, on_duty
from dermavis.services.deadlines import promised
from dermavis.services.names import full_name
from dermavis.services.photo_course import is_held_back
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
    question = _question(content, site, _profession(work, asker, site.id), **asked)
    return _offers(work, question, specialty_id, site.id, new=case is None)


def offers_to_colleagues(work: Work, content: RequestContent, case: Case) -> Offers:
    """Return whom the actor's centre may ask about a case that it answers."""
    here = work.session.get_one(Organization, work.acting.organization_id)
    asked = facts_of_asking(work, case) | {"colleague": True}
    asked["asked"] |= own_teams(work, here.id)
    return _offers(work, _question(content, here, "", **asked), case.specialty_id, here.id)


def _offers(
    work: Work, question: rules.Question, specialty_id: str, site_id: UUID, new: bool = False
) -> Offers:
    places, charters = _places(work, work.acting.facts.network_id, specialty_id)
    found = rules.resolve(question, places, _grants(work, site_id))
    by_team = {place.team_id: place for place in places}

    def offer(address: rules.Addressing) -> Offer:
        place = by_team[address.team_id]
        charter = charters[place.organization_id]
        course_awaited = new and is_held_back(work, charter.photo_course, question.urgency)
        return _offer(work, place, charter, address, question.urgency, course_awaited)

    return Offers(
        chosen=offer(found.chosen) if found.chosen else None,
        others=tuple(offer(address) for address in found.alternatives),
        refused=tuple((row.place.team_name, row.why) for row in found.refused),
    )


def address(work: Work, case: Case, content: RequestContent, why: str = "") -> Addressing:
    """Fix the target of a case that is being submitted, and remember how and why (``why``, else the rule's words).

    Raises NotAddressable.
    """
    found = target_of(work, case, content)
    return _address(work, case, replace(found, why=why) if why else found)


def address_to_own_team(work: Work, case: Case, why: str) -> Addressing:
    """Give a case that waits for a named expert to the whole of that expert's team."""
    return address_to_team(work, case, _set(case.team_id), why)


def address_to_team(work: Work, case: Case, team_id: UUID, why: str) -> Addressing:
    """Give a case to the queue of a team, whatever stands in the way: that was looked at when it was chosen."""
    centre_id = work.session.get_one(Team, team_id).organization_id
    target = rules.Addressing(rules.Mode.TEAM_QUEUE, team_id, centre_id, None, rules.Rule.CHOSEN, why)
    return _address(work, case, target)


def _address(work: Work, case: Case, found: rules.Addressing) -> Addressing:
    case.centre_id = found.organization_id
    case.team_id = found.team_id
    case.expert_id = found.person_id
    row = Addressing(
        id=uuid4(),
        case_id=case.id,
        mode=found.mode.value,
        team_id=found.team_id,
        person_id=found.person_id,
        rule=found.rule.value,
        reason=found.why,
        decided_by=work.actor.person_id if work.actor else None,
        decided_at=work.now,
    )
    work.session.add(row)
    work.audit("case.address", case_id=case.id, subject_kind="team", subject_id=found.team_id, rule=row.rule)
    return row


def _set(value: UUID | None) -> UUID:
    if value is None:
        raise RuntimeError("a case that was submitted has its target")
    return value


def target_of(work: Work, case: Case, content: RequestContent) -> rules.Addressing:
    """Return where a case would go now, without sending it. Raises NotAddressable."""
    site = work.session.get_one(Organization, case.site_id)
    places, _ = _places(work, case.network_id, case.specialty_id)
    profession = _profession(work, case.requester_id, site.id)
    question = _question(content, site, profession, **facts_of_asking(work, case))
    return rules.address(question, places, _grants(work, site.id))


def _question(content: RequestContent, site: Organization, profession: str, **asked: Any) -> rules.Question:
    return rules.Question(
        mode=rules.Mode(content.addressing.mode),
        motive=content.motive,
        profession=profession,
        postcode=content.patient.postcode or site.postcode,
        urgency=content.urgency,
        team_id=content.addressing.team,
        person_id=content.addressing.person,
        **asked,
    )


def _places(work: Work, network_id: UUID, specialty_id: str) -> tuple[list[rules.Place], dict[UUID, Charter]]:
    rows = work.session.execute(
        select(Team, Organization)
        .join(Organization, Organization.id == Team.organization_id)
        .where(
            Team.network_id == network_id, Team.specialty_id == specialty_id, Organization.closed_at.is_(None)
        )
        .order_by(Organization.kind, Organization.name, Team.name)
    ).all()
    charters = {
        organization.id: charter_of(work, organization.id, specialty_id)
        for organization in {organization.id: organization for _, organization in rows}.values()
    }
    experts = _experts(work, [team.id for team, _ in rows])
    return [
        _place(work, team, row, charters[row.id], experts.get(team.id, [])) for team, row in rows
    ], charters


def _place(
    work: Work, team: Team, organization: Organization, charter: Charter, people: list[Person]
) -> rules.Place:
    duty = on_duty(charter, work.now)
    return rules.Place(
        team_id=team.id,
        team_name=organization.name,
        organization_id=organization.id,
        organization_name=organization.name,
        kind=organization.kind,
        motives=charter.motives,
        professions=charter.professions,
        territory=charter.territory,
        experts=tuple(
            rules.Expert(
                id=person.id,
                name=full_name(person),
                red_list=bool(person.preferences.get("not_by_name")),
                on_duty=person.id in duty,
            )
            for person in people
        ),
        closed=team.closed_at is not None or not people,
        open_now=is_open(work.now, charter.hours),
    )


def _experts(work: Work, team_ids: list[UUID]) -> dict[UUID, list[Person]]:
    today = work.now.date()
    rows = work.session.execute(
        select(TeamMember.team_id, Person)
        .join(Person, Person.id == TeamMember.person_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(
            Membership,
            (Membership.person_id == Person.id) & (Membership.organization_id == Team.organization_id),
        )
        .where(
            TeamMember.team_id.in_(team_ids),
            holds_on(TeamMember, today),
            Membership.role.in_([role.value for role in ANSWERING]),
            Person.state == "active",
        )
        .order_by(Person.last_name, Person.first_name)
    ).all()
    by_team: dict[UUID, dict[UUID, Person]] = {}
    for team_id, person in rows:
        by_team.setdefault(team_id, {})[person.id] = person
    return {team_id: list(people.values()) for team_id, people in by_team.items()}


def _grants(work: Work, site_id: UUID) -> list[rules.Grant]:
    today = work.now.date()
    rows = work.session.scalars(
        select(AccessRequest).where(
            AccessRequest.site_id == site_id,
            AccessRequest.state == "approved",
            holds_on(AccessRequest, today),
        )
    )
    return [rules.Grant(team_id=row.team_id, person_id=row.person_id, motive=row.motive) for row in rows]


def _profession(work: Work, person_id: UUID, site_id: UUID) -> str:
    roles = work.session.scalars(
        select(Membership.role)
        .where(Membership.person_id == person_id, Membership.organization_id == site_id)
        .order_by(Membership.valid_from)
    ).all()
    return next((role for role in roles if role != "site_secretary"), "requester")


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
