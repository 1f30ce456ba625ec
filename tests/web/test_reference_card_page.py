"""« Carte-repère »: the page prints a sheet, takes what was measured on it, and withdraws it."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests.factories import World
from tests.signing_in import sign_in

PAGE = "/reference-card"


def test_a_sheet_is_prepared_opened_verified_and_withdrawn(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    assert f'href="{PAGE}"' in client.get("/account").text
    assert "Préparer une planche" in client.get(PAGE).text

    assert client.post(f"{PAGE}/prints").location == f"{PAGE}#check"

    page = client.get(PAGE).text
    assert "Planche A à vérifier" in page
    place = re.search(rf"{PAGE}/prints/[0-9a-f-]+", page)
    assert place
    sheet = client.get(f"{place[0]}/sheet.pdf")
    assert sheet.mimetype == "application/pdf"
    assert sheet.data.startswith(b"%PDF-")
    done = client.post(f"{place[0]}/verify", data={"fits": "1"})
    assert done.location == f"{PAGE}?done=verified"
    assert "Planche vérifiée" in client.get(done.location).text
    assert "Planche retirée" in client.get(client.post(f"{place[0]}/withdraw").location).text
    assert client.get(f"{place[0]}/sheet.pdf").status_code == 404


def test_a_shrunk_print_is_corrected_and_a_wrong_length_keeps_what_was_typed(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.SUPER_USER))
    client.post(f"{PAGE}/prints")
    place = re.search(rf"{PAGE}/prints/[0-9a-f-]+", client.get(PAGE).text)
    assert place

    refused = client.post(f"{place[0]}/verify", data={"across": "83,0", "down": "84,9"})

    assert refused.status_code == 422
    assert "déforme la carte" in refused.text
    assert 'value="83,0"' in refused.text
    done = client.post(f"{place[0]}/verify", data={"across": "83,0", "down": "83,2"})
    assert done.location == f"{PAGE}?done=corrected"
    shown = client.get(PAGE).text
    assert "corrigée par ses longueurs mesurées" in shown
    assert "83,0\u00a0mm et 83,2\u00a0mm" in shown


def test_who_asks_for_nothing_is_not_offered_the_page(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.COORDINATOR))

    assert f'href="{PAGE}"' not in client.get("/account").text
    assert client.get(PAGE).status_code == 403
