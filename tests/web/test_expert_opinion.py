"""The form of an opinion: kept as it stands, given back with its errors, each lesion answered by itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services.answering import draft_of
from dermavis.services.work import System, reading
from tests import cases
from tests.answered_cases import state_of
from tests.factories import World
from tests.opinion_forms import JSON, filled, lesion_of
from tests.signing_in import sign_in


def test_an_opinion_is_saved_as_it_stands_and_read_again(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    typed = filled(
        act="save",
        revision="0",
        follow_up="1",
        follow_up_weeks="6",
        retake="1",
        retake_views="scale",
        safety_net="elle saigne",
        **{
            "lesions.0.lesion": lesion,
            "lesions.0.treatments.0.drug": "Émollient",
            "lesions.0.differentials": "Nævus\r\n\r\nVerrue",
        },
    )
    saved = client.post(f"/cases/{case_id}/opinion", data=typed, headers=JSON)
    assert saved.json == {"format": 1, "revision": 1, "saved": "Enregistré à 10\u00a0h"}
    page = client.get(f"/cases/{case_id}").text
    for words in (
        'value="Kératose séborrhéique"',
        'value="L82"',
        "Pas de biopsie.",
        "elle saigne",
        "Émollient",
    ):
        assert words in page
    with reading(system, world.actor(Role.EXPERT)) as work:
        content = draft_of(work, work.session.get_one(Case, case_id)).content
    assert str(content.lesions[0].lesion) == lesion
    assert content.lesions[0].differentials == ["Nævus", "Verrue"]
    assert (content.follow_up_weeks, content.retake_views) == (6, ["scale"])


def test_a_second_tab_is_told_that_the_opinion_changed(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    client.post(f"/cases/{case_id}/opinion", data=filled(act="save", revision="0"), headers=JSON)
    late = client.post(
        f"/cases/{case_id}/opinion",
        data=filled(act="save", revision="0", destination="surgery"),
        headers=JSON,
    )
    assert late.status_code == 409
    assert late.json is not None
    assert (late.json["code"], late.json["holder"]) == ("opinion_changed", "Dr Camille Expert")


def test_what_a_junior_prepared_is_marked_and_can_be_emptied(client: FlaskClient, world: World) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.JUNIOR))
    client.post(f"/cases/{case_id}/opinion", data=filled(act="save", revision="0"), headers=JSON)
    sign_in(client, world.who(Role.EXPERT))
    client.post(f"/cases/{case_id}/claim")
    page = client.get(f"/cases/{case_id}").text
    assert re.search(f"Préparé par <strong[^>]*>{world.who(Role.JUNIOR).name}</strong>", page)
    assert "Pas de biopsie." in page
    assert 'name="revision" value="0"' in page
    emptied = client.post(f"/cases/{case_id}/opinion", data={"act": "begin_anew", "list": "queue"})
    assert emptied.headers["Location"] == f"/cases/{case_id}?list=queue"
    page = client.get(f"/cases/{case_id}").text
    assert "Préparé par" not in page
    assert "Pas de biopsie." not in page
    assert 'name="revision" value="1"' in page


def test_a_colleague_who_takes_a_released_request_finds_an_empty_form(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    client.post(f"/cases/{case_id}/opinion", data=filled(act="save", revision="0"), headers=JSON)
    assert "Pas de biopsie." in client.get(f"/cases/{case_id}").text
    client.post(f"/cases/{case_id}/release")
    sign_in(client, world.who("other_expert"))
    client.post(f"/cases/{case_id}/claim")
    page = client.get(f"/cases/{case_id}").text
    assert 'id="opinion"' in page
    assert "Pas de biopsie." not in page


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    typed = filled(**{"lesions.0.lesion": lesion, "lesions.0.diagnosis": "", "destination": ""})
    told = client.post(f"/cases/{case_id}/opinion", data=typed)
    assert told.status_code == 422
    assert 'href="#lesions.0.diagnosis"' in told.text
    assert 'id="lesions.0.diagnosis-error"' in told.text
    assert 'id="destination-error"' in told.text
    assert "Pas de biopsie." in told.text
    same = client.post(f"/cases/{case_id}/opinion", data=typed, headers=JSON)
    assert same.json is not None
    assert set(same.json["fields"]) == {"lesions.0.diagnosis", "destination"}
    assert state_of(system, case_id) == "claimed"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"follow_up": "1", "follow_up_weeks": ""}, "Dans combien de semaines\u00a0?"),
        ({"follow_up": "1", "follow_up_weeks": "six"}, "Indiquez un nombre entier."),
        ({"follow_up_weeks": "0"}, "Indiquez au moins 1."),
    ],
)
def test_weeks_that_are_no_number_are_asked_for_and_nothing_typed_is_lost(
    client: FlaskClient, world: World, system: System, typed: dict[str, str], words: str
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    told = client.post(
        f"/cases/{case_id}/opinion", data=filled(**{"lesions.0.lesion": lesion, "teaching": "Le dos"} | typed)
    )
    assert told.status_code == 422
    assert 'href="#follow_up_weeks"' in told.text
    assert 'id="follow_up_weeks-error"' in told.text
    assert told.text.count(words) == 2
    assert re.search(r'id="follow_up" value="1" checked', told.text)
    shown = re.search(r'id="follow_up_weeks"[^>]* value="([^"]*)"', told.text)
    assert shown is not None
    assert shown[1] == typed["follow_up_weeks"]
    for kept in ("Kératose séborrhéique", "Pas de biopsie.", "Le dos"):
        assert kept in told.text
    assert state_of(system, case_id) == "claimed"


def test_a_number_of_weeks_without_a_tick_is_a_follow_up_and_a_tick_is_kept_without_its_number(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = {"lesions.0.lesion": lesion_of(client.get(f"/cases/{case_id}").text)}
    ticked = filled(act="save", revision="0", follow_up="1", **lesion)
    assert client.post(f"/cases/{case_id}/opinion", data=ticked, headers=JSON).status_code == 200
    assert re.search(r'id="follow_up" value="1" checked', client.get(f"/cases/{case_id}").text)
    signed = client.post(
        f"/cases/{case_id}/opinion", data=filled(follow_up_weeks=" 6 ", revision="1", **lesion)
    )
    assert signed.status_code == 303
    with reading(system) as work:
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert opinion.follow_up_weeks == 6
    assert "À revoir à distance dans 6 semaines" in client.get(f"/cases/{case_id}").text


def test_two_lesions_have_each_their_own_answer(client: FlaskClient, world: World, system: System) -> None:
    case_id = cases.claimed(world, **cases.two_lesions())
    sign_in(client, world.who(Role.EXPERT))
    page = client.get(f"/cases/{case_id}").text
    assert page.count('role="tab"') == 2
    ids = re.findall(r'name="lesions.\d.lesion" value="([^"]+)"', page)
    half = filled(
        **{"lesions.0.lesion": ids[0], "lesions.0.destination": "gp", "lesions.1.lesion": ids[1]},
        destination="",
    )
    told = client.post(f"/cases/{case_id}/opinion", data=half, headers=JSON)
    assert told.json is not None
    assert set(told.json["fields"]) == {
        f"lesions.1.{part}" for part in ("diagnosis", "conduct", "destination")
    }
    whole = half | {
        "lesions.1.certainty": "impossible",
        "lesions.1.conduct": "Reprendre la photo.",
        "lesions.1.destination": "surgery",
    }
    assert client.post(f"/cases/{case_id}/opinion", data=whole).status_code == 303
    page = client.get(f"/cases/{case_id}").text
    assert "Lésion 2\u00a0: Kératose, haut du dos à gauche" in page
    assert "Diagnostic impossible" in page
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).destination == "surgery"
