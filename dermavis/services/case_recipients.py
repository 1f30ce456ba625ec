"""Everybody who received something of a case: who must know when it turns out to be an error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from dermavis.models import BillingItem, Case, Delivery, Message, Notification, Opinion, Transition
from dermavis.services.names import full_name, people
from dermavis.services.teams import billing_clerks, centre_secretaries, coordinators
from dermavis.services.work import Work


def who_received(work: Work, case: Case) -> set[UUID]:
    """Return who asked, answered, wrote, moved the case, had its opinion delivered, or was told anything of it.

    With them the coordinators it went through, the centre's secretaries where an appointment was asked for, and the
    billing clerks where an act was handed on. Whoever only has the same team's list is told with the team.
    """
    rows: tuple[Select[Any], ...] = (
        select(Notification.person_id).where(Notification.case_id == case.id, Notification.at <= work.now),
        select(Transition.actor_id).where(Transition.case_id == case.id),
        select(Message.written_by).where(Message.case_id == case.id),
        select(Delivery.recipient_id).where(Delivery.case_id == case.id),
        select(Opinion.prepared_by).where(Opinion.case_id == case.id),
        select(Opinion.signed_by).where(Opinion.case_id == case.id),
    )
    found: set[UUID | None] = {case.requester_id, case.created_by, case.claimed_by, case.expert_id}
    for chosen in rows:
        found.update(work.session.scalars(chosen))
    if case.pooled_by is not None:
        found.update(coordinators(work, case.pooled_by))
    if case.centre_id is not None and case.downstream != "none":
        found.update(centre_secretaries(work, case.centre_id))
    handed_on = BillingItem.state.in_(["exported", "paid"])
    for payer in work.session.scalars(
        select(BillingItem.organization_id).where(BillingItem.case_id == case.id, handed_on)
    ):
        found.update(billing_clerks(work, payer))
    return {person_id for person_id in found if person_id is not None}


def names_told(work: Work, person_ids: Iterable[UUID]) -> list[str]:
    """Return the full names of these people, the actor apart, in their order."""
    rows = people(work, [person_id for person_id in person_ids if person_id != work.acting.person_id])
    return sorted(full_name(person) for person in rows.values())
