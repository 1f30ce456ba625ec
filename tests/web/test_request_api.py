"""The guided request's JSON interface: whose a draft is, from which revision it is made, what is refused in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.pwa import STATIC
from dermavis.domain.client_formats import ACCEPTED_UNTIL, spoken
from dermavis.domain.roles import Role
from tests.factories import World
from tests.signing_in import sign_in


@pytest.fixture
def requester(client: FlaskClient, world: World) -> FlaskClient:
    sign_in(client, world.who(Role.REQUESTER))
    return client


def put(
    client: FlaskClient, case_id: object, content: dict[str, Any], revision: int = 0, **more: Any
) -> TestResponse:
    payload = {"format": 1, "content": content, **more}
    return client.put(f"/api/v1/drafts/{case_id}", json=payload, headers={"If-Match": f'"{revision}"'})


def test_a_draft_is_kept_and_given_back_with_its_revision_and_what_it_lacks(requester: FlaskClient) -> None:
    case_id = uuid4()
    saved = put(requester, case_id, {"question": "Surveiller ?"})
    assert saved.json["revision"] == 1
    assert "red_flags" in {row["field"] for row in saved.json["missing"]}
    read = requester.get(f"/api/v1/drafts/{case_id}").json
    assert read["content"]["question"] == "Surveiller ?"
    assert read["format"] == 1


def test_an_older_revision_is_told_who_changed_it_when_and_to_what(
    requester: FlaskClient, world: World
) -> None:
    case_id = uuid4()
    put(requester, case_id, {"question": "Une"})
    refused = put(requester, case_id, {"question": "Deux"}, revision=0)
    assert refused.status_code == 412
    assert refused.json["content"]["question"] == "Une"
    assert world.who(Role.REQUESTER).name in refused.json["changed_by"]
    assert refused.json["changed_at"]
    assert refused.json["revision"] == 1


def test_the_same_text_again_after_a_lost_answer_is_accepted(requester: FlaskClient) -> None:
    case_id = uuid4()
    put(requester, case_id, {"question": "Une"})
    again = put(requester, case_id, {"question": "Une"}, revision=0)
    assert (again.status_code, again.json["revision"]) == (200, 1)


def test_a_stranger_neither_reads_nor_writes_nor_opens_a_draft(client: FlaskClient, world: World) -> None:
    case_id = uuid4()
    sign_in(client, world.who(Role.REQUESTER))
    assert put(client, case_id, {"question": "À moi"}).status_code == 200
    sign_in(client, world.who("stranger"))
    assert client.get(f"/api/v1/drafts/{case_id}").status_code == 404
    assert put(client, case_id, {"question": "À toi"}, revision=1).status_code == 404
    assert client.get(f"/api/v1/drafts/{case_id}/photos").status_code == 404
    assert client.get(f"/requests/{case_id}").status_code == 404


def test_an_unknown_id_still_opens_the_page_because_the_phone_may_hold_it(requester: FlaskClient) -> None:
    assert requester.get(f"/requests/{uuid4()}").status_code == 200


@pytest.mark.parametrize("number", [0, None, "1"])
def test_a_client_of_another_format_is_told_to_update_and_keeps_its_draft(
    requester: FlaskClient, number: object
) -> None:
    case_id = uuid4()
    answer = put(requester, case_id, {}, format=number)
    assert (answer.status_code, answer.json["code"]) == (426, "old_client")
    assert "mettez à jour" in answer.json["message"]
    assert "gardé" in answer.json["message"]
    assert requester.get(f"/api/v1/drafts/{case_id}").status_code == 404


def test_a_format_is_understood_until_its_last_day(
    requester: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = world.system.clock.now().date()
    monkeypatch.setitem(ACCEPTED_UNTIL, spoken() + 1, None)
    monkeypatch.setitem(ACCEPTED_UNTIL, spoken() - 1, today)
    assert put(requester, uuid4(), {}, format=spoken() - 1).status_code == 200
    monkeypatch.setitem(ACCEPTED_UNTIL, spoken() - 1, today - timedelta(days=1))
    assert put(requester, uuid4(), {}, format=spoken() - 1).status_code == 426


def test_a_client_of_a_format_to_come_is_asked_to_wait(requester: FlaskClient) -> None:
    answer = put(requester, uuid4(), {}, format=spoken() + 1)
    assert (answer.status_code, answer.json["code"]) == (503, "newer_client")
    assert "gardé" in answer.json["message"]


def test_the_pages_speak_the_newest_format() -> None:
    script = (STATIC / "js/wizard/api.js").read_text("utf-8")
    assert f"export const FORMAT = {spoken()};" in script


def test_a_wrong_answer_is_told_beside_its_field(requester: FlaskClient) -> None:
    answer = put(requester, uuid4(), {"patient": {"birth_date": "2999-01-01"}})
    assert answer.status_code == 422
    assert "futur" in answer.json["fields"]["patient.birth_date"]


def test_an_incomplete_draft_is_not_sent_and_says_what_it_lacks(requester: FlaskClient) -> None:
    case_id = uuid4()
    put(requester, case_id, {"question": "Une"})
    answer = requester.post(f"/api/v1/drafts/{case_id}/send", json={"format": 1, "revision": 1})
    assert answer.status_code == 422
    assert "patient.birth_name" in answer.json["fields"]


def test_each_person_has_one_key_of_their_own(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    mine = client.get("/api/v1/device-key").json["key"]
    assert client.get("/api/v1/device-key").json["key"] == mine
    sign_in(client, world.who("other_requester"))
    assert client.get("/api/v1/device-key").json["key"] != mine


def test_nobody_gets_a_key_or_a_draft_without_a_session(client: FlaskClient, world: World) -> None:
    for path in ("/api/v1/device-key", f"/api/v1/drafts/{uuid4()}", "/api/v1/addressing"):
        assert client.get(path).status_code == 401, path


def test_a_draft_whose_revision_is_no_number_is_refused_in_words(requester: FlaskClient) -> None:
    for revision in ("", "*", '"²"', f'"{"9" * 5000}"'):
        answer = requester.put(
            f"/api/v1/drafts/{uuid4()}", json={"format": 1, "content": {}}, headers={"If-Match": revision}
        )
        assert answer.status_code == 422, revision
        assert "Il manque la version" in answer.text


def test_a_draft_does_not_change_at_the_wish_of_another_site(requester: FlaskClient) -> None:
    answer = requester.put(
        f"/api/v1/drafts/{uuid4()}",
        json={"format": 1, "content": {}},
        headers={"If-Match": '"0"', "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_the_specialty_file_stays_for_a_year_under_its_own_fingerprint_only(requester: FlaskClient) -> None:
    page = requester.get("/requests/new").get_data(as_text=True)
    address = page.split('data-specialty-address="')[1].split('"')[0]
    assert "immutable" in requester.get(address).headers["Cache-Control"]
    assert "immutable" not in requester.get(address + "x").headers["Cache-Control"]
    assert requester.get("/api/v1/specialties/astrology").status_code == 404


def test_the_first_screen_is_in_the_page(requester: FlaskClient) -> None:
    page = requester.get("/requests/new").get_data(as_text=True)
    assert 'href="#aucun"' in page
    assert 'href="#signe/febrile_purpura"' in page


def test_to_whom_it_goes_is_said_with_the_promise_and_the_telephones(
    requester: FlaskClient, world: World
) -> None:
    told = requester.get("/api/v1/addressing?motive=pigmented&urgency=routine").json
    assert told["default"]["team"] == str(world.team_id)
    assert told["default"]["reply"]
    assert told["default"]["closed"] == "Fermé samedi et dimanche"
    assert told["on_call"]["phone"] == "03 85 00 00 15"


@pytest.mark.postgres
def test_a_search_of_patients_names_nobody_in_its_address(requester: FlaskClient) -> None:
    assert requester.post("/api/v1/patients", json={"format": 1, "q": "Personne"}).json["patients"] == []
    assert requester.get("/api/v1/patients?q=Personne").status_code == 405


def test_a_list_of_waiting_requests_that_cannot_be_read_is_refused_in_words(requester: FlaskClient) -> None:
    good = {"id": str(uuid4()), "idle_s": 5}
    device = str(uuid4())
    assert (
        requester.put("/api/v1/stubs", json={"format": 1, "device": device, "stubs": [good]}).status_code
        == 200
    )
    for bad in (
        {"device": "x", "stubs": []},
        {"device": device, "stubs": [{"id": "x", "idle_s": 1}]},
        {"device": device, "stubs": [good | {"idle_s": -1}]},
        {"device": device, "stubs": [good | {"idle_s": True}]},
        {"device": device, "stubs": [good | {"idle_s": 10**30}]},
        {"device": device, "stubs": None},
        {"stubs": []},
    ):
        answer = requester.put("/api/v1/stubs", json={"format": 1, **bad})
        assert (answer.status_code, answer.json["fields"]) == (422, {"stubs": "La liste est illisible."}), bad


def test_a_draft_that_was_thrown_away_is_told_apart_from_one_that_is_not_there(requester: FlaskClient) -> None:
    case_id = uuid4()
    put(requester, case_id, {"question": "Surveiller ?"})
    assert requester.delete(f"/api/v1/drafts/{case_id}").status_code == 200
    for answer in (
        requester.get(f"/api/v1/drafts/{case_id}"),
        put(requester, case_id, {"question": "Encore ?"}, 1),
        requester.post(f"/api/v1/drafts/{case_id}/send", json={"format": 1, "revision": 1}),
        requester.delete(f"/api/v1/drafts/{case_id}"),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "discarded")
    assert requester.get(f"/api/v1/drafts/{uuid4()}").json["code"] == "not_found"
