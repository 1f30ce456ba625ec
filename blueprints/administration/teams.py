"""The teams of a centre or practice; to whom a site sends, and which coordination reads its requests first."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import ORGANIZATIONS, answer_of, see_other
from blueprints.administration.organizations import show_organization
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import as_id
from dermavis.domain.errors import InvalidInput
from dermavis.services.expert_teams import save_team, set_team_members
from dermavis.services.site_habits import set_coordination, set_default_target
from dermavis.services.work import writing

blueprint = Blueprint("administration_teams", __name__)


@blueprint.post("/administration/organizations/<uuid:organization_id>/teams")
def create(organization_id: UUID) -> ResponseReturnValue:
    """Create a team, without members yet."""
    return _save(organization_id, None)


@blueprint.post("/administration/organizations/<uuid:organization_id>/teams/<uuid:team_id>")
def save(organization_id: UUID, team_id: UUID) -> ResponseReturnValue:
    """Save a team's name, address, telephone and members."""
    return _save(organization_id, team_id)


@blueprint.post("/administration/organizations/<uuid:organization_id>/target")
def choose_target(organization_id: UUID) -> ResponseReturnValue:
    """Say to which team a site sends by default."""
    team = request.form.get("team", "")
    try:
        with writing(system(), actor()) as work:
            set_default_target(work, organization_id, _chosen(team, "team"))
    except InvalidInput as refusal:
        return show_organization(organization_id, answer_of(refusal), {"form": "target", "team": team})
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=target")


@blueprint.post("/administration/organizations/<uuid:organization_id>/coordination")
def choose_coordination(organization_id: UUID) -> ResponseReturnValue:
    """Say which coordination reads a site's requests first."""
    chosen = request.form.get("coordination", "")
    try:
        with writing(system(), actor()) as work:
            set_coordination(work, organization_id, _chosen(chosen, "coordination"))
    except InvalidInput as refusal:
        return show_organization(
            organization_id, answer_of(refusal), {"form": "coordination", "coordination": chosen}
        )
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=coordination")


def _save(organization_id: UUID, team_id: UUID | None) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in ("name", "email", "phone")}
    chosen = request.form.getlist("members")
    try:
        members = [_member(text) for text in chosen]
        with writing(system(), actor()) as work:
            team = save_team(work, organization_id, typed["name"], typed["email"], typed["phone"], team_id)
            if team_id is not None:
                set_team_members(work, team.id, members)
    except InvalidInput as refusal:
        form = str(team_id or "new")
        return show_organization(
            organization_id, answer_of(refusal), {"form": form, "members": chosen, **typed}
        )
    return see_other(f"{ORGANIZATIONS}/{organization_id}?saved=team#teams")


def _member(text: str) -> UUID:
    person_id = as_id(text)
    if person_id is None:
        raise InvalidInput({"members": "Choisissez des personnes de la liste."})
    return person_id


def _chosen(text: str, field: str) -> UUID | None:
    """Read a choice that may be « aucune ». Raises InvalidInput."""
    if not text:
        return None
    found = as_id(text)
    if found is None:
        raise InvalidInput({field: "Choisissez une réponse de la liste."})
    return found
