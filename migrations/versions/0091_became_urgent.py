"""« Demande devenue urgente » is ``became_urgent``; ``_urgent`` ends what an urgent case has words of its own for.

Revision ID: 0091
Revises: 0090
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

_NAMES = {"regraded_urgent": "became_urgent"}
_YOUNGER = ("returned_to_queue", "queue_waits", "handed_over", "handed_back", "claim_reminder")
"""Told in words of their own of an urgent case since then: an older release knows the ordinary ones."""


def upgrade() -> None:
    """Rename it in the lists, and in what still waits to be sent."""
    _rename(_NAMES)


def downgrade() -> None:
    """Name everything as the older release does."""
    _rename({new: old for old, new in _NAMES.items()} | {f"{name}_urgent": name for name in _YOUNGER})


def _rename(names: dict[str, str]) -> None:
    for place in ("notifications", "outbox"):
        table = sa.table(place, sa.column("event", sa.String))
        for old, new in names.items():
            op.execute(table.update().where(table.c.event == old).values(event=new))
