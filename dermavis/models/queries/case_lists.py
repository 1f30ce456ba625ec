"""The lists of cases: each names one path, with one ordered index, and is tested against the permission map.

A list returns rows of columns, not entities; names in ``summary_sealed`` are opened by the caller with the case's key.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from dermavis.models.cases import Case
from dermavis.models.opinions import Delivery

LIST_COLUMNS: tuple[Any, ...] = (
    Case.id,
    Case.number,
    Case.state,
    Case.downstream,
    Case.motive,
    Case.urgency,
    Case.version,
    Case.site_id,
    Case.requester_id,
    Case.created_by,
    Case.centre_id,
    Case.team_id,
    Case.expert_id,
    Case.claimed_by,
    Case.pooled_by,
    Case.pool_waits,
    Case.to_complete,
    Case.destination,
    Case.level,
    Case.without_reply,
    Case.created_at,
    Case.updated_at,
    Case.sent_at,
    Case.submitted_at,
    Case.due_at,
    Case.late_at,
    Case.held_at,
    Case.held_seconds,
    Case.answered_at,
    Case.asked_again_at,
    Case.closed_at,
    Case.erased_at,
    Case.charter_id,
    Case.specialty_id,
    Case.data_key,
    Case.summary_sealed,
)

WAITING = text("cases.answered_at IS NULL AND cases.closed_at IS NULL")
ANSWERED = text("cases.state IN ('answered', 'closed')")
NOT_IN_ERROR = text("cases.state <> 'entered_in_error'")
ASKED_STILL = text("(cases.state <> 'entered_in_error' OR cases.anew_awaited)")
"""What a requester's list holds: an error too, while its right patient has no request."""

TOLD_ON = text(
    "deliveries.kind = 'requester' AND deliveries.escalated > 0 AND deliveries.level <> 'ordinary'"
    " AND deliveries.state IN ('sent', 'opened')"
)
WITH_EXPERTS = text("cases.state IN ('submitted', 'claimed', 'on_hold')")


def team_queue(
    centre_id: UUID,
    team_ids: Collection[UUID],
    person_id: UUID,
    stands_in_for: Collection[UUID] = (),
) -> Select[Any]:
    """Cases that the person may answer now: submitted to their teams, to them by name, or claimed by them.

    And those submitted by name to whom they stand in for.
    """
    in_teams = [
        select(*LIST_COLUMNS).where(
            Case.team_id == team_id,
            WAITING,
            Case.state == "submitted",
            Case.expert_id.is_(None),
            Case.centre_id == centre_id,
        )
        for team_id in sorted(team_ids, key=str)
    ]
    named = [
        select(*LIST_COLUMNS).where(
            Case.expert_id == name, WAITING, Case.state == "submitted", Case.centre_id == centre_id
        )
        for name in (person_id, *sorted(stands_in_for, key=str))
    ]
    claimed = select(*LIST_COLUMNS).where(
        Case.claimed_by == person_id, WAITING, Case.state == "claimed", Case.centre_id == centre_id
    )
    rows = union_all(*in_teams, *named, claimed).subquery("queue")
    return select(rows).order_by(rows.c.due_at, rows.c.id)


def late_with_others(
    centre_id: UUID,
    team_ids: Collection[UUID],
    person_id: UUID,
    stands_in_for: Collection[UUID] = (),
) -> Select[Any]:
    """Cases that somebody else claimed and holds beyond the promise (``:now``), the longest late first.

    The team's, and those of whom the person stands in for.
    """
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.centre_id == centre_id,
            Case.state == "claimed",
            WAITING,
            Case.late_at < bindparam("now"),
            Case.claimed_by != person_id,
            or_(
                and_(Case.team_id.in_(team_ids), Case.expert_id.is_(None)),
                Case.claimed_by.in_(sorted(stands_in_for, key=str)),
            ),
        )
        .order_by(Case.late_at, Case.id)
    )


def on_hold(centre_id: UUID, person_id: UUID) -> Select[Any]:
    """Cases of the person that wait for a word or a picture from the requester."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.claimed_by == person_id, WAITING, Case.state == "on_hold", Case.centre_id == centre_id)
        .order_by(Case.held_at, Case.id)
    )


def answered_by(centre_id: UUID, person_id: UUID) -> Select[Any]:
    """Cases that the person answered for the centre, the latest first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.centre_id == centre_id, ANSWERED, Case.claimed_by == person_id)
        .order_by(Case.answered_at.desc(), Case.id)
    )


def asked_again(centre_id: UUID, team_ids: Collection[UUID], person_id: UUID) -> Select[Any]:
    """Questions after an opinion: of the person, and those that its team has waited with since ``:team_since``."""
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.centre_id == centre_id,
            Case.asked_again_at.is_not(None),
            ANSWERED,
            or_(
                Case.claimed_by == person_id,
                and_(
                    Case.team_id.in_(team_ids),
                    Case.expert_id.is_(None),
                    Case.asked_again_at <= bindparam("team_since"),
                ),
            ),
        )
        .order_by(Case.asked_again_at, Case.id)
    )


def unread_in_time(
    centre_id: UUID,
    team_ids: Collection[UUID],
    person_id: UUID,
    stands_in_for: Collection[UUID] = (),
) -> Select[Any]:
    """Critical opinions that nobody acknowledged in their time, the oldest first.

    The team's, the person's own and those of whom they stand in for, and those that reached them on call.
    """
    names = [person_id, *stands_in_for]
    reached = aliased(Delivery)
    on_call = exists().where(
        reached.case_id == Case.id, reached.kind == "on_call", reached.recipient_id == person_id
    )
    return (
        select(*LIST_COLUMNS)
        .join(Delivery, Delivery.case_id == Case.id)
        .where(
            TOLD_ON,
            # Few deliveries were told on, and many cases of a centre are answered: no index of the cases leads here.
            func.coalesce(Case.centre_id, null()) == centre_id,
            ANSWERED,
            or_(
                Case.claimed_by.in_(names),
                Case.expert_id.in_(names),
                and_(Case.team_id.in_(team_ids), Case.expert_id.is_(None)),
                on_call,
            ),
        )
        .order_by(Delivery.sent_at, Case.id)
    )


def requests_of(site_id: UUID, person_ids: Collection[UUID], preparers: Collection[UUID] = ()) -> Select[Any]:
    """Requests made at the site by or for these people (oneself, and those one stands in for), the latest first.

    With them the drafts that ``preparers`` (the site's secretaries) began and nobody has sent yet.
    """
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.site_id == site_id,
            or_(
                Case.requester_id.in_(person_ids),
                Case.created_by.in_(person_ids),
                prepared_by(preparers),
            ),
            ASKED_STILL,
        )
        .order_by(Case.created_at.desc(), Case.id)
    )


def prepared_by(preparers: Collection[UUID]) -> ColumnElement[bool]:
    """Drafts that these people began for whoever sends them: see ``permission_grounds.prepared_draft``."""
    return and_(Case.state == "draft", Case.created_by.in_(preparers), Case.requester_id == Case.created_by)


def site_requests(site_id: UUID) -> Select[Any]:
    """Every request of a site, the latest first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.site_id == site_id, ASKED_STILL)
        .order_by(Case.created_at.desc(), Case.id)
    )


def pooled_now(coordination_id: UUID) -> Select[Any]:
    """Requests that wait with a coordination, the longest wait of a patient first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.pooled_by == coordination_id, Case.state == "pooled")
        .order_by(Case.sent_at, Case.id)
    )


def pooled_and_sent(coordination_id: UUID) -> Select[Any]:
    """Requests that went through a coordination, or skipped it as urgent, the latest first."""
    return (
        select(*LIST_COLUMNS)
        .where(and_(Case.pooled_by == coordination_id, Case.submitted_at.is_not(None)), NOT_IN_ERROR)
        .order_by(Case.submitted_at.desc(), Case.id)
    )


def skipped_pooling(coordination_id: UUID) -> Select[Any]:
    """Urgent requests that went past their coordination and still wait for an answer, the longest wait first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.pooled_by == coordination_id, WITH_EXPERTS, Case.asked_urgency == "urgent")
        .order_by(Case.sent_at, Case.id)
    )
