"""The master key can be replaced: each version carries, wrapped, what must outlive it.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the secret that is handed down."""
    with op.batch_alter_table("key_checks") as table:
        table.add_column(sa.Column("lasting_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it away: a database whose key was replaced loses recovery codes and what phones keep."""
    with op.batch_alter_table("key_checks") as table:
        table.drop_column("lasting_sealed")
