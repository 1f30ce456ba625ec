"""The organisations of a network, as an administrator arranges them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.holidays import CALENDAR_NAMES, HolidayCalendar
from dermavis.domain.identity import normalise_finess
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone
from dermavis.domain.places import normalise_postcode
from dermavis.domain.text import clean, is_email, normalise_email
from dermavis.models import Case, Organization, Team
from dermavis.services.access import require
from dermavis.services.work import Work

KINDS: dict[str, str] = {
    "site": "Site demandeur",
    "centre": "Centre expert",
    "practice": "Cabinet de dermatologie",
    "cpts": "CPTS",
    "msp": "MSP coordonnée",
    "body": "Organisme régional",
}
SITE_KINDS: dict[str, str] = {
    "practice": "Cabinet médical",
    "msp": "Maison de santé",
    "ehpad": "EHPAD",
    "medico_social": "Établissement médico-social",
    "prison": "Unité sanitaire en milieu pénitentiaire",
    "nurse": "Cabinet infirmier",
}
ANSWERING_KINDS = frozenset({"centre", "practice"})
POOLING_KINDS = frozenset({"cpts", "msp"})


LONGEST_TEXT = 200


@dataclass(frozen=True)
class OrganizationForm:
    """What an administrator types of an organisation."""

    kind: str
    name: str
    short_name: str = ""
    site_kind: str = ""
    finess: str = ""
    phone: str = ""
    on_call_phone: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    commune: str = ""
    time_zone: str = "Europe/Paris"
    holiday_calendar: str = "paris"
    has_dermatoscope: bool = False


def organizations(work: Work) -> list[Organization]:
    """Return the organisations of the network, by kind and name, the closed ones last."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    rows = work.session.scalars(
        select(Organization)
        .where(Organization.network_id == work.acting.facts.network_id)
        .order_by(Organization.closed_at.is_not(None), Organization.kind, Organization.name)
    )
    return list(rows)


def save_organization(
    work: Work, form: OrganizationForm, organization_id: UUID | None = None
) -> Organization:
    """Create or change an organisation. Raises InvalidInput by field."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    values = _checked(form)
    if organization_id is None:
        row = Organization(id=uuid4(), network_id=work.acting.facts.network_id, created_at=work.now, **values)
        work.session.add(row)
    else:
        row = find_organization(work, organization_id)
        if row.kind != values["kind"]:
            raise InvalidInput(
                {"kind": "Le genre d’une organisation ne change plus\u00a0: créez-en une autre."}
            )
        for name, value in values.items():
            setattr(row, name, value)
    work.session.flush()
    work.audit("organization.save", subject_kind="organization", subject_id=row.id, kind=row.kind)
    if organization_id is None and row.kind in ANSWERING_KINDS:
        first = Team(
            id=uuid4(),
            network_id=row.network_id,
            organization_id=row.id,
            name="Dermatologie",
            phone=row.phone,
        )
        work.session.add(first)
        work.audit("team.save", subject_kind="team", subject_id=first.id)
    return row


def find_organization(work: Work, organization_id: UUID) -> Organization:
    """Return an organisation of the network. Raises NotFound."""
    row = work.session.get(Organization, organization_id)
    if row is None or row.network_id != work.acting.facts.network_id:
        raise NotFound
    return row


def close_organization(work: Work, organization_id: UUID) -> None:
    """Close an organisation: nothing new is addressed to it, and nobody acts for it any more.

    Raises Forbidden, NotFound, and Conflict while requests wait there: nobody could answer or complete them.
    """
    require(work, Permission.ORGANIZATIONS_MANAGE)
    row = find_organization(work, organization_id)
    if row.id == work.acting.organization_id:
        raise Forbidden("Vous ne pouvez pas fermer l’organisme pour lequel vous agissez.")
    waiting = waiting_requests(work, organization_id)
    if waiting:
        raise Conflict(
            "requests_wait",
            f"Des demandes y attendent encore ({waiting})\u00a0: fermez cette organisation quand elles seront closes.",
        )
    row.closed_at = row.closed_at or work.now
    work.audit("organization.close", subject_kind="organization", subject_id=row.id)


def reopen_organization(work: Work, organization_id: UUID) -> None:
    """Open a closed organisation again, as it was. Raises Forbidden, NotFound."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    row = find_organization(work, organization_id)
    row.closed_at = None
    work.audit("organization.reopen", subject_kind="organization", subject_id=row.id)


def waiting_requests(work: Work, organization_id: UUID) -> int:
    """Return how many sent requests of, or to, an organisation wait for their answer."""
    at_site = (Case.site_id == organization_id) & (Case.state != "draft")
    to_centre = Case.centre_id == organization_id
    pooled = (Case.pooled_by == organization_id) & (Case.state == "pooled")
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Case)
            .where(at_site | to_centre | pooled, Case.answered_at.is_(None), Case.closed_at.is_(None))
        )
        or 0
    )


def _checked(form: OrganizationForm) -> dict[str, Any]:
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        "kind": form.kind,
        "site_kind": form.site_kind if form.kind == "site" else "",
        "name": clean(form.name),
        "short_name": clean(form.short_name) or clean(form.name),
        "address": clean(form.address),
        "commune": clean(form.commune),
        "time_zone": form.time_zone,
        "holiday_calendar": form.holiday_calendar,
        "has_dermatoscope": form.has_dermatoscope,
        "email": normalise_email(form.email),
    }
    if form.kind not in KINDS:
        errors["kind"] = "Choisissez le genre d’organisation."
    if form.kind == "site" and form.site_kind not in SITE_KINDS:
        errors["site_kind"] = "Choisissez le genre de site."
    if not values["name"]:
        errors["name"] = "Donnez un nom."
    for name in ("name", "short_name", "address", "commune"):
        if len(values[name]) > LONGEST_TEXT:
            errors[name] = f"{LONGEST_TEXT} signes au plus."
    if values["email"] and not is_email(values["email"]):
        errors["email"] = "Cette adresse de courriel n’est pas complète."
    if form.holiday_calendar not in set(HolidayCalendar):
        errors["holiday_calendar"] = f"Choisissez un calendrier\u00a0: {', '.join(CALENDAR_NAMES.values())}."
    try:
        ZoneInfo(form.time_zone)
    except (KeyError, ValueError, OSError):
        errors["time_zone"] = "Ce fuseau horaire n’existe pas."
    for name, typed, normalise, words in (
        (
            "finess",
            form.finess,
            normalise_finess,
            "Ce numéro FINESS ne correspond pas à sa clé\u00a0: neuf caractères.",
        ),
        ("phone", form.phone, normalise_phone, "Ce numéro de téléphone est incomplet ou impossible."),
        (
            "on_call_phone",
            form.on_call_phone,
            normalise_phone,
            "Ce numéro de téléphone est incomplet ou impossible.",
        ),
        ("postcode", form.postcode, normalise_postcode, "Ce code postal n’existe pas."),
    ):
        kept = normalise(typed) if typed.strip() else ""
        if kept is None:
            errors[name] = words
        values[name] = kept or ""
    if errors:
        raise InvalidInput(errors)
    return values
