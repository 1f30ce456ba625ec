"""Who opens the coordinator's pages, what leaves its row, and what is never said there."""

from __future__ import annotations

import random
from uuid import UUID, uuid4

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, PoolingMember
from dermavis.services import pooling
from dermavis.services.access import may
from dermavis.services.pooling_board import board, sent
from dermavis.services.readings import flush
from dermavis.services.work import reading, writing
from tests import cases
from tests.answered_cases import state_of
from tests.factories import SINCE, World
from tests.pooled_cases import PARTIAL, pooled
from tests.signing_in import sign_in


def addresses(case_id: UUID) -> dict[str, tuple[str, ...]]:
    return {
        "GET": (
            "/pooling",
            "/pooling/sent",
            "/pooling/members",
            f"/pooling/{case_id}",
            f"/pooling/{case_id}/completion",
        ),
        "POST": (
            "/pooling/search",
            "/pooling/sent/search",
            "/pooling/release",
            "/pooling/hold",
            f"/pooling/{case_id}/return",
            f"/pooling/{case_id}/note",
            f"/pooling/{case_id}/addressing",
            f"/pooling/{case_id}/completion",
        ),
    }


@pytest.mark.parametrize(
    "name", [*(role for role in Role if role is not Role.COORDINATOR), "stranger", "outsider"]
)
def test_nobody_but_a_coordinator_opens_anything_here(
    client: FlaskClient, world: World, name: Role | str
) -> None:
    case_id = pooled(world)
    sign_in(client, world.who(name))
    form = {
        "case": str(case_id),
        "team": str(world.team_id),
        "reason": "another",
        "words": "Mot",
        "note": "Mot",
    }
    for method, paths in addresses(case_id).items():
        for path in paths:
            answer = client.open(path, method=method, data=form if method == "POST" else None)
            assert answer.status_code in {403, 404}, (path, answer.status_code)
            assert "Vautrin" not in answer.text
    assert state_of(world.system, case_id) == "pooled"


def test_a_coordinator_opens_every_page_as_valid_html(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world, lacks=("allergies",))
    left = pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, left)
    for path in (*addresses(case_id)["GET"], f"/pooling/{left}"):
        answer = coordinator.get(path)
        assert answer.status_code == 200, path
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(answer.text)
        assert parser.errors == [], (path, parser.errors)


def test_a_request_of_another_place_does_not_exist_here(coordinator: FlaskClient, world: World) -> None:
    elsewhere = cases.sent(world)
    for method, paths in addresses(elsewhere).items():
        for path in paths:
            if str(elsewhere) in path:
                data = {"team": str(world.team_id), "reason": "another", "words": "Mot", "note": "Mot"}
                assert coordinator.open(path, method=method, data=data).status_code == 404, path


def test_forms_ask_for_their_token(guarded_client: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    sign_in(guarded_client, world.who(Role.COORDINATOR))
    for path in addresses(case_id)["POST"]:
        assert guarded_client.post(path, data={"case": str(case_id)}).status_code == 400, path
    assert state_of(world.system, case_id) == "pooled"


def test_a_coordinator_is_shown_no_opinion(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.release(work, case_id)
    from dermavis.services.claiming import claim

    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claim(work, case_id)
    cases.sign(world, case_id)
    pages = [coordinator.get(path).text for path in ("/pooling/sent", f"/pooling/{case_id}")]
    assert all("Avis rendu" in page for page in pages)
    assert "Kératose séborrhéique irritée" in str(cases.opinion())
    assert not any("séborrhéique" in page or "L82" in page for page in pages)
    requester = coordinator.application.test_client()
    sign_in(requester, world.who("pooled_requester"))
    assert "séborrhéique" in requester.get(f"/cases/{case_id}").text


def test_lists_and_readings_leave_their_rows(coordinator: FlaskClient, world: World) -> None:
    case_id = pooled(world)
    coordinator.get("/pooling")
    coordinator.get(f"/pooling/{case_id}", headers=PARTIAL | {"HX-Target": "panel"})
    coordinator.get(f"/pooling/{case_id}/completion")
    coordinator.get("/pooling/members")
    flush(world.system)
    with reading(world.system) as work:
        me = world.who(Role.COORDINATOR).person_id
        rows = work.session.scalars(select(AuditEvent).where(AuditEvent.actor_id == me)).all()
    lists = [row for row in rows if row.action == "list.read"]
    assert {row.subject_kind for row in lists} == {"pooling", "pooling.members"}
    assert lists[0].detail["cases"] == [str(case_id)]
    screens = [row.detail["screen"] for row in rows if row.action == "case.read"]
    assert screens == ["pooling", "pooling.completion"]


def test_the_board_is_what_the_permission_map_lets_through_on_random_cases(world: World) -> None:
    chance = random.Random(7)
    with writing(world.system) as work:
        work.session.add(
            PoolingMember(
                id=uuid4(), coordination_id=world.body_id, site_id=world.other_site_id, valid_from=SINCE
            )
        )
    made = []
    for _ in range(24):
        name = chance.choice(["pooled_requester", "stranger", "requester"])
        made.append(cases.sent(world, name, urgency=chance.choice(["routine", "soon", "urgent"])))
    actor = world.actor(Role.COORDINATOR)
    for case_id in made:
        if chance.random() < 0.3:
            pooling.release_many(world.system, actor, [case_id])
    with reading(world.system, actor) as work:
        found = board(work)
        left = sent(work)
        rows = [work.session.get_one(Case, case_id) for case_id in made]
        releasable = {case.id for case in rows if may(work, Permission.POOL_RELEASE, case)}
        readable = {case.id for case in rows if may(work, Permission.CASE_READ, case)}
    assert {row.id for row in found.rows} == releasable
    assert {row.id for row in found.rows} | {row.id for row in left.rows} == readable
    assert {row.id for row in found.skipped} <= readable - releasable
    assert len(readable) not in {0, len(made)}
