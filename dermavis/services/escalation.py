"""An opinion that nobody acknowledged goes on: to whom, and when again. It ends only when somebody has read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import or_, select

from dermavis.domain.escalations import ESCALATION, Told
from dermavis.domain.lifecycle import State
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission, allowed
from dermavis.models import Case, Delivery, DueRow, Person
from dermavis.services.access import facts_of
from dermavis.services.charters import charter_of, on_duty
from dermavis.services.deadlines import open_time_later
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import signed_by_of
from dermavis.services.schedule import schedule
from dermavis.services.sessions import actor_of
from dermavis.services.teams import secretaries
from dermavis.services.work import Work

TOLD_WORDS: dict[Told, str] = {
    Told.SUBSTITUTE: "à votre remplaçant",
    Told.SITE: "à votre secrétariat",
    Told.ON_CALL: "au médecin de garde du centre",
    Told.EXPERT: "à l’expert",
}
"""How the requester's page names those whom a reminder reaches besides them."""


def watch_delivery(work: Work, case: Case, delivery: Delivery) -> None:
    """Have a delivery go on when nobody acknowledges it in time; each time the next wait of its level holds.

    The first wait begins when the opinion leaves.
    """
    wait = ESCALATION[Level(delivery.level)].wait_after(delivery.escalated)
    delivery.escalate_at = open_time_later(work, case, wait, start=max(work.now, delivery.sent_at))
    schedule(work, "unread_opinion", delivery.escalate_at, case_id=case.id, subject_id=delivery.id)


def chase_unread(work: Work, row: DueRow) -> None:
    """Timer ``unread_opinion``: an opinion that nobody acknowledged is announced again, to more people."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    delivery = work.session.get_one(Delivery, row.subject_id, with_for_update=True)
    if delivery.state in {State.ACKNOWLEDGED, State.REPLACED} or case.state == State.ENTERED_IN_ERROR:
        return
    delivery.escalated += 1
    groups = reached(work, case, delivery, delivery.escalated)
    announce(work, "opinion_unread", case, [person for people in groups.values() for person in people])
    watch_delivery(work, case, delivery)


def reached(work: Work, case: Case, delivery: Delivery, times: int) -> dict[Told, list[UUID]]:
    """Return whom an unread opinion reaches when it goes on for the nth time; groups without anybody are left out.

    Only who may open the case: a notice that leads to a closed door helps nobody. Where nobody is on call, the expert
    who signed is told at once.
    """
    escalation = ESCALATION[Level(delivery.level)]
    wanted = [*escalation.to, *(escalation.then if times > 1 else ())]
    found = {told: _who_may_open(work, case, told, delivery) for told in wanted}
    if Told.ON_CALL in found and not found[Told.ON_CALL]:
        found[Told.EXPERT] = _who_may_open(work, case, Told.EXPERT, delivery)
    return {told: people for told, people in found.items() if people}


def reminder_words(work: Work, case: Case, deliveries: Iterable[Delivery]) -> str:
    """Return whom the next reminder reaches besides the requester ("à votre remplaçant et à l’expert"), or nothing."""
    me = work.acting.person_id
    names = [
        TOLD_WORDS[told]
        for delivery in deliveries
        for told, people in reached(work, case, delivery, delivery.escalated + 1).items()
        if told in TOLD_WORDS and set(people) - {me}
    ]
    names = list(dict.fromkeys(names))
    return " et ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _who_may_open(work: Work, case: Case, told: Told, delivery: Delivery) -> list[UUID]:
    known = dict.fromkeys(_PEOPLE[told](work, case, delivery))
    facts = facts_of(work, case)
    place = case.centre_id if told in {Told.ON_CALL, Told.EXPERT} else case.site_id
    found = []
    for person_id in known:
        actor = actor_of(work.session, person_id, work.now, place)
        if actor is not None and allowed(actor.facts, Permission.CASE_READ, facts):
            found.append(person_id)
    return found


def _requester(_work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    return [delivery.recipient_id or case.requester_id]


def _substitute(work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    rows = work.session.scalars(
        select(Person.substitute_id).where(
            Person.id.in_([delivery.recipient_id, case.requester_id]),
            Person.substitute_id.is_not(None),
            Person.absent_from <= work.now,
            or_(Person.absent_to.is_(None), Person.absent_to >= work.now),
        )
    )
    return [person for person in rows if person is not None]


def _site(work: Work, case: Case, _delivery: Delivery) -> list[UUID]:
    return secretaries(work, case.site_id)


def _on_call(work: Work, case: Case, _delivery: Delivery) -> list[UUID]:
    if case.centre_id is None:
        return []
    return sorted(on_duty(charter_of(work, case.centre_id, case.specialty_id), work.now))


def _expert(work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    """Who signed this version, and who answered the case: a colleague may have corrected it."""
    people = [signed_by_of(work, delivery.opinion_id), case.claimed_by]
    return [person for person in people if person is not None]


_PEOPLE: dict[Told, Callable[[Work, Case, Delivery], list[UUID]]] = {
    Told.REQUESTER: _requester,
    Told.SUBSTITUTE: _substitute,
    Told.SITE: _site,
    Told.ON_CALL: _on_call,
    Told.EXPERT: _expert,
}
