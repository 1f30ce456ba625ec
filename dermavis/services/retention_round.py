"""Once a day: terms that nobody wrote are written, those that come due are looked at again, administrators are told.

Nothing of a record is destroyed here. In a hospital its elimination is decided by the director after the opinion of the
doctor in charge of medical information (Code de la santé publique, article R. 1112-7): the round proposes, a person
who signs in erases (``bin/dermavis case erase``).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select

from dermavis.domain.roles import Role
from dermavis.models import Case, DueRow
from dermavis.services.notices import announce
from dermavis.services.retention import BATCH, write_term
from dermavis.services.schedule import schedule
from dermavis.services.teams import holding_in_network
from dermavis.services.work import Work

KIND = "retention"
EVERY = timedelta(days=1)
LOOKED_AT_BEFORE = timedelta(days=60)
"""How long before its term a case is looked at again: the patient may have come back since."""

PAGE = "/administration/retention"


def go_round(work: Work, row: DueRow) -> None:
    """Timer ``retention``: catch up with terms, look again at those that come due, tell who decides, come back."""
    soon = work.now + LOOKED_AT_BEFORE
    without = _cases(work, Case.keep_until.is_(None), "")
    coming = _cases(work, Case.keep_until <= soon, row.payload.get("after", ""))
    for case in (*without, *coming):
        write_term(work, case)
    if BATCH in {len(without), len(coming)}:
        last = str(coming[-1].id) if coming else row.payload.get("after", "")
        schedule(work, KIND, work.now, after=last)
        return
    _tell_administrators(work)
    schedule(work, KIND, work.now + EVERY)


def _cases(work: Work, condition: ColumnElement[bool], after: str) -> list[Case]:
    found = select(Case).where(Case.closed_at.is_not(None), Case.erased_at.is_(None), condition)
    if after:
        found = found.where(Case.id > UUID(after))
    return list(work.session.scalars(found.order_by(Case.id).limit(BATCH).with_for_update()))


def _tell_administrators(work: Work) -> None:
    """Once a month, in each network where a term is over and nothing forbids to decide."""
    over = (
        Case.closed_at.is_not(None),
        Case.erased_at.is_(None),
        Case.keep_until <= work.now,
        Case.number.is_not(None),
        Case.legal_hold.is_(False),
    )
    for network in work.session.scalars(select(Case.network_id).where(*over).distinct()).all():
        first = work.session.scalars(
            select(Case).where(*over, Case.network_id == network).order_by(Case.keep_until, Case.id).limit(1)
        ).one()
        month = f"{work.now:%Y-%m}"
        announce(
            work,
            "terms_over",
            first,
            holding_in_network(work, network, Role.ADMINISTRATOR),
            url=PAGE,
            once=month,
        )
