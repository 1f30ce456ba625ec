"""The pages of a signed opinion that is taken back, corrected, or asked about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Opinion
from dermavis.services import conversation
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.opinion_forms import JSON, filled, lesion_of
from tests.signing_in import sign_in

if TYPE_CHECKING:
    from uuid import UUID

    from flask.testing import FlaskClient


def _amended(client: FlaskClient, case_id: UUID, version: int = 1, **changes: str) -> dict[str, str]:
    page = client.get(f"/cases/{case_id}?amend=1").text
    return filled(
        **{
            "lesions.0.lesion": lesion_of(page),
            "opinion_version": str(version),
            "amend": "1",
            "amends": "correction",
            "amends_why": "Dose mal écrite.",
        }
        | changes
    )


def _signed(system: System, case_id: UUID) -> list[tuple[int, bool]]:
    with reading(system) as work:
        rows = work.session.scalars(
            select(Opinion)
            .where(Opinion.case_id == case_id, Opinion.signed_at.is_not(None))
            .order_by(Opinion.version)
        )
        return [(row.version, row.superseded_by is None) for row in rows]


def test_a_signature_is_offered_back_for_twenty_seconds_and_gives_the_form_back(
    client: FlaskClient, world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    lesion = lesion_of(client.get(f"/cases/{case_id}").text)
    typed = filled(**{"lesions.0.lesion": lesion, "safety_net": "elle saigne"})
    client.post(f"/cases/{case_id}/opinion", data=typed)
    clock.advance(seconds=8)
    page = client.get(f"/cases/{case_id}?signed=1").text
    assert 'data-leaves-in="12"' in page
    assert re.search(r"Avis signé\s*\. Il part dans", page)
    back = client.post(f"/cases/{case_id}/opinion/taken-back")
    assert back.headers["Location"] == f"/cases/{case_id}?did=taken_back#opinion"
    page = client.get(f"/cases/{case_id}?did=taken_back").text
    assert "Signature annulée." in page
    assert "elle saigne" in page
    assert 'value="sign"' in page
    assert _signed(system, case_id) == []


def test_a_signature_that_left_is_not_taken_back_and_the_page_says_so(
    client: FlaskClient, world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.just_signed(world)
    clock.advance(seconds=20)
    sign_in(client, world.who(Role.EXPERT))
    assert "data-leaves-in" not in client.get(f"/cases/{case_id}?signed=1").text
    late = client.post(f"/cases/{case_id}/opinion/taken-back")
    assert late.status_code == 409
    assert "ne peut plus être annulé" in late.text
    assert _signed(system, case_id) == [(1, True)]


def test_the_next_request_and_the_list_offer_the_signature_back_too(
    client: FlaskClient, world: World
) -> None:
    case_id, following = cases.just_signed(world), cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    for path in (f"/cases/{following}?sitting=2&signed={case_id}", f"/worklist?done=1&signed={case_id}"):
        assert f"/cases/{case_id}/opinion/taken-back" in client.get(path).text, path
    sign_in(client, world.who("other_expert"))
    assert "taken-back" not in client.get(f"/worklist?signed={case_id}").text
    assert "taken-back" not in client.get("/worklist?signed=nonsense").text


def test_the_requester_sees_nothing_of_it_for_twenty_seconds(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.just_signed(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{case_id}").text
    assert "s’en occupe" in page
    assert "Kératose séborrhéique irritée" not in page
    assert client.get(f"/cases/{case_id}/report").status_code in {403, 404}
    assert "Avis rendu" not in client.get("/requests").text
    clock.advance(seconds=20)
    assert "Avis rendu" in client.get("/requests").text
    assert "Kératose séborrhéique irritée" in client.get(f"/cases/{case_id}").text


def test_the_form_of_a_new_version_begins_with_the_signed_text_and_asks_what_and_why(
    client: FlaskClient, world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    sign_in(client, world.who(Role.EXPERT))
    shown = client.get(f"/cases/{case_id}").text
    assert "Corriger ou compléter l’avis" in shown
    assert 'name="amends"' not in shown
    page = client.get(f"/cases/{case_id}?amend=1").text
    assert "Pas de biopsie. Émollient le soir." in page
    saved = client.post(f"/cases/{case_id}/opinion", data=_amended(client, case_id, act="save"), headers=JSON)
    assert saved.json is not None
    assert saved.json["revision"] == 1
    assert "Reprendre la nouvelle version" in client.get(f"/cases/{case_id}").text
    for field in ("amends", "amends_why"):
        refused = client.post(
            f"/cases/{case_id}/opinion", data=_amended(client, case_id, **{field: ""}), headers=JSON
        )
        assert refused.json is not None
        assert set(refused.json["fields"]) == {field}
        again = client.post(f"/cases/{case_id}/opinion", data=_amended(client, case_id, **{field: ""}))
        assert again.status_code == 422
        assert f'id="{field}-error"' in again.text
    assert _signed(system, case_id) == [(1, True)]
    done = client.post(f"/cases/{case_id}/opinion", data=_amended(client, case_id))
    assert done.headers["Location"] == f"/cases/{case_id}?signed=1"
    assert _signed(system, case_id) == [(1, False), (2, True)]
    back = client.post(f"/cases/{case_id}/opinion/taken-back")
    assert back.headers["Location"] == f"/cases/{case_id}?did=taken_back&amend=1#opinion"
    assert 'value="Dose mal écrite."' in client.get(f"/cases/{case_id}?amend=1").text
    dropped = client.post(f"/cases/{case_id}/opinion", data={"act": "drop_amendment", "amend": "1"})
    assert dropped.headers["Location"] == f"/cases/{case_id}"
    assert "Corriger ou compléter l’avis" in client.get(f"/cases/{case_id}").text
    assert _signed(system, case_id) == [(1, True)]


def test_a_colleague_who_signed_meanwhile_is_named_and_the_text_stays(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    cases.amended(world, case_id, "other_expert")
    sign_in(client, world.who(Role.EXPERT))
    late = client.post(f"/cases/{case_id}/opinion", data=_amended(client, case_id, safety_net="elle saigne"))
    assert late.status_code == 409
    assert "Camille Other Expert a signé la version 2" in late.text
    assert "elle saigne" in late.text


def test_the_reader_gets_the_new_version_with_its_reason_and_finds_the_old_one_marked(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    client.get(f"/cases/{case_id}")
    clock.advance(minutes=30)
    cases.amended(world, case_id)
    assert "Avis corrigé, à lire" in client.get("/requests").text
    page = client.get(f"/cases/{case_id}").text
    assert "Avis corrigé" in page
    assert "Dose mal écrite." in page
    assert f'href="/cases/{case_id}/report?version=1"' in page
    assert "Remplacée" in page
    assert "Version remplacée" in client.get(f"/cases/{case_id}/report?version=1").text
    assert "Version remplacée" not in client.get(f"/cases/{case_id}/report").text
    assert client.get(f"/cases/{case_id}/report.txt?version=1").text.startswith("VERSION REMPLACÉE")


def test_a_question_after_the_opinion_is_asked_shown_and_settled(
    client: FlaskClient, world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    assert "Poser la question" in client.get(f"/cases/{case_id}").text
    asked = client.post(f"/cases/{case_id}/messages", data={"text": "Et si elle saigne ?"})
    assert asked.headers["Location"] == f"/cases/{case_id}?done=question_after#thread"
    assert "Question posée" in client.get(f"/cases/{case_id}").text
    client.post(f"/cases/{case_id}/messages", data={"text": "Merci !"})
    sign_in(client, world.who(Role.EXPERT))
    listed = client.get("/worklist").text
    assert "Question après l’avis" in listed
    assert f'id="question-{case_id}"' in listed
    page = client.get(f"/cases/{case_id}").text
    assert "Question après l’avis" in page
    panel = page[page.index('id="asked-again"') : page.index("Votre réponse")]
    assert "Et si elle saigne ?" in panel, "the thanks that followed do not hide the question"
    assert "Merci !" in panel
    assert "Rien à répondre" in page
    settled = client.post(f"/cases/{case_id}/question/settled")
    assert settled.headers["Location"] == f"/cases/{case_id}?did=settled"
    assert f'id="question-{case_id}"' not in client.get("/worklist").text
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).asked_again_at is None
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Encore une chose.")
    assert f'id="question-{case_id}"' in client.get("/worklist").text
