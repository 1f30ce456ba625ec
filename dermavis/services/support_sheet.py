"""A case as support may see it: states, instants, deliveries and files, without a patient, a picture or a sentence.

Nothing sealed is opened here; of the clear columns only codes, counts and instants are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import (
    Breakdown,
    Case,
    CaseRevision,
    Delivery,
    DueRow,
    Opinion,
    Organization,
    OutboxItem,
    Photo,
    PhotoFile,
    PictureJob,
    Team,
    Transition,
    Upload,
)
from dermavis.services.access import require
from dermavis.services.names import name_of
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.readings import record_reading
from dermavis.services.work import Actor, System, Work, reading

MOST_ROWS = 100


@dataclass(frozen=True)
class SheetPhoto:
    """One view: its state, its files as (role, bytes, width, height), its uploads as (role, offset, length, state),
    and how often making it was tried."""

    state: str
    files: Sequence[tuple[str, int, int, int]]
    uploads: Sequence[tuple[str, int, int, str]]
    tries: int


@dataclass(frozen=True)
class Sheet:
    """The technical sheet of one case; rows are SQL rows of codes and instants, newest last."""

    number: str
    state: str
    urgency: str
    downstream: str
    version: int
    specialty: str
    site: str
    centre: str
    team: str
    holder: str
    instants: Sequence[tuple[str, datetime]]
    steps: Sequence[Any]
    timers: Sequence[Any]
    deliveries: Sequence[Any]
    notices: Sequence[Any]
    photos: Sequence[SheetPhoto]
    revisions: Sequence[Any]
    opinions: Sequence[Any]
    breakdowns: Sequence[Any]


def read_sheet(system: System, actor: Actor, number: str) -> Sheet:
    """Return the sheet of a case of the actor's network; noted before it is given. Raises Forbidden, NotFound."""
    with reading(system, actor) as work:
        require(work, Permission.SERVICE_READ)
        case = case_numbered(work, number)
        case_id, sheet = case.id, _sheet(work, case)
    record_reading(system, actor, "support.read", case_id=case_id)
    return sheet


def read_breakdown(system: System, actor: Actor, reference: str) -> tuple[Breakdown, str]:
    """Return what broke under a reference, and the number of its case in the actor's network; noted as well.

    Raises Forbidden, NotFound.
    """
    with reading(system, actor) as work:
        require(work, Permission.SERVICE_READ)
        newest = (
            select(Breakdown).where(Breakdown.reference == reference).order_by(Breakdown.at.desc()).limit(1)
        )
        found = work.session.scalar(newest)
        if found is None:
            raise NotFound(f"Aucune panne n’est gardée sous la référence «\u00a0{reference}\u00a0».")
        number = work.session.scalar(
            select(Case.number).where(
                Case.id == found.case_id, Case.network_id == work.acting.facts.network_id
            )
        )
        work.session.expunge(found)
    record_reading(system, actor, "support.read", subject_kind="breakdown", subject_id=found.id)
    return found, number or ""


def _sheet(work: Work, case: Case) -> Sheet:
    instants = ("created_at", "sent_at", "submitted_at", "claimed_at", "held_at", "due_at", "late_at",
                "answered_at", "asked_again_at", "closed_at", "erased_at")  # fmt: skip
    holder = case.claimed_by or case.expert_id
    return Sheet(
        number=case.number or "",
        state=case.state,
        urgency=case.urgency,
        downstream=case.downstream,
        version=case.version,
        specialty=f"{case.specialty_id}@{case.specialty_version}",
        site=_place(work, case.site_id),
        centre=_place(work, case.centre_id),
        team=work.session.scalar(select(Team.name).where(Team.id == case.team_id)) or "",
        holder=name_of(work, holder) if holder else "",
        instants=[(name, at) for name in instants if (at := getattr(case, name)) is not None],
        steps=_rows(
            work, Transition, case.id, Transition.case_version, "at", "machine", "name", "from_state", "to_state",
        ),
        timers=_rows(work, DueRow, case.id, DueRow.due_at, "kind", "due_at", "tries", "outcome", "done_at"),
        deliveries=_rows(
            work, Delivery, case.id, Delivery.sent_at,
            "kind", "level", "state", "sent_at", "opened_at", "acknowledged_at", "escalate_at", "escalated",
        ),
        notices=_rows(
            work, OutboxItem, case.id, OutboxItem.created_at,
            "channel", "event", "created_at", "not_before", "tries", "outcome", "last_error", "done_at",
        ),
        photos=[_photo(work, photo) for photo in _photos(work, case)],
        revisions=_rows(work, CaseRevision, case.id, CaseRevision.number, "number", "made_at", "specialty_version"),
        opinions=_rows(
            work, Opinion, case.id, Opinion.version,
            "version", "signed_at", "effective_at", "superseded_by", "specialty_version",
        ),
        breakdowns=_rows(work, Breakdown, case.id, Breakdown.at, "reference", "at", "route", "status", "kinds"),
    )  # fmt: skip


def _rows(work: Work, table: Any, case_id: UUID, order: Any, *columns: str) -> Sequence[Any]:
    """The newest rows of a case, oldest first; only the columns named here leave the database."""
    wanted = select(*(getattr(table, column) for column in columns)).where(table.case_id == case_id)
    return work.session.execute(wanted.order_by(order.desc()).limit(MOST_ROWS)).all()[::-1]


def _place(work: Work, organization_id: UUID | None) -> str:
    return work.session.scalar(select(Organization.name).where(Organization.id == organization_id)) or ""


def _photos(work: Work, case: Case) -> Sequence[Any]:
    wanted = select(Photo.id, Photo.state).where(Photo.case_id == case.id)
    return work.session.execute(wanted.order_by(Photo.created_at, Photo.id).limit(MOST_ROWS)).all()


def _photo(work: Work, photo: Any) -> SheetPhoto:
    files = select(PhotoFile.role, PhotoFile.size, PhotoFile.width, PhotoFile.height)
    uploads = select(Upload.role, Upload.offset, Upload.length, Upload.state).where(
        Upload.photo_id == photo.id
    )
    tries = (
        select(PictureJob.tries)
        .join(Upload, Upload.id == PictureJob.upload_id)
        .where(Upload.photo_id == photo.id)
    )
    return SheetPhoto(
        state=photo.state,
        files=[
            (row.role, row.size, row.width, row.height)
            for row in work.session.execute(files.where(PhotoFile.photo_id == photo.id))
        ],
        uploads=[(row.role, row.offset, row.length, row.state) for row in work.session.execute(uploads)],
        tries=max(work.session.scalars(tries), default=0),
    )
