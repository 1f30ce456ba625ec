"""Whether a case entered in error still has to be sent anew, or settled.

Revision ID: 0080
Revises: 0071
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. What was entered in error before is taken as settled."""
    op.add_column("cases", sa.Column("anew_awaited", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("cases", "anew_awaited")
