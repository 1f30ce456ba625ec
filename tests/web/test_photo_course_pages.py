"""« Formation photo »: step by step, the pairs judged in words, and back to the request that waited."""

from __future__ import annotations

import re
from uuid import uuid4

from flask.testing import FlaskClient

from dermavis.domain.photo_course import PAIRS, STEPS, UNANSWERED
from dermavis.domain.roles import Role
from tests.factories import World
from tests.signing_in import sign_in

PLACE = "/photo-course"
RIGHT = {pair.id: pair.right for pair in PAIRS}


def test_the_course_is_walked_to_its_end_and_stands_on_the_profile(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    assert f'href="{PLACE}"' in client.get("/requests").text
    assert "Suivre la formation photo" in client.get("/account").text
    address, walked = f"{PLACE}/{STEPS[0]}", []
    assert f'href="{address}"' in client.get(PLACE).text
    while address:
        page = client.get(address).text
        walked.append(address.rsplit("/", 1)[1])
        onward = re.search(rf'<a class="button primary tall grow" href="({PLACE}/[a-z]+)"', page)
        address = onward[1] if onward else ""
    assert walked == [step.value for step in STEPS[:-1]]

    tried = client.post(f"{PLACE}/pairs", data=RIGHT)
    assert tried.status_code == 303
    page = client.get(tried.location).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([ab])">', page))
    assert hidden == RIGHT
    done = client.post(f"{PLACE}/finish", data=hidden)
    assert done.location == f"{PLACE}?done=1"
    assert "Formation suivie" in client.get(done.location).text
    assert "Suivie le" in client.get("/account").text
    assert f'href="{PLACE}"' not in client.get("/requests").text


def test_a_wrong_pair_is_told_beside_it_and_every_choice_stays(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    first, second, third, _ = PAIRS
    wrong = "a" if first.right == "b" else "b"

    answer = client.post(f"{PLACE}/pairs", data={first.id: wrong, second.id: second.right, third.id: "zz"})

    assert answer.status_code == 422
    assert first.rather in answer.text
    assert second.because in answer.text
    assert answer.text.count(f"<span>{UNANSWERED}</span>") == 2
    for pair, chosen in ((first, wrong), (second, second.right)):
        assert re.search(rf'name="{pair.id}"[^>]*value="{chosen}" checked', answer.text)
    assert len(re.findall(r" checked", answer.text)) == 2
    assert client.post(f"{PLACE}/finish", data={}).status_code == 422


def test_the_picture_is_tried_after_the_pairs_alone(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    assert client.get(f"{PLACE}/practice").location == f"{PLACE}/pairs"
    assert client.get(f"{PLACE}/nowhere").status_code == 404


def test_the_sheet_is_prepared_without_leaving_the_course(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    assert "Ouvrir la planche" not in client.get(f"{PLACE}/card").text
    assert client.post(f"{PLACE}/card").location == f"{PLACE}/card#print"
    sheet = re.search(
        r'href="(/reference-card/prints/[0-9a-f-]+/sheet\.pdf)"', client.get(f"{PLACE}/card").text
    )
    assert sheet
    assert client.get(sheet[1]).data.startswith(b"%PDF-")


def test_it_leads_back_to_the_request_that_waited_for_it(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    waiting = str(uuid4())
    client.get(f"{PLACE}?request={waiting}")
    done = client.post(f"{PLACE}/finish", data=RIGHT)
    assert f'href="/requests/{waiting}"' in client.get(done.location).text
    client.get(f"{PLACE}?request=//elsewhere.example")
    assert client.post(f"{PLACE}/finish", data=RIGHT).location == f"{PLACE}?done=1"
