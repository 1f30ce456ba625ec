"""The requester’s part of the day: the account, the request, a question answered, the opinion and what was done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

import pyotp
from playwright.sync_api import expect

from tests.e2e.day import BOTH, CONDUCT, GP, PATIENT, PRECISION, Day, RequestOfTheDay, photographs

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.receivers import Phone

PASSWORD = "trois corbeaux dans la neige"


def the_doctor_opens_an_account(day: Day, link: str, handset: Phone) -> Page:
    page = day.device("phone", handset)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue, Dr Aude Novel")
    day.look(page, *BOTH)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    day.look(page, *BOTH)
    page.get_by_role("button", name="Avec une application").click()
    expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    day.look(page, *BOTH)
    page.get_by_text("Ou recopiez la clé").click()
    secret = "".join(page.locator("#seed span").all_inner_texts())
    page.get_by_label("Code à 6 chiffres").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Vérifier").click()
    expect(page.locator("#codes li")).to_have_count(10)
    day.look(page, *BOTH)
    page.get_by_role("link", name="J’ai gardé ces codes").click()
    page.get_by_role("button", name="Activer les notifications").click()
    expect(page.locator("[data-push-words]")).to_have_text("Cet appareil vous préviendra.")
    day.look(page, *BOTH)
    page.get_by_role("button", name="Commencer").click()
    page.wait_for_url(re.compile(r"/(requests)?$"))
    assert page.viewport_size == {"width": 390, "height": 844}
    expect(page.get_by_text("Aucune demande pour l’instant")).to_be_visible()
    day.look(page, *BOTH)
    return page


def the_doctor_asks(day: Day, phone: Page) -> tuple[str, UUID]:
    request = RequestOfTheDay(day, phone)
    request.complete()
    expect(phone.locator("#main")).to_contain_text(PATIENT)
    case_id = UUID(request.case_id)
    number = request.send()
    expect(phone.locator("#main")).to_contain_text("CH de Chalon-sur-Saône : réponse attendue")
    day.look(phone)
    phone.get_by_role("link", name="Voir la demande").click()
    phone.wait_for_url(f"**/cases/{case_id}")
    day.look(phone, *BOTH)
    return number, case_id


def the_doctor_answers_with_a_picture(
    day: Day, phone: Page, handset: Phone, number: str, case_id: UUID
) -> None:
    before = day.case(case_id)
    day.tap(phone, day.push(handset, f"Précision demandée · {number}"))
    expect(phone.locator("#main")).to_contain_text(PRECISION)
    day.look(phone, *BOTH)
    phone.get_by_role("link", name="Prendre la photo").click()
    content = next(photographs())
    phone.locator(".view-card input[capture]").first.set_input_files(
        {"name": "IMG_4.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    told = phone.locator("[data-told]").first
    expect(told).to_contain_text(re.compile("Pas encore envoyée|Reçue"), timeout=60_000)
    keep = phone.get_by_role("button", name="Garder quand même")
    if keep.count():  # a drawn picture is smaller than a phone's
        keep.click()
    expect(told).to_contain_text("Reçue, vérifiée", timeout=60_000)
    day.look(phone, *BOTH)
    phone.get_by_role("button", name="Terminer").click()
    phone.wait_for_url("**done=photos", timeout=60_000)
    after = day.case(case_id)
    assert (after.state, after.held_at) == ("claimed", None)
    assert before.held_at is not None
    assert before.due_at is not None
    assert after.due_at is not None
    assert after.due_at >= before.due_at, "the pause was not the expert's"


def the_doctor_reads_copies_and_tells(
    day: Day, phone: Page, handset: Phone, number: str, case_id: UUID
) -> None:
    notice = day.push(handset, f"Avis urgent à lire · {number}")
    assert "lisez-le maintenant" in day.letter(GP, f"Avis urgent à lire · {number}")
    day.tap(phone, notice)
    heading, diagnosis = phone.get_by_role("heading", level=1), phone.locator(".diagnosis")
    expect(heading).to_have_text("Urgence")
    top, below = heading.bounding_box(), diagnosis.bounding_box()
    assert top is not None
    assert below is not None
    assert top["y"] < below["y"], "the outcome first"
    day.look(phone, *BOTH)
    phone.get_by_role("button", name="J’ai pris connaissance").click()
    phone.wait_for_url("**done=acknowledged")
    phone.get_by_role("button", name="Copier l’avis").click()
    expect(phone.locator("#live")).to_have_text("Copié")
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"AVIS DE TÉLÉEXPERTISE {number}")
    assert CONDUCT in copied
    assert PRECISION not in copied, "what was said on the way is no part of the report"
    phone.get_by_role("link", name="PDF").click()
    phone.wait_for_url(f"**/cases/{case_id}/report")
    day.look(phone, *BOTH)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Télécharger").click()
    assert re.fullmatch(rf"avis-{number}-\d{{4}}-\d\d-\d\d\.pdf", download.value.suggested_filename)
    download.value.save_as(day.folder / "report.pdf")
    assert (day.folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    phone.get_by_role("link", name="Retour").last.click()
    phone.wait_for_url(f"**/cases/{case_id}")
    phone.get_by_role("button", name="Patient vu").click()
    phone.get_by_text("Dire ce qui a été fait").click()
    phone.get_by_label("Conduite suivie").check(force=True)
    phone.get_by_role("radio", name="Oui").check(force=True)
    day.look(phone, *BOTH)
    phone.locator("#aftermath").get_by_role("button", name="Enregistrer").click()
    expect(phone.locator("#aftermath")).to_contain_text("Demande close.")
    assert day.case(case_id).state == "closed"
