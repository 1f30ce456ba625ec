"""Each request asks for whom its person stands in: found by an index, not by going through everybody.

Revision ID: 0085
Revises: 0084
"""

from __future__ import annotations

from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_persons_substitute_id", "persons", ["substitute_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_persons_substitute_id", "persons")
