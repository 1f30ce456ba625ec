"""An opinion that nobody acknowledged goes on: to whom, and when again. It ends only when somebody has read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.escalations import ESCALATION, Told
from dermavis.domain.opinions import Level
from dermavis.models import Case, Delivery, DueRow, Opinion
from dermavis.services.absences import stand_ins
from dermavis.services.charters import charter_of, on_duty
from dermavis.services.deadlines import open_time_later
from dermavis.services.deliveries import deliver
from dermavis.services.doors import may_open
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import signed_by_of
from dermavis.services.schedule import schedule
from dermavis.services.teams import centre_secretaries, secretaries, who_signs
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
    deliver_to(work, delivery, "substitute", groups.get(Told.SUBSTITUTE, []), case.site_id)
    deliver_to(work, delivery, "on_call", groups.get(Told.ON_CALL, []), case.centre_id)
    event = "opinion_now_unread" if delivery.level == Level.NOW else "opinion_unread"
    announce(work, event, case, [person for people in groups.values() for person in people])
    watch_delivery(work, case, delivery)


def deliver_to(
    work: Work, first: Delivery, kind: str, people: Iterable[UUID], organization_id: UUID | None
) -> None:
    """Have the version of a requester's delivery reach more people, each once."""
    same = select(Delivery.recipient_id).where(Delivery.opinion_id == first.opinion_id, Delivery.kind == kind)
    known = set(work.session.scalars(same))
    opinion = work.session.get_one(Opinion, first.opinion_id)
    for person_id in people:
        if person_id not in known:
            at = max(first.sent_at, work.now)
            deliver(work, opinion, kind, person_id, organization_id, level=first.level, at=at)


def reached(work: Work, case: Case, delivery: Delivery, times: int) -> dict[Told, list[UUID]]:
    """Return whom an unread opinion reaches when it goes on for the nth time; groups without anybody are left out.

    Only who may open the case: a notice that leads to a closed door helps nobody. Where nobody is on call, or the
    requester has left and nobody stands in, the expert who signed is told at once; the site's secretary too.
    """
    escalation = ESCALATION[Level(delivery.level)]
    wanted = [*escalation.to, *(escalation.then if times > 1 else ())]
    found = {told: _there(work, case, told, delivery) for told in wanted}
    if not found[Told.REQUESTER]:
        found.setdefault(Told.SUBSTITUTE, _there(work, case, Told.SUBSTITUTE, delivery))
    nobody_reads = not found[Told.REQUESTER] and not found.get(Told.SUBSTITUTE)
    if nobody_reads:
        found.setdefault(Told.SITE, _there(work, case, Told.SITE, delivery))
    if nobody_reads or (Told.ON_CALL in found and not found[Told.ON_CALL]):
        found[Told.EXPERT] = _there(work, case, Told.EXPERT, delivery)
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


def _there(work: Work, case: Case, told: Told, delivery: Delivery) -> list[UUID]:
    people = dict.fromkeys(_PEOPLE[told](work, case, delivery))
    if told is Told.ON_CALL:
        return list(people)  # the delivery that they are given is what opens the case to them
    return [person_id for person_id in people if may_open(work, case, person_id)]


def _requester(_work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    return [delivery.recipient_id or case.requester_id]


def _substitute(work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    asked = {delivery.recipient_id or case.requester_id, case.requester_id}
    return sorted(set(stand_ins(work.session, asked, work.now).values()))


def _site(work: Work, case: Case, _delivery: Delivery) -> list[UUID]:
    return secretaries(work, case.site_id)


def _on_call(work: Work, case: Case, _delivery: Delivery) -> list[UUID]:
    """Whoever is on duty today and answers for the centre, or who stands in for them."""
    if case.centre_id is None:
        return []
    duty = on_duty(charter_of(work, case.centre_id, case.specialty_id), work.now)
    instead = stand_ins(work.session, duty, work.now)
    return who_signs(work, case.centre_id, {instead.get(person, person) for person in duty})


def _expert(work: Work, case: Case, delivery: Delivery) -> list[UUID]:
    """Who signed this version, and who answered the case: a colleague may have corrected it.

    The centre's secretaries where both have left.
    """
    people = [signed_by_of(work, delivery.opinion_id), case.claimed_by]
    there = [person for person in people if person is not None and may_open(work, case, person)]
    return there or (centre_secretaries(work, case.centre_id) if case.centre_id else [])


_PEOPLE: dict[Told, Callable[[Work, Case, Delivery], list[UUID]]] = {
    Told.REQUESTER: _requester,
    Told.SUBSTITUTE: _substitute,
    Told.SITE: _site,
    Told.ON_CALL: _on_call,
    Told.EXPERT: _expert,
}
