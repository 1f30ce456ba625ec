"""The list of notifications, its choices, and browsers that sign up for pushes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dermavis.domain.notices import Wishes
from dermavis.domain.roles import Role
from dermavis.models import Person, PushSubscription
from dermavis.services.notices import announce
from dermavis.services.work import System, reading, writing
from tests.announced import sent_case, the_case
from tests.factories import World
from tests.receivers import PushReceiver
from tests.signing_in import sign_in


@pytest.fixture
def app(connected: System, application: Callable[..., Flask]) -> Flask:
    return application(connected)


def tell(system: System, world: World, event: str = "opinion") -> UUID:
    case_id = sent_case(system, world, state="answered", number="D-4821")
    with writing(system) as work:
        announce(work, event, the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
    return case_id


def owners(system: System) -> list[UUID]:
    with reading(system) as work:
        return list(work.session.scalars(select(PushSubscription.person_id)))


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.EXPERT, "/worklist"),
        (Role.COORDINATOR, "/pooling"),
        (Role.ADMINISTRATOR, "/administration/people"),
    ],
)
def test_the_bar_of_a_desk_leads_to_the_notifications_and_counts_them(
    client: FlaskClient, world: World, system: System, role: Role, place: str
) -> None:
    sign_in(client, world.who(role))
    assert '<a class="bell" href="/notifications" aria-label="Notifications">' in client.get(place).text
    for _ in range(2):
        case_id = sent_case(system, world, state="answered")
        with writing(system) as work:
            announce(work, "message", the_case(work, case_id), [world.who(role).person_id])
    page = client.get(place).text
    assert 'aria-label="Notifications, 2 non lues"' in page
    assert page.count('class="bell"') == 1


def test_an_empty_list_says_what_will_stand_there(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get("/notifications").text
    assert "Aucune notification" in page
    assert "Tout marquer lu" not in page


def test_a_line_leads_to_the_case_and_is_read_once_followed(
    client: FlaskClient, connected: System, world: World
) -> None:
    case_id = tell(connected, world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get("/notifications").text
    assert "Avis rendu · D-4821" in page
    assert "1 non lue" in page
    line = re.search(r'href="(/notifications/[0-9a-f-]{36})"', page)
    assert line is not None
    answer = client.get(line[1])
    assert (answer.status_code, answer.location) == (303, f"/cases/{case_id}")
    assert "non lue" not in client.get("/notifications").text


def test_a_line_of_somebody_else_does_not_exist(client: FlaskClient, connected: System, world: World) -> None:
    tell(connected, world)
    sign_in(client, world.who(Role.REQUESTER))
    line = re.search(r'href="(/notifications/[0-9a-f-]{36})"', client.get("/notifications").text)
    assert line is not None
    stranger = client.application.test_client()
    sign_in(stranger, world.who("stranger"))
    assert stranger.get(line[1]).status_code == 404
    assert stranger.get(f"/notifications/{uuid4()}").status_code == 404
    assert "D-4821" not in stranger.get("/notifications").text


def test_everything_is_marked_as_read_at_once(client: FlaskClient, connected: System, world: World) -> None:
    tell(connected, world)
    sign_in(client, world.who(Role.REQUESTER))
    assert "1 non lue" in client.get("/notifications").text
    assert client.post("/notifications/read").status_code == 303
    assert "non lue" not in client.get("/notifications").text


def test_choices_are_kept_and_shown_again(client: FlaskClient, connected: System, world: World) -> None:
    who = world.who(Role.REQUESTER)
    sign_in(client, who)
    choices = {"push": "1", "mail": "opinions", "quiet_from": "20:00", "quiet_to": "7 h 30"}
    answer = client.post("/notifications/preferences", data=choices)
    assert (answer.status_code, answer.location) == (303, "/notifications/preferences?saved=1")
    page = client.get("/notifications/preferences?saved=1").text
    assert "Vos réglages sont enregistrés." in page
    assert 'value="20:00"' in page
    assert re.search(r'value="opinions" checked', page)
    with reading(connected) as work:
        kept = Wishes.read(work.session.get_one(Person, who.person_id).preferences)
    assert (kept.push, kept.mail) == (True, "opinions")
    assert str(kept.quiet_to) == "07:30:00"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "Écrivez une heure, par exemple 20:00."),
        ({"quiet_from": "20:00"}, "Donnez les deux heures, ou aucune."),
        ({"mail": "sometimes"}, "Choisissez quand vous voulez un e-mail."),
    ],
)
def test_a_wrong_choice_is_told_beside_its_field_and_loses_nothing(
    client: FlaskClient, world: World, changes: dict[str, str], words: str
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    form = {"push": "1", "mail": "always", "quiet_from": "", "quiet_to": ""} | changes
    answer = client.post("/notifications/preferences", data=form)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2  # in the summary and beside the field
    assert all(f'value="{value}"' in answer.text for value in changes.values() if value != "sometimes")
    assert "enregistrés" not in answer.text


def test_a_browser_signs_up_moves_and_leaves(
    client: FlaskClient, connected: System, world: World, receiver: PushReceiver
) -> None:
    phone = receiver.phone("shared")
    first, second = world.who(Role.REQUESTER), world.who("other_requester")
    sign_in(client, first)
    assert client.post("/notifications/subscriptions", json=phone.subscription).status_code == 201
    assert client.post("/notifications/subscriptions", json=phone.subscription).status_code == 201
    assert owners(connected) == [first.person_id]
    sign_in(client, second)
    assert client.post("/notifications/subscriptions", json=phone.subscription).status_code == 201
    assert owners(connected) == [second.person_id]
    gone = client.delete("/notifications/subscriptions", json={"endpoint": phone.endpoint})
    assert gone.status_code == 200
    assert owners(connected) == []


def test_a_renewed_subscription_takes_the_place_of_the_old_one(
    client: FlaskClient, connected: System, world: World, receiver: PushReceiver
) -> None:
    old, new = receiver.phone("old"), receiver.phone("new")
    sign_in(client, world.who(Role.REQUESTER))
    client.post("/notifications/subscriptions", json=old.subscription)
    renewed = {**new.subscription, "replaces": old.endpoint}
    assert client.post("/notifications/subscriptions", json=renewed).status_code == 201
    assert len(owners(connected)) == 1


@pytest.mark.parametrize(
    "body",
    [[], "x", {}, {"endpoint": "https://fcm.googleapis.com/x"}, {"endpoint": 3, "keys": {}},
     {"endpoint": "https://attaquant.example/x", "keys": {"p256dh": "a", "auth": "b"}},
     {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "a" * 300, "auth": "b"}}],
)  # fmt: skip
def test_an_unreadable_subscription_is_refused_in_words(
    client: FlaskClient, connected: System, world: World, body: object
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    answer = client.post("/notifications/subscriptions", json=body)
    assert answer.status_code == 422
    assert "navigateur" in " ".join(answer.json["fields"].values())
    assert owners(connected) == []


def test_a_stranger_is_told_to_sign_in_and_keeps_nothing(
    client: FlaskClient, connected: System, world: World, receiver: PushReceiver
) -> None:
    answer = client.post("/notifications/subscriptions", json=receiver.phone("a").subscription)
    assert (answer.status_code, answer.json["code"]) == (401, "signed_out")
    assert client.get("/notifications").location == "/sign-in?next=%2Fnotifications"
    assert owners(connected) == []


def test_the_service_worker_needs_no_form_token_but_another_site_gets_nowhere(
    connected: System, world: World, receiver: PushReceiver, application: Callable[..., Flask]
) -> None:
    guarded = application(connected, tokens=True).test_client()
    sign_in(guarded, world.who(Role.REQUESTER))
    body = receiver.phone("a").subscription
    foreign = guarded.post(
        "/notifications/subscriptions", json=body, headers={"Origin": "https://attaquant.example"}
    )
    assert foreign.status_code == 403
    assert owners(connected) == []
    own = guarded.post("/notifications/subscriptions", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 201
    assert guarded.post("/notifications/read").status_code == 400


def test_a_page_gives_the_key_that_browsers_subscribe_with(
    client: FlaskClient, connected: System, world: World
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get("/notifications/preferences").text
    assert f'data-key="{connected.push.public_key}"' in page
    assert len(connected.push.public_key) == 87


def test_who_belongs_nowhere_has_no_list(client: FlaskClient, world: World) -> None:
    sign_in(client, dataclasses.replace(world.who("outsider")))
    assert client.get("/notifications").status_code == 404
