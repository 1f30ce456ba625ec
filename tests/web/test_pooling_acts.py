"""What a coordinator does with a request, alone or in a batch, and what each act answers."""

from __future__ import annotations

from uuid import uuid4

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.models import Case
from dermavis.services import pooling
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.factories import World
from tests.pooled_cases import PARTIAL, pooled, words


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
    assert state_of(world.system, complete) == "submitted"
    assert state_of(world.system, foreign) == "submitted"


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
    assert state_of(world.system, case_id) == "draft"
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
