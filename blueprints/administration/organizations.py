"""The organisations of the network: the list, one whole, its form, its closing."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import (
    ORGANIZATIONS,
    Answer,
    Question,
    answer_of,
    confirm,
    page,
    see_other,
)
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.domain.holidays import CALENDAR_NAMES
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import phone_link, show_phone
from dermavis.domain.wording import date_words
from dermavis.models import Organization
from dermavis.services import organizations as use
from dermavis.services.access import require
from dermavis.services.organization_card import OrganizationCard, read_organization
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_organizations", __name__)

ZONES = {
    "Europe/Paris": "Paris",
    "America/Guadeloupe": "Guadeloupe",
    "America/Martinique": "Martinique",
    "America/Cayenne": "Guyane",
    "Indian/Reunion": "La Réunion",
    "Indian/Mayotte": "Mayotte",
}
"""The time zones that a form offers; an organisation may have another."""

PHONES = ("phone", "on_call_phone")
SAVED = {
    "created": "Organisation créée.",
    "saved": "Organisation enregistrée.",
    "closed": "Organisation fermée.",
    "reopened": "Organisation rouverte.",
    "target": "Équipe par défaut enregistrée.",
    "coordination": "Coordination enregistrée.",
    "team": "Équipe enregistrée.",
    "charter": "Charte publiée.",
}


@blueprint.get("/administration/organizations")
def list_page() -> ResponseReturnValue:
    """Show the organisations by kind, the closed ones apart."""
    with reading(system(), actor()) as work:
        rows = use.organizations(work)
    groups = [
        (kind, label, [row for row in rows if row.kind == kind and row.closed_at is None])
        for kind, label in use.KINDS.items()
    ]
    return page(
        "organizations",
        ORGANIZATIONS,
        groups=[group for group in groups if group[2]],
        closed=[row for row in rows if row.closed_at is not None],
        kinds=use.KINDS,
        site_kinds=use.SITE_KINDS,
        show_phone=show_phone,
    )


@blueprint.get("/administration/organizations/new")
def creation_page() -> ResponseReturnValue:
    """Show an empty form."""
    kind = request.args.get("kind", "")
    return _show_form(asdict(use.OrganizationForm(kind=kind if kind in use.KINDS else "", name="")), Answer())


@blueprint.post("/administration/organizations/new")
def create() -> ResponseReturnValue:
    """Create an organisation."""
    typed = _typed()
    try:
        with writing(system(), actor()) as work:
            made = use.save_organization(work, use.OrganizationForm(**typed)).id
    except InvalidInput as refusal:
        return _show_form(typed, answer_of(refusal))
    return see_other(f"{ORGANIZATIONS}/{made}?saved=created")


@blueprint.get("/administration/organizations/<uuid:organization_id>")
def organization_page(organization_id: UUID) -> ResponseReturnValue:
    """Show one organisation."""
    return show_organization(organization_id, Answer(), {})


@blueprint.get("/administration/organizations/<uuid:organization_id>/edit")
def edit_page(organization_id: UUID) -> ResponseReturnValue:
    """Show the form as it stands."""
    card = _card(organization_id)
    return _show_form(_as_typed(card.organization), Answer(), card.organization)


@blueprint.post("/administration/organizations/<uuid:organization_id>/edit")
def edit(organization_id: UUID) -> ResponseReturnValue:
    """Save the form."""
    card = _card(organization_id)
    typed = _typed() | {"kind": card.organization.kind}
    try:
        with writing(system(), actor()) as work:
            use.save_organization(work, use.OrganizationForm(**typed), organization_id)
    except InvalidInput as refusal:
        return _show_form(typed, answer_of(refusal), card.organization)
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=saved")


@blueprint.get("/administration/organizations/<uuid:organization_id>/closing")
def closing_page(organization_id: UUID) -> ResponseReturnValue:
    """Say what closing does."""
    return confirm(_closing(_card(organization_id)), ORGANIZATIONS)


@blueprint.post("/administration/organizations/<uuid:organization_id>/closing")
def close(organization_id: UUID) -> ResponseReturnValue:
    """Close an organisation."""
    try:
        with writing(system(), actor()) as work:
            use.close_organization(work, organization_id)
    except (Conflict, Forbidden) as refusal:
        return show_organization(organization_id, answer_of(refusal), {})
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=closed")


@blueprint.post("/administration/organizations/<uuid:organization_id>/reopening")
def reopen(organization_id: UUID) -> ResponseReturnValue:
    """Open an organisation again."""
    with writing(system(), actor()) as work:
        use.reopen_organization(work, organization_id)
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=reopened")


def show_organization(organization_id: UUID, answer: Answer, typed: dict[str, Any]) -> ResponseReturnValue:
    """Show one organisation, with what was typed in one of its small forms (``typed["form"]`` names it)."""
    card = _card(organization_id)
    return page(
        "organization",
        ORGANIZATIONS,
        answer,
        card=card,
        organization=card.organization,
        typed=typed,
        kind=use.KINDS.get(card.organization.kind, card.organization.kind),
        site_kind=use.SITE_KINDS.get(card.organization.site_kind, ""),
        calendars=CALENDAR_NAMES,
        zones=ZONES,
        saved=SAVED.get(request.args.get("saved", ""), ""),
        day=lambda instant: date_words(instant.date()),
        show_phone=show_phone,
        phone_link=phone_link,
    )


def _card(organization_id: UUID) -> OrganizationCard:
    with reading(system(), actor()) as work:
        return read_organization(work, organization_id)


def _closing(card: OrganizationCard) -> Question:
    name = card.organization.name
    words = [
        f"Plus rien ne part vers {name} ni n’y commence. Ses membres ne peuvent plus agir pour elle.",
        "Ce qui a été fait reste. Vous pourrez la rouvrir.",
    ]
    if card.waiting:
        noun = "demande y attend" if card.waiting == 1 else "demandes y attendent"
        words.insert(
            0, f"{card.waiting} {noun} encore\u00a0: la fermeture sera possible quand elles seront closes."
        )
    return Question(
        title=f"Fermer {name}",
        words=words,
        action=f"{ORGANIZATIONS}/{card.organization.id}/closing",
        label="Fermer cette organisation",
        back=f"{ORGANIZATIONS}/{card.organization.id}",
        icon="ban",
    )


def _typed() -> dict[str, Any]:
    names = [field.name for field in fields(use.OrganizationForm) if field.name != "has_dermatoscope"]
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in names}
    return typed | {"has_dermatoscope": request.form.get("has_dermatoscope") == "1"}


def _as_typed(row: Organization) -> dict[str, Any]:
    typed = {field.name: getattr(row, field.name) for field in fields(use.OrganizationForm)}
    return typed | {name: show_phone(typed[name]) for name in PHONES}


def _show_form(
    typed: dict[str, Any], answer: Answer, organization: Organization | None = None
) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        require(work, Permission.ORGANIZATIONS_MANAGE)
    zones = ZONES | ({typed["time_zone"]: typed["time_zone"]} if typed["time_zone"] not in ZONES else {})
    return page(
        "organization_form",
        ORGANIZATIONS,
        answer,
        organization=organization,
        typed=Fields(typed),
        kinds=list(use.KINDS.items()),
        kind_names=use.KINDS,
        site_kinds=list(use.SITE_KINDS.items()),
        calendars=list(CALENDAR_NAMES.items()),
        zones=list(zones.items()),
    )
