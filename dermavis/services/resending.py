"""Notices of a case that failed for good leave again, once what stopped them is mended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from dermavis.domain.letters import LETTERS
from dermavis.domain.permissions import Permission
from dermavis.domain.repairs import check_repair_reason
from dermavis.models import OutboxItem, PushSubscription
from dermavis.services.access import require
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.operation_figures import FAILED_OUTCOMES
from dermavis.services.work import Work


@dataclass(frozen=True)
class FailedNotice:
    """A notice that reached nobody. ``why_not``: why it cannot leave again, empty where it can."""

    channel: str
    event: str
    outcome: str
    error: str
    why_not: str


def resend(work: Work, number: str, reason: str, *, apply: bool = False) -> list[FailedNotice]:
    """Return the notices of a case that failed for good, and have those leave again that can, when ``apply`` says so.

    The worker looks at each once more: what its reader has read meanwhile does not leave. Raises Forbidden, NotFound,
    InvalidInput.
    """
    require(work, Permission.SERVICE_REPAIR)
    check_repair_reason(reason)
    case = case_numbered(work, number, lock=True)
    rows = list(
        work.session.scalars(
            select(OutboxItem)
            .where(OutboxItem.case_id == case.id, OutboxItem.outcome.in_(FAILED_OUTCOMES))
            .order_by(OutboxItem.created_at, OutboxItem.id)
            .with_for_update()
        )
    )
    found = [
        FailedNotice(row.channel, row.event, row.outcome, row.last_error, _why_not(work, row)) for row in rows
    ]
    if apply:
        again = [row for row, notice in zip(rows, found, strict=True) if not notice.why_not]
        for row in again:
            row.done_at, row.outcome, row.last_error, row.tries = None, "", "", 0
            row.lease = row.leased_until = None
            row.not_before = work.now
        if again:
            work.audit("notices.resend", case_id=case.id, reason=reason, count=len(again))
    return found


def _why_not(work: Work, row: OutboxItem) -> str:
    if row.event in LETTERS:
        return "ce courriel portait un secret, qui n’est pas gardé\u00a0: refaites l’invitation ou le lien"
    if row.channel == "push":
        known = row.subscription_id and work.session.get(PushSubscription, row.subscription_id)
        return "" if known else "cet appareil n’est plus inscrit"
    return ""
