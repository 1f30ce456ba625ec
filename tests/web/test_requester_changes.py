"""What a requester changes after sending: answers, completions, pictures."""

from __future__ import annotations

import re
from uuid import uuid4

import html5lib
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import CaseRevision, Message, Photo
from dermavis.services import conversation
from dermavis.services.case_view import view_of
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.clock import FakeClock
from tests.factories import World
from tests.material import jpeg, scene
from tests.signing_in import sign_in
from tests.uploading import process_all, uploaded


def test_what_is_asked_of_each_lesion_is_completed_for_each(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world, **cases.two_lesions())
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}/completion").text
    assert [words for words in re.findall(r"<summary>(.*?)</summary>", page) if "lésion" in words] == [
        "Histoire, lésion 1",
        "Histoire, lésion 2",
    ]
    form = form_of(page) | {"h.1.course": ["growing"], "h.1.bleeding": ["no"]}
    assert (
        client.post(f"/cases/{case_id}/completion", data=form | {"h.1.course": ["nowhere"]}).status_code
        == 422
    )
    assert client.post(f"/cases/{case_id}/completion", data=form).status_code == 303
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        facts = {
            fact.label: " ".join(words for words, _ in fact.parts) for fact in view_of(work, case_id).facts
        }
    assert facts["Évolution, lésion 1"] == "Depuis des années, stable"
    assert facts["Évolution, lésion 2"] == "Depuis des années, grandit"
    assert facts["Signes, lésion 2"] == "Pas de saignement"


def test_an_answer_to_a_precision_starts_the_clock_and_an_empty_one_is_refused(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    clock.advance(hours=1)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert "Une photo du cuir chevelu" in page
    assert f"/cases/{case_id}/photos/new" in page
    refused = client.post(f"/cases/{case_id}/messages", data={"text": "  "})
    assert refused.status_code == 422
    assert "Écrivez votre message." in refused.text
    done = client.post(f"/cases/{case_id}/messages", data={"text": "La voici ce soir."})
    assert done.headers["Location"].endswith("?done=answer#thread")
    assert state_of(world.system, case_id) == "claimed"
    assert "La voici ce soir." in client.get(f"/cases/{case_id}").text


def test_a_too_long_message_comes_back_whole_with_its_reason(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.REQUESTER))
    text = "é" * 4001
    answer = client.post(f"/cases/{case_id}/messages", data={"text": text})
    assert answer.status_code == 422
    assert text in answer.text
    assert "4000" in answer.text


def test_a_completion_is_a_numbered_revision_and_an_older_page_is_told_who_was_first(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}/completion").text
    form = form_of(page)
    assert form["revision"] == ["1"]
    unchanged = client.post(f"/cases/{case_id}/completion", data=form)
    assert unchanged.headers["Location"].endswith("done=unchanged")
    form |= {"question": ["Et si elle saigne ?"], "h.allergies": ["Pénicilline"], "words": ["Merci !"]}
    assert client.post(f"/cases/{case_id}/completion", data=form).status_code == 303
    with reading(world.system) as work:
        numbers = work.session.scalars(
            select(CaseRevision.number).where(CaseRevision.case_id == case_id)
        ).all()
        words = work.session.scalars(select(Message.kind).where(Message.case_id == case_id)).all()
    assert (sorted(numbers), words) == ([1, 2], ["note"])
    shown = client.get(f"/cases/{case_id}").text
    assert "Et si elle saigne ?" in shown
    assert "Pénicilline" in shown
    late = client.post(f"/cases/{case_id}/completion", data=form | {"question": ["Une autre question"]})
    assert late.status_code == 409
    assert "Complétée entre-temps par" in late.text
    assert "Une autre question" in late.text
    assert 'name="revision" value="2"' in late.text


def test_a_completion_answers_what_the_expert_waits_for(client: FlaskClient, world: World) -> None:
    for words, kinds in (("", ["question"]), ("Voici.", ["question", "answer"])):
        case_id = cases.on_hold(world)
        sign_in(client, world.who(Role.REQUESTER))
        form = form_of(client.get(f"/cases/{case_id}/completion").text)
        unchanged = client.post(f"/cases/{case_id}/completion", data=form)
        assert unchanged.headers["Location"].endswith("done=unchanged")
        assert state_of(world.system, case_id) == "on_hold"
        form |= {"h.allergies": ["Pénicilline"], "words": [words]}
        done = client.post(f"/cases/{case_id}/completion", data=form)
        assert done.headers["Location"].endswith("done=answer")
        assert state_of(world.system, case_id) == "claimed"
        with reading(world.system) as work:
            written = select(Message.kind).where(Message.case_id == case_id).order_by(Message.kind.desc())
            assert work.session.scalars(written).all() == kinds


def test_views_that_are_still_asked_for_are_still_shown_after_the_first_picture(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        asked = conversation.ask(work, case_id, "Deux vues.", ["overview", "close_up"], []).id
    photo = uploaded(
        world.system,
        world.actor(Role.REQUESTER),
        case_id,
        jpeg(scene(640, 480)),
        view="overview",
        answers=asked,
    )
    process_all(world.system)
    assert state_of(world.system, case_id) == "on_hold"
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert page.count("Reçue") == 1
    assert f"/cases/{case_id}/photos/new" in page
    page = client.get(f"/cases/{case_id}/photos/new").text
    assert "Photo demandée" in page
    assert re.search(r'<section[^>]*data-view="close_up"', page)
    done = client.post(f"/cases/{case_id}/photos/new", data={"photo": str(photo)})
    assert done.headers["Location"].endswith("?done=photos")
    assert state_of(world.system, case_id) == "claimed"


def test_a_wrong_answer_is_told_beside_its_question_and_keeps_everything_typed(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.REQUESTER))
    form = form_of(client.get(f"/cases/{case_id}/completion").text)
    form |= {"h.duration": ["years"], "h.duration.count": ["beaucoup"], "question": ["Ma nouvelle question"]}
    answer = client.post(f"/cases/{case_id}/completion", data=form)
    assert answer.status_code == 422
    assert "Écrivez un nombre entier, de 1 à 999." in answer.text
    assert 'href="#h.duration"' in answer.text
    assert "beaucoup" in answer.text
    assert "Ma nouvelle question" in answer.text


def test_a_picture_that_arrived_becomes_part_of_the_request_beside_the_older_one(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    actor = world.actor(Role.REQUESTER)
    clock.advance(minutes=5)
    with reading(world.system) as work:
        asked = work.session.scalars(select(Message.id).where(Message.case_id == case_id)).one()
    first = uploaded(world.system, actor, case_id, jpeg(scene(640, 480)), view="overview", answers=asked)
    process_all(world.system)
    assert state_of(world.system, case_id) == "claimed"
    clock.advance(minutes=5)
    other = uploaded(world.system, actor, case_id, jpeg(scene(640, 480, seed=2)), view="close_up")
    clock.advance(minutes=5)
    again = uploaded(world.system, actor, case_id, jpeg(scene(640, 480, seed=3)), view="overview")
    process_all(world.system)
    sign_in(client, world.who(Role.REQUESTER))
    assert client.post(f"/cases/{case_id}/photos/new").status_code == 422
    for wrong in ("x", str(uuid4())):
        assert client.post(f"/cases/{case_id}/photos/new", data={"photo": wrong}).status_code == 422
    ids = [str(first), str(other), str(again)]
    for found in ("{", '{"retries": -1}'):
        wrong_form = {"photo": ids, f"quality-{first}": found}
        assert client.post(f"/cases/{case_id}/photos/new", data=wrong_form).status_code == 422
    done = client.post(f"/cases/{case_id}/photos/new", data={"photo": ids})
    assert done.headers["Location"] == f"/cases/{case_id}?done=photos"
    with reading(world.system) as work:
        rows = work.session.scalars(select(Photo).where(Photo.case_id == case_id)).all()
        assert {row.state for row in rows} == {"ready"}
        assert work.session.scalars(
            select(CaseRevision.number).where(CaseRevision.case_id == case_id)
        ).all() == [1, 2]
    page = client.get(f"/cases/{case_id}").text
    shown = list(dict.fromkeys(re.findall(r'data-photo="([^"]+)"', page)))
    assert shown == [str(first), str(again), str(other)]


def form_of(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the completion form as it stands."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    form = tree.find(".//form[@id='complete']")
    assert form is not None
    values: dict[str, list[str]] = {}

    def add(name: str | None, value: str) -> None:
        if name:
            values.setdefault(name, []).append(value)

    for field in (row for row in form.iter() if row.tag in {"input", "textarea", "select"}):
        name, kind = field.get("name"), field.get("type")
        if field.tag == "textarea":
            add(name, (field.text or "").removeprefix("\n"))
        elif field.tag == "select":
            chosen = [option for option in field.iter("option") if option.get("selected") is not None]
            add(name, (chosen or list(field.iter("option")))[0].get("value") or "")
        elif kind not in {"radio", "checkbox"} or field.get("checked") is not None:
            add(name, field.get("value") or "")
    return values
