"""The pages of a case that was entered in error."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services.work import System
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in


def test_the_requester_marks_it_with_a_reason_and_every_page_says_so(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    assert f"/cases/{case_id}/error" in client.get(f"/cases/{case_id}").text
    asked = client.get(f"/cases/{case_id}/error").text
    assert "Dr Camille Expert" in asked, "whom it tells is said before"
    refused = client.post(f"/cases/{case_id}/error", data={"words": "gardé"})
    assert refused.status_code == 422
    assert "Choisissez un motif." in refused.text
    assert "gardé" in refused.text
    marked = client.post(f"/cases/{case_id}/error", data={"reason": "wrong_patient"})
    assert marked.headers["Location"] == f"/cases/{case_id}"
    page = client.get(f"/cases/{case_id}").text
    assert "Saisi par erreur" in page
    assert "Kératose séborrhéique irritée" in page, "what they had stays readable"
    assert "aftermath" not in page
    assert "SAISI PAR ERREUR" in page, "and the text to copy bears the mark"
    assert "Saisi par erreur" in client.get(f"/cases/{case_id}/report").text
    assert cases.number_of(system, case_id) not in client.get("/requests").text


def test_who_has_it_open_meanwhile_reads_why_nothing_is_added(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    assert f"/cases/{case_id}/error" in client.get(f"/cases/{case_id}").text
    client.post(f"/cases/{case_id}/error", data={"reason": "wrong_patient"})
    page = client.get(f"/cases/{case_id}").text
    assert "Saisi par erreur" in page
    assert f"/cases/{case_id}/error" not in page
    late = client.post(f"/cases/{case_id}/release")
    assert late.status_code == 409
    assert "Saisi par erreur" in late.text


def test_a_coordinator_reads_it_on_the_panel(client: FlaskClient, world: World) -> None:
    case_id = cases.sent(world, "pooled_requester")
    sign_in(client, world.who("pooled_requester"))
    client.post(f"/cases/{case_id}/error", data={"reason": "wrong_patient"})
    sign_in(client, world.who(Role.COORDINATOR))
    page = client.get(f"/cases/{case_id}", follow_redirects=True).text
    assert "Saisie par erreur" in page


def test_it_is_made_anew_for_somebody_else_and_goes_on_in_the_guided_request(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.in_error(world, cases.sent(world))
    sign_in(client, world.who(Role.REQUESTER))
    assert f"/cases/{case_id}/anew" in client.get(f"/cases/{case_id}").text
    place = f"/cases/{case_id}/anew"
    assert "Hélène Vautrin" in client.post(place, data={"act": "search", "q": "vautrin"}).text
    typed = {"birth_name": "Martin", "first_name": "Rose", "birth_date": "04/05/1961", "sex": "F"}
    refused = client.post(place, data=typed)
    assert refused.status_code == 422
    assert "Cochez l’accord" in refused.text
    assert 'value="04/05/1961"' in refused.text
    begun = client.post(place, data=typed | {"given": "1", "by": "patient"})
    pictures = begun.headers["Location"]
    assert client.get(place).headers["Location"] == pictures
    onward = client.get(pictures).headers["Location"]
    assert onward == pictures.replace("/pictures", "#relecture"), "it had no picture"
