"""A lost or stolen device may be told to destroy the drafts that it keeps.

Revision ID: 0087
Revises: 0086
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when it was asked, and when the device said that it was done."""
    op.add_column("devices", sa.Column("destroy_asked_at", sa.DateTime(), nullable=True))
    op.add_column("devices", sa.Column("destroyed_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Take both away: what was not destroyed yet stays on its device, sealed."""
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("destroyed_at")
        devices.drop_column("destroy_asked_at")
