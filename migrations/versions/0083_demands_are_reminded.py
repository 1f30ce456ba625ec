"""Each demand that waits for its answer has its timer.

Revision ID: 0083
Revises: 0080
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0080"
branch_labels = None
depends_on = None

KIND = "demand_reminder"
BEFORE = timedelta(days=7)

demands = sa.table(
    "data_demands", sa.column("id", sa.Uuid()), sa.column("due_on", sa.Date()), sa.column("closed_at")
)
due_rows = sa.table(
    "due_rows",
    sa.column("id", sa.Uuid()),
    sa.column("kind"),
    sa.column("subject_id", sa.Uuid()),
    sa.column("payload", sa.JSON()),
    sa.column("dedupe_key"),
    sa.column("due_at", sa.DateTime()),
    sa.column("tries"),
    sa.column("outcome"),
)


def upgrade() -> None:
    """Have who answers told a week before the last day; of what is past it, at once."""
    found = op.get_bind().execute(
        sa.select(demands.c.id, demands.c.due_on).where(demands.c.closed_at.is_(None))
    )
    known = set(op.get_bind().scalars(sa.select(due_rows.c.subject_id).where(due_rows.c.kind == KIND)))
    rows = [
        {
            "id": uuid4(),
            "kind": KIND,
            "subject_id": row.id,
            "payload": {},
            "dedupe_key": f"{KIND}:-:{row.id}",
            "due_at": datetime.combine(row.due_on - BEFORE, time(7), UTC).replace(tzinfo=None),
            "tries": 0,
            "outcome": "",
        }
        for row in found
        if row.id not in known
    ]
    if rows:
        op.bulk_insert(due_rows, rows)


def downgrade() -> None:
    """Nothing: an older release ends a row of a kind that it does not know."""
