"""Reading the report of a signed version: whoever may read the opinion, each reading noted before it is given."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.calendars import local_day
from dermavis.domain.case_states import State
from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.report import file_name
from dermavis.models import Opinion, Organization
from dermavis.services.access import find_case
from dermavis.services.lists import patient_name
from dermavis.services.opinion_versions import replaced_by
from dermavis.services.readings import record_reading
from dermavis.services.reports import ReportFile, report_pdf, report_text
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import Actor, System, Work, reading


@dataclass(frozen=True)
class ReadReport:
    """A report as text, with what its page says around it. ``in_force``: no later version has taken its place.

    ``in_error``: the case was entered in error.
    """

    opinion_id: UUID
    number: str
    version: int
    in_force: bool
    in_error: bool
    patient: str
    file_name: str
    text: str


def read(system: System, actor: Actor, case_id: UUID, version: int | None, form: str) -> ReadReport:
    """Return the report of a signed version (None: the one in force) as text. Raises NotFound and Forbidden."""
    with reading(system, actor) as work:
        case = find_case(work, case_id, Permission.OPINION_READ)
        opinion = _signed(work, case_id, version)
        site = work.session.get_one(Organization, case.site_id)
        signed_on = local_day(opinion.signed_at or opinion.updated_at, site.time_zone)
        patient = open_content(work, case, last_revision(work, case)).get("patient") or {}
        shown = ReadReport(
            opinion_id=opinion.id,
            number=case.number or "",
            version=opinion.version,
            in_force=replaced_by(work, opinion) is None,
            in_error=case.state == State.ENTERED_IN_ERROR,
            patient=patient_name(patient),
            file_name=file_name(case.number or "", signed_on, opinion.version),
            text=report_text(work, case, opinion),
        )
    _note(system, actor, case_id, shown.opinion_id, form)
    return shown


def pdf(system: System, actor: Actor, case_id: UUID, version: int | None) -> ReportFile:
    """Return the PDF of a signed version (None: the one in force). Raises NotFound and Forbidden."""
    with reading(system, actor) as work:
        find_case(work, case_id, Permission.OPINION_READ)
        opinion_id = _signed(work, case_id, version).id
    file = report_pdf(system, actor, case_id, opinion_id)
    _note(system, actor, case_id, opinion_id, "pdf")
    return file


def _signed(work: Work, case_id: UUID, version: int | None) -> Opinion:
    # There is no report of what may still be taken back, for its signer neither.
    chosen = select(Opinion).where(Opinion.case_id == case_id, Opinion.effective_at <= work.now)
    if version is not None:
        chosen = chosen.where(Opinion.version == version)
    row = work.session.scalar(chosen.order_by(Opinion.version.desc()).limit(1))
    if row is None:
        raise NotFound("Aucun avis n’est signé sur cette demande.")
    return row


def _note(system: System, actor: Actor, case_id: UUID, opinion_id: UUID, form: str) -> None:
    record_reading(
        system,
        actor,
        "report.read",
        case_id=case_id,
        subject_kind="opinion",
        subject_id=opinion_id,
        form=form,
    )
