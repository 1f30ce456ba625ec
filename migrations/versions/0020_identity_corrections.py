"""Why a patient's identity was corrected.

Revision ID: 0020
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the coded reason of a version, and the words that were given for it."""
    op.add_column(
        "patient_identity_versions",
        sa.Column("reason", sa.String(length=60), nullable=False, server_default=""),
    )
    op.add_column("patient_identity_versions", sa.Column("why_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("patient_identity_versions", "why_sealed")
    op.drop_column("patient_identity_versions", "reason")
