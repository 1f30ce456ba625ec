"""Records of one patient joined: proposed by one person, confirmed by another, undone exactly.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the joining of two records, and where a joined one leads."""
    op.create_table(
        "patient_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("likeness", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_patient_merges_organization_id_organizations"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["patients.id"], name=op.f(f"fk_patient_merges_{column}_patients")
            )
            for column in ("kept_id", "merged_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["persons.id"], name=op.f(f"fk_patient_merges_{column}_persons")
            )
            for column in ("proposed_by", "decided_by", "undone_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merges")),
    )
    op.create_index("ix_patient_merges_site", "patient_merges", ["organization_id", "state"])
    with op.batch_alter_table("patients") as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_patients_merged_into_patients"), "patients", ["merged_into"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_patients_merged_into"), ["merged_into"], unique=False)


def downgrade() -> None:
    """Take both away; what was joined stays with the record that was kept."""
    with op.batch_alter_table("patients") as batch_op:
        batch_op.drop_index(batch_op.f("ix_patients_merged_into"))
        batch_op.drop_constraint(batch_op.f("fk_patients_merged_into_patients"), type_="foreignkey")
        batch_op.drop_column("merged_into")
    op.drop_index("ix_patient_merges_site", "patient_merges")
    op.drop_table("patient_merges")
