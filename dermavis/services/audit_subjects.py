"""What a row of the audit is about, in words: a professional, a place, a team, a picture by its rank and view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from dermavis.models import AuditEvent, Case, CentreCharter, Organization, Photo, Team
from dermavis.services.memberships import people_of_network
from dermavis.services.names import full_name, organizations, people
from dermavis.services.work import Work


def subjects_of(work: Work, rows: Sequence[AuditEvent]) -> dict[int, str]:
    """Return, by the row's id, what each row is about; a row that is about nothing nameable is left out."""
    words = {
        **_people(work, _ids(rows, "person")),
        **_places(work, _ids(rows, "organization")),
        **_teams(work, _ids(rows, "team")),
        **_charters(work, _ids(rows, "charter")),
        **photo_labels(work, {row.case_id for row in rows if row.subject_kind == "photo" and row.case_id}),
    }
    places = organizations(work, [_place_id(row) for row in rows])
    found = {}
    for row in rows:
        about = words.get(row.subject_id, "") if row.subject_id else ""
        place = places.get(_place_id(row) or UUID(int=0))
        about = ", ".join(part for part in (about, place.name if place else "") if part)
        if about:
            found[row.id] = about
    return found


def photo_labels(work: Work, case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return "Photo 2 · Gros plan" for every picture of these cases, the withdrawn ones included, by its id."""
    cases = {row.id: row for row in work.session.scalars(select(Case).where(Case.id.in_(set(case_ids))))}
    labels: dict[UUID, str] = {}
    ranks: dict[UUID, int] = {}
    rows = work.session.execute(
        select(Photo.id, Photo.case_id, Photo.view)
        .where(Photo.case_id.in_(cases))
        .order_by(Photo.case_id, Photo.position, Photo.created_at, Photo.id)
    )
    for row in rows:
        ranks[row.case_id] = ranks.get(row.case_id, 0) + 1
        labels[row.id] = f"Photo {ranks[row.case_id]} · {_view(work, cases[row.case_id], row.view)}"
    return labels


def _view(work: Work, case: Case, view_id: str) -> str:
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    return next((view.short_label for view in specialty.views if view.id == view_id), view_id)


def _ids(rows: Iterable[AuditEvent], kind: str) -> set[UUID]:
    return {row.subject_id for row in rows if row.subject_kind == kind and row.subject_id}


def _place_id(row: AuditEvent) -> UUID | None:
    """The organisation that a row about a person's role names."""
    try:
        return UUID(str(row.detail.get("organization", "")))
    except ValueError:
        return None


def _people(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    known = people_of_network(work, list(ids))
    return {row.id: full_name(row) for row in people(work, known).values()}


def _places(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    network = work.acting.facts.network_id
    return {row.id: row.name for row in organizations(work, ids).values() if row.network_id == network}


def _teams(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    rows = work.session.execute(
        select(Team.id, Team.name, Organization.short_name)
        .join(Organization, Organization.id == Team.organization_id)
        .where(Team.id.in_(ids), Team.network_id == work.acting.facts.network_id)
    )
    return {row.id: f"{row.name}, {row.short_name}" for row in rows}


def _charters(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    rows = work.session.execute(
        select(CentreCharter.id, Organization.name)
        .join(Organization, Organization.id == CentreCharter.organization_id)
        .where(CentreCharter.id.in_(ids), CentreCharter.network_id == work.acting.facts.network_id)
    )
    return {row.id: row.name for row in rows}
