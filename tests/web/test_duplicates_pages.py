"""The pages on which two records of one patient are compared, joined by two people, and taken apart again."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.announced import let_pair
from tests.factories import World
from tests.signing_in import sign_in

LIST = "/patients/duplicates"


def test_two_records_are_compared_joined_by_two_people_and_taken_apart(
    client: FlaskClient, world: World
) -> None:
    for name in ("Vautrin", "Vautrain"):
        cases.sent(world, patient=cases.content()["patient"] | {"id": None, "birth_name": name})
    let_pair(world.system)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    page = client.get(LIST).text
    assert "Une faute de frappe d’écart" in page
    place = re.findall(rf'href="({LIST}/[^"]+)"', page)[0]
    compared = client.get(place).text
    assert '<strong translate="no">Vautrain</strong>' in compared
    assert '<strong translate="no">Hélène</strong>' not in compared, "only what differs stands out"
    refused = client.post(place, data={"act": "propose"})
    assert refused.status_code == 422
    assert "Choisissez la fiche à garder." in refused.text
    kept = place.split("/")[-1]
    client.post(place, data={"act": "propose", "kept": kept})
    page = client.get(LIST).text
    assert "Quelqu’un d’autre" in page
    assert 'value="confirm"' not in page
    sign_in(client, world.who(Role.REQUESTER))
    assert "Une fusion de fiches attend votre accord" in client.get("/requests").text
    merge = re.findall(r'action="(/patients/merges/[^"]+)"', client.get(LIST).text)[0]
    assert client.post(merge, data={"act": "confirm"}).headers["Location"] == f"{LIST}?done=merged"
    page = client.get(LIST).text
    assert 'value="undo"' in page
    assert client.get(place).status_code == 404
    undone = client.post(merge, data={"act": "undo"}).headers["Location"]
    assert undone == f"{LIST}?done=undone&newer=0"
    assert "comme avant" in client.get(undone).text
    assert client.get(place).status_code == 200
