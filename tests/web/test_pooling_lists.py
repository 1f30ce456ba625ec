"""The coordinator's lists: what is to be read again, what left, who the members are, and the search."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services import pooling
from dermavis.services.pooling_board import sent
from dermavis.services.work import reading, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.pooled_cases import PARTIAL, pooled, words
from tests.signing_in import sign_in


def test_the_board_says_what_is_complete_what_lacks_what_waits_and_since_when(
    coordinator: FlaskClient, world: World, clock: FakeClock
) -> None:
    waits = pooled(world, "Pommard")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.hold(work, [waits], "Famille à joindre")
    clock.advance(hours=3)
    pooled(world, "Bouvret", lacks=("allergies",))
    sign_in(coordinator, world.who(Role.COORDINATOR))
    page = words(coordinator.get("/pooling").text)
    assert "2 demandes à relire" in page
    assert "1 à compléter" in page
    assert "1 en attente" in page
    assert "Famille à joindre" in page
    assert "Allergies" in page
    assert page.index("Pommard") < page.index("Bouvret")
    assert "3 h" in page


def test_a_request_is_late_once_its_patient_would_have_had_the_answer(
    coordinator: FlaskClient, world: World, clock: FakeClock
) -> None:
    pooled(world)
    clock.advance(hours=20)
    sign_in(coordinator, world.who(Role.COORDINATOR))
    page = coordinator.get("/pooling").text
    assert "1\u00a0demande à relire" in page
    assert "En retard" not in page
    clock.advance(days=4)
    sign_in(coordinator, world.who(Role.COORDINATOR))
    assert "En retard" in coordinator.get("/pooling").text


def test_an_urgent_request_that_went_past_is_shown_apart_and_cannot_be_chosen(
    coordinator: FlaskClient, world: World
) -> None:
    case_id, waits = pooled(world, urgency="urgent"), pooled(world)
    page = coordinator.get("/pooling").text
    group = page[page.index("Parties directement, urgentes") : page.index("À relire</th>")]
    assert f"open-{case_id}" in group
    assert "CH de Chalon" in group
    assert "10 h" in words(group)
    assert f"open-{waits}" not in group
    assert f'value="{case_id}"' not in page
    assert "1\u00a0demande à relire" in page


def test_what_left_says_which_requests_left_without_being_read_again(
    coordinator: FlaskClient, world: World
) -> None:
    direct, reread = pooled(world, urgency="urgent"), pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, reread)
    page = coordinator.get("/pooling/sent").text
    rows = {
        case_id: page[page.index(f'id="row-{case_id}"') :].split("</tr>")[0] for case_id in (direct, reread)
    }
    assert "Partie directement" in rows[direct]
    assert "Partie directement" not in rows[reread]


def test_a_search_finds_by_patient_requester_place_and_date_and_signs_find_nothing(
    coordinator: FlaskClient, world: World
) -> None:
    found = pooled(world, "LEBŒUF")
    other = pooled(world, "Marchand")
    for query in ("leboeuf", "LebŒuf 12/03/1958", "pooled leb"):
        page = coordinator.post("/pooling/search", data={"q": query}, headers=PARTIAL).text
        assert f"row-{found}" in page, query
        assert f"row-{other}" not in page, query
    for query in ("%", "_", "％", "vautrinx"):
        page = coordinator.post("/pooling/search", data={"q": query}, headers=PARTIAL).text
        assert "row-" not in page, query
        assert "Rien ne correspond" in page
    whole = coordinator.post("/pooling/search", data={"q": " "}, headers=PARTIAL).text
    assert f"row-{found}" in whole
    assert f"row-{other}" in whole
    assert "<html" not in whole
    assert "<html" in coordinator.post("/pooling/search", data={"q": "leboeuf"}).text


def test_a_panel_is_a_part_of_the_page_and_the_address_of_a_notification_leads_to_it(
    coordinator: FlaskClient, world: World
) -> None:
    case_id = pooled(world)
    part = coordinator.get(f"/pooling/{case_id}", headers=PARTIAL | {"HX-Target": "panel"}).text
    assert "<html" not in part
    assert "Surveiller ou retirer" in part
    moved = coordinator.get(f"/pooling?case={case_id}")
    assert (moved.status_code, moved.location) == (303, f"/pooling/{case_id}")
    assert coordinator.get("/pooling?case=x").status_code == 200


def test_what_left_comes_by_pages_and_each_request_once_while_others_leave(
    coordinator: FlaskClient, world: World
) -> None:
    actor = world.actor(Role.COORDINATOR)
    first = [pooled(world) for _ in range(30)]
    pooling.release_many(world.system, actor, first)
    with reading(world.system, actor) as work:
        page = sent(work)
    pooling.release_many(world.system, actor, [pooled(world) for _ in range(3)])
    seen = [row.id for row in page.rows]
    while page.after:
        with reading(world.system, actor) as work:
            page = sent(work, after=page.after)
        seen += [row.id for row in page.rows]
    assert set(first) <= set(seen)
    assert len(seen) == len(set(seen))
    assert "Afficher la suite" in coordinator.get("/pooling/sent").text


def test_members_are_listed_with_what_waits_and_what_left(coordinator: FlaskClient, world: World) -> None:
    pooled(world)
    coordinator.post("/pooling/release", data={"case": str(pooled(world))})
    page = words(coordinator.get("/pooling/members").text)
    assert "1 membre fait relire ses demandes" in page
    assert "EHPAD Les Glycines" in page
    assert "Dr Camille Pooled Requester" in page
    assert "À relire : 1 Transmises : 1" in page


def test_empty_lists_say_what_will_stand_there(coordinator: FlaskClient) -> None:
    assert "Tout est relu" in coordinator.get("/pooling").text
    assert "Rien n’est encore parti" in coordinator.get("/pooling/sent").text


@pytest.mark.parametrize(("name", "broken"), [("Mme Marie-Louise Bouvret", True), ("", False)])
def test_a_number_in_place_of_a_name_stays_on_one_line(client: FlaskClient, name: str, broken: bool) -> None:
    shown = SimpleNamespace(name=name, number="D-4761", birth_date="", motive="")
    row = SimpleNamespace(id=UUID(int=1), shown=shown, asker="", place="")
    macro = '{% from "partials/pooling/rows.html" import cells with context %}{{ cells(row) }}'
    link = client.application.jinja_env.from_string(macro).render(row=row, opened_id=None)
    assert (name or "D-4761") in link
    assert ('class="no-wrap"' not in link) is broken
