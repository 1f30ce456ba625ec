"""Letters about an account. Links and codes wait sealed in the outbox and are forgotten once sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from dermavis.domain.letters import LETTERS
from dermavis.models import OutboxItem
from dermavis.services.vault import open_under_master, seal_under_master
from dermavis.services.work import Work


def write_letter(
    work: Work,
    kind: str,
    address: str,
    person_id: UUID | None,
    *,
    until: datetime | None = None,
    **carried: str,
) -> None:
    """Have a letter of ``dermavis.domain.letters.LETTERS`` sent; it leaves with the commit, within a second.

    ``carried`` holds what its text is completed with, such as ``link`` or ``code``; after ``until`` it is of no use and
    is not sent. Raises KeyError for an unknown kind or a missing piece.
    """
    pieces = {name: carried[name] for name in LETTERS[kind].carries}
    item_id = uuid4()
    work.session.add(
        OutboxItem(
            id=item_id,
            channel="mail",
            event=kind,
            person_id=person_id,
            address=address,
            payload={"until": until.isoformat()} if until else {},
            secret_sealed=seal_under_master(work, pieces, "outbox", item_id, "secret_sealed"),
            dedupe_key=f"letter:{item_id}",
            urgency="high",
            created_at=work.now,
            not_before=work.now,
        )
    )


def carried_by(work: Work, item: OutboxItem) -> dict[str, str]:
    """Open what a letter carries. Raises SealBroken."""
    if item.secret_sealed is None:
        return {}
    pieces: dict[str, str] = open_under_master(
        work.system.cipher, item.secret_sealed, "outbox", item.id, "secret_sealed"
    )
    return pieces


def is_out_of_date(work: Work, item: OutboxItem) -> bool:
    """Tell whether the code or the link of a letter can no longer be used."""
    until = item.payload.get("until")
    return until is not None and datetime.fromisoformat(until) <= work.now
