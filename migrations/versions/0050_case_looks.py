"""Which revision of a request each person last had before them: what has changed since is told.

Revision ID: 0050
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "case_looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_looks_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_case_looks_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_looks")),
        sa.UniqueConstraint("person_id", "case_id", name=op.f("uq_case_looks_person_id_case_id")),
    )
    op.create_index(op.f("ix_case_looks_case_id"), "case_looks", ["case_id"], unique=False)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(op.f("ix_case_looks_case_id"), "case_looks")
    op.drop_table("case_looks")
