"""« Avis reçus pour mes patients »: the opinions that the actor was given as a treating doctor, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.treating_doctor import COPY
from dermavis.domain.wording import ago_words
from dermavis.models import Case, Delivery
from dermavis.models.queries.case_lists import received_by
from dermavis.services.access import require
from dermavis.services.lists import ListRow, rows_of
from dermavis.services.my_requests import PAGE, Page
from dermavis.services.request_rows import NO_NAME, RequestRow, what_of
from dermavis.services.work import Work

NO_SUCH_PAGE = "Cette page de la liste n’existe pas."
TO_READ = ("Avis à lire", "mail-open", "info")
TO_CONFIRM = ("Avis à confirmer", "mail-open", "late")


def received_page(work: Work, after: str = "") -> Page:
    """Return one page of the list, behind a cursor. Raises Forbidden, and InvalidInput for a cursor that is none."""
    require(work, Permission.REQUESTS_LIST)
    chosen = received_by(work.acting.facts.network_id, work.acting.facts.people)
    if after:
        chosen = chosen.where(_behind(after))
    rows = work.session.execute(chosen.limit(PAGE + 1), {"now": work.now}).all()
    shown = rows[:PAGE]
    last = f"{shown[-1].answered_at.isoformat()}~{shown[-1].id}" if len(rows) > PAGE else ""
    unread = _unread(work, [row.id for row in shown])
    return Page([_row(work, row, unread) for row in rows_of(work, shown)], last)


def received_counts(work: Work) -> tuple[bool, int]:
    """Return whether the actor was ever given an opinion, and how many they have not read."""
    unread = select(func.count()).select_from(Delivery).join(Case, Case.id == Delivery.case_id)
    waiting = work.session.scalar(
        unread.where(
            Delivery.recipient_id.in_(work.acting.facts.people),
            Delivery.kind == COPY,
            Delivery.state.in_(("sent", "opened")),
            Delivery.sent_at <= work.now,
            Case.network_id == work.acting.facts.network_id,
            Case.state.in_(("answered", "closed")),
            Case.erased_at.is_(None),
        )
    )
    if waiting:
        return True, waiting
    chosen = received_by(work.acting.facts.network_id, work.acting.facts.people).limit(1)
    return work.session.execute(chosen, {"now": work.now}).first() is not None, 0


def _unread(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Case → level, of those whose copy nobody has read."""
    rows = work.session.execute(
        select(Delivery.case_id, Delivery.level).where(
            Delivery.case_id.in_(case_ids),
            Delivery.recipient_id.in_(work.acting.facts.people),
            Delivery.kind == COPY,
            Delivery.state.in_(("sent", "opened")),
            Delivery.sent_at <= work.now,
        )
    )
    return {row.case_id: row.level for row in rows}


def _row(work: Work, row: ListRow, unread: dict[UUID, str]) -> RequestRow:
    words, icon, tone = "", "", ""
    if row.id in unread:
        words, icon, tone = TO_READ if unread[row.id] == Level.ORDINARY else TO_CONFIRM
    elif row.outcome is not None:
        words, icon = row.outcome.label, row.outcome.icon
    at = row.case.answered_at
    return RequestRow(
        id=row.id,
        href=f"/cases/{row.id}",
        name=row.name or NO_NAME,
        when=ago_words(at, work.now, work.acting.time_zone),
        at=at.isoformat(),
        words=words,
        icon=icon,
        tone=tone,
        line=what_of(work, row.case),
        share=None,
        unread=row.id in unread,
        brief=False,
        requester=f"demandé par {row.requester}" if row.requester else "",
    )


def _behind(cursor: str) -> ColumnElement[bool]:
    instant, _, last = cursor.partition("~")
    try:
        at, case_id = datetime.fromisoformat(instant), UUID(last)
    except ValueError:
        raise InvalidInput({"after": NO_SUCH_PAGE}) from None
    if at.tzinfo is None:
        raise InvalidInput({"after": NO_SUCH_PAGE})
    return or_(Case.answered_at < at, and_(Case.answered_at == at, Case.id > case_id))
