"""What the patient wants to stand in their record, in their own words, beside what the doctors wrote.

A doctor's finding is not rewritten on demand: it stays, and the statement is read with it (RGPD, article 16).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from dermavis.domain.wording import moment_words
from dermavis.models import Case, CaseText
from dermavis.services.moves import read_text, write_text
from dermavis.services.work import Work

KIND = "statement"


@dataclass(frozen=True)
class Statement:
    """A statement and when it was attached, in words."""

    text: str
    when: str


def attach_statement(work: Work, case: Case, words: str) -> None:
    """Keep the patient's statement with a case, for whoever reads it."""
    row = write_text(work, case, KIND, words)
    work.audit("statement.attach", case_id=case.id, subject_kind="statement", subject_id=row.id)


def statements_of(work: Work, case: Case) -> list[Statement]:
    """Return what the patient wanted to stand in the case, the oldest first. The caller checks who reads."""
    rows = work.session.scalars(
        select(CaseText)
        .where(CaseText.case_id == case.id, CaseText.kind == KIND)
        .order_by(CaseText.made_at, CaseText.id)
    )
    zone = work.acting.time_zone
    return [Statement(read_text(work, case, row), moment_words(row.made_at, zone)) for row in rows]
