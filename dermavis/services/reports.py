"""The report of a signed opinion: as a PDF kept sealed, and as plain text for the practice's own software.

Messages and administrative notes have no place in it. A version's report is made once and never changes; once another
version has taken its place, the one handed over bears the mark of it on each page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.calendars import local_day
from dermavis.domain.coding import exported_code
from dermavis.domain.destinations import Destination
from dermavis.domain.identity import STATUS_WORDS, IdentityStatus, may_carry_ins
from dermavis.domain.opinions import LesionOpinion, OpinionContent
from dermavis.domain.phones import show_phone
from dermavis.domain.report import Report, file_name
from dermavis.domain.report_text import plain_text
from dermavis.domain.specialty import Specialty, describe, lesion_title
from dermavis.domain.text import towards
from dermavis.models import Case, Document, Network, Opinion, Organization, Person, Team
from dermavis.services.names import full_name
from dermavis.services.opinion_versions import open_opinion
from dermavis.services.report_marks import kind_of, name_end, revision_of, with_marks
from dermavis.services.report_pictures import never_taken, report_pictures
from dermavis.services.revisions import open_content
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing

_LEVELS = {"now": "now", "two_weeks": "soon", "ordinary": "ordinary"}


@dataclass(frozen=True)
class ReportFile:
    """A report ready to be handed over."""

    name: str
    content: bytes


def report_pdf(system: System, actor: Actor, case_id: UUID, opinion_id: UUID) -> ReportFile:
    """Return the PDF of a signed version, making and keeping it the first time.

    The caller has checked that the actor may read the opinion, and audited the reading.
    """
    with reading(system, actor) as work:
        case = work.session.get_one(Case, case_id)
        opinion = work.session.get_one(Opinion, opinion_id)
        kind = kind_of(work, case, opinion)
        kept = work.session.scalar(
            select(Document).where(Document.opinion_id == opinion.id, Document.kind == kind)
        )
        sealer = Sealer(system.cipher, case)
        if kept is not None:
            sealed = system.photo_store.get(kept.store_key)
            return ReportFile(kept.file_name, sealer.open_bytes(sealed, "documents", kept.id, "content"))
        report = report_of(work, case, opinion, with_pictures=True)
    pdf = system.reports.make(dict(report))
    return _keep(system, actor, case, opinion, report, pdf, kind)


def report_text(work: Work, case: Case, opinion: Opinion) -> str:
    """Return the opinion as plain text, for the clipboard and the practice's software."""
    return plain_text(report_of(work, case, opinion, with_pictures=False))


def report_of(work: Work, case: Case, opinion: Opinion, with_pictures: bool) -> Report:
    """Gather what the report of a signed version says, in words."""
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    content = open_opinion(work, case, opinion)
    revision = revision_of(work, case, opinion)
    request = open_content(work, case, revision)
    site = work.session.get_one(Organization, case.site_id)
    report: Report = {
        "number": case.number or "",
        "version": opinion.version,
        "specialty": specialty.name,
        "time_zone": site.time_zone,
        "requested_at": (case.sent_at or case.created_at).isoformat(),
        "request_version": revision.number,
        "request_made_at": revision.made_at.isoformat(),
        "signed_at": (opinion.signed_at or work.now).isoformat(),
        "fictitious": work.session.get_one(Network, case.network_id).kind != "real",
        "patient": _patient(request),
        "requester": _professional(work, case.requester_id, site.id),
        "expert": _professional(work, opinion.signed_by, opinion.organization_id),
        "motive": next((row.label for row in specialty.motives if row.id == request.get("motive")), ""),
        "question": request.get("question") or "",
        "hypothesis": (request.get("hypothesis") or {}).get("text") or "",
        "facts": _facts(specialty, request | {"photos": never_taken(work, case, request, opinion)}),
        "pictures": report_pictures(work, case, specialty, request) if with_pictures else [],
        "outcome": _outcome(work, specialty, content, opinion),
        "lesions": [_lesion(specialty, request, lesion) for lesion in content.lesions],
        "safety_net": content.safety_net,
        "teaching": content.teaching,
        "photo_advice": content.photo_advice,
        "calls": [
            {
                "whom": call.whom,
                "phone": show_phone(call.phone),
                "at": call.at.isoformat() if call.at else "",
                "note": call.note,
            }
            for call in content.calls
            if call.whom
        ],
    }
    return with_marks(work, case, opinion, content, report)


def _keep(
    system: System, actor: Actor, case: Case, opinion: Opinion, report: Report, pdf: bytes, kind: str
) -> ReportFile:
    """Store the sealed bytes, then the row; whoever came first is the report that stays."""
    signed_on = local_day(opinion.signed_at or opinion.updated_at, report["time_zone"])
    name = file_name(case.number or "", signed_on, opinion.version)
    name = name.replace(".pdf", f"{name_end(kind)}.pdf")
    document_id = uuid4()
    key = f"documents/{document_id.hex[:2]}/{document_id}"
    sealed = Sealer(system.cipher, case).seal_bytes(pdf, "documents", document_id, "content")
    system.photo_store.put(key, sealed)
    with writing(system, actor) as work:
        known = select(Document.id).where(Document.opinion_id == opinion.id, Document.kind == kind)
        if work.session.scalar(known) is None:
            work.session.add(
                Document(
                    id=document_id,
                    case_id=case.id,
                    opinion_id=opinion.id,
                    kind=kind,
                    store_key=key,
                    sha256=hashlib.sha256(pdf).digest(),
                    size=len(pdf),
                    file_name=name,
                    created_at=work.now,
                )
            )
    return ReportFile(name, pdf)


def _patient(request: dict[str, Any]) -> Any:
    patient = request["patient"]
    shown = patient.get("used_name") or patient.get("birth_name") or ""
    different = bool(patient.get("used_name")) and patient["used_name"] != patient.get("birth_name")
    status = patient.get("identity_status") or "provisional"
    return {
        "name": f"{patient.get('first_name') or ''} {shown}".strip(),
        "birth_name": patient.get("birth_name") or "" if different else "",
        "birth_date": patient.get("birth_date") or "",
        "sex": patient.get("sex") or "U",
        "ins": (patient.get("ins") or "") if may_carry_ins(status, patient.get("ins_oid") or "") else "",
        "identity_status": STATUS_WORDS[IdentityStatus(status)],
    }


def _professional(work: Work, person_id: Any, organization_id: Any) -> Any:
    person = work.session.get_one(Person, person_id)
    organization = work.session.get_one(Organization, organization_id)
    return {
        "name": full_name(person),
        "profession": person.profession,
        "organization": organization.name,
        "rpps": person.rpps,
        "phone": show_phone(person.phone or organization.phone),
    }


def _facts(specialty: Specialty, request: dict[str, Any]) -> Any:
    left_out = {"Question", "Hypothèse"}
    facts: dict[str, list[str]] = {}
    for fact in describe(specialty, request):
        if fact.label not in left_out:
            facts.setdefault(fact.label, []).append(fact.value)
    return [{"label": label, "value": " ".join(values)} for label, values in facts.items()]


def _outcome(work: Work, specialty: Specialty, content: OpinionContent, opinion: Opinion) -> Any:
    more = []
    if content.within_two_weeks:
        more.append("À organiser sous deux semaines")
    if content.follow_up_weeks:
        unit = "semaine" if content.follow_up_weeks == 1 else "semaines"
        more.append(f"À revoir à distance dans {content.follow_up_weeks} {unit}")
    if content.retake:
        labels = {view.id: view.short_label for view in specialty.views}
        wanted = ", ".join(labels.get(view, view) for view in content.retake_views)
        more.append(f"Photos à refaire{f' : {wanted}' if wanted else ''}")
    referral = content.referral
    return {
        "label": _destination(specialty, content.destination),
        "level": _LEVELS[opinion.level],
        "delay": content.destination_delay,
        "more": more,
        "referred": (
            f"Demande adressée aussi {towards(_centre_of(work, referral.team))}, qui répondra au demandeur"
            if referral is not None
            else ""
        ),
    }


def _centre_of(work: Work, team_id: UUID) -> str:
    team = work.session.get_one(Team, team_id)
    return work.session.get_one(Organization, team.organization_id).name


def _destination(specialty: Specialty, destination: Destination | None) -> str:
    return next((row.label for row in specialty.outcomes if row.id == destination), "")


def _lesion(specialty: Specialty, request: dict[str, Any], lesion: LesionOpinion) -> Any:
    observed = next((row for row in request.get("lesions", []) if row["id"] == str(lesion.lesion)), None)
    certainties = {row.id: row.label for row in specialty.answer.certainties}
    risks = {row.id: row.label for row in specialty.answer.risk_classes}
    return {
        "title": lesion_title(specialty, request.get("motive") or "", observed) if observed else "",
        "description": lesion.description,
        "diagnosis": "Diagnostic impossible" if lesion.impossible else lesion.diagnosis,
        "certainty": "" if lesion.impossible else certainties.get(lesion.certainty or "", ""),
        "code": exported_code(lesion.code, lesion.certainty),
        "differentials": list(lesion.differentials),
        "risk": risks.get(lesion.risk_class, ""),
        "conduct": lesion.conduct,
        "treatments": [row.model_dump() for row in lesion.treatments],
        "tests": lesion.tests,
        "biopsy": lesion.biopsy,
        "outcome": _destination(specialty, lesion.destination),
    }
