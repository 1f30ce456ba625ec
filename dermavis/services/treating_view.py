"""What the patient's treating doctor reads of a case: who asked what, and the opinion; nothing of the exchange."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from dermavis.domain.errors import NotFound
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import ago_words
from dermavis.services.access import find_case
from dermavis.services.case_people import Asker, asker_of
from dermavis.services.case_view import PatientView, patient_view
from dermavis.services.drafts import local_today
from dermavis.services.error_mark import ErrorMark, error_of
from dermavis.services.notices import has_unread
from dermavis.services.opinion_versions import in_force
from dermavis.services.readings import record_reading
from dermavis.services.requester_view import OpinionShown, opinion_shown
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.treating_copies import opening_changes, waiting_copies
from dermavis.services.versions_shown import OpinionVersion, versions_shown
from dermavis.services.work import Actor, System, Work


@dataclass(frozen=True)
class TreatingView:
    """The page of a copy; plain values, usable after the transaction. ``versions``: those that have left.

    ``opinion.to_confirm``: its level wants their own confirmation, and none was given. ``to_record``: opening the page
    changes something.
    """

    id: UUID
    number: str
    patient: PatientView
    asker: Asker
    question: str
    sent: str
    error: ErrorMark | None
    opinion: OpinionShown
    versions: list[OpinionVersion]
    revision: int
    to_record: bool


def treating_view(work: Work, case_id: UUID) -> TreatingView:
    """Open the copy of an opinion for the actor. Raises NotFound for whoever was given none."""
    case = find_case(work, case_id, Permission.OPINION_READ)
    opinion = in_force(work, case)
    if opinion is None:
        raise NotFound
    revision = last_revision(work, case)
    content = open_content(work, case, revision)
    shown = opinion_shown(work, case, opinion)
    waiting = waiting_copies(work, case, opinion)
    zone = work.acting.time_zone
    return TreatingView(
        id=case.id,
        number=case.number or "",
        patient=patient_view(content.get("patient") or {}, [], local_today(work, zone)),
        asker=asker_of(work, case),
        question=str(content.get("question") or ""),
        sent=ago_words(case.sent_at, work.now, zone, True) if case.sent_at else "",
        error=error_of(work, case),
        opinion=replace(
            shown,
            # What is "yours" to its requester is the treating doctor's only where they read it so.
            title=shown.outcome.label,
            to_confirm=any(row.level != Level.ORDINARY for row in waiting),
            before="",
            reminds="",
            read="",
        ),
        versions=versions_shown(work, case),
        revision=revision.number,
        to_record=any(opening_changes(row) for row in waiting) or has_unread(work, case.id),
    )


def note_copy_read(system: System, actor: Actor, view: TreatingView) -> None:
    """Audit that the actor read the opinion and which version; durable when this returns."""
    record_reading(
        system,
        actor,
        "case.read",
        case_id=view.id,
        subject_kind="opinion",
        subject_id=view.opinion.id,
        screen="treating",
        revision=view.revision,
    )
