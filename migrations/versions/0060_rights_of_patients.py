"""What patients ask about their data, what follows from it, and the lists of cases by their term.

Revision ID: 0060
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

WITH_TERM = sa.text("closed_at IS NOT NULL AND erased_at IS NULL AND keep_until IS NOT NULL")
WITHOUT_TERM = sa.text("closed_at IS NOT NULL AND erased_at IS NULL AND keep_until IS NULL")


def upgrade() -> None:
    """Add the tables of demands, the columns of patients and cases, and the indexes."""
    op.add_column("patients", sa.Column("died_on", sa.Date(), nullable=True))
    op.add_column("patients", sa.Column("opposed_at", sa.DateTime(), nullable=True))
    op.add_column("cases", sa.Column("care_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    _index("ix_cases_keep_until", ["network_id", "keep_until", "id"], WITH_TERM)
    _index("ix_cases_without_term", ["closed_at", "id"], WITHOUT_TERM)
    op.create_index(
        "ix_cases_held",
        "cases",
        ["network_id", "id"],
        unique=False,
        sqlite_where=sa.text("legal_hold IS 1"),
        postgresql_where=sa.text("legal_hold IS true"),
    )
    op.create_table(
        "data_demands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("identity_check", sa.String(60), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(60), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], "fk_data_demands_network_id_networks"),
        sa.ForeignKeyConstraint(["site_id"], ["organizations.id"], "fk_data_demands_site_id_organizations"),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], "fk_data_demands_patient_id_patients"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], "fk_data_demands_case_id_cases"),
        sa.ForeignKeyConstraint(["registered_by"], ["persons.id"], "fk_data_demands_registered_by_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_data_demands"),
        sa.UniqueConstraint("network_id", "number", name="uq_data_demands_network_id_number"),
    )
    op.create_index("ix_data_demands_due", "data_demands", ["network_id", "closed_at", "due_on", "id"])
    op.create_index("ix_data_demands_site", "data_demands", ["site_id", "received_on", "id"])
    op.create_index("ix_data_demands_patient_id", "data_demands", ["patient_id"])
    op.create_table(
        "data_demand_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("detail", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["data_demands.id"], "fk_data_demand_steps_demand_id_data_demands"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], "fk_data_demand_steps_made_by_persons"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], "fk_data_demand_steps_organization_id_organizations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_data_demand_steps"),
    )
    op.create_index("ix_data_demand_steps_demand_id", "data_demand_steps", ["demand_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("data_demand_steps")
    op.drop_table("data_demands")
    op.drop_index("ix_cases_held", "cases")
    op.drop_index("ix_cases_without_term", "cases")
    op.drop_index("ix_cases_keep_until", "cases")
    op.drop_column("cases", "care_only")
    op.drop_column("patients", "opposed_at")
    op.drop_column("patients", "died_on")


def _index(name: str, columns: list[str], condition: sa.TextClause) -> None:
    op.create_index(name, "cases", columns, unique=False, sqlite_where=condition, postgresql_where=condition)
