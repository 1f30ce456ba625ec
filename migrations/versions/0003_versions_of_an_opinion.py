"""Versions of an opinion: what a signature changed while it may be taken back, and the question asked after it.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ASKED_AGAIN = sa.text("asked_again_at IS NOT NULL")


def upgrade() -> None:
    """Add both columns, and the index by which open questions are listed."""
    op.add_column("opinions", sa.Column("before_signature", sa.JSON(), nullable=True))
    op.add_column("cases", sa.Column("asked_again_at", sa.DateTime(), nullable=True))
    op.create_index(
        "ix_cases_asked_again",
        "cases",
        ["centre_id", "asked_again_at", "id"],
        unique=False,
        sqlite_where=ASKED_AGAIN,
        postgresql_where=ASKED_AGAIN,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_cases_asked_again", "cases")
    op.drop_column("cases", "asked_again_at")
    op.drop_column("opinions", "before_signature")
