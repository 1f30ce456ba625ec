"""The administration's pages of organisations: their life, a site's habits, an expert centre's teams."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Organization, Team, TeamMember
from dermavis.services.work import System, reading
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in


def _place(**changes: str) -> dict[str, str]:
    return {
        "kind": "site",
        "site_kind": "practice",
        "name": "Cabinet de la Tour",
        "phone": "03 85 00 00 77",
        "postcode": "71100",
        "commune": "Chalon",
        "time_zone": "Europe/Paris",
        "holiday_calendar": "paris",
    } | changes


def test_an_organisation_is_created_corrected_closed_and_reopened(
    client: FlaskClient, system: System, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    wrong = client.post("/administration/organizations/new", data=_place(finess="123456789", phone="12"))
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert 'id="finess-error"' in page
    assert 'id="phone-error"' in page
    assert 'value="Cabinet de la Tour"' in page
    made = client.post("/administration/organizations/new", data=_place())
    assert made.status_code == 303
    here = made.location.split("?")[0]
    assert "Cabinet de la Tour" in client.get("/administration/organizations").get_data(as_text=True)
    edited = client.post(f"{here}/edit", data=_place(name="Cabinet du Beffroi", kind="centre"))
    assert edited.status_code == 303
    with reading(system) as work:
        row = work.session.scalars(
            select(Organization).where(Organization.name == "Cabinet du Beffroi")
        ).one()
        assert (row.kind, row.phone) == ("site", "+33385000077")
    assert "Fermer Cabinet du Beffroi" in client.get(f"{here}/closing").get_data(as_text=True)
    assert client.post(f"{here}/closing").status_code == 303
    assert "Fermée depuis" in client.get(here).get_data(as_text=True)
    assert client.post(f"{here}/reopening").status_code == 303
    assert "Fermée depuis" not in client.get(here).get_data(as_text=True)


def test_an_organisation_where_requests_wait_is_not_closed(client: FlaskClient, world: World) -> None:
    cases.sent(world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    response = client.post(f"/administration/organizations/{world.centre_id}/closing")
    assert response.status_code == 409
    assert "attendent encore" in response.get_data(as_text=True)


def test_a_sites_habits_are_chosen_and_withdrawn(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/organizations/{world.site_id}"

    def selected() -> list[str]:
        page = client.get(here).get_data(as_text=True)
        return re.findall(r'<option value="([^"]*)" selected>', page)

    assert selected() == [str(world.team_id)]
    assert client.post(f"{here}/target", data={"team": str(world.other_team_id)}).status_code == 303
    assert client.post(f"{here}/coordination", data={"coordination": str(world.cpts_id)}).status_code == 303
    assert selected() == [str(world.other_team_id), str(world.cpts_id)]
    assert client.post(f"{here}/target", data={"team": ""}).status_code == 303
    assert client.post(f"{here}/coordination", data={"coordination": ""}).status_code == 303
    assert selected() == []
    wrong = client.post(f"{here}/coordination", data={"coordination": str(world.centre_id)})
    assert wrong.status_code == 422
    assert client.post(f"{here}/target", data={"team": "x"}).status_code == 422


def test_a_team_is_created_renamed_and_peopled(client: FlaskClient, system: System, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/organizations/{world.centre_id}"
    wrong = client.post(f"{here}/teams", data={"name": "", "phone": "1", "email": "x"})
    assert wrong.status_code == 422
    assert 'id="name-error"' in wrong.get_data(as_text=True)
    assert client.post(f"{here}/teams", data={"name": "Plaies"}).status_code == 303
    with reading(system) as work:
        team = work.session.scalars(select(Team.id).where(Team.name == "Plaies")).one()
    members = [str(world.who(Role.EXPERT).person_id), str(world.who(Role.JUNIOR).person_id)]
    saved = client.post(f"{here}/teams/{team}", data={"name": "Plaies et ulcères", "members": members})
    assert saved.status_code == 303
    page = client.get(here).get_data(as_text=True)
    assert "Plaies et ulcères" in page
    stranger = str(world.who("stranger_expert").person_id)
    refused = client.post(f"{here}/teams/{team}", data={"name": "Plaies", "members": [stranger]})
    assert refused.status_code == 422
    client.post(f"{here}/teams/{team}", data={"name": "Plaies", "members": members[:1]})
    with reading(system) as work:
        rows = work.session.scalars(select(TeamMember).where(TeamMember.team_id == team)).all()
        assert {str(row.person_id) for row in rows if row.valid_to is None} == set(members[:1])
