"""The lists of cases: each names one path, with one ordered index, and is tested against the permission map.

A list returns rows of columns, not entities; names in ``summary_sealed`` are opened by the caller with the case's key.
The expert's are written for anybody, with bound values for who reads: ``reader_values``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from dermavis.domain.treating_doctor import COPY
from dermavis.models.cases import Case
from dermavis.models.opinions import Delivery
from dermavis.models.queries.quick import numbered, several

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
CENTRE, READER = bindparam("centre", type_=Uuid()), bindparam("reader", type_=Uuid())
ON_CALL: ColumnElement[str] = literal_column("'on_call'")
"""In the text: SQLite plans anew, each time, what compares a partial index's column with a bound value."""

WITH_EXPERTS = text("cases.state IN ('submitted', 'claimed', 'on_hold')")


def team_queue(teams: int, names: int) -> Select[Any]:
    """Cases that a reader may answer now: submitted to their teams, to them by name, or claimed by them.

    And those submitted by name to whom they stand in for. ``names`` counts them and the reader.
    """
    in_teams = [
        select(*LIST_COLUMNS).where(
            Case.team_id == team,
            WAITING,
            Case.state == "submitted",
            Case.expert_id.is_(None),
            Case.centre_id == CENTRE,
        )
        for team in several("team", teams)
    ]
    named = [
        select(*LIST_COLUMNS).where(
            Case.expert_id == name, WAITING, Case.state == "submitted", Case.centre_id == CENTRE
        )
        for name in several("name", names)
    ]
    claimed = select(*LIST_COLUMNS).where(
        Case.claimed_by == READER, WAITING, Case.state == "claimed", Case.centre_id == CENTRE
    )
    rows = union_all(*in_teams, *named, claimed).subquery("queue")
    return select(rows).order_by(rows.c.due_at, rows.c.id)


def late_with_others(teams: int, names: int) -> Select[Any]:
    """Cases that somebody else claimed and holds beyond the promise (``:now``), the longest late first.

    The team's, and those of whom the reader stands in for.
    """
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.centre_id == CENTRE,
            Case.state == "claimed",
            WAITING,
            Case.late_at < bindparam("now"),
            Case.claimed_by != READER,
            or_(
                and_(_of_teams(teams), Case.expert_id.is_(None)),
                Case.claimed_by.in_(several("name", names)),
            ),
        )
        .order_by(Case.late_at, Case.id)
    )


def on_hold() -> Select[Any]:
    """Cases of the reader that wait for a word or a picture from the requester."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.claimed_by == READER, WAITING, Case.state == "on_hold", Case.centre_id == CENTRE)
        .order_by(Case.held_at, Case.id)
    )


def answered_by() -> Select[Any]:
    """Cases that the reader answered for the centre, the latest first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.centre_id == CENTRE, ANSWERED, Case.claimed_by == READER)
        .order_by(Case.answered_at.desc(), Case.id)
    )


def asked_again(teams: int) -> Select[Any]:
    """Questions after an opinion: of the reader, and those a team of theirs has waited with since ``team_since``."""
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.centre_id == CENTRE,
            Case.asked_again_at.is_not(None),
            ANSWERED,
            or_(
                Case.claimed_by == READER,
                and_(
                    _of_teams(teams),
                    Case.expert_id.is_(None),
                    Case.asked_again_at <= bindparam("team_since"),
                ),
            ),
        )
        .order_by(Case.asked_again_at, Case.id)
    )


def unread_in_time(teams: int, names: int) -> Select[Any]:
    """Critical opinions that nobody acknowledged in their time, the oldest first.

    The team's, the reader's own and those of whom they stand in for, and those that reached them on call.
    """
    reached = aliased(Delivery)
    on_call = exists().where(
        reached.case_id == Case.id, reached.kind == ON_CALL, reached.recipient_id == READER
    )
    return (
        select(*LIST_COLUMNS)
        .join(Delivery, Delivery.case_id == Case.id)
        .where(
            TOLD_ON,
            # Not by the centre's own index: it holds all that was ever answered, the few told on have theirs.
            func.coalesce(Case.centre_id, null()) == CENTRE,
            ANSWERED,
            or_(
                Case.claimed_by.in_(several("name", names)),
                Case.expert_id.in_(several("name", names)),
                and_(_of_teams(teams), Case.expert_id.is_(None)),
                on_call,
            ),
        )
        .order_by(Delivery.sent_at, Case.id)
    )


def reader_values(
    centre_id: UUID, team_ids: Collection[UUID], person_id: UUID, stands_in_for: Collection[UUID] = ()
) -> dict[str, UUID]:
    """Return the bound values of a reader of the expert's lists, as many as there are teams and names."""
    return {
        "centre": centre_id,
        "reader": person_id,
        **numbered("team", sorted(team_ids)),
        **numbered("name", (person_id, *sorted(stands_in_for))),
    }


def _of_teams(teams: int) -> ColumnElement[bool]:
    return Case.team_id.in_(several("team", teams)) if teams else false()


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


def received_by(network_id: UUID, person_ids: Collection[UUID]) -> Select[Any]:
    """Opinions that have left by ``:now`` to these people as a patient's treating doctor, the latest first."""
    copies = select(Delivery.case_id).where(
        Delivery.recipient_id.in_(person_ids),
        Delivery.kind == COPY,
        Delivery.sent_at <= bindparam("now"),
    )
    return (
        select(*LIST_COLUMNS)
        .where(
            Case.id.in_(copies),
            Case.network_id == network_id,
            ANSWERED,
            Case.answered_at <= bindparam("now"),
            Case.erased_at.is_(None),
        )
        .order_by(Case.answered_at.desc(), Case.id)
    )
