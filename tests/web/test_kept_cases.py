"""The copies of cases that a device asks for: only their own, each taking noted, nothing to act on in them."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.answered_cases import critical, deliveries, readings
from tests.factories import World
from tests.pictured_cases import claimed_with_pictures
from tests.signing_in import sign_in


def test_a_copy_is_a_reading_and_confirms_nothing(client: FlaskClient, world: World) -> None:
    case_id = critical(world)
    sign_in(client, world.who(Role.REQUESTER))
    told = client.get(f"/api/v1/kept-cases/{case_id}").json
    assert ("case.read", "kept") in [
        (action, detail["screen"]) for action, detail in readings(world.system, case_id)
    ]
    assert set(deliveries(world.system, case_id)) == {"sent"}
    assert "À confirmer, avec le réseau" in told["html"]
    assert told["name"] in told["html"]


def test_the_list_names_nobody_and_is_no_reading(client: FlaskClient, world: World) -> None:
    case_id = cases.answered(world)
    sign_in(client, world.who(Role.REQUESTER))
    answer = client.get("/api/v1/kept-cases")
    assert [set(row) for row in answer.json["cases"]] == [{"id", "stamp"}]
    assert readings(world.system, case_id) == []


def test_nothing_is_sent_from_a_copy_and_its_moments_have_their_day(
    client: FlaskClient, world: World
) -> None:
    answered, claimed = cases.answered(world), claimed_with_pictures(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = client.get(f"/cases/{answered}").text
    copies = [client.get(f"/api/v1/kept-cases/{answered}").json["html"]]
    sign_in(client, world.who(Role.EXPERT))
    copies.append(client.get(f"/api/v1/kept-cases/{claimed}").json["html"])
    for acts in ("<form", 'method="post"', "csrf"):
        assert acts in page
        assert not any(acts in copy for copy in copies)
    for relative in ("à l’instant", "aujourd’hui", "il y a"):
        assert not any(relative in copy for copy in copies)


def test_who_answers_keeps_the_whole_pictures_and_who_asked_small_ones(
    client: FlaskClient, world: World
) -> None:
    case_id = claimed_with_pictures(world)
    sign_in(client, world.who(Role.EXPERT))
    pictures = client.get(f"/api/v1/kept-cases/{case_id}").json["pictures"]
    assert len(pictures) == 3
    assert all(address.endswith("/diagnostic") for address in pictures)
    assert all(client.get(address).mimetype == "image/jpeg" for address in pictures)
    cases.sign(world, case_id)
    assert client.get(f"/api/v1/kept-cases/{case_id}").status_code == 404
    sign_in(client, world.who(Role.REQUESTER))
    answered = client.get(f"/api/v1/kept-cases/{case_id}").json
    assert [address.rsplit("/", 1)[1] for address in answered["pictures"]] == ["thumb"] * 3
