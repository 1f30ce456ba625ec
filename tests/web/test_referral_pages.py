"""The page on which a request is referred up, and what the screens of both centres and of its requester then say."""

from __future__ import annotations

import html
import re
from uuid import UUID

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.factories import World
from tests.referrals import choose, referred
from tests.signing_in import sign_in
from tests.web.valid_page import valid_page


def test_the_ways_on_say_what_becomes_of_the_request_in_a_sentence_each(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    page = valid_page(client, f"/cases/{case_id}")
    for words in ("à vous seul", "directement au demandeur", "qui répond à votre place"):
        assert words in page
    assert "À la signature, la demande part aussi" not in page


def test_a_centre_is_chosen_shown_above_the_signature_changed_and_given_up(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.claimed(world)
    where = f"/cases/{case_id}/referral"
    sign_in(client, world.who(Role.EXPERT))
    assert "Ne plus adresser" not in valid_page(client, where)
    typed = {"team": str(world.other_team_id), "question": "Exérèse ?", "urgency": "routine"}
    refused = client.post(where, data=typed)
    assert refused.status_code == 422
    assert "Exérèse ?" in refused.text, "nothing typed is lost"
    chosen = client.post(where, data=typed | {"agreed": "told_by_patient"})
    assert (chosen.status_code, chosen.headers["Location"]) == (
        303,
        f"/cases/{case_id}#referral",
    )
    assert "la demande part aussi\u00a0: <strong>CHU de Dijon</strong>" in valid_page(
        client, f"/cases/{case_id}"
    )
    assert "Exérèse ?" in valid_page(client, where)
    assert client.post(where, data={"act": "drop"}).status_code == 303
    assert "la demande part aussi" not in valid_page(client, f"/cases/{case_id}")


def test_the_form_signs_what_its_page_says_and_nothing_else(client: FlaskClient, world: World) -> None:
    case_id = cases.claimed(world)
    sign_in(client, world.who(Role.EXPERT))
    stale = _form(valid_page(client, f"/cases/{case_id}"))
    choose(world, case_id)
    fresh = _form(valid_page(client, f"/cases/{case_id}"))
    typed = {
        "lesions.0.diagnosis": "Kératose",
        "lesions.0.conduct": "Rien.",
        "destination": "gp",
        "act": "sign",
    }
    lesion = re.findall(r'name="lesions.0.lesion" value="([^"]+)"', valid_page(client, f"/cases/{case_id}"))
    typed["lesions.0.lesion"] = lesion[0]
    refused = client.post(f"/cases/{case_id}/opinion", data=typed | fresh | {"referral": ""})
    assert refused.status_code == 409
    assert "rechargez la page" in html.unescape(refused.text)
    assert client.post(f"/cases/{case_id}/opinion", data=typed | stale).status_code == 409
    assert client.post(f"/cases/{case_id}/opinion", data=typed | fresh).status_code == 303
    assert "Part au CHU de Dijon avec l’avis" in valid_page(client, f"/cases/{case_id}")


def _form(page: str) -> dict[str, str]:
    names = ("revision", "case_revision", "opinion_version", "referral")
    return {name: value for name in names for value in re.findall(rf'name="{name}" value="([^"]*)"', page)}


def test_both_cases_are_linked_for_their_requester_and_the_other_centre_reads_the_first_opinion(
    client: FlaskClient, world: World
) -> None:
    first, child = referred(world)
    sign_in(client, world.who(Role.REQUESTER))
    page = valid_page(client, f"/cases/{first}")
    assert "Adressée aussi au CHU de Dijon" in page
    assert f'href="/cases/{child}"' in page
    assert f'href="/cases/{first}"' in valid_page(client, f"/cases/{child}")
    listed = valid_page(client, "/requests")
    assert f"adressée à la suite de {_number(world, first)}" in listed
    sign_in(client, world.who("stranger_expert"))
    theirs = valid_page(client, f"/cases/{child}")
    assert "Lire le premier avis" in theirs
    assert "vous répondez au demandeur" in theirs
    assert str(first) not in theirs
    sign_in(client, world.who(Role.EXPERT))
    own = valid_page(client, f"/cases/{first}")
    assert "Adressée aussi au CHU de Dijon" in own
    assert str(child) not in own


def _number(world: World, case_id: UUID) -> str:
    return cases.number_of(world.system, case_id)
