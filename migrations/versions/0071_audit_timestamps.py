"""Stamps of a time-stamping authority on the seals of the audit.

Revision ID: 0071
Revises: 0070
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "audit_timestamps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seal_number", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.String(length=60), nullable=False),
        sa.Column("stamped_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_timestamps")),
        sa.UniqueConstraint("seal_number", name=op.f("uq_audit_timestamps_seal_number")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("audit_timestamps")
