"""Prints of the reference card: one code each, verified both ways with a bank card, and withdrawn.

Revision ID: 0089
Revises: 0088
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

_TABLE = "print_batches"


def upgrade() -> None:
    """Add the columns; no page wrote a row before."""
    with op.batch_alter_table(_TABLE) as batches:
        batches.add_column(sa.Column("layout", sa.String(60), nullable=False, server_default="DVC1"))
        batches.add_column(sa.Column("code_size", sa.Integer(), nullable=False, server_default="20"))
        batches.add_column(sa.Column("measured_height_hundredths", sa.Integer(), nullable=True))
        batches.add_column(sa.Column("verified_by", sa.Uuid(), nullable=True))
        batches.add_column(sa.Column("verified_at", sa.DateTime(), nullable=True))
        batches.add_column(sa.Column("withdrawn_by", sa.Uuid(), nullable=True))
        batches.add_column(sa.Column("withdrawn_at", sa.DateTime(), nullable=True))
        batches.create_foreign_key("fk_print_batches_verified_by_persons", "persons", ["verified_by"], ["id"])
        batches.create_foreign_key(
            "fk_print_batches_withdrawn_by_persons", "persons", ["withdrawn_by"], ["id"]
        )
        batches.create_unique_constraint("uq_print_batches_code", ["code"])
    with op.batch_alter_table(_TABLE) as batches:
        batches.alter_column("layout", server_default=None, existing_type=sa.String(60))
        batches.alter_column("code_size", server_default=None, existing_type=sa.Integer())


def downgrade() -> None:
    """Take them away; the prints and their first measured width stay."""
    with op.batch_alter_table(_TABLE) as batches:
        batches.drop_constraint("uq_print_batches_code", type_="unique")
        batches.drop_constraint("fk_print_batches_withdrawn_by_persons", type_="foreignkey")
        batches.drop_constraint("fk_print_batches_verified_by_persons", type_="foreignkey")
        for column in (
            "withdrawn_at",
            "withdrawn_by",
            "verified_at",
            "verified_by",
            "measured_height_hundredths",
            "code_size",
            "layout",
        ):
            batches.drop_column(column)
