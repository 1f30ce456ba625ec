"""The coordinator's pages: who may open them, what each act answers, and what is never said there."""

from __future__ import annotations

import random
import re
from types import SimpleNamespace
from uuid import UUID, uuid4

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, PoolingMember
from dermavis.services import pooling
from dermavis.services.access import may
from dermavis.services.pooling_board import board, sent
from dermavis.services.readings import flush
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import SINCE, World
from tests.signing_in import sign_in

PARTIAL = {"HX-Request": "true", "HX-Target": "board"}


@pytest.fixture
def coordinator(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world.who(Role.COORDINATOR))
    return client


def pooled(world: World, name: str = "", lacks: tuple[str, ...] = (), **changes: object) -> UUID:
    content = cases.content()
    patient = content["patient"] | ({"birth_name": name, "used_name": ""} if name else {})
    history = {key: answer for key, answer in content["history"].items() if key not in lacks}
    return cases.sent(world, "pooled_requester", patient=patient, history=history, **changes)


def state(system: System, case_id: UUID) -> str:
    with reading(system) as work:
        return work.session.get_one(Case, case_id).state


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def addresses(case_id: UUID) -> dict[str, tuple[str, ...]]:
    return {
        "GET": (
            "/pooling",
            "/pooling/sent",
            "/pooling/members",
            f"/pooling/{case_id}",
            f"/pooling/{case_id}/completion",
        ),
        "POST": (
            "/pooling/search",
            "/pooling/sent/search",
            "/pooling/release",
            "/pooling/hold",
            f"/pooling/{case_id}/return",
            f"/pooling/{case_id}/note",
            f"/pooling/{case_id}/addressing",
            f"/pooling/{case_id}/completion",
        ),
    }


@pytest.mark.parametrize(
    "name", [*(role for role in Role if role is not Role.COORDINATOR), "stranger", "outsider"]
)
def test_nobody_but_a_coordinator_opens_anything_here(
    client: FlaskClient, world: World, name: Role | str
) -> None:
    case_id = pooled(world)
    sign_in(client, world.who(name))
    form = {
        "case": str(case_id),
        "team": str(world.team_id),
        "reason": "another",
        "words": "Mot",
        "note": "Mot",
    }
    for method, paths in addresses(case_id).items():
        for path in paths:
            answer = client.open(path, method=method, data=form if method == "POST" else None)
            assert answer.status_code in {403, 404}, (path, answer.status_code)
            assert "Vautrin" not in answer.text
    assert state(world.system, case_id) == "pooled"


def test_a_coordinator_opens_every_page_as_valid_html(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world, lacks=("allergies",))
    left = pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, left)
    for path in (*addresses(case_id)["GET"], f"/pooling/{left}"):
        answer = coordinator.get(path)
        assert answer.status_code == 200, path
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(answer.text)
        assert parser.errors == [], (path, parser.errors)


def test_a_request_of_another_place_does_not_exist_here(coordinator: FlaskClient, world: World) -> None:
    elsewhere = cases.sent(world)
    for method, paths in addresses(elsewhere).items():
        for path in paths:
            if str(elsewhere) in path:
                data = {"team": str(world.team_id), "reason": "another", "words": "Mot", "note": "Mot"}
                assert coordinator.open(path, method=method, data=data).status_code == 404, path


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


def test_a_batch_says_of_each_request_what_became_of_it(coordinator: FlaskClient, world: World) -> None:
    complete, lacking, foreign = (
        pooled(world, "Kerbrat"),
        pooled(world, "Bouvret", ("allergies",)),
        cases.sent(world),
    )
    unknown = uuid4()
    chosen = [str(complete), str(lacking), str(foreign), str(unknown), "not-an-id"]
    answer = coordinator.post("/pooling/release", data={"case": chosen}, headers=PARTIAL)
    page = words(answer.text)
    assert answer.status_code == 200
    assert "1 demande transmise, 3 gardées" in page
    assert "Kerbrat : transmise" in page
    assert "Bouvret : gardée. Il manque : Allergies." in page
    assert page.count("Elle n’est pas, ou plus, parmi vos demandes.") == 2
    assert "Vautrin" not in page
    assert f"row-{complete}" not in answer.text
    assert f"row-{lacking}" in answer.text
    again = words(coordinator.post("/pooling/release", data={"case": str(complete)}, headers=PARTIAL).text)
    assert "Kerbrat : gardée. Elle n’est plus à relire : envoyée." in again
    assert state(world.system, complete) == "submitted"
    assert state(world.system, foreign) == "submitted"


def test_a_batch_of_nothing_says_what_to_do(coordinator: FlaskClient, world: World) -> None:
    pooled(world)
    assert "Cochez d’abord" in coordinator.post("/pooling/release").text


def test_requests_are_held_and_let_go_each_by_itself(coordinator: FlaskClient, world: World) -> None:
    case_id, foreign = pooled(world), cases.sent(world)
    form = {"case": [str(case_id), str(foreign)], "words": "Famille à joindre"}
    page = words(coordinator.post("/pooling/hold", data=form, headers=PARTIAL).text)
    assert "1 demande mise en attente, 1 gardée" in page
    assert "Famille à joindre" in page
    lifted = words(
        coordinator.post("/pooling/hold", data={"case": str(case_id), "lift": "1"}, headers=PARTIAL).text
    )
    assert "1 demande remise à relire" in lifted
    assert "Famille à joindre" not in lifted


def test_a_request_goes_back_with_a_reason_and_a_refused_form_keeps_its_words(
    coordinator: FlaskClient, world: World
) -> None:
    case_id = pooled(world)
    refused = coordinator.post(
        f"/pooling/{case_id}/return", data={"reason": "none", "words": "Refaire la photo."}
    )
    assert refused.status_code == 422
    assert "Refaire la photo." in refused.text
    assert "data-open-now" in refused.text
    sent_back = coordinator.post(
        f"/pooling/{case_id}/return", data={"reason": "insufficient_pictures", "words": "Refaire la photo."}
    )
    assert (sent_back.status_code, sent_back.location) == (303, "/pooling?done=returned")
    assert state(world.system, case_id) == "draft"
    assert "Demande renvoyée" in coordinator.get("/pooling?done=returned").text


def test_administrative_parts_are_completed_and_errors_stand_beside_their_fields(
    coordinator: FlaskClient, world: World
) -> None:
    case_id = pooled(world)
    form = {
        "revision": "1",
        "phone": "12",
        "postcode": "71250",
        "commune": "Cluny",
        "representative_name": "Fille Vautrin",
        "identity_status": "validated",
        "contact_phone": "06 39 98 00 11",
        "place_of_stay": "ehpad",
    }
    refused = coordinator.post(f"/pooling/{case_id}/completion", data=form)
    assert refused.status_code == 422
    assert 'id="phone-error"' in refused.text
    assert 'id="identity_status-error"' in refused.text
    assert 'value="Fille Vautrin"' in refused.text
    done = coordinator.post(
        f"/pooling/{case_id}/completion",
        data=form | {"phone": "06 39 98 00 12", "document": "Carte d’identité"},
    )
    assert (done.status_code, done.location) == (303, f"/pooling/{case_id}?done=completed")
    with reading(world.system) as work:
        case = work.session.get_one(Case, case_id)
        patient = open_content(work, case, last_revision(work, case))["patient"]
    assert (patient["commune"], patient["place_of_stay"], patient["phone"]) == (
        "Cluny",
        "ehpad",
        "+33639980012",
    )
    assert patient["representative"]["name"] == "Fille Vautrin"
    assert "Identité validée" in coordinator.get(f"/pooling/{case_id}").text


def test_a_completion_from_an_old_revision_says_who_came_first_and_keeps_the_text(
    coordinator: FlaskClient, world: World
) -> None:
    case_id = pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.complete(work, case_id, {"commune": "Mâcon"}, {}, 1)
    form = {"revision": "1", "commune": "Cluny", "contact_phone": "06 39 98 00 11"}
    answer = coordinator.post(f"/pooling/{case_id}/completion", data=form)
    assert answer.status_code == 409
    assert world.who(Role.COORDINATOR).name in answer.text
    assert 'value="Cluny"' in answer.text
    assert 'name="revision" value="2"' in answer.text


def test_the_note_saves_itself_and_tells_the_second_writer(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    as_json = {"Accept": "application/json"}
    form = {"note": "Infirmière jeudi.", "version": "0"}
    saved = coordinator.post(f"/pooling/{case_id}/note", data=form, headers=as_json)
    assert (saved.status_code, saved.json["version"]) == (200, 1)
    assert saved.json["saved"].startswith("Enregistrée à")
    late = coordinator.post(
        f"/pooling/{case_id}/note", data={"note": "Autre.", "version": "0"}, headers=as_json
    )
    assert late.status_code == 409
    assert "a modifié cette note" in late.json["message"]
    assert "Infirmière jeudi." in coordinator.get(f"/pooling/{case_id}").text
    plain = coordinator.post(f"/pooling/{case_id}/note", data={"note": "Vendredi.", "version": "1"})
    assert plain.status_code == 303


def test_the_destination_is_chosen_with_its_promise(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    assert "CH de Chalon-sur-Saône répond sous 48\u00a0h" in coordinator.get(f"/pooling/{case_id}").text
    answer = coordinator.post(
        f"/pooling/{case_id}/addressing", data={"team": str(world.other_team_id)}, headers=PARTIAL
    )
    assert "CHU de Dijon répond sous 48\u00a0h" in answer.text
    coordinator.post("/pooling/release", data={"case": str(case_id)})
    with reading(world.system) as work:
        assert work.session.get_one(Case, case_id).centre_id == world.other_centre_id


def test_a_coordinator_is_shown_no_opinion(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, case_id)
    from dermavis.services.claiming import claim

    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claim(work, case_id)
    cases.sign(world, case_id)
    pages = [coordinator.get(path).text for path in ("/pooling/sent", f"/pooling/{case_id}")]
    assert all("Avis rendu" in page for page in pages)
    assert "Kératose séborrhéique irritée" in str(cases.opinion())
    assert not any("séborrhéique" in page or "L82" in page for page in pages)
    requester = coordinator.application.test_client()
    sign_in(requester, world.who("pooled_requester"))
    assert "séborrhéique" in requester.get(f"/cases/{case_id}").text


def test_lists_and_readings_leave_their_rows(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    coordinator.get("/pooling")
    coordinator.get(f"/pooling/{case_id}", headers=PARTIAL | {"HX-Target": "panel"})
    coordinator.get(f"/pooling/{case_id}/completion")
    coordinator.get("/pooling/members")
    flush(world.system)
    with reading(world.system) as work:
        me = world.who(Role.COORDINATOR).person_id
        rows = work.session.scalars(select(AuditEvent).where(AuditEvent.actor_id == me)).all()
    lists = [row for row in rows if row.action == "list.read"]
    assert {row.subject_kind for row in lists} == {"pooling", "pooling.members"}
    assert lists[0].detail["cases"] == [str(case_id)]
    screens = [row.detail["screen"] for row in rows if row.action == "case.read"]
    assert screens == ["pooling", "pooling.completion"]


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


def test_the_board_is_what_the_permission_map_lets_through_on_random_cases(world: World) -> None:
    chance = random.Random(7)
    with writing(world.system) as work:
        work.session.add(
            PoolingMember(
                id=uuid4(), coordination_id=world.body_id, site_id=world.other_site_id, valid_from=SINCE
            )
        )
    made = []
    for _ in range(24):
        name = chance.choice(["pooled_requester", "stranger", "requester"])
        made.append(cases.sent(world, name, urgency=chance.choice(["routine", "soon", "urgent"])))
    actor = world.actor(Role.COORDINATOR)
    for case_id in made:
        if chance.random() < 0.3:
            pooling.release_many(world.system, actor, [case_id])
    with reading(world.system, actor) as work:
        found = board(work)
        left = sent(work)
        rows = [work.session.get_one(Case, case_id) for case_id in made]
        releasable = {case.id for case in rows if may(work, Permission.POOL_RELEASE, case)}
        readable = {case.id for case in rows if may(work, Permission.CASE_READ, case)}
    assert {row.id for row in found.rows} == releasable
    assert {row.id for row in found.rows} | {row.id for row in left.rows} == readable
    assert {row.id for row in found.skipped} <= readable - releasable
    assert len(readable) not in {0, len(made)}


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


def test_forms_ask_for_their_token(guarded_client: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    sign_in(guarded_client, world.who(Role.COORDINATOR))
    for path in addresses(case_id)["POST"]:
        assert guarded_client.post(path, data={"case": str(case_id)}).status_code == 400, path
    assert state(world.system, case_id) == "pooled"


@pytest.mark.parametrize(("name", "broken"), [("Mme Marie-Louise Bouvret", True), ("", False)])
def test_a_number_in_place_of_a_name_stays_on_one_line(client: FlaskClient, name: str, broken: bool) -> None:
    shown = SimpleNamespace(name=name, number="D-4761", birth_date="", motive="")
    row = SimpleNamespace(id=UUID(int=1), shown=shown, asker="", place="")
    macro = '{% from "partials/pooling/rows.html" import cells with context %}{{ cells(row) }}'
    link = client.application.jinja_env.from_string(macro).render(row=row, opened_id=None)
    assert (name or "D-4761") in link
    assert ('class="no-wrap"' not in link) is broken
