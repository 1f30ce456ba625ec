"""What is drawn beside a picture is part of its sealed request: the table that waited for it goes.

Revision ID: 0090
Revises: 0089
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

_TABLE = "photo_annotations"


def upgrade() -> None:
    """Drop the table; nothing wrote into it."""
    op.drop_table(_TABLE)


def downgrade() -> None:
    """Make it again, empty."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["persons.id"], name=op.f("fk_photo_annotations_made_by_persons")
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_annotations_photo_id_photos")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_annotations")),
        sa.UniqueConstraint("photo_id", "version", name=op.f("uq_photo_annotations_photo_id_version")),
    )
