"""The signature of an opinion: what it is held back by, what it says leaves, and where it leads."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Opinion
from dermavis.services import changing
from dermavis.services.answering import REQUEST_CHANGED
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.clock import FakeClock
from tests.factories import World
from tests.opinion_forms import JSON, filled, lesion_of
from tests.signing_in import sign_in


def test_a_signature_ends_in_the_signed_version_or_in_the_next_request(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    clock.advance(hours=1)
    following = cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    signed = client.post(
        f"/cases/{case_id}/opinion",
        data=filled(act="sign_next", sitting="1", **{"lesions.0.lesion": lesion}),
        headers=JSON,
    )
    assert signed.json == {"format": 1, "next": f"/cases/{following}?sitting=2&signed={case_id}"}
    assert "2 sur 2" in client.get(f"/cases/{following}?sitting=2").text
    page = client.get(f"/cases/{case_id}").text
    assert "Version 1, signée par Dr Camille Expert le 12\u00a0mars\u00a02026, 11\u00a0h" in page
    assert 'id="opinion"' not in page


def test_a_request_completed_meanwhile_is_read_again_before_the_signature(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    page = client.get(f"/cases/{case_id}").text
    assert 'name="case_revision" value="1"' in page
    typed = filled(**{"lesions.0.lesion": lesion_of(page), "safety_net": "elle saigne"})
    with writing(system, world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, {"question": "Et sous anticoagulant ?"}, 1)
    told = client.post(f"/cases/{case_id}/opinion", data=typed, headers=JSON)
    assert told.status_code == 409
    assert told.json is not None
    assert told.json["code"] == "request_changed"
    again = client.post(f"/cases/{case_id}/opinion", data=typed)
    assert again.status_code == 409
    for words in (REQUEST_CHANGED, "elle saigne", "Kératose séborrhéique", "Et sous anticoagulant ?"):
        assert words in again.text
    assert 'name="case_revision" value="2"' in again.text
    assert REQUEST_CHANGED in client.get(f"/cases/{case_id}?changed=1").text
    assert state_of(system, case_id) == "claimed"
    signed = client.post(f"/cases/{case_id}/opinion", data=typed | {"case_revision": "2"})
    assert signed.headers["Location"] == f"/cases/{case_id}?signed=1"
    with reading(system) as work:
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert opinion.case_revision == 2


def test_the_signer_is_told_which_code_leaves_for_a_suspected_cancer(
    client: FlaskClient, world: World
) -> None:
    suspected, elsewhere, benign = cases.opinion(), cases.opinion(), cases.opinion()
    suspected["lesions"][0] |= {"diagnosis": "Mélanome", "code": "C43.9", "certainty": "probable"}
    elsewhere["lesions"][0] |= {"diagnosis": "Mycosis fongoïde", "code": "C84.0", "certainty": "probable"}
    answers = [cases.answered(world, answer=answer) for answer in (suspected, elsewhere, benign)]
    sign_in(client, world.who(Role.EXPERT))
    first, second, third = (client.get(f"/cases/{case_id}").text for case_id in answers)
    assert "Code transmis\u00a0: D48.5, tant que" in first
    assert "Aucun code transmis, tant que" in second
    assert "ode transmis" not in third


def test_an_emergency_is_not_signed_before_somebody_was_called(
    client: FlaskClient, world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    clock.advance(hours=1)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    typed = filled(**{"lesions.0.lesion": lesion, "destination": "emergency", "call_hour": "10 h 50"})
    refused = client.post(f"/cases/{case_id}/opinion", data=typed, headers=JSON)
    assert refused.json is not None
    assert set(refused.json["fields"]) == {"calls"}
    called = {"calls.0.made": "1", "calls.0.whom": "Dr Camille Requester", "calls.0.phone": "06 39 98 00 11"}
    for hour in ("23 h 50", "25h99", "9 h 50"):
        wrong = client.post(
            f"/cases/{case_id}/opinion", data=typed | called | {"call_hour": hour}, headers=JSON
        )
        assert wrong.json is not None
        assert set(wrong.json["fields"]) == {"call_hour"}
        page = client.post(f"/cases/{case_id}/opinion", data=typed | called | {"call_hour": hour}).text
        assert f'value="{hour}"' in page
        assert "Pas de biopsie." in page
    assert state_of(system, case_id) == "claimed"
    signed = client.post(f"/cases/{case_id}/opinion", data=typed | called)
    assert signed.headers["Location"] == f"/cases/{case_id}?signed=1"
    with reading(system) as work:
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert (opinion.level, opinion.destination) == ("now", "emergency")
    shown = re.compile(r"Dr Camille Requester(</span>)?, 10\s*h\s*50")
    assert shown.search(client.get(f"/cases/{case_id}").text)
    clock.advance(seconds=20)
    sign_in(client, world.who(Role.REQUESTER))
    assert shown.search(client.get(f"/cases/{case_id}").text)
