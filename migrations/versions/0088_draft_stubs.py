"""What the server knows of a request that only a phone holds: that it waits there, and whose it is.

Revision ID: 0088
Revises: 0087
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "draft_stubs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("touched_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], "fk_draft_stubs_person_id_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_draft_stubs"),
    )
    op.create_index("ix_draft_stubs_person_id", "draft_stubs", ["person_id"])


def downgrade() -> None:
    """Take it away: the phones tell again what they hold."""
    op.execute(
        "UPDATE due_rows SET done_at = due_at, outcome = 'taken_back'"
        " WHERE kind = 'stub_reminder' AND done_at IS NULL"
    )
    op.drop_table("draft_stubs")
