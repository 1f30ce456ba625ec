"""Records of one site that are alike, as pairs.

Revision ID: 0084
Revises: 0083
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; those who are known already are compared by a round of the worker's."""
    op.create_table(
        "patient_pairs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], "fk_patient_pairs_organization_id_organizations"
        ),
        sa.ForeignKeyConstraint(["one_id"], ["patients.id"], "fk_patient_pairs_one_id_patients"),
        sa.ForeignKeyConstraint(["other_id"], ["patients.id"], "fk_patient_pairs_other_id_patients"),
        sa.PrimaryKeyConstraint("id", name="pk_patient_pairs"),
        sa.UniqueConstraint("one_id", "other_id", name="uq_patient_pairs_one_id_other_id"),
    )
    op.create_index("ix_patient_pairs_other_id", "patient_pairs", ["other_id"])
    op.create_index(
        "ix_patient_pairs_site", "patient_pairs", ["organization_id", "strength", "one_id", "other_id"]
    )
    op.create_index("ix_patient_merges_pair", "patient_merges", ["kept_id", "merged_id"])
    op.drop_index("ix_patient_merges_site", "patient_merges")
    op.create_index("ix_patient_merges_site", "patient_merges", ["organization_id", "state", "proposed_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_patient_merges_site", "patient_merges")
    op.create_index("ix_patient_merges_site", "patient_merges", ["organization_id", "state"])
    op.drop_index("ix_patient_merges_pair", "patient_merges")
    op.drop_table("patient_pairs")
