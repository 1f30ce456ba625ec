"""What holds on a day: roles, places in a team, in a coordination, and grants have a first and perhaps a last day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from dermavis.models.organizations import AccessRequest, PoolingMember, TeamMember
from dermavis.models.people import Membership

Dated = type[Membership | TeamMember | PoolingMember | AccessRequest]


def holds_on(table: Dated, day: date) -> ColumnElement[bool]:
    """Tell which rows hold on a day, the first and the last included."""
    return and_(table.valid_from <= day, holds_still_on(table, day))


def holds_still_on(table: Dated, day: date) -> ColumnElement[bool]:
    """Tell which rows hold on a day, or will: they did not end before it."""
    return or_(table.valid_to.is_(None), table.valid_to >= day)
