"""An emergency that nobody has read is red for all: on the centre's list and page, and for the site's secretary."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in


def test_the_centre_sees_it_above_its_queue_with_the_numbers_and_ends_the_alarm(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.left_unread(world)
    sign_in(client, world.who(Role.EXPERT))
    assert f'href="/cases/{case_id}#unread"' in client.get("/worklist").text
    page = client.get(f"/cases/{case_id}").text
    assert "Avis urgent non lu" in page
    assert page.count('href="tel:+33639980013"') == 2, "the patient's number, in the alarm and in the list"
    assert "Pas encore lu par le demandeur." in page
    said = client.post(f"/cases/{case_id}/reached", data={"whom": "patient"})
    assert said.headers["Location"] == f"/cases/{case_id}?did=reached"
    assert "Avis urgent non lu" not in client.get(f"/cases/{case_id}").text
    assert f'href="/cases/{case_id}#unread"' not in client.get("/worklist").text


def test_the_secretary_is_told_whom_to_call_and_reads_nothing_of_the_opinion(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.left_unread(world)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    page = client.get(f"/cases/{case_id}").text
    assert "Avis urgent non lu" in page
    assert "Prévenez tout de suite le médecin" in page
    assert 'href="tel:+33639980011"' in page
    sign_in(client, world.who(Role.REQUESTER))
    assert "Kératose séborrhéique irritée" in client.get(f"/cases/{case_id}").text
    assert "Kératose séborrhéique irritée" not in page
