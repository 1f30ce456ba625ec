"""A request that changes after it left, or in two places at once, as its pages and its interface tell it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Message
from dermavis.services import changing
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.opinion_forms import JSON, filled, lesion_of
from tests.signing_in import sign_in


def completed(world: World, case_id: UUID, since: int = 1, why: str = "", **changes: Any) -> None:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, changes, since, why)


def news_of(page: str) -> str:
    """What the page tells of changes: opened where they are new, folded where they are known."""
    found = re.search(r'<(div|details) id="news".*?</dl>', page, re.DOTALL)
    return found[0] if found else ""


def test_the_expert_sees_at_once_what_changed_and_later_finds_it_folded(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    clock.advance(minutes=5)
    sign_in(client, world.who(Role.EXPERT))
    assert news_of(client.get(f"/cases/{case_id}").text) == ""
    completed(world, case_id, why="Résultat reçu.", question="Et sous anticoagulant ?")
    assert "Complétée" in client.get("/worklist").text
    client.get(
        f"/cases/{case_id}", headers={"X-Background": "1"}
    )  # a page that renews itself looks at nothing
    told = client.get(f"/cases/{case_id}").text
    for words in ("<div id", "Surveiller ou retirer", "Et sous anticoagulant ?", "Résultat reçu."):
        assert words in news_of(told), words
    assert "<details id" in news_of(client.get(f"/cases/{case_id}").text)
    assert "Complétée" not in client.get("/worklist").text


def test_every_version_has_its_page_and_any_two_are_compared(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    for who in (Role.EXPERT, Role.REQUESTER):
        sign_in(client, world.who(who))
        assert client.get(f"/cases/{case_id}/revisions").headers["Location"].endswith("/revisions/1")
    completed(world, case_id, question="Deux")
    completed(world, case_id, 2, question="Trois")
    first = client.get(f"/cases/{case_id}/revisions/1").text
    assert "Version 1 de la demande" in first
    assert "06\u00a039\u00a098\u00a000\u00a011" in first
    last = client.get(f"/cases/{case_id}/revisions").text
    assert "De la version 2 à la version 3" in last
    assert ("Deux" in last, "Trois" in last, "Surveiller ou retirer" in last) == (True, True, False)
    whole = client.get(f"/cases/{case_id}/revisions?from=1&to=3").text
    assert ("Deux" in whole, "Surveiller ou retirer" in whole) == (False, True)
    for nowhere in ("revisions/4", "revisions?from=9", "revisions?from=x"):
        assert client.get(f"/cases/{case_id}/{nowhere}").status_code == 404


def test_a_refused_signature_shows_the_difference_first_and_a_save_tells_of_it(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    typed = filled(**{"lesions.0.lesion": lesion_of(client.get(f"/cases/{case_id}").text), "revision": "0"})
    completed(world, case_id, question="Et sous anticoagulant ?")
    saved = client.post(f"/cases/{case_id}/opinion", data=typed | {"act": "save"}, headers=JSON).json
    assert saved is not None
    assert saved["completed"] == "La demande a été complétée par Dr Camille Requester à 10\u00a0h."
    asked = [client.get(f"/cases/{case_id}/revisions/since/{number}").json for number in (1, 2)]
    assert asked == [{"format": 1, "completed": saved["completed"]}, {"format": 1, "completed": ""}]
    refused = client.post(f"/cases/{case_id}/opinion", data=typed | {"revision": "1"})
    assert refused.status_code == 409
    assert "<div id" in news_of(refused.text)
    assert "Et sous anticoagulant ?" in news_of(refused.text)
    assert "Pas de biopsie." in refused.text
    signed = client.post(f"/cases/{case_id}/opinion", data=typed | {"revision": "1", "case_revision": "2"})
    assert signed.status_code == 303
    assert "d’après la version 2 de la demande" in client.get(f"/cases/{case_id}").text


def test_a_form_that_comes_back_late_stays_on_the_text_that_it_was_written_on(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    address = f"/cases/{case_id}/opinion"
    client.post(address, data=filled(act="save", revision="0", safety_net="Écrit ailleurs"), headers=JSON)
    late = client.post(address, data=filled(act="save", revision="0", safety_net="Écrit avant"))
    assert late.status_code == 409
    assert "Modifié sur un autre appareil par Dr Camille Expert à 10\u00a0h." in late.text
    assert "Écrit avant" in late.text
    assert 'name="revision" value="0"' in late.text


def test_who_completes_what_was_completed_meanwhile_reads_both_and_loses_nothing(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}/completion").text
    typed = {
        "revision": "1",
        "question": "La mienne",
        "phone": "06 39 98 00 11",
        "substitute": "Dr Valence",
        "words": "Voyez aussi.",
    }
    assert 'name="message_id"' in page
    completed(world, case_id, question="La leur", contact={"phone": "0639980011", "substitute": "Dr Autre"})
    crossed = client.post(f"/cases/{case_id}/completion", data=typed)
    assert crossed.status_code == 409
    for words in ("Complétée entre-temps par Dr Camille Requester à", "La leur", "La mienne", "Voyez aussi."):
        assert words in crossed.text, words
    assert 'value="Dr Autre"' in crossed.text
    assert "Vous avez tous deux écrit sous\u00a0: Question" in crossed.text.replace("&nbsp;", "\u00a0")
    again = client.post(f"/cases/{case_id}/completion", data=typed | {"revision": "2"})
    assert again.status_code == 303


def test_a_message_pressed_twice_is_one_and_another_text_is_kept_on_the_screen(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.claimed(world)
    for who in (Role.REQUESTER, Role.EXPERT):
        sign_in(client, world.who(who))
        found = re.search(r'name="message_id" value="([^"]+)"', client.get(f"/cases/{case_id}").text)
        assert found is not None
        typed = {"text": f"Bonjour, {who}", "message_id": found[1]}
        for _ in range(2):
            assert client.post(f"/cases/{case_id}/messages", data=typed).status_code == 303
        other = client.post(f"/cases/{case_id}/messages", data=typed | {"text": "Autre chose"})
        assert other.status_code == 409
        assert "Un autre texte est déjà parti de cette page." in other.text
        assert "Autre chose" in other.text
        assert found[1] not in other.text
    with reading(system) as work:
        count = select(func.count()).select_from(Message).where(Message.case_id == case_id)
        assert work.session.scalar(count) == 2


def test_two_texts_of_a_draft_are_told_part_by_part_in_words(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    draft, content = f"/api/v1/drafts/{uuid4()}", cases.content()
    client.put(draft, json={"format": 1, "content": content}, headers={"If-Match": '"0"'})
    theirs = content | {"question": "La leur"}
    client.put(draft, json={"format": 1, "content": theirs}, headers={"If-Match": '"1"'})
    mine = content | {"question": "La mienne"}
    refused = client.put(draft, json={"format": 1, "content": mine}, headers={"If-Match": '"1"'})
    assert refused.status_code == 412
    assert refused.json is not None
    assert refused.json["message"].startswith("Vous l’avez modifié sur un autre appareil à 10\u00a0h.")
    assert [
        (row["path"], row["label"], row["mine"], row["theirs"]) for row in refused.json["differences"]
    ] == [(["question"], "Question", "La mienne", "La leur")]


def test_a_request_sent_again_with_another_content_is_refused_and_told_what_is_not_in_it(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    draft, content = f"/api/v1/drafts/{uuid4()}", cases.content()
    client.put(draft, json={"format": 1, "content": content}, headers={"If-Match": '"0"'})
    other = content | {"question": "Autre"}

    def send(told: dict[str, Any], revision: int = 1) -> Any:
        return client.post(f"{draft}/send", json={"format": 1, "revision": revision, "content": told})

    assert send(other).status_code == 412
    first = send(content)
    assert first.status_code == 200
    clock = {"time": "2026-03-12T10:00:00+00:00", "offset_minutes": 60}
    assert send(content | {"device": clock}).json == first.json
    refused = send(other)
    assert (refused.status_code, refused.json["code"]) == (409, "already_sent")
    assert [row["mine"] for row in refused.json["differences"]] == ["Autre"]
    late = client.put(draft, json={"format": 1, "content": other}, headers={"If-Match": '"1"'})
    assert late.status_code == 409
    assert [row["label"] for row in late.json["differences"]] == ["Question"]
