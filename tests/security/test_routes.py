"""Every route is tried by every role and by a stranger; a route that is not in the table fails."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dermavis.domain.roles import Role
from dermavis.services import claiming, conversation
from dermavis.services.work import System, writing
from tests import cases
from tests.factories import World
from tests.security.public_routes import PUBLIC
from tests.security.route_table import TABLE, Access
from tests.signing_in import sign_in
from tests.treating import treated_by

SAFE = frozenset({"HEAD", "OPTIONS"})
DENIED = frozenset({403, 404})
DOOR = frozenset({302, 303, 401})
ELSEWHERE = ("stranger", "stranger_expert", "outsider")


def _routes(app: Flask) -> dict[str, Rule]:
    return {
        f"{method} {rule.rule}": rule
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - SAFE)
    }


def _case(world: World, state: str) -> UUID:
    if state == "declined":
        case_id = cases.claimed(world)
        with writing(world.system, world.actor(Role.EXPERT)) as work:
            claiming.decline(work, case_id, "needs_examination")
        return case_id
    if state == "in_error":
        return cases.in_error(world)
    if state == "leaving":
        return cases.just_signed(world)
    if state == "asked_again":
        case_id = cases.answered(world)
        with writing(world.system, world.actor(Role.REQUESTER)) as work:
            conversation.write(work, case_id, "Et si elle saigne ?")
        return case_id
    makers = {
        "draft": cases.drafted,
        "sent": cases.sent,
        "claimed": cases.claimed,
        "on_hold": cases.on_hold,
        "answered": cases.answered,
        "in_person": lambda world: cases.answered(world, answer=cases.opinion(destination="in_person")),
        "unread": cases.left_unread,
        "copied": lambda world: cases.answered(world, patient=treated_by(world, "other_requester")),
        "pooled": lambda world: cases.sent(world, "pooled_requester"),
    }
    return makers[state](world)


def _id_of(world: World | None, value: str) -> str:
    """Return the id that a name of the table stands for."""
    if world is None:
        return str(uuid4()) if value.endswith("_id") or value == "other_requester" else value
    if value == "other_requester":
        return str(world.who(value).person_id)
    return str(getattr(world, value)) if value.endswith("_id") else value


def _ask(
    client: FlaskClient, route: str, access: Access, case_id: UUID | None, world: World | None = None
) -> TestResponse:
    method, path = route.split(" ", 1)
    for part in [part for part in path.split("/") if part.startswith("<")]:
        name = part.strip("<>").split(":")[-1]
        value = access.arguments.get(name) or (
            str(case_id) if name == "case_id" and case_id else str(uuid4())
        )
        path = path.replace(part, _id_of(world, value))
    body = {"json": access.json} if access.json is not None else {"data": access.body}
    return client.open(path, method=method, headers=access.headers, **({} if method == "GET" else body))


def test_every_route_is_in_the_table_and_the_table_names_no_other(
    system: System, application: Callable[..., Flask]
) -> None:
    app = application(system, own=True)
    routes = set(_routes(app))
    assert routes - PUBLIC - TABLE.keys() == set()
    assert (TABLE.keys() | PUBLIC) - routes == set()
    app.add_url_rule("/planted", view_func=lambda: "planted")
    assert set(_routes(app)) - PUBLIC - TABLE.keys() == {"GET /planted"}


def test_what_is_public_is_marked_so_and_nothing_else_is(app: Flask) -> None:
    marked = {
        route
        for route, rule in _routes(app).items()
        if getattr(app.view_functions[rule.endpoint], "public_view", False)
    }
    assert marked == PUBLIC


@pytest.mark.parametrize("route", sorted(TABLE))
def test_a_stranger_is_shown_the_door(route: str, client: FlaskClient) -> None:
    answer = _ask(client, route, TABLE[route], None)
    assert answer.status_code in DOOR, (route, answer.status_code)
    if answer.status_code != 401:
        assert "/sign-in" in answer.headers["Location"]


def test_every_role_gets_what_the_table_says_and_nothing_else(world: World, app: Flask) -> None:
    shared = {
        state: _case(world, state) for state in sorted({access.case for access in TABLE.values()} - {""})
    }
    wrong = []
    for name in [*(role.value for role in Role), *ELSEWHERE]:
        # A sitting that somebody began may have taken the one before from the queue.
        shared["sent"] = _case(world, "sent")
        reader = app.test_client()
        sign_in(reader, world.who(name))
        for route in sorted(TABLE):
            access = TABLE[route]
            if name in ELSEWHERE and not access.case:
                continue
            allowed = name in {role.value for role in access.who}
            # Whoever may change a case gets one of their own; whoever may not cannot harm a shared one.
            fresh = allowed and access.case and not route.startswith("GET ")
            case_id = _case(world, access.case) if fresh else shared.get(access.case)
            client = reader
            if not route.startswith("GET "):  # it may end the session
                client = app.test_client()
                sign_in(client, world.who(name))
            status = _ask(client, route, access, case_id, world).status_code
            if status >= 500 or allowed == (status in DENIED | {401}):
                wrong.append(f"{name}, {route}: {status}, expected {'access' if allowed else 'a denial'}")
    assert not wrong, "\n".join(wrong)
