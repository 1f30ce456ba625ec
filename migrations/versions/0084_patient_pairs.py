"""Records of one site that are alike, as pairs; each proposal to join two has its timer.

Revision ID: 0084
Revises: 0083
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


KIND = "merge_reminder"
AFTER = timedelta(days=3)

merges = sa.table(
    "patient_merges", sa.column("id", sa.Uuid()), sa.column("state"), sa.column("proposed_at", sa.DateTime())
)
due_rows = sa.table(
    "due_rows",
    sa.column("id", sa.Uuid()),
    sa.column("kind"),
    sa.column("subject_id", sa.Uuid()),
    sa.column("payload", sa.JSON()),
    sa.column("dedupe_key"),
    sa.column("due_at", sa.DateTime()),
    sa.column("tries"),
    sa.column("outcome"),
)


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
    _remind_of_proposals()


def _remind_of_proposals() -> None:
    connection = op.get_bind()
    known = set(connection.scalars(sa.select(due_rows.c.subject_id).where(due_rows.c.kind == KIND)))
    found = connection.execute(
        sa.select(merges.c.id, merges.c.proposed_at).where(merges.c.state == "proposed")
    )
    rows = [
        {
            "id": uuid4(),
            "kind": KIND,
            "subject_id": row.id,
            "payload": {},
            "dedupe_key": f"{KIND}:-:{row.id}",
            "due_at": row.proposed_at + AFTER,
            "tries": 0,
            "outcome": "",
        }
        for row in found
        if row.id not in known
    ]
    if rows:
        op.bulk_insert(due_rows, rows)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_patient_merges_site", "patient_merges")
    op.create_index("ix_patient_merges_site", "patient_merges", ["organization_id", "state"])
    op.drop_index("ix_patient_merges_pair", "patient_merges")
    op.drop_table("patient_pairs")
