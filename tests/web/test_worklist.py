"""The expert's lists as pages: who reaches them, what they show, and the way back to the same filter."""

from __future__ import annotations

import re

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Organization
from dermavis.services import claiming
from dermavis.services.notices import mark_read
from dermavis.services.readings import flush
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in

READERS = (Role.EXPERT, Role.JUNIOR, Role.SUPER_USER)
ADDRESSES = ("/worklist", "/worklist?list=waiting", "/worklist?list=answered", "/worklist/diagnoses?q=zona")


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_those_who_answer_have_the_lists(client: FlaskClient, world: World, address: str) -> None:
    assert client.get(address).status_code == 303, "a stranger signs in first"
    for role in Role:
        sign_in(client, world.who(role))
        assert client.get(address).status_code == (200 if role in READERS else 403), role


def test_the_list_says_what_waits_how_long_and_how_pressing(client: FlaskClient, world: World) -> None:
    first = cases.sent(world, urgency="urgent")
    cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    page = client.get("/worklist").text
    html5lib.HTMLParser(strict=True).parse(page)
    assert "2 demandes à répondre" in page
    assert "Environ 6\u00a0min, à 3 min par dossier" in page
    assert "1 pour aujourd’hui" in page
    assert page.index(f"/cases/{first}") < page.index("Reste 96\u00a0h")
    assert "Surveiller ou retirer" in page
    assert page.count("<h1>") == 1


def test_a_filter_is_an_address_and_every_row_leads_back_to_it(client: FlaskClient, world: World) -> None:
    case_id = cases.sent(world)
    cases.sent(
        world, motive="inflammatory", photos=_photos("distribution", "region", "close_up", "fresh_element")
    )
    sign_in(client, world.who(Role.EXPERT))
    page = client.get("/worklist?motive=keratosis").text
    assert f'href="/cases/{case_id}?motive=keratosis"' in page
    assert page.count('class="case-row"') == 1
    assert re.search(r'aria-current="true">Kératose 1<', page)
    back = client.get(f"/cases/{case_id}?motive=keratosis").text
    assert 'href="/worklist?motive=keratosis"' in back


def test_a_part_swapped_by_htmx_is_what_the_page_holds(client: FlaskClient, world: World) -> None:
    cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    part = client.get("/worklist", headers={"HX-Request": "true"}).text
    assert part.strip().startswith("<div") or "<html" not in part
    assert _without_token(part.strip()) in _without_token(client.get("/worklist").text)


def test_nothing_left_is_said_in_words(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.EXPERT))
    assert "Tout est répondu" in client.get("/worklist").text
    assert "Personne ne vous doit de réponse" in client.get("/worklist?list=waiting").text
    assert "Aucun avis rendu" in client.get("/worklist?list=answered").text
    assert "Séance terminée\u00a0: 3 demandes vues." in client.get("/worklist?done=3").text


def test_a_list_that_shows_names_is_one_audit_row(client: FlaskClient, world: World, system: System) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    client.get("/worklist")
    flush(system)
    with reading(system) as work:
        (row,) = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "list.read")).all()
    assert (row.subject_kind, row.detail["cases"]) == ("worklist.queue", [str(case_id)])


def test_a_page_made_after_a_colleague_claimed_does_not_show_the_request_as_free(
    client: FlaskClient, world: World, system: System
) -> None:
    taken, free = cases.sent(world), cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    assert f'id="case-{taken}"' in client.get("/worklist").text
    with writing(system, world.actor("other_expert")) as work:
        claiming.claim(work, taken)
    page = client.get("/worklist").text
    assert f'id="case-{taken}"' not in page
    assert f'id="case-{free}"' in page
    assert "1 demande à répondre" in page
    with writing(system, world.actor("other_expert")) as work:
        claiming.release(work, taken)
    assert f'id="case-{taken}"' in client.get("/worklist").text


def test_a_place_that_was_renamed_stands_on_the_next_page(
    client: FlaskClient, world: World, system: System
) -> None:
    cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    assert "Maison de santé des Tilleuls" in client.get("/worklist").text
    with writing(system) as work:
        site = work.session.get_one(Organization, world.site_id)
        site.name = site.short_name = "Maison des <Ormes>"
    page = client.get("/worklist").text
    assert "Maison des &lt;Ormes&gt;" in page
    assert "Tilleuls" not in page


def test_the_bar_counts_news_and_what_waits_at_the_time_of_the_page(
    client: FlaskClient, world: World, system: System
) -> None:
    cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    assert 'aria-label="Notifications, 1 non lue"' in client.get("/worklist").text
    with writing(system, world.actor(Role.EXPERT)) as work:
        mark_read(work)
    assert 'aria-label="Notifications"' in client.get("/worklist").text
    cases.on_hold(world)
    assert re.search(r'En attente d’une précision <span class="count">1</span>', client.get("/worklist").text)


def test_a_diagnosis_is_found_by_a_word_or_a_code_and_kept_in_no_cache(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.EXPERT))
    found = client.get("/worklist/diagnoses?q=keratose seborrheique")
    assert found.json is not None
    assert found.json["found"][0] == {"code": "L82", "label": "Kératose séborrhéique"}
    assert found.headers["Cache-Control"] == "private, no-store"
    assert client.get("/worklist/diagnoses?q=").json == {"format": 1, "found": []}


def test_a_sitting_opens_one_request_after_the_other(
    client: FlaskClient, world: World, system: System
) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.EXPERT))
    opened = client.post("/worklist/sitting")
    assert opened.headers["Location"] == f"/cases/{case_id}?sitting=1"
    page = client.get(opened.headers["Location"]).text
    assert "1 sur 1" in page
    assert "Signer et suivant" in page
    end = client.post("/worklist/sitting", data={"passed": str(case_id), "sitting": "1"})
    assert end.headers["Location"] == "/worklist?done=1"
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "submitted"


@pytest.mark.parametrize(
    "role", [Role.REQUESTER, Role.COORDINATOR, Role.CENTRE_SECRETARY, Role.ADMINISTRATOR]
)
def test_nobody_else_begins_a_sitting(client: FlaskClient, world: World, role: Role) -> None:
    cases.sent(world)
    sign_in(client, world.who(role))
    assert client.post("/worklist/sitting").status_code == 403


def _photos(*views: str) -> list[dict[str, object]]:
    lesion = cases.content()["photos"][0] | {"lesion": None}
    return [
        lesion
        | {"id": f"6f1f9a3e-5a44-4a5e-9d43-{place:012d}", "view": view, "sha256": None, "skipped": "refused"}
        for place, view in enumerate(views)
    ]


def _without_token(page: str) -> str:
    """The form token tells its second: two pages of two seconds differ by it alone."""
    return re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", page)
