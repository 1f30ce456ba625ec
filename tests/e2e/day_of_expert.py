"""The expert's part of the day: to be told, to take a request before another, to ask, to answer and to sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.day import BOTH, CONDUCT, PATIENT, PRECISION, Day

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.receivers import Phone

SAVED = re.compile(r"Enregistré à \d")


def the_expert_wants_to_be_told(day: Day, tablet: Phone) -> Page:
    page = day.device("tablet", tablet, Role.EXPERT)
    page.goto("/notifications/preferences")
    page.get_by_role("button", name="Activer les notifications").click()
    expect(page.locator("[data-push-words]")).to_have_text("Cet appareil vous préviendra.")
    page.get_by_label("À chaque fois").check()
    day.look(page, *BOTH)
    page.get_by_role("button", name="Enregistrer").click()
    page.goto("/worklist")
    expect(page.get_by_role("heading", name="Rien à répondre")).to_be_visible()
    day.look(page, *BOTH)
    return page


def one_expert_takes_it_and_another_is_told_who(day: Day, expert: Page, url: str) -> None:
    other = day.device("tablet", who="other_expert")
    expert.goto("/worklist")
    expect(expert.locator("#queue .case-row")).to_contain_text(PATIENT)
    day.look(expert, *BOTH)
    for page in (expert, other):
        page.goto(url)
    day.look(expert, *BOTH)
    assert expert.viewport_size == {"width": 1180, "height": 820}
    expert.get_by_role("button", name="Répondre").click()
    expect(expert.get_by_role("combobox", name="Diagnostic")).to_be_visible()
    other.get_by_role("button", name="Répondre").click()
    expect(other.get_by_role("alert")).to_contain_text("Dr Camille Expert a pris cette demande")
    day.look(other, *BOTH)


def the_expert_asks_a_precision(day: Day, expert: Page, case_id: UUID) -> None:
    viewer = expert.get_by_role("region", name="Photos")
    shown = viewer.locator(".stage img")
    assert shown.evaluate("img => img.decode().then(() => img.naturalWidth > 300)")
    viewer.get_by_role("button", name="Zoomer", exact=True).click()
    expect(viewer.locator(".zoom-level")).to_contain_text("×")
    expert.get_by_role("button", name="Demander une précision").click()
    expert.locator("#precision .chip", has_text="Dermoscopie").click()
    expert.get_by_label("Votre question").fill(PRECISION)
    day.look(expert, *BOTH)
    expert.get_by_role("button", name="Demander", exact=True).click()
    expect(expert.locator(".toast")).to_contain_text("Le délai est en pause")
    assert day.case(case_id).state == "on_hold"


def the_expert_answers(day: Day, expert: Page, tablet: Phone, number: str, case_id: UUID) -> None:
    day.push(tablet, f"Précision reçue · {number}")
    expert.reload()
    viewer = expert.get_by_role("region", name="Photos")
    pictures = viewer.locator(".photo-strip a")
    expect(pictures).to_have_count(3)
    for picture in pictures.all():
        picture.click()
        expect(viewer.locator(".stage img")).to_have_attribute(
            "src", re.compile(str(picture.get_attribute("href")))
        )
        assert viewer.locator(".stage img").evaluate("img => img.decode().then(() => img.naturalWidth > 300)")
    diagnosis = expert.get_by_role("combobox", name="Diagnostic")
    diagnosis.press_sequentially("melanome", delay=20)
    expect(expert.get_by_role("option").first).to_contain_text("élanome")
    diagnosis.press("ArrowDown")
    diagnosis.press("Enter")
    expect(expert.locator(".code-mark")).to_be_visible()
    chosen = diagnosis.input_value()
    expert.locator('[name="lesions.0.conduct"]').fill(CONDUCT)
    expert.get_by_role("radio", name="Probable").check(force=True)
    expert.get_by_role("radio", name="Urgence").check(force=True)
    expect(expert.locator("#saving")).to_have_text(SAVED)
    expert.wait_for_timeout(1200)
    expert.reload()
    expect(diagnosis).to_have_value(chosen)
    expect(expert.locator('[name="lesions.0.conduct"]')).to_have_value(CONDUCT)
    expect(expert.get_by_role("radio", name="Urgence")).to_be_checked()
    day.look(expert, *BOTH)
    expert.get_by_role("button", name="Signer", exact=True).click()
    sheet = expert.locator("#calls")
    expect(sheet.get_by_role("heading", name="Prévenez avant de signer")).to_be_visible()
    assert sheet.get_by_role("link").first.get_attribute("href").startswith("tel:+33")
    day.look(expert, *BOTH)
    sheet.get_by_role("button", name="Signer").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Notez qui a été appelé")
    assert day.case(case_id).state == "claimed", "nothing leaves before the call is noted"
    sheet.get_by_role("checkbox", name="J’ai appelé Dr Aude Novel").check()
    sheet.get_by_role("button", name="Signer").click()
    expect(expert.get_by_text("Version 1, signée par Dr Camille Expert")).to_be_visible()
    day.look(expert, *BOTH)
