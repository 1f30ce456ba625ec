"""A kept device may have a code: the server keeps the hash of what the code opens there.

Revision ID: 0086
Revises: 0085
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("devices", sa.Column("code_proof_hash", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it away: who is locked out by an idle hour gives the password."""
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("code_proof_hash")
