"""One request as its coordination sees it: what it holds, what it lacks, the note, to whom it will go. No opinion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dermavis.domain.errors import NotFound
from dermavis.domain.identity import STATUS_WORDS, IdentityStatus
from dermavis.domain.permissions import Permission
from dermavis.domain.request_faults import faults
from dermavis.domain.requests import RequestContent
from dermavis.domain.specialty import missing
from dermavis.domain.specialty_answer_schema import Reason
from dermavis.domain.wording import NBSP, ago_words
from dermavis.models import Case, Organization
from dermavis.services.access import may, require
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.charters import charter_of
from dermavis.services.drafts import local_today
from dermavis.services.offers import Offer, offers
from dermavis.services.pooling import last_note, note_of
from dermavis.services.pooling_board import WORDS
from dermavis.services.work import Work


@dataclass(frozen=True)
class Check:
    """Something the request holds (``ok``), or lacks, in words."""

    words: str
    ok: bool


@dataclass(frozen=True)
class Destination:
    """To whom it will go. ``options``: teams with their labels; ``refused``: why the choice falls, in words."""

    chosen: str
    options: tuple[tuple[str, str], ...]
    promise: str
    refused: str


@dataclass(frozen=True)
class PoolCase:
    """The panel of a request. ``pooled``: it still waits here and may be worked on.

    ``missing_views``: short label and id of each view still to take. ``stands`` and ``answers``: once it left, where it
    stands and who has it. ``note_version`` is what a change of the note starts from.
    """

    view: CaseView
    pooled: bool
    waits: str
    checks: list[Check]
    missing_views: list[tuple[str, str]]
    note: str
    note_version: int
    destination: Destination | None
    reasons: list[Reason]
    stands: str
    icon: str
    answers: str
    redirects: bool


def pool_case(work: Work, case_id: UUID) -> PoolCase:
    """Open a request that is, or went, through the actor's coordination. Raises Forbidden and NotFound."""
    require(work, Permission.POOL_LIST)
    view = view_of(work, case_id)
    case = work.session.get_one(Case, case_id)
    if case.pooled_by != work.acting.organization_id:
        raise NotFound
    pooled = case.state == "pooled"
    lacking = _lacking(work, case, view)
    note = last_note(work, case)
    stands, icon = WORDS.get(view.state, ("", ""))
    return PoolCase(
        view=view,
        pooled=pooled,
        waits=case.pool_waits if pooled else "",
        checks=_checks(work, view, lacking),
        missing_views=[
            (label, field.rsplit(".", 1)[-1]) for field, label in lacking if field.startswith("photos.")
        ],
        note=note_of(work, case),
        note_version=note.version if note else 0,
        destination=destination(work, case, view.content) if pooled else None,
        reasons=[row for row in view.specialty.reasons if "send_back" in row.occasions],
        stands=stands,
        icon=icon,
        answers=_answers(work, case, view),
        redirects=may(work, Permission.CASE_REDIRECT, case),
    )


def destination(work: Work, case: Case, content: dict[str, Any]) -> Destination:
    """Return to whom a pooled request would go now, the other places, and what the chosen one promises."""
    request = RequestContent.model_validate(content)
    found = offers(work, request, case.specialty_id, case)
    chosen = found.chosen
    told = "par défaut" if request.addressing.mode == "default" else "choisi"
    options = [(str(offer.team_id), offer.name) for offer in found.others]
    if chosen is not None:
        label = " · ".join(part for part in (chosen.name, _expert(chosen), told) if part)
        options.insert(0, (str(chosen.team_id), label))
    return Destination(
        chosen=str(chosen.team_id) if chosen else "",
        options=tuple(options),
        promise=_promise(work, case, chosen) if chosen else "",
        refused=""
        if chosen
        else "Le destinataire choisi ne prend pas cette demande. Choisissez-en un autre.",
    )


def _expert(offer: Offer) -> str:
    return next((name for person, name in offer.experts if person == offer.person_id), "")


def _promise(work: Work, case: Case, offer: Offer) -> str:
    target = charter_of(work, offer.organization_id, case.specialty_id).delays[case.urgency].target
    within = f"sous {target // timedelta(hours=1)}{NBSP}h" if target is not None else "dans la journée"
    return f"{offer.name} répond {within}, soit {offer.promise}"


def _lacking(work: Work, case: Case, view: CaseView) -> list[tuple[str, str]]:
    """Field and words of all that keeps the request from leaving."""
    site = work.session.get_one(Organization, case.site_id)
    rows = missing(view.specialty, view.content, site_has_dermatoscope=site.has_dermatoscope)
    found = {row.field: row.label for row in rows}
    wrong = faults(RequestContent.model_validate(view.content), local_today(work, site.time_zone))
    return list((wrong | found).items())


def _checks(work: Work, view: CaseView, lacking: list[tuple[str, str]]) -> list[Check]:
    parts = {field.split(".")[0] for field, _ in lacking}
    held = [
        Check(_consent_words(work, view.content.get("consent") or {}), True)
        if "consent" not in parts
        else None,
        _identity(view.content.get("patient") or {}),
        Check("Histoire, traitements, antécédents", True) if "history" not in parts else None,
        Check("Toutes les photos demandées", True)
        if view.specialty.uses_pictures and "photos" not in parts and not view.skipped
        else None,
    ]
    lacks = [
        Check(f"Photo{NBSP}: {label}" if field.startswith("photos.") else label, False)
        for field, label in lacking
    ]
    return sorted((check for check in (*held, *lacks) if check), key=lambda check: not check.ok)


def _consent_words(work: Work, consent: dict[str, Any]) -> str:
    by = consent.get("representative_name") if consent.get("by") == "representative" else ""
    at = consent.get("at")
    when = ago_words(datetime.fromisoformat(at), work.now, work.acting.time_zone, True) if at else ""
    who = f"Accord du représentant, {by}" if by else "Accord du patient"
    return ", ".join(part for part in (who, when) if part)


def _identity(patient: dict[str, Any]) -> Check:
    status = IdentityStatus(patient.get("identity_status") or "provisional")
    return Check(STATUS_WORDS[status], status is not IdentityStatus.PROVISIONAL)


def _answers(work: Work, case: Case, view: CaseView) -> str:
    centre = work.session.get(Organization, case.centre_id) if case.centre_id else None
    place = (centre.short_name or centre.name) if centre else ""
    return ", ".join(part for part in (view.holder.name if view.holder else "", place) if part)
