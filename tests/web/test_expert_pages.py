"""The expert's page of a case, and each thing they may do from it, by whom and to whom it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Message
from dermavis.services.work import System, reading
from tests import cases
from tests.answered_cases import state_of
from tests.factories import World
from tests.signing_in import sign_in

STATES: dict[str, Callable[[World], UUID]] = {
    "submitted": cases.sent,
    "claimed": cases.claimed,
    "on_hold": cases.on_hold,
    "answered": cases.answered,
    "closed": cases.closed,
}
ACTS: dict[str, dict[str, str]] = {
    "claim": {},
    "release": {},
    "handover": {},
    "decline": {"reason": "no_capacity"},
    "precision": {"text": "Une échelle ?"},
    "urgency": {"urgency": "soon"},
    "opinion": {"act": "save"},
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_valid_in_every_state_and_its_reading_is_noted(
    client: FlaskClient, world: World, system: System, state: str
) -> None:
    case_id = STATES[state](world)
    sign_in(client, world.who(Role.EXPERT))
    answer = client.get(f"/cases/{case_id}")
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1
    identifiers = re.findall(r' id="([^"]+)"', answer.text)
    assert len(identifiers) == len(set(identifiers))
    assert "Hélène Vautrin" in answer.text
    assert "style=" not in answer.text
    assert 'href="tel:+33639980011"' in answer.text
    with reading(system) as work:
        (row,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.read")).all()
    assert row.case_id == case_id


@pytest.mark.parametrize("name", [Role.EXPERT, Role.SUPER_USER, Role.JUNIOR, Role.CENTRE_SECRETARY])
def test_everybody_of_the_centre_reads_and_only_its_holder_signs(
    client: FlaskClient, world: World, name: Role
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(name))
    page = client.get(f"/cases/{case_id}").text
    assert ('value="sign"' in page) is (name == Role.EXPERT)
    assert ('id="opinion"' in page) is (name in {Role.EXPERT, Role.JUNIOR})


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_learns_of_the_case_or_acts_on_it(
    client: FlaskClient, world: World, system: System, act: str
) -> None:
    case_id = cases.claimed(world)
    for name in ("stranger", "stranger_expert", Role.COORDINATOR, Role.ADMINISTRATOR):
        sign_in(client, world.who(name))
        assert client.post(f"/cases/{case_id}/{act}", data=ACTS[act]).status_code == 404, name
    for name in (Role.REQUESTER, Role.CENTRE_SECRETARY):
        sign_in(client, world.who(name))
        assert client.post(f"/cases/{case_id}/{act}", data=ACTS[act]).status_code in {403, 409}, name
    assert state_of(system, case_id) == "claimed"


def test_the_second_who_answers_is_told_who_was_first(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    kept = {"motive": "keratosis", "list": "queue"}
    taken = client.post(f"/cases/{case_id}/claim", data=kept)
    assert taken.headers["Location"] == f"/cases/{case_id}?list=queue&motive=keratosis&did=claim#opinion"
    sign_in(client, world.who("other_expert"))
    late = client.post(f"/cases/{case_id}/claim")
    assert late.status_code == 409
    assert "Dr Camille Expert a pris cette demande à 10 h 00." in late.text
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).claimed_by == world.who(Role.EXPERT).person_id


def test_a_question_stops_the_clock_and_names_what_it_asks_for(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    empty = client.post(f"/cases/{case_id}/precision", data={"text": " ", "views": ["scale"]})
    assert empty.status_code == 422
    assert "Écrivez votre message." in empty.text
    assert re.search(r'name="views"[^>]*value="scale" checked', empty.text)
    asked = client.post(
        f"/cases/{case_id}/precision", data={"text": "Avec la réglette ?", "views": ["scale"]}
    )
    assert asked.status_code == 303
    assert state_of(system, case_id) == "on_hold"
    page = client.get(f"/cases/{case_id}").text
    assert "Demandé\u00a0: Échelle" in page
    assert "En pause depuis" in page


def test_a_reason_is_asked_before_a_request_is_declined(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    refused = client.post(f"/cases/{case_id}/decline", data={"words": "Complet cette semaine"})
    assert refused.status_code == 422
    assert "Choisissez un motif." in refused.text
    assert "Complet cette semaine" in refused.text
    done = client.post(f"/cases/{case_id}/decline", data={"reason": "no_capacity", "motive": "keratosis"})
    assert done.headers["Location"] == "/worklist?motive=keratosis"
    assert state_of(system, case_id) == "declined"
    assert "Pas de place dans le délai" in client.get(f"/cases/{case_id}").text


def test_a_request_is_confided_to_a_colleague_of_the_team_only(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    stranger = str(world.who("stranger_expert").person_id)
    for person in ("", "nobody", stranger):
        assert client.post(f"/cases/{case_id}/handover", data={"person": person}).status_code == 422, person
    colleague = world.who("other_expert")
    given = client.post(f"/cases/{case_id}/handover", data={"person": str(colleague.person_id)})
    assert given.status_code == 303
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).claimed_by == colleague.person_id


def test_a_request_goes_back_to_its_queue(client: FlaskClient, world: World, system: System) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    assert client.post(f"/cases/{case_id}/release").headers["Location"] == "/worklist"
    assert state_of(system, case_id) == "submitted"


def test_another_urgency_moves_the_promise(client: FlaskClient, world: World, system: System) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    assert client.post(f"/cases/{case_id}/urgency", data={"urgency": "tomorrow"}).status_code == 422
    assert client.post(f"/cases/{case_id}/urgency", data={"urgency": "soon"}).status_code == 303
    assert "Reste 24\u00a0h" in client.get(f"/cases/{case_id}").text
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.urgency, case.asked_urgency) == ("soon", "routine")


def test_a_word_to_the_requester_leaves_the_clock_alone(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    assert client.post(f"/cases/{case_id}/messages", data={"text": ""}).status_code == 422
    sent = client.post(f"/cases/{case_id}/messages", data={"text": "Je regarde ce soir."})
    assert sent.headers["Location"].endswith("#thread")
    assert "Je regarde ce soir." in client.get(f"/cases/{case_id}").text
    assert state_of(system, case_id) == "claimed"
    with reading(system) as work:
        assert work.session.scalars(select(Message.kind)).all() == ["note"]


def test_forms_without_a_token_change_nothing(
    guarded_client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.sent(world)
    sign_in(guarded_client, world.who(Role.EXPERT))
    assert guarded_client.post(f"/cases/{case_id}/claim").status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', guarded_client.get(f"/cases/{case_id}").text)
    assert token is not None
    taken = guarded_client.post(f"/cases/{case_id}/claim", data={"csrf_token": token[1]})
    assert taken.status_code == 303
    assert state_of(system, case_id) == "claimed"
