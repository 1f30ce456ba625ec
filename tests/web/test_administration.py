"""The administration's pages: who may open which, and what happens on them."""

from __future__ import annotations

import csv
import io
import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import (
    AuditEvent,
    AuditSeal,
    CentreCharter,
    Membership,
    Organization,
    Person,
    Team,
    TeamMember,
)
from dermavis.services.audit_sealing import seal_all
from dermavis.services.factor_resets import ask
from dermavis.services.readings import record_reading
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in

ADMIN = frozenset({Role.ADMINISTRATOR})
READERS = ADMIN | {Role.DATA_PROTECTION_OFFICER}
CHARTERS = ADMIN | {Role.SUPER_USER}

ROUTES: list[tuple[str, str, frozenset[Role]]] = [
    ("GET", "/administration", READERS | CHARTERS),
    ("GET", "/administration/people", ADMIN),
    ("POST", "/administration/people/search", ADMIN),
    ("GET", "/administration/people/new", ADMIN),
    ("POST", "/administration/people/new", ADMIN),
    ("GET", "/administration/people/{person}", ADMIN),
    ("POST", "/administration/people/{person}/invitation", ADMIN),
    ("POST", "/administration/people/{person}/roles", ADMIN),
    ("GET", "/administration/people/{person}/roles/{membership}/end", ADMIN),
    ("POST", "/administration/people/{person}/roles/{membership}/end", ADMIN),
    ("GET", "/administration/people/{person}/factor-reset", ADMIN),
    ("POST", "/administration/people/{person}/factor-reset", ADMIN),
    ("GET", "/administration/factor-resets/{reset}", ADMIN),
    ("POST", "/administration/factor-resets/{reset}", ADMIN),
    ("GET", "/administration/people/{person}/revocation", ADMIN),
    ("POST", "/administration/people/{person}/revocation", ADMIN),
    ("POST", "/administration/people/{person}/restoration", ADMIN),
    ("GET", "/administration/organizations", ADMIN),
    ("GET", "/administration/organizations/new", ADMIN),
    ("POST", "/administration/organizations/new", ADMIN),
    ("GET", "/administration/organizations/{centre}", ADMIN),
    ("GET", "/administration/organizations/{centre}/edit", ADMIN),
    ("POST", "/administration/organizations/{centre}/edit", ADMIN),
    ("GET", "/administration/organizations/{centre}/closing", ADMIN),
    ("POST", "/administration/organizations/{cpts}/closing", ADMIN),
    ("POST", "/administration/organizations/{cpts}/reopening", ADMIN),
    ("POST", "/administration/organizations/{site}/target", ADMIN),
    ("POST", "/administration/organizations/{site}/coordination", ADMIN),
    ("POST", "/administration/organizations/{centre}/teams", ADMIN),
    ("POST", "/administration/organizations/{centre}/teams/{team}", ADMIN),
    ("GET", "/administration/charters/{centre}", CHARTERS),
    ("POST", "/administration/charters/{centre}", CHARTERS),
    ("GET", "/administration/charters/{centre}/versions/1", CHARTERS),
    ("GET", "/administration/audit", READERS),
    ("POST", "/administration/audit/search", READERS),
    ("GET", "/administration/audit/export.csv", READERS),
    ("GET", "/administration/audit/cases/{number}", READERS),
]
"""Every route but /administration/charters, which only leads on; with who may use it."""


def _membership(system: System, person_id: UUID) -> UUID:
    with reading(system) as work:
        return work.session.scalars(select(Membership.id).where(Membership.person_id == person_id)).one()


def _number(system: System, case_id: UUID) -> str:
    from dermavis.models import Case

    with reading(system) as work:
        return work.session.get_one(Case, case_id).number or ""


@pytest.fixture
def places(system: System, world: World) -> dict[str, str]:
    """What the routes' addresses name."""
    person = world.who("other_expert").person_id
    with writing(system, world.actor("other_administrator")) as work:
        reset = ask(work, person)
    return {
        "person": str(person),
        "membership": str(_membership(system, person)),
        "reset": str(reset),
        "centre": str(world.centre_id),
        "cpts": str(world.cpts_id),
        "site": str(world.site_id),
        "team": str(world.team_id),
        "number": _number(system, cases.sent(world)),
    }


def test_every_route_of_the_administration_is_in_the_table(client: FlaskClient) -> None:
    known = {(method, re.sub(r"\{\w+\}|/1$", "*", path)) for method, path, _ in ROUTES}
    known.add(("GET", "/administration/charters"))
    found = {
        (method, re.sub(r"<[^>]+>", "*", rule.rule).replace("versions/*", "versions*"))
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/administration")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == known


def test_every_route_refuses_strangers_and_every_other_role(
    client: FlaskClient, world: World, places: dict[str, str]
) -> None:
    for method, path, allowed in ROUTES:
        address = path.format(**places)
        client.delete_cookie("dermavis")
        assert client.open(address, method=method).status_code == 303, path
        for name, who in world.people.items():
            if who.role in allowed:
                continue
            sign_in(client, who)
            assert client.open(address, method=method).status_code in {403, 404}, (name, method, path)


@pytest.mark.parametrize("name", [Role.ADMINISTRATOR, Role.SUPER_USER, Role.DATA_PROTECTION_OFFICER])
def test_each_page_opens_for_whoever_it_is_for(
    client: FlaskClient, world: World, places: dict[str, str], name: Role
) -> None:
    sign_in(client, world.who(name))
    opened = 0
    for method, path, allowed in ROUTES:
        if method != "GET" or name not in allowed:
            continue
        response = client.get(path.format(**places), follow_redirects=True)
        assert response.status_code == 200, (path, response.get_data(as_text=True)[:500])
        opened += 1
        if not path.endswith(".csv"):
            assert response.get_data(as_text=True).count("<h1") == 1, path
    assert opened >= 2


def test_tabs_show_each_person_only_their_own_places(client: FlaskClient, world: World) -> None:
    def tabs(role: Role) -> set[str]:
        sign_in(client, world.who(role))
        page = client.get("/administration", follow_redirects=True).get_data(as_text=True)
        nav = re.search(r'aria-label="Navigation principale">(.*?)</nav>', page, re.DOTALL)
        assert nav
        return set(re.findall(r">([^<]+)</a>", nav[1]))

    assert tabs(Role.ADMINISTRATOR) == {"Personnes", "Organisations", "Audit"}
    assert tabs(Role.DATA_PROTECTION_OFFICER) == {"Audit"}
    assert tabs(Role.SUPER_USER) == {"Demandes", "Charte"}


def test_a_super_user_never_sees_another_centres_charter(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.SUPER_USER))
    assert client.get(f"/administration/charters/{world.centre_id}").status_code == 200
    assert client.get(f"/administration/charters/{world.other_centre_id}").status_code == 404
    assert client.post(f"/administration/charters/{world.other_centre_id}").status_code == 404
    assert client.get(f"/administration/charters/{world.site_id}").status_code == 404


def _newcomer(world: World, **changes: str) -> dict[str, str]:
    return {
        "first_name": "Zoé",
        "last_name": "Ménager",
        "title": "Dr",
        "email": "zoe.menager@example.org",
        "phone": "06 39 98 12 34",
        "profession": "Dermatologue",
        "rpps": "99700420138",
        "organization": str(world.centre_id),
        "role": "expert",
    } | changes


def test_an_invitation_with_faults_says_them_beside_their_fields_and_keeps_what_was_typed(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    typed = _newcomer(world, rpps="99700420139", role="requester", email="zoe@", first_name="  ")
    response = client.post("/administration/people/new", data=typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Ce numéro RPPS ne correspond pas à sa clé" in page
    assert 'id="email-error"' in page
    assert 'id="first_name-error"' in page
    assert "data-focus" in page
    assert 'value="Ménager"' in page
    assert 'value="99700420139"' in page
    fixed = client.post(
        "/administration/people/new", data=typed | {"rpps": "", "email": "z@e.fr", "first_name": "Z"}
    )
    assert "Rôles possibles dans cette organisation" in fixed.get_data(as_text=True)


def test_an_invited_person_stands_in_the_list_and_gets_a_fresh_link(
    client: FlaskClient, system: System, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    response = client.post("/administration/people/new", data=_newcomer(world))
    assert response.status_code == 303
    card = client.get(response.location).get_data(as_text=True)
    assert "Invitation envoyée" in card
    assert "Dr Zoé Ménager" in card
    person = response.location.split("?")[0]
    again = client.post(f"{person}/invitation")
    assert again.status_code == 303
    with reading(system) as work:
        row = work.session.scalars(select(Person).where(Person.email == "zoe.menager@example.org")).one()
        assert (row.state, row.rpps, row.phone) == ("invited", "99700420138", "+33639981234")


def test_the_search_forgives_accents_and_takes_no_sign_for_everything(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    client.post("/administration/people/new", data=_newcomer(world))

    def found(words: str, **more: str) -> str:
        return client.post("/administration/people/search", data={"q": words, **more}).get_data(as_text=True)

    assert "Zoé Ménager" in found("menager zoe")
    assert "Zoé Ménager" in found("")
    assert "Personne de ce nom" in found("%")
    assert "Personne de ce nom" in found("_")
    assert "Personne de ce nom" in found("Ménagier")
    assert "Zoé Ménager" not in found("", state="active")
    assert "Zoé Ménager" in found("", state="invited")


def test_a_role_is_added_and_ended_at_once(client: FlaskClient, system: System, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    person = world.who("other_expert").person_id
    here = f"/administration/people/{person}"
    wrong = client.post(f"{here}/roles", data={"organization": str(world.cpts_id), "role": "expert"})
    assert wrong.status_code == 422
    assert "Coordination CPTS" in wrong.get_data(as_text=True)
    twice = client.post(f"{here}/roles", data={"organization": str(world.centre_id), "role": "expert"})
    assert twice.status_code == 409
    added = client.post(f"{here}/roles", data={"organization": str(world.other_centre_id), "role": "expert"})
    assert added.status_code == 303
    membership = _membership_at(system, person, world.centre_id)
    asked = client.get(f"{here}/roles/{membership}/end").get_data(as_text=True)
    assert "quitte aussi les équipes" in asked
    assert client.post(f"{here}/roles/{membership}/end").status_code == 303
    sign_in(client, world.who("other_expert"))
    page = client.get("/account").get_data(as_text=True)
    assert "CHU de Dijon" in page
    assert "CH de Chalon-sur-Saône" not in page


def _membership_at(system: System, person_id: UUID, place_id: UUID) -> UUID:
    with reading(system) as work:
        return work.session.scalars(
            select(Membership.id).where(
                Membership.person_id == person_id, Membership.organization_id == place_id
            )
        ).one()


def test_revoking_asks_first_then_closes_every_door(client: FlaskClient, world: World) -> None:
    expert = client.application.test_client()
    sign_in(expert, world.who("other_expert"))
    assert expert.get("/account").status_code == 200
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/people/{world.who('other_expert').person_id}"
    question = client.get(f"{here}/revocation").get_data(as_text=True)
    assert "perd tout accès à l’instant" in question
    assert client.post(f"{here}/revocation").status_code == 303
    assert expert.get("/account").status_code == 303
    assert "Rétablir ce compte" in client.get(here).get_data(as_text=True)
    assert client.post(f"{here}/restoration").status_code == 303
    assert client.post(f"{here}/restoration").status_code == 409


def test_nobody_revokes_themselves(client: FlaskClient, world: World) -> None:
    who = world.who(Role.ADMINISTRATOR)
    sign_in(client, who)
    response = client.post(f"/administration/people/{who.person_id}/revocation")
    assert response.status_code == 403
    assert "Un autre administrateur" in response.get_data(as_text=True)


def test_a_lost_factor_takes_another_administrator(client: FlaskClient, system: System, world: World) -> None:
    person = world.who(Role.EXPERT).person_id
    sign_in(client, world.who(Role.ADMINISTRATOR))
    assert client.post(f"/administration/people/{person}/factor-reset").status_code == 303
    mine = client.get("/administration/people").get_data(as_text=True)
    assert "Un autre administrateur doit l’accepter." in mine
    address = f"/administration/factor-resets/{_reset_id(system)}"
    assert address not in mine
    assert client.post(address).status_code == 403
    sign_in(client, world.who("other_administrator"))
    assert address in client.get("/administration/people").get_data(as_text=True)
    assert "Camille Administrator" in client.get(address).get_data(as_text=True)
    assert client.post(address).status_code == 303
    assert client.post(address).status_code == 409
    with reading(system) as work:
        assert work.session.get_one(Person, person).second_factor == ""


def _reset_id(system: System) -> UUID:
    from dermavis.models import FactorReset

    with reading(system) as work:
        return work.session.scalars(select(FactorReset.id)).one()


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


def _charter_form(page: str) -> dict[str, list[str]]:
    """Return the form as a browser would send it back untouched."""
    body = re.search(r'<form class="column charter-form".*?</form>', page, re.DOTALL)
    assert body
    values: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", body[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="checkbox"' not in tag and 'type="radio"' not in tag) or " checked" in tag):
            values.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body[0], re.DOTALL
    ):
        values[name] = [text]
    return values


def test_a_charter_sent_back_untouched_is_the_same(client: FlaskClient, system: System, world: World) -> None:
    sign_in(client, world.who(Role.SUPER_USER))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    assert form["mon_from_1"] == ["08:30"]
    assert client.post(here, data=form).status_code == 303
    with reading(system) as work:
        rows = work.session.scalars(
            select(CentreCharter)
            .where(CentreCharter.organization_id == world.centre_id)
            .order_by(CentreCharter.version)
        ).all()
        assert [row.version for row in rows] == [1, 2]
        before, after = rows[0].content, rows[1].content
    for part in ("delays", "motives", "professions", "territory", "idle_claim_hours", "rota", "red_flags"):
        same = sorted(before[part]) == sorted(after[part]) if isinstance(before[part], list) else None
        assert same or before[part] == after[part], part
    assert after["hours"]["week"]["mon"] == [["08:30", "18:30"]]
    assert after["hours"]["week"]["sun"] == []


def test_a_charter_with_faults_says_them_and_keeps_what_was_typed(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    form |= {
        "routine_target": ["beaucoup"],
        "tue_from_1": ["18:00"],
        "tue_to_1": ["09:00"],
        "closed": ["31/02/2026"],
        "territory": ["Mâcon"],
        "phone": ["12"],
        "idle_claim_hours": ["deux"],
        "effective_from": ["demain"],
        "motives": [],
    }
    response = client.post(here, data=form)
    assert response.status_code == 422
    assert 'id="effective_from-error"' in response.get_data(as_text=True)
    page = client.post(here, data=form | {"effective_from": [""]}).get_data(as_text=True)
    for field in (
        "routine_target", "tue_from_1", "closed", "territory", "phone", "idle_claim_hours", "motives",
    ):  # fmt: skip
        assert f'id="{field}-error"' in page, field
        assert f'href="#{field}"' in page, field
        assert re.search(rf'id="{field}"', page), field
    assert 'value="beaucoup"' in page
    assert "31/02/2026" in page


def test_a_charter_begins_on_its_day_and_somebody_elses_newer_one_is_not_run_over(
    client: FlaskClient, system: System, world: World
) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    here = f"/administration/charters/{world.centre_id}"
    form = _charter_form(client.get(here).get_data(as_text=True))
    later = form | {"routine_target": ["40"], "effective_from": ["2026-04-01"]}
    assert client.post(here, data=later).status_code == 303
    page = client.get(here).get_data(as_text=True)
    assert "à venir" in page
    assert _charter_form(page)["routine_target"] == ["48"]
    assert "1er avr. 2026, 0 h" in page.replace("\u00a0", " ")
    assert "40 h" in client.get(f"{here}/versions/2").get_data(as_text=True).replace("\u00a0", " ")
    assert client.get(f"{here}/versions/9").status_code == 404
    stale = client.post(here, data=form | {"routine_target": ["30"]})
    assert stale.status_code == 409
    assert 'value="30"' in stale.get_data(as_text=True)


def _looked(system: System, world: World) -> tuple[str, UUID]:
    """A sent case whose page and first picture an expert has opened; its number and that picture."""
    from dermavis.models import Photo

    case_id = cases.sent(world)
    expert = world.actor(Role.EXPERT)
    requester = world.who(Role.REQUESTER)
    photo = uuid4()
    with writing(system) as work:
        work.session.add(
            Photo(
                id=photo,
                case_id=case_id,
                view=system.specialty("dermatology").views[0].id,
                state="ready",
                added_by=requester.person_id,
                organization_id=requester.organization_id,
                created_at=work.now,
            )
        )
    record_reading(system, expert, "case.read", case_id=case_id, subject_kind="case", subject_id=case_id)
    for role in ("diagnostic", "original"):
        record_reading(
            system, expert, "photo.read", case_id=case_id, subject_kind="photo", subject_id=photo, role=role
        )
    record_reading(system, expert, "list.read", subject_kind="worklist.queue", cases=[str(case_id)])
    return _number(system, case_id), photo


def test_the_audit_tells_who_opened_a_case_and_each_picture_and_never_the_patient(
    client: FlaskClient, system: System, world: World
) -> None:
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    page = client.get(f"/administration/audit/cases/{number}").get_data(as_text=True)
    assert "Dr Camille Expert" in page
    assert "CH de Chalon-sur-Saône" in page
    assert "plein format, à l’écran" in page
    assert page.count("2 fois") == 1
    assert "Personne n’a ouvert le compte rendu." in page
    trail = client.get(f"/administration/audit?number={number}").get_data(as_text=True)
    assert "Photo regardée" in trail
    assert "Photo 1 · " in trail
    patient = cases.content()["patient"]
    for name in (patient["birth_name"], patient["first_name"]):
        assert len(name) > 3
        assert name.lower() not in (page + trail).lower()
    assert client.get("/administration/audit/cases/D-999999").status_code == 404


def test_the_audit_says_how_far_it_is_sealed(client: FlaskClient, system: System, world: World) -> None:
    _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    assert "Rien n’est encore scellé." in client.get("/administration/audit").get_data(as_text=True)
    seal_all(system)
    page = client.get("/administration/audit").get_data(as_text=True).replace("\u00a0", " ")
    assert "Scellé jusqu’au 12 mars 2026, 10 h, sans témoin extérieur." in page
    with writing(system) as work:
        work.session.scalars(select(AuditSeal)).one().witnessed_at = work.now
    page = client.get("/administration/audit").get_data(as_text=True).replace("\u00a0", " ")
    assert "Scellé jusqu’au 12 mars 2026, 10 h, témoin prévenu le 12 mars 2026, 10 h." in page


def test_reading_the_audit_is_itself_in_the_audit(client: FlaskClient, system: System, world: World) -> None:
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    client.get(f"/administration/audit/cases/{number}")
    client.get("/administration/audit?action=readings")
    client.get("/administration/audit/export.csv")
    officer = world.who(Role.DATA_PROTECTION_OFFICER).person_id
    with reading(system) as work:
        rows = work.session.scalars(
            select(AuditEvent.action).where(AuditEvent.actor_id == officer).order_by(AuditEvent.id)
        ).all()
    assert rows == ["audit.read", "audit.read", "audit.export"]


def test_the_filter_turns_a_name_into_an_id_and_says_what_it_cannot_read(
    client: FlaskClient, system: System, world: World
) -> None:
    _looked(system, world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    expert = world.who(Role.EXPERT).person_id
    found = client.post("/administration/audit/search", data={"name": "dr camille expert"})
    assert found.status_code == 200
    assert f"/administration/audit?person={expert}" in found.get_data(as_text=True)
    one = client.post("/administration/audit/search", data={"name": "super user", "action": "photo.read"})
    assert one.status_code == 303
    assert one.location.endswith(f"?person={world.who(Role.SUPER_USER).person_id}&action=photo.read")
    page = client.get(f"/administration/audit?person={expert}&action=photo.read").get_data(as_text=True)
    assert 'value="Dr Camille Expert"' in page
    assert page.count('data-label="Quand"') == 2
    wrong = client.post(
        "/administration/audit/search",
        data={"number": "Mme Durand", "first": "2026-13-40", "last": "0001-01-01", "action": "x"},
    )
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    for field in ("number", "first", "last", "action"):
        assert f'id="{field}-error"' in text, field
    assert 'value="Mme Durand"' in text
    assert client.post("/administration/audit/search", data={"name": "%"}).status_code == 422
    assert client.get("/administration/audit?before=99999999999999999999").status_code == 200
    assert client.get("/administration/audit?last=9999-12-31").status_code == 422
    assert client.get("/administration/audit?first=2026-03-13&last=2026-03-12").status_code == 422


def test_the_audit_goes_on_page_after_page_without_a_row_twice(
    client: FlaskClient, system: System, world: World
) -> None:
    with writing(system, world.actor(Role.EXPERT)) as work:
        for _ in range(120):
            work.audit("notices.choose")
    sign_in(client, world.who(Role.ADMINISTRATOR))
    address: str | None = "/administration/audit?action=notices.choose"
    counts = []
    while address:
        page = client.get(address).get_data(as_text=True).replace("&amp;", "&")
        counts.append(page.count('data-label="Quand"'))
        following = re.search(r'href="([^"]+)"[^>]*>(?:(?!</a>).)*Plus anciennes', page, re.DOTALL)
        address = following[1] if following else None
    assert counts == [50, 50, 20]


def test_the_file_opens_in_a_spreadsheet_and_no_cell_is_a_formula(
    client: FlaskClient, system: System, world: World
) -> None:
    with writing(system) as work:
        work.session.get_one(Organization, world.centre_id).name = '=HYPERLINK("http://mal";"clic")'
        work.session.get_one(Person, world.who(Role.EXPERT).person_id).title = "@Dr"
    number, _ = _looked(system, world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    response = client.get(f"/administration/audit/export.csv?number={number}")
    assert response.mimetype == "text/csv"
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Date et heure", "Qui", "Pour"]
    cells = {cell for row in rows for cell in row}
    assert '\'=HYPERLINK("http://mal";"clic")' in cells
    assert any(cell.startswith("'@Dr") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert {row[7] for row in rows[1:]} == {number}


def test_forms_without_their_token_change_nothing(
    guarded_client: FlaskClient, system: System, world: World
) -> None:
    sign_in(guarded_client, world.who(Role.ADMINISTRATOR))
    response = guarded_client.post("/administration/people/new", data=_newcomer(world))
    assert response.status_code == 400
    with reading(system) as work:
        assert work.session.scalar(select(Person.id).where(Person.email == "zoe.menager@example.org")) is None


def test_ids_of_nothing_are_answered_404(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    for path in ("people", "organizations", "charters", "factor-resets"):
        assert client.get(f"/administration/{path}/{uuid4()}").status_code == 404, path
