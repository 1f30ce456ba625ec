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
from dermavis.models import AuditEvent, Case, Message, Opinion
from dermavis.services import changing
from dermavis.services.answering import REQUEST_CHANGED, draft_of
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.signing_in import sign_in

JSON = {"Accept": "application/json"}
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


def filled(**changes: str) -> dict[str, str]:
    """A complete form of an ordinary opinion."""
    return {
        "lesions.0.diagnosis": "Kératose séborrhéique",
        "lesions.0.code": "L82",
        "lesions.0.certainty": "probable",
        "lesions.0.conduct": "Pas de biopsie.",
        "destination": "gp",
        "photo_quality": "good",
        "history_quality": "usable",
        "act": "sign",
        "case_revision": "1",
    } | changes


def lesion_of(page: str) -> str:
    """The id of the page's first lesion, as its form holds it."""
    found = re.search(r'name="lesions.0.lesion" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def _state(system: System, case_id: UUID) -> str:
    with reading(system) as work:
        return work.session.get_one(Case, case_id).state


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
    assert _state(system, case_id) == "claimed"


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
    assert _state(system, case_id) == "claimed"


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
    assert _state(system, case_id) == "claimed"
    signed = client.post(f"/cases/{case_id}/opinion", data=typed | {"case_revision": "2"})
    assert signed.headers["Location"] == f"/cases/{case_id}?signed=1"
    with reading(system) as work:
        opinion = work.session.scalars(select(Opinion).where(Opinion.case_id == case_id)).one()
        assert opinion.case_revision == 2


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
    assert _state(system, case_id) == "claimed"


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
    assert _state(system, case_id) == "claimed"
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
    assert _state(system, case_id) == "on_hold"
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
    assert _state(system, case_id) == "declined"
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
    assert _state(system, case_id) == "submitted"


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
    assert _state(system, case_id) == "claimed"
    with reading(system) as work:
        assert work.session.scalars(select(Message.kind)).all() == ["note"]


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
    assert _state(system, case_id) == "claimed"
