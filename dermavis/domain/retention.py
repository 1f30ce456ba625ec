"""How long a case is kept: the law's terms for health records, longer where a centre's charter says so.

Sources. Hospital: Code de la santé publique, article R. 1112-7 (twenty years from the last stay or consultation; at
least until the twenty-eighth birthday; ten years from a death that comes within ten years of the last consultation;
suspended by litigation). Practice: no law says; the CNIL's reference for practices keeps a record five years at hand
and fifteen in archive, twenty in all. Both sides of a tele-expertise hold the same record, hence one term for both.
Pictures are part of the record and have no term of their own. A draft that never left is in nobody's record.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

RECORD_YEARS = 20
MOST_YEARS = 100
MINOR_UNTIL_AGE = 28
AFTER_DEATH_YEARS = 10

DRAFT_MONTHS = 6
"""After its last change. Ours: as long as the oldest form of a phone's draft is accepted."""

DRAFT_WARNING = timedelta(days=30)
"""How long before that its writer is warned; a warning that came late moves the end."""

TERM_RULES: dict[str, str] = {
    "record": "vingt ans après le dernier acte pour ce patient (art. R. 1112-7 du code de la santé publique)",
    "charter": "durée plus longue choisie par la charte du centre",
    "minor": "jusqu’aux vingt-huit ans du patient (art. R. 1112-7 du code de la santé publique)",
    "death": "dix ans après le décès du patient (art. R. 1112-7 du code de la santé publique)",
}
"""Which rule decided, in words."""


@dataclass(frozen=True, slots=True)
class Term:
    """The first local day on which a case need not be kept any more, and the rule of ``TERM_RULES`` that decided."""

    until: date
    rule: str


def record_term(
    last_contact: date, born: date | None = None, died: date | None = None, charter_years: int = RECORD_YEARS
) -> Term:
    """Return the term of a request that was sent, whatever became of it: answered, cancelled, or entered in error.

    ``last_contact`` is the last day on which somebody acted on any case of the patient; ``charter_years`` counts from
    there and never shortens what the law wants.
    """
    by_law = Term(years_after(last_contact, RECORD_YEARS), "record")
    by_charter = Term(years_after(last_contact, max(charter_years, RECORD_YEARS)), "charter")
    longer = by_charter if by_charter.until > by_law.until else by_law
    if died is not None and died < years_after(last_contact, AFTER_DEATH_YEARS):
        after_death = Term(years_after(max(died, last_contact), AFTER_DEATH_YEARS), "death")
        return longer if longer.rule == "charter" and longer.until > after_death.until else after_death
    of_minor = Term(years_after(born, MINOR_UNTIL_AGE), "minor") if born is not None else longer
    return of_minor if of_minor.until > longer.until else longer


def draft_end(changed_at: datetime, warned_at: datetime | None) -> datetime | None:
    """Return when a draft that never left goes; None while its writer was not warned of it."""
    if warned_at is None:
        return None
    return max(months_after(changed_at, DRAFT_MONTHS), warned_at + DRAFT_WARNING)


def draft_warning(changed_at: datetime) -> datetime:
    """Return from when on the writer of a draft that never left is warned."""
    return months_after(changed_at, DRAFT_MONTHS) - DRAFT_WARNING


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; the first of March where a leap day has no fellow."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months_after(instant: datetime, months: int) -> datetime:
    """Return the same day and hour some months later, the last of the month where that day is missing."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))
