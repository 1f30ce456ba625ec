"""A requester takes a request back: cancelled, or sent to another centre."""

from __future__ import annotations

from uuid import uuid4

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services import notices
from dermavis.services.work import reading
from tests import cases
from tests.announced import outbox
from tests.answered_cases import declined, state_of
from tests.clock import FakeClock
from tests.factories import World
from tests.signing_in import sign_in


def test_cancelling_wants_a_reason_and_an_answered_request_is_not_cancelled(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.REQUESTER))
    assert client.post(f"/cases/{case_id}/cancellation").status_code == 422
    other = client.post(f"/cases/{case_id}/cancellation", data={"reason": "another", "words": ""})
    assert "Précisez en quelques mots." in other.text
    done = client.post(f"/cases/{case_id}/cancellation", data={"reason": "healed_since"})
    assert done.status_code == 303
    assert state_of(world.system, case_id) == "cancelled"
    assert "Demande annulée" in client.get(f"/cases/{case_id}").text
    answered = cases.answered(world)
    assert client.post(f"/cases/{answered}/cancellation", data={"reason": "healed_since"}).status_code == 403
    assert state_of(world.system, answered) == "answered"


def test_a_cancelled_request_is_told_to_the_team_it_lay_with_on_a_page_without_anybody_in_it(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world)
    clock.advance(hours=1)
    sign_in(client, world.who(Role.REQUESTER))
    client.post(f"/cases/{case_id}/cancellation", data={"reason": "seen_elsewhere", "words": "Vautrin"})
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        line = notices.lines(work)[0]
    assert (line.event, line.url) == ("cancelled", f"/cases/{case_id}")
    mailed = [row for row in outbox(world.system, "mail") if row.event == "cancelled"]
    assert {row.person_id for row in mailed} >= {world.who(Role.EXPERT).person_id}
    sign_in(client, world.who(Role.EXPERT))
    answer = client.get(f"/notifications/{line.id}", follow_redirects=True)
    assert answer.status_code == 200
    assert "Demande annulée par le demandeur" in answer.text
    assert cases.number_of(world.system, case_id) in answer.text
    assert "vu autrement (urgences, consultation)" in answer.text
    assert "VAUTRIN" not in answer.text.upper()
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        assert not [one for one in notices.lines(work) if one.case_id == case_id and one.unread]
    assert client.get(f"/cases/{case_id}/photos/{case_id}/diagnostic").status_code == 404
    assert client.post(f"/cases/{case_id}/messages", data={"text": "Bonjour"}).status_code == 403
    assert client.post(f"/cases/{case_id}/claim").headers["Location"] == f"/cases/{case_id}"
    for stranger in ("stranger_expert", Role.ADMINISTRATOR):
        sign_in(client, world.who(stranger))
        missing = client.get(f"/cases/{case_id}")
        assert missing.status_code == 404
        assert "dans vos listes" in missing.text
        assert "« Demandes »" not in missing.text


def test_a_request_cancelled_while_its_coordination_had_it_is_no_business_of_the_centre(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.sent(world, "pooled_requester")
    assert state_of(world.system, case_id) == "pooled"
    sign_in(client, world.who("pooled_requester"))
    client.post(f"/cases/{case_id}/cancellation", data={"reason": "healed_since"})
    assert state_of(world.system, case_id) == "cancelled"
    sign_in(client, world.who(Role.EXPERT))
    assert client.get(f"/cases/{case_id}").status_code == 404


def test_a_declined_request_is_sent_elsewhere_or_cancelled(client: FlaskClient, world: World) -> None:
    case_id = declined(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert "Déclinée par" in page
    assert "Choisir un autre centre" in page
    choices = client.get(f"/cases/{case_id}/redirection").text
    assert str(world.other_team_id) in choices
    assert f'value="{world.team_id}"' not in choices
    for wrong in ("", "x", str(world.team_id), str(uuid4())):
        assert client.post(f"/cases/{case_id}/redirection", data={"team": wrong}).status_code == 422
    done = client.post(f"/cases/{case_id}/redirection", data={"team": str(world.other_team_id)})
    assert done.status_code == 303
    assert state_of(world.system, case_id) == "submitted"
    assert "CHU de Dijon" in client.get(f"/cases/{case_id}").text
