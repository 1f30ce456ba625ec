"""The administration's pages: who may open which."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Membership
from dermavis.services.breakdowns import note_breakdown
from dermavis.services.factor_resets import ask
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in

ADMIN = frozenset({Role.ADMINISTRATOR})


READERS = ADMIN | {Role.DATA_PROTECTION_OFFICER}


CHARTERS = ADMIN | {Role.SUPER_USER}
SUPPORT = ADMIN | {Role.SUPPORT}


ROUTES: list[tuple[str, str, frozenset[Role]]] = [
    ("GET", "/administration", READERS | CHARTERS | SUPPORT),
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
    ("GET", "/administration/retention", READERS),
    ("POST", "/administration/retention/search", READERS),
    ("GET", "/administration/retention/{number}", READERS),
    ("POST", "/administration/retention/{number}/hold", ADMIN),
    ("POST", "/administration/retention/{number}/hold/lifted", ADMIN),
    ("GET", "/administration/service", SUPPORT),
    ("POST", "/administration/service/search", SUPPORT),
    ("GET", "/administration/service/cases/{number}", SUPPORT),
    ("GET", "/administration/service/breakdowns/{reference}", SUPPORT),
    ("GET", "/administration/audit", READERS),
    ("POST", "/administration/audit/search", READERS),
    ("GET", "/administration/audit/export.csv", READERS),
    ("GET", "/administration/audit/cases/{number}", READERS),
]
"""Every route but /administration/charters, which only leads on; with who may use it."""


def _membership(system: System, person_id: UUID) -> UUID:
    with reading(system) as work:
        return work.session.scalars(select(Membership.id).where(Membership.person_id == person_id)).one()


@pytest.fixture
def places(system: System, world: World) -> dict[str, str]:
    """What the routes' addresses name."""
    person = world.who("other_expert").person_id
    with writing(system, world.actor("other_administrator")) as work:
        reset = ask(work, person)
    broken = {"route": "requests.new", "method": "GET", "status": 500, "case_id": None}
    note_breakdown(system, ValueError(), reference="K7QF-29MD", **broken)
    return {
        "person": str(person),
        "membership": str(_membership(system, person)),
        "reset": str(reset),
        "centre": str(world.centre_id),
        "cpts": str(world.cpts_id),
        "site": str(world.site_id),
        "team": str(world.team_id),
        "reference": "K7QF-29MD",
        "number": cases.number_of(system, cases.sent(world)),
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

    of_everything = {"Personnes", "Organisations", "Droits", "Conservation", "Audit", "Service"}
    assert tabs(Role.ADMINISTRATOR) == of_everything
    assert tabs(Role.DATA_PROTECTION_OFFICER) == {"Droits", "Conservation", "Audit"}
    assert tabs(Role.SUPER_USER) == {"Demandes", "Charte"}


def test_ids_of_nothing_are_answered_404(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.ADMINISTRATOR))
    for path in ("people", "organizations", "charters", "factor-resets"):
        assert client.get(f"/administration/{path}/{uuid4()}").status_code == 404, path
