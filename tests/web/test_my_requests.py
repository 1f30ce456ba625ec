"""« Mes demandes » on the web: its search, its further pages, and what is noted of its reading."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent
from dermavis.services.readings import flush
from dermavis.services.work import reading
from tests import cases
from tests.answered_cases import readings
from tests.factories import World
from tests.signing_in import sign_in


def test_the_search_answers_a_part_to_htmx_and_a_page_without_it_and_no_address_holds_the_words(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.REQUESTER))
    part = client.post("/requests/search", data={"q": "VAUTRIN"}, headers={"HX-Request": "true"}).text
    assert str(case_id) in part
    assert "<html" not in part
    page = client.post("/requests/search", data={"q": "vautrin"}).text
    assert str(case_id) in page
    assert "<html" in page
    for sign in ("%", "_", "％"):
        assert str(case_id) not in client.post("/requests/search", data={"q": sign}).text
    listed = client.get("/requests").text
    assert 'hx-post="/requests/search"' in listed
    assert "hx-get" not in listed


def test_a_new_doctor_is_told_how_to_begin_and_a_section_that_is_none_is_not_found(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.NURSE_REQUESTER))
    page = client.get("/requests").text
    assert "Aucune demande pour l’instant" in page
    assert "/requests/new" in page
    assert 'id="local-drafts"' in page
    assert client.get("/requests?section=nothing").status_code == 404
    assert client.get("/requests?section=over&after=nothing").status_code == 422
    for name in (Role.EXPERT, Role.COORDINATOR, Role.PILOT):
        sign_in(client, world.who(name))
        assert client.get("/requests").status_code == 403
        assert client.post("/requests/search", data={"q": "vautrin"}).status_code == 403


def test_further_pages_show_what_the_first_did_not(client: FlaskClient, world: World) -> None:
    made = {str(cases.drafted(world)) for _ in range(30)}
    sign_in(client, world.who(Role.REQUESTER))
    first = client.get("/requests").text
    more = re.search(r'href="(/requests\?section=running&amp;after=[^"]+)"', first)
    assert more is not None
    second = client.get(more[1].replace("&amp;", "&")).text
    shown = [set(re.findall(r'id="request-([^"]+)"', page)) for page in (first, second)]
    assert [len(ids) for ids in shown] == [25, 5]
    assert shown[0] | shown[1] == made


def test_every_reading_of_a_case_and_a_list_is_noted_without_a_name(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.sent(world)
    sign_in(client, world.who(Role.REQUESTER))
    for path in ("", "/completion", "/cancellation", "/photos/new"):
        client.get(f"/cases/{case_id}{path}")
    screens = [detail["screen"] for _, detail in readings(world.system, case_id)]
    assert screens == ["requester", "completion", "cancellation", "photos"]
    client.get("/requests")
    client.post("/requests/search", data={"q": "vautrin"})
    flush(world.system)
    with reading(world.system) as work:
        rows = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "list.read")).all()
        details = [row.detail for row in rows]
    assert [(row["filter"], row["cases"]) for row in details] == [
        ("all", [str(case_id)]),
        ("search", [str(case_id)]),
    ]
    assert "vautrin" not in str(details).lower()
