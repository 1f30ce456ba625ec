"""The ladder: who acknowledged an opinion, and an index of the critical ones that nobody has.

Revision ID: 0010
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None

TOLD_ON = sa.text(
    "kind = 'requester' AND escalated > 0 AND level <> 'ordinary' AND state IN ('sent', 'opened')"
)


def upgrade() -> None:
    """Add the column and the index."""
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("acknowledged_by", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_deliveries_acknowledged_by_persons"), "persons", ["acknowledged_by"], ["id"]
        )
    op.create_index(
        "ix_deliveries_told_on",
        "deliveries",
        ["sent_at", "case_id"],
        unique=False,
        sqlite_where=TOLD_ON,
        postgresql_where=TOLD_ON,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_deliveries_told_on", "deliveries")
    with op.batch_alter_table("deliveries") as table:
        table.drop_constraint(op.f("fk_deliveries_acknowledged_by_persons"), type_="foreignkey")
        table.drop_column("acknowledged_by")
