"""Patients' rights on screen: a demand from its registration to its answer, the register, terms and legal holds."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services.work import System
from tests import cases
from tests.clock import FakeClock
from tests.demanding import checked, demanded
from tests.factories import World
from tests.signing_in import sign_in

FORM = {
    "number": "d-1",
    "kind": "access",
    "asked_by": "patient",
    "who": "",
    "words": "",
    "received_on": "12/03/2026",
    "died_on": "",
}


def test_a_requester_registers_checks_and_hands_the_record_over(client: FlaskClient, world: World) -> None:
    case_id = cases.closed(world)
    sign_in(client, world.who(Role.REQUESTER))
    assert "/demands/new?number=D-1" in client.get(f"/cases/{case_id}").get_data(as_text=True)
    assert 'value="D-1"' in client.get("/demands/new?number=D-1").get_data(as_text=True)
    answer = client.post("/demands/new", data=FORM)
    assert answer.status_code == 303
    here = answer.headers["Location"].split("?")[0]
    page = client.get(here).get_data(as_text=True)
    assert "Mme Hélène Vautrin" in page
    assert "Réponse due le 20 mars 2026" in page.replace("\u00a0", " ")
    assert "Télécharger le dossier" not in page
    assert client.post(f"{here}/identity", data={"identity_check": "mandate"}).status_code == 422
    assert client.post(f"{here}/identity", data={"identity_check": "known"}).status_code == 303

    given = client.post(f"{here}/record")

    assert given.headers["Content-Disposition"] == 'attachment; filename="dossier-DP-1.zip"'
    found = zipfile.ZipFile(io.BytesIO(given.get_data()))
    readable = found.read("dossier.html").decode()
    assert "Vautrin" in readable
    assert "Demande D-1" in readable
    assert "Kératose séborrhéique irritée" in readable
    assert "style=" not in readable
    assert "CNIL" in found.read("LISEZ-MOI.txt").decode()
    assert client.post(f"{here}/answer", data={"outcome": "given"}).status_code == 303
    assert "Dossier remis" in client.get(here).get_data(as_text=True)


def test_what_a_registration_lacks_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, world: World
) -> None:
    cases.closed(world)
    sign_in(client, world.who(Role.SITE_SECRETARY))
    wrong = FORM | {
        "number": "D-99",
        "asked_by": "proxy",
        "words": "Je veux mon dossier.",
        "received_on": "hier",
    }
    answer = client.post("/demands/new", data=wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in (
        "Aucune demande envoyée",
        "Écrivez le nom",
        "Une date est attendue",
        "Je veux mon dossier.",
    ):
        assert words in page


def test_the_register_names_no_patient_and_shows_what_is_late_in_red(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    demanded(world)
    clock.advance(days=40)
    demanded(world, "opposition")
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    page = client.get("/demands").get_data(as_text=True)
    assert "1 réponse est en retard" in page
    assert re.search(r'class="tag late"[^§]{0,200}En retard', page)
    assert page.index("DP-1") < page.index("DP-2")
    found = client.post("/demands/search", data={"q": "vautrin", "standing": "late"}).get_data(as_text=True)
    assert "DP-1" in found
    assert "DP-2" not in found
    file = client.get("/demands/export.csv?kind=access").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["Numéro"], row["Réponse due le"], row["En retard"]) for row in rows] == [
        ("DP-1", "2026-03-20", "oui")
    ]
    assert "autrin" not in page + file


def _count(page: str, label: str) -> str:
    found = re.search(rf'>{label} <span class="(count[^"]*">[^<]+)</span></a>', page)
    return found[1].replace('">', " ") if found else ""


def test_what_is_due_soon_is_counted_for_whoever_must_act(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    here = f"/demands/{demanded(world)}"
    asked = "Un patient attend son dossier"
    for days, tone, words in (
        (0, "", ""),
        (8, "warn", "se termine dans la semaine"),
        (1, "late", "est passé"),
    ):
        clock.advance(days=days)
        wanted = {"": "", "warn": "count 1", "late": "count late 1"}[tone]
        for role, label, page in (
            (Role.DATA_PROTECTION_OFFICER, "Droits", "/administration/retention"),
            (Role.ADMINISTRATOR, "Droits", "/administration/people"),
            (Role.REQUESTER, "Droits des patients", "/demands"),
        ):
            sign_in(client, world.who(role))
            assert _count(client.get(page).get_data(as_text=True), label) == wanted, (role, days)
        page = client.get("/requests").get_data(as_text=True)
        assert (asked in page) is bool(days)
        if days:
            assert re.search(rf'<div class="notice {tone}">[^§]*?{asked}[^§]*?{words}', page)
            register = client.get("/demands").get_data(as_text=True)
            assert f'class="tag {tone}"' in register
        sign_in(client, world.who(Role.SITE_SECRETARY))
        assert asked not in client.get("/requests").get_data(as_text=True)
    assert client.get(here).get_data(as_text=True).count(world.who(Role.DATA_PROTECTION_OFFICER).name) == 1
    assert case_id


def test_the_officer_refuses_with_words_and_extends_once(client: FlaskClient, world: World) -> None:
    cases.closed(world)
    here = f"/demands/{checked(world, 'erasure')}"
    sign_in(client, world.who(Role.DATA_PROTECTION_OFFICER))
    assert client.post(f"{here}/extension", data={"extension_words": "Relecture longue."}).status_code == 303
    assert client.post(f"{here}/extension", data={"extension_words": "Encore."}).status_code == 409
    assert client.post(f"{here}/note", data={"note": ""}).status_code == 422
    assert client.post(f"{here}/answer", data={"outcome": "refused", "answer": ""}).status_code == 422
    assert (
        client.post(f"{here}/answer", data={"outcome": "refused", "answer": "À garder."}).status_code == 303
    )
    page = client.get(here).get_data(as_text=True).replace("\u00a0", " ")
    assert "Refusée : le dossier doit être conservé" in page
    assert "Relecture longue." in page
    assert "Prolonger" not in page


def test_an_administrator_sees_what_comes_due_and_holds_a_case_after_a_confirmation(
    client: FlaskClient, system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    page = client.get("/administration/retention").get_data(as_text=True).replace("\u00a0", " ")
    assert "12 mars 2046" in page
    assert "Vautrin" not in page
    assert client.post("/administration/retention/search", data={"number": "Vautrin"}).status_code == 422
    assert client.post("/administration/retention/search", data={"number": "D-77"}).status_code == 404
    here = client.post("/administration/retention/search", data={"number": "d-1"}).headers["Location"]
    assert "vingt ans après le dernier acte" in client.get(here).get_data(as_text=True)
    said = {"reason": "litigation", "words": "TJ de Chalon, 26/00412"}
    refused = client.post(f"{here}/hold", data=said)
    assert refused.status_code == 422
    assert "TJ de Chalon" in refused.get_data(as_text=True)
    assert client.post(f"{here}/hold", data=said | {"confirmed": "1"}).status_code == 303
    held = client.get(here).get_data(as_text=True)
    assert "Retenu pour la justice" in held
    sign_in(client, world.who(Role.REQUESTER))
    assert "retenu pour la justice" in client.get(f"/cases/{case_id}").get_data(as_text=True)
    sign_in(client, world.who(Role.ADMINISTRATOR))
    lifted = client.post(f"{here}/hold/lifted", data={"words": "Jugé.", "confirmed": "1"})
    assert lifted.status_code == 303
    assert "Retenue levée" in client.get(here).get_data(as_text=True)
