"""When a person took the photo course.

Revision ID: 0092
Revises: 0091
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the instant; nobody has taken it yet."""
    with op.batch_alter_table("persons") as persons:
        persons.add_column(sa.Column("photo_course_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("persons") as persons:
        persons.drop_column("photo_course_at")
