"""The revisions of a sent request as people read them: who made each, when and why, and what differs between two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.errors import NotFound
from dermavis.domain.request_differences import PartDifference, part_differences
from dermavis.domain.requests import read_request
from dermavis.domain.unchecked import mapping_of
from dermavis.domain.wording import at_words, moment_words
from dermavis.models import Case, CaseRevision, CaseText, Person, Team
from dermavis.services.access import find_case
from dermavis.services.drafts import as_json, local_today, open_draft
from dermavis.services.moves import read_text
from dermavis.services.names import full_name, name_of, people
from dermavis.services.revisions import last_revision, open_content, revision_numbered
from dermavis.services.work import Work

REASONS = {
    "": "Envoyée",
    "sent_again": "Renvoyée",
    "completed": "Complétée",
    "administrative": "Complétée par la coordination",
    "addressing": "Destinataire choisi par la coordination",
    "identity": "Identité corrigée",
    "redirected": "Adressée ailleurs",
}
SENTENCES = {
    "identity": "L’identité du patient a été corrigée",
    "redirected": "La demande a été adressée ailleurs",
}
COMPLETED = "La demande a été complétée"


@dataclass(frozen=True)
class RequestVersion:
    """A revision of a sent request: its number, what made it in words, in whose hand, the moment in words."""

    number: int
    reason: str
    why: str
    by: str
    when: str
    at: datetime


def versions_of_request(work: Work, case: Case) -> list[RequestVersion]:
    """Return every revision of a request, the first one first; none before it was sent."""
    rows = work.session.scalars(
        select(CaseRevision).where(CaseRevision.case_id == case.id).order_by(CaseRevision.number)
    ).all()
    authors = people(work, [row.made_by for row in rows])
    whys = {
        text.subject_id: read_text(work, case, text)
        for text in work.session.scalars(
            select(CaseText).where(CaseText.case_id == case.id, CaseText.kind == "revision")
        )
    }
    return [
        RequestVersion(
            number=row.number,
            reason=reason_words(row.reason),
            why=whys.get(row.id, ""),
            by=full_name(authors[row.made_by]),
            when=moment_words(row.made_at, work.acting.time_zone),
            at=row.made_at,
        )
        for row in rows
    ]


def reason_words(reason: str) -> str:
    """Return what made a revision, in words."""
    return REASONS.get(reason, REASONS["completed"])


def completed_since(work: Work, case: Case, number: int) -> str:
    """Return who changed the request after this revision last, how and when, as a sentence; empty when nobody did."""
    row = last_revision(work, case)
    if not 0 < number < row.number:
        return ""
    when = at_words(row.made_at, work.now, work.acting.time_zone)
    return f"{SENTENCES.get(row.reason, COMPLETED)} par {name_of(work, row.made_by)} {when}."


def parts_of(work: Work, case: Case, number: int) -> list[PartDifference]:
    """Return all that a revision says, part by part. Raises NotFound for a number that is none."""
    return differences_in_words(work, case, {}, content_of(work, case, number))


def parts_between(work: Work, case: Case, one: int, other: int) -> list[PartDifference]:
    """Return what differs between two revisions. Raises NotFound for a number that is none."""
    return differences_in_words(work, case, content_of(work, case, one), content_of(work, case, other))


def content_of(work: Work, case: Case, number: int) -> dict[str, Any]:
    """Open the content of a revision. Raises NotFound for a number that is none."""
    row = revision_numbered(work, case, number)
    if row is None:
        raise NotFound
    return open_content(work, case, row)


def against_kept(work: Work, case_id: UUID, told: object) -> list[PartDifference]:
    """Return what differs between a client's content and what the server holds of it: the draft, or what was sent.

    Raises NotFound, and InvalidInput for a content that cannot be read.
    """
    case = find_case(work, case_id)
    mine = as_json(read_request(told, local_today(work, work.acting.time_zone)))
    draft = case.state == State.DRAFT
    kept = open_draft(work, case) if draft else open_content(work, case, last_revision(work, case))
    return differences_in_words(work, case, mine, kept)


def differences_in_words(
    work: Work, case: Case, before: dict[str, Any], after: dict[str, Any]
) -> list[PartDifference]:
    """Return what differs between two contents of a case's request, in the words of its specialty."""
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    return part_differences(specialty, before, after, _addressees(work, before, after))


def _addressees(work: Work, *contents: dict[str, Any]) -> dict[str, str]:
    chosen = [mapping_of(content.get("addressing")) for content in contents]
    teams = {UUID(row["team"]) for row in chosen if row.get("team")}
    persons = {UUID(row["person"]) for row in chosen if row.get("person")}
    found = {str(row.id): row.name for row in work.session.scalars(select(Team).where(Team.id.in_(teams)))}
    named = work.session.scalars(select(Person).where(Person.id.in_(persons)))
    return found | {str(row.id): full_name(row) for row in named}
