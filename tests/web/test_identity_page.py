"""The page on which the requester's side corrects who a patient is."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in


def test_an_identity_is_corrected_with_its_reason_and_both_sides_read_so(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    place = f"/cases/{case_id}/identity"
    assert place in client.get(f"/cases/{case_id}").text
    page = client.get(place).text
    typed = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page))
    assert typed["birth_date"] == "12/03/1958"
    typed = {name: typed.get(name, "") for name in ("version", "first_name", "birth_date", "used_name")}
    typed |= {"birth_name": "Vautrain", "sex": "F"}
    refused = client.post(place, data=typed)
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.text
    assert "Vautrain" in refused.text
    done = client.post(place, data=typed | {"why": "Faute de frappe"})
    assert done.headers["Location"] == f"/cases/{case_id}?done=identity"
    assert "Identité corrigée le" in client.get(f"/cases/{case_id}").text
    again = typed | {"birth_name": "Vautrein", "why": "Encore"}
    late = client.post(place, data=again)
    assert late.status_code == 409
    assert "entre-temps" in late.text
    assert client.post(place, data=again | {"version": "9" * 5000}).status_code == 409
    sign_in(client, world.who(Role.EXPERT))
    page = client.get(f"/cases/{case_id}").text
    assert "Identité corrigée" in page
    assert "Mme Hélène Vautrin, 12/03/1958" in page
    assert client.get(place).status_code == 403
